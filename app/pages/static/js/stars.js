// The stars of a person: the server keeps those of who is signed in; else this browser does.

import { call } from "./api.js";
import { keep, list } from "./kept.js";

/** @typedef {{id: string, title: string, url: string, folder?: {title: string}|null}} Known */

const MOST_BROUGHT = 50; // of the stars that a browser kept before its person signed in
/** @type {Known[]} those of the person, once they are known */
let own = [];

/** Whether somebody is signed in. */
function signedIn() {
  return document.querySelector("[data-account]") !== null;
}

/** What a browser kept that can be read. @param {string} name @returns {Known[]} */
export function known(name) {
  return list(name).filter((one) => typeof one?.id === "string" && typeof one.title === "string" && /^\/d\/[\w-]+(\/[^/]*)?$/.test(one.url));
}

/** @returns {Known[]} */
export function starred() {
  return signedIn() ? own : known("starred");
}

/** @param {string} id */
export function isStarred(id) {
  return starred().some((one) => one.id === id);
}

/** Learn the stars of who is signed in; what this browser kept before becomes theirs. */
export async function learnStars() {
  if (!signedIn()) return;
  const before = known("starred").slice(0, MOST_BROUGHT);
  const brought = await Promise.all(before.map((one) => tell(one.id, "PUT")));
  if (brought.every((ok) => ok)) keep("starred", []);
  const { ok, body } = await call("GET", "stars");
  if (!ok) return;
  own = body.items.map((/** @type {any} */ one) => ({ ...one, id: one.dashboard_id }));
}

/** Star a dashboard, or take its star away; whether it has one now. @param {Known} item @returns {Promise<boolean>} */
export async function switchStar(item) {
  const before = starred();
  const rest = before.filter((one) => one.id !== item.id);
  const on = rest.length === before.length;
  const after = on ? [...rest, item] : rest;
  if (!signedIn()) keep("starred", after);
  else {
    own = after;
    if (!(await tell(item.id, on ? "PUT" : "DELETE"))) own = before;
  }
  return isStarred(item.id);
}

/** Whether the server has heard it; of a dashboard that is gone there is nothing to keep. @param {string} id @param {"PUT"|"DELETE"} method */
async function tell(id, method) {
  const { ok, status } = await call(method, `stars/${encodeURIComponent(id)}`);
  return ok || status === 404;
}
