// What links and snapshots have in common: a form that makes one more, what was made, and the list of those that there are.

import { ask } from "./askfor.js";
import { h } from "./dom.js";

/** @type {[string, string][]} */
const SPANS = [["", "Never"], ["1h", "In an hour"], ["1d", "In a day"], ["7d", "In a week"], ["30d", "In 30 days"]];

/**
 * @typedef {object} Making
 * @property {string} path of the API, which lists them and takes a new one
 * @property {string} key the field that tells one from another
 * @property {Node[]} fields @property {string|Node} words beside the button @property {string|HTMLElement} action its text, or the button
 * @property {HTMLElement} [beside] another button
 * @property {() => any} body what is asked for
 * @property {() => [string, string]} [asks] method and path, where it is not always to make one
 * @property {(made: any) => Node[]} told what is said of the one that was made, for as long as the list has it: its first input has the focus
 * @property {(one: any, changed: () => Promise<void>, failed: (error: unknown) => void) => HTMLElement} line
 */

/** @param {Making} making @returns {Node[]} */
export function makingPage({ path, key, fields, words, action, body, told, line, beside, asks = () => ["POST", path] }) {
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  const made = h("div", { class: "made-link", role: "status" });
  const list = h("ul", { class: "versions" });
  const go = typeof action === "string" ? h("button", { class: "btn primary" }, action) : action;
  const form = h("form", { class: "inner" }, ...fields, fault, h("div", { class: "bar" }, h("p", { class: "muted grow" }, words), beside ?? null, go));
  const failed = (/** @type {unknown} */ error) => {
    fault.textContent = /** @type {Error} */ (error).message;
    fault.hidden = false;
  };
  /** @type {any} */
  let shown = null; // which one was made last, and is told of
  const read = () => ask("GET", path).then(({ items }) => {
    list.replaceChildren(...items.map((/** @type {any} */ one) => line(one, read, failed)));
    if (!items.some((/** @type {any} */ one) => one[key] === shown)) made.replaceChildren(); // its address leads nowhere by now
  }, failed);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    fault.hidden = true;
    go.toggleAttribute("disabled", true);
    try {
      const answer = await ask(...asks(), body());
      shown = answer[key];
      made.replaceChildren(...told(answer));
      /** @type {HTMLInputElement|null} */ (made.querySelector("input"))?.focus();
      await read();
    } catch (error) {
      failed(error);
    } finally {
      go.toggleAttribute("disabled", false);
    }
  });
  read();
  return [form, made, list];
}

/** The view as it is chosen now: values of variables, and a zone that is not the browser's own. @param {any} boot @returns {{values: Record<string, string[]>, tz?: string}} */
export function viewOf(boot) {
  const chosen = boot.variables.filter((/** @type {any} */ one) => one.type !== "constant" && one.current.length);
  const values = Object.fromEntries(chosen.map((/** @type {any} */ one) => [one.name, one.current]));
  return boot.zone === "browser" ? { values } : { values, tz: boot.zone };
}

/** When something is over. */
export function expiry() {
  const select = /** @type {HTMLSelectElement} */ (h("select", {}, ...SPANS.map(([value, words]) => h("option", { value }, words))));
  const asked = () => (select.value ? { expires_in: select.value } : {});
  return { asked, label: h("label", { class: "lab" }, "Expires", h("span", { class: "field" }, select)) };
}
