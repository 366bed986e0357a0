// Asking the server: one way for all that a page wants of its view, and what a panel's targets answer over a range.

import { decode } from "./snapshot.js";

const ANSWER_WITHIN_MS = 60e3;
const FIRST_WAIT_MS = 500, LONGEST_WAIT_MS = 15e3;
const OPENED_ANEW = [401, 404]; // a token that ran out, a view that ended: both come back by opening
const MOST_OPENINGS = 3;

/** An answer that came and cannot be read: the server is there, and asking again at once brings the same. */
export class Unreadable extends Error {}

/** The server says no. */
export class Refused extends Error {
  /** @param {number} status @param {any} problem */
  constructor(status, problem) {
    super(problem?.detail ?? problem?.title ?? `The server answered ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

/** The server is away. */
export class Away extends Error {}

/** The page shows another view by now: nobody waits for this. */
export class Superseded extends Error {}

/** @type {Record<string, (answer: Response) => Promise<any>>} */
const READERS = {
  snapshot: async (answer) => readable(decode, await answer.arrayBuffer()),
  json: async (answer) => readable(JSON.parse, await answer.text()),
  response: async (answer) => answer,
};

/**
 * Ask for something of a view: a token that ran out, or a view that ended, is opened again and asked once more.
 * @param {{root: string, boot: any, turn: number, reopen: () => Promise<boolean>}} live @param {string} path below the view's
 * @param {{as: "snapshot"|"json"|"response", patient?: boolean, headers?: Record<string, string>}} how
 *   `patient`: a server that is away is waited for; `response`: any answer is one, but those that opening heals
 * @returns {Promise<any>} Refused, Away, Unreadable, Superseded
 */
export async function ask(live, path, { as, patient = false, headers = {} }) {
  const { turn } = live;
  for (let [attempt, openings] = [0, 0]; ; attempt += 1) {
    const { view, token } = live.boot;
    const answer = await sent(`${live.root}/live/${view}/${path}`, { "X-Heliograph-Token": token, ...headers });
    if (turn !== live.turn) throw new Superseded();
    const status = answer?.status ?? 0;
    if (answer && (answer.ok || (as === "response" && !OPENED_ANEW.includes(status)))) {
      const read = await READERS[as](answer).catch((error) => {
        if (error instanceof Unreadable) throw error;
        return null; // the connection broke off in the middle
      });
      if (turn !== live.turn) throw new Superseded();
      if (read !== null) return read;
    }
    const heals = OPENED_ANEW.includes(status) && openings < MOST_OPENINGS;
    if (heals) openings += 1;
    else if (status >= 400 && status < 500 && status !== 429) throw new Refused(status, await answer?.json().catch(() => null));
    else if (!patient) throw status ? new Refused(status, await answer?.json().catch(() => null)) : new Away();
    await wait(attempt, heals && openings === 1 ? 0 : FIRST_WAIT_MS);
    if (turn !== live.turn) throw new Superseded();
    const opened = view !== live.boot.view || token !== live.boot.token || (await live.reopen());
    if (!opened && !patient) throw new Away();
  }
}

/** @param {string} url @param {Record<string, string>} headers */
function sent(url, headers) {
  return fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }).catch(() => null);
}

/** @template T, U @param {(raw: T) => U} read @param {T} raw @returns {U} */
function readable(read, raw) {
  try {
    return read(raw);
  } catch (error) {
    throw new Unreadable(String(error));
  }
}

/** @param {number} attempt @param {number} least ms; 0: at once */
function wait(attempt, least) {
  const ms = Math.min(Math.max(least, FIRST_WAIT_MS * 2 ** (attempt - 1)), LONGEST_WAIT_MS) * (0.5 + Math.random() / 2);
  return new Promise((resolve) => setTimeout(resolve, least ? ms : 0));
}

/**
 * What a panel's targets answer over the range that is shown: for inspecting and for files.
 * @param {string} root @param {any} boot @param {number} panelId @param {[number, number]} range @param {number} points
 * @param {number} [steps] after how many of its transformations; all of them
 * @returns {Promise<Record<string, any>>} answers by their target's ref; Error with what a person can read
 */
export async function askPanel(root, boot, panelId, range, points, steps) {
  const variables = Object.fromEntries(boot.variables.map((/** @type {any} */ one) => [one.name, one.multi ? one.current : one.current[0] ?? ""]).filter((/** @type {any} */ one) => one[1].length));
  const body = { dashboard_id: boot.dashboard_id, panel_id: panelId, variables, from: Math.round(range[0]), to: Math.round(range[1]), max_points: points, inspect: true, ...(steps === undefined ? {} : { steps }) };
  const answer = await fetch(`${root}/api/v1/query`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  const document = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, document);
  return document.results ?? {};
}
