// Asks the API: what it answers, or its problem in words that a person reads.

/** @typedef {{ok: boolean, status: number, body: any}} Said where it is not ok, `body` is a problem with `title`, `detail` and perhaps `path`, `faults` */

const root = document.documentElement.dataset.root ?? "";
export const AWAY = { title: "The server does not answer", detail: "The server does not answer. Nothing was changed." };

/** @param {string} method @param {string} path @param {any} [body] @param {Pick<RequestInit, "signal"|"cache">} [more] a signal that ends it is as a server that is away @returns {Promise<Said>} */
export async function call(method, path, body, more = {}) {
  const how = body === undefined ? { method } : { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`${root}/api/v1/${path}`, { ...how, ...more }).catch(() => null);
  if (!answer) return { ok: false, status: 0, body: AWAY };
  if (answer.status === 204) return { ok: true, status: 204, body: null };
  const found = await answer.json().catch(() => null);
  return answer.ok ? { ok: true, status: answer.status, body: found } : { ok: false, status: answer.status, body: found ?? AWAY };
}

/** What a problem says of a value, each fault with its path. @param {any} problem @returns {{path: string, detail: string}[]} */
export function faultsOf(problem) {
  const found = problem.faults ?? (problem.path ? [{ path: problem.path, detail: problem.detail }] : []);
  return found.map((/** @type {any} */ one) => ({ path: one.path, detail: one.detail.replace(`${one.path}: `, "") }));
}
