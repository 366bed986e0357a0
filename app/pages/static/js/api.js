// Asks the API, and what pages are told beside it: what it answers, or its problem in words that a person reads.

/** @typedef {{ok: boolean, status: number, body: any}} Said where it is not ok, `body` is a problem with `title`, `detail` and perhaps `path`, `faults` */

const root = document.documentElement.dataset.root ?? "";
export const AWAY = { title: "The server does not answer", detail: "The server does not answer. Nothing was changed." };

/** @param {string} method @param {string} path @param {any} [body] @param {Pick<RequestInit, "signal"|"cache">} [more] a signal that ends it is as a server that is away @returns {Promise<Said>} */
export async function call(method, path, body, more = {}) {
  const how = body === undefined ? { method } : { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return said(await fetch(`${root}/api/v1/${path}`, { ...how, ...more }).catch(() => null));
}

/** What a page is told at an address of ours that is not the API's. @param {string} path @param {string} [etag] of what is known: status 304, where it stands @returns {Promise<Said & {etag: string}>} */
export async function told(path, etag = "") {
  const answer = await fetch(`${root}/${path}`, { headers: etag ? { "If-None-Match": etag } : {} }).catch(() => null);
  return { ...await said(answer), etag: answer?.headers.get("ETag") ?? "" };
}

/** @param {Response|null} answer @returns {Promise<Said>} */
async function said(answer) {
  if (!answer) return { ok: false, status: 0, body: AWAY };
  if (answer.status === 204) return { ok: true, status: 204, body: null };
  const found = await answer.json().catch(() => null);
  return answer.ok ? { ok: true, status: answer.status, body: found } : { ok: false, status: answer.status, body: found ?? AWAY };
}

/** The page at this address as the server makes it now; null where it does not. @returns {Promise<Document|null>} */
export async function pageAnew() {
  const answer = await fetch(location.href).catch(() => null);
  const text = answer?.ok ? await answer.text().catch(() => "") : "";
  return text ? new DOMParser().parseFromString(text, "text/html") : null;
}

/** What a problem says of a value, each fault with its path. @param {any} problem @returns {{path: string, detail: string}[]} */
export function faultsOf(problem) {
  const found = problem.faults ?? (problem.path ? [{ path: problem.path, detail: problem.detail }] : []);
  return found.map((/** @type {any} */ one) => ({ path: one.path, detail: one.detail.replace(`${one.path}: `, "") }));
}
