// A time series panel as small multiples: a viewer picks the label whose values part it.

import { h, icon } from "./dom.js";
import { dialog } from "./menus.js";
import { noteSplit, splitsOf } from "./shown_series.js";

/** @param {any} body of a panel @returns {boolean} */
export function canSplit(body) {
  return Boolean(body?.timed && splitsOf(body.texts).length);
}

/** Ask by which label; `drawn` draws the panel anew. @param {string} title @param {number} id @param {any} body @param {() => void} drawn */
export function chooseSplit(title, id, body, drawn) {
  const now = new URLSearchParams(location.search).get(`split-${id}`) ?? "";
  const choose = (/** @type {string} */ label) => {
    box.close();
    noteSplit(id, label);
    drawn();
  };
  const item = (/** @type {string} */ label, /** @type {string} */ text, /** @type {string} */ count) => h("button", { class: "item", type: "button", role: "menuitemradio", "aria-checked": String(label === now), onclick: () => choose(label) },
    h("span", { class: "tick" }, ...(label === now ? [icon("check")] : [])), h("span", { class: "cut" }, text), h("span", { class: "count" }, count));
  const all = splitsOf(body.texts).map(({ label, values }) => item(label, label, `${values.length} charts`));
  const box = dialog("sheet-dialog", `Split ${title || "the panel"}`, [h("div", { class: "menu splits", role: "menu", "aria-label": "A chart for each value of" }, item("", "Not at all", "1 chart"), ...all)]);
}
