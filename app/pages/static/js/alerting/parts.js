// What the pages of alerts have in common: times in words, labels, filters, questions before something goes.

import { ask, askFor } from "../askfor.js";
import { h, icon } from "../dom.js";
import { fullTime } from "../zone.js";

const MINUTE_MS = 60e3, HOUR_MS = 3600e3, DAY_MS = 86400e3;

/** Whether who looks has at least that role. @param {"editor"|"admin"} least */
export function may(least) {
  const role = /** @type {HTMLElement|null} */ (document.querySelector("[data-role]"))?.dataset.role ?? "";
  return role === "admin" || role === least;
}

/** `5 min ago`, `in 2 h`; the whole time is its title. @param {number} ms @param {string} [words] before it */
export function when(ms, words = "") {
  const away = Math.abs(ms - Date.now());
  const span = away < MINUTE_MS ? "" : away < HOUR_MS ? `${Math.floor(away / MINUTE_MS)} min` : away < DAY_MS ? `${Math.floor(away / HOUR_MS)} h` : `${Math.floor(away / DAY_MS)} d`;
  const text = !span ? "now" : ms > Date.now() ? `in ${span}` : `${span} ago`;
  return h("time", { title: fullTime(ms), datetime: new Date(ms).toISOString() }, words ? `${words} ${text}` : text);
}

/** @param {Record<string, string>} labels */
export function labelTags(labels) {
  return Object.entries(labels).map(([name, text]) => h("span", { class: "tag" }, `${name}=${text}`));
}

/** What a line of a list begins with, in a column of its own. @param {string} level ok, warn, bad or nothing @param {Parameters<typeof icon>[0] | null} sign @param {string} text */
export function badge(level, sign, text) {
  return h("span", { class: "kind" }, h("span", { class: `state ${level}` }, ...(sign ? [icon(sign)] : []), text));
}

/**
 * Buttons of which one is pressed.
 * @param {[string, string][]} choices values and texts @param {string} wanted @param {(value: string) => void} choose @param {string} name
 */
export function pills(choices, wanted, choose, name) {
  return h("div", { class: "pills", role: "group", "aria-label": name }, ...choices.map(([value, text]) => h("button", { class: "pill", type: "button", "aria-pressed": String(value === wanted), onclick: () => choose(value) }, text)));
}

/** @param {string} title @param {string} text @param {(Node|null)[]} [ways] */
export function blank(title, text, ways = []) {
  return h("div", { class: "blank boxed" }, h("h2", {}, title), h("p", { class: "muted" }, text), ...ways);
}

/**
 * Ask before something is deleted; what the server says against it is said there.
 * @param {string} title @param {string} text @param {string} path @param {() => void} done
 */
export function sure(title, text, path, done) {
  askFor(title, [h("p", {}, text)], "Delete", async () => {
    await ask("DELETE", path);
    done();
  });
}

/** What could not be read, with a way to try again. @param {any} problem @param {() => void} again */
export function failed(problem, again) {
  return h("p", { class: "fault", role: "alert" }, problem.detail ?? problem.title, " ", h("button", { class: "btn sm", type: "button", onclick: again }, "Try again"));
}
