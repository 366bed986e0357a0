// Opening the view of an address: the server says what it shows, and gives a token to ask for it.

import { browserZone } from "./zone.js";

const OPEN_WITHIN_MS = 20e3;

/** @typedef {{boot: any, problem: any, retryMs: number}} Opened where it cannot be opened `boot` is null and `problem` says why, unless the server is away; `retryMs` is when to come again at the earliest */

/**
 * Never rejects; leaves the page where its person has to sign in, or lost the right to see the dashboard.
 * @param {{root: string, boot: any}} page whose dashboard it is @param {string} address its query @returns {Promise<Opened>}
 */
export async function openView({ root, boot: now }, address) {
  const query = new URLSearchParams(address);
  query.set("dashboard", now.dashboard_id);
  if (now.rounds || /\/[a-z]/i.test(`${query.get("from")}${query.get("to")}`)) query.set("zone", browserZone());
  let answer, boot, retryMs = 0;
  try {
    answer = await fetch(`${whereOpened(root, now)}?${query}`, { signal: AbortSignal.timeout(OPEN_WITHIN_MS) });
    if (answer.status === 401 && now.guest) location.reload(); // the page asks for what is missing
    else if (answer.status === 401) location.assign(`${root}/login?next=${encodeURIComponent(location.pathname + location.search)}`);
    // Many come back at once: the server says when, and each waits at random after it.
    retryMs = Number(answer.headers.get("Retry-After") ?? 0) * 1000 * (1 + Math.random());
    boot = await answer.json();
  } catch {
    return { boot: null, problem: null, retryMs };
  }
  if (answer.status === 403 || answer.status === 404) location.reload(); // the right was lost: the page says so
  return answer.ok ? { boot, problem: null, retryMs } : { boot: null, problem: { status: answer.status, ...boot }, retryMs };
}

/** Who came by a link goes that way again. @param {string} root @param {any} boot */
function whereOpened(root, boot) {
  return boot.guest ? `${location.pathname.replace(/\/+$/, "")}/open` : `${root}/live/open`;
}
