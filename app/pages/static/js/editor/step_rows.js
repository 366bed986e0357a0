// The rows of a panel before and after one of its transformations, as the server has them.

import { call } from "../api.js";
import { rowsOf } from "../csv.js";
import { h } from "../dom.js";
import { cellText } from "../inspect_data.js";
import { later } from "./form_inputs.js";
import { valueAt } from "./form_store.js";
import { askedBy } from "./view_of.js";

const MOST_ROWS = 20;
const POINTS = 200; // of a series

/** @typedef {Record<string, import("../csv.js").Answer>} Results */

export class StepRows {
  /** @param {any} draft @param {() => (string|number)[]|null} base of the panel @param {number} index of the transformation */
  constructor(draft, base, index) {
    this.draft = draft;
    this.base = base;
    this.index = index;
    this.asked = "";
    this.before = h("div", { class: "step-side" });
    this.after = h("div", { class: "step-side" });
    this.element = h("details", { class: "more-of" }, h("summary", {}, "Rows before and after"), h("div", { class: "step-rows" }, this.before, this.after));
    this.wait = later(() => this.load());
    this.element.addEventListener("toggle", () => this.refresh());
  }

  get panel() {
    const base = this.base();
    return base === null ? null : valueAt(this.draft.document, base);
  }

  refresh() {
    if (!(/** @type {HTMLDetailsElement} */ (this.element).open) || !this.panel) return;
    const key = JSON.stringify([this.panel.targets, this.panel.query, this.panel.datasource, this.panel.transformations, this.draft.revision, location.search]);
    if (key === this.asked) return;
    this.asked = key;
    this.wait.soon();
  }

  async load() {
    const { panel, asked, index } = this;
    if (!panel) return;
    const about = { dashboard_id: this.draft.viewId, panel_id: panel.panel_id, max_points: POINTS, ...askedBy(this.draft.document) };
    const [before, after] = await Promise.all([index, index + 1].map((steps) => call("POST", "query", { ...about, steps })));
    if (asked !== this.asked) return; // something newer is asked
    this.before.replaceChildren(...side("Before", before));
    this.after.replaceChildren(...side("After", after));
  }

  unmount() {
    this.wait.stop();
  }
}

/** @param {string} title @param {import("../api.js").Said} said */
function side(title, said) {
  const heading = h("h4", {}, title);
  if (!said.ok) return [heading, h("p", { class: "err", role: "alert" }, said.body.detail ?? said.body.title)];
  const results = Object.entries(/** @type {Results} */ (said.body.results));
  const faults = results.filter(([, one]) => one.error).map(([ref, one]) => h("p", { class: "err" }, `${ref}: ${one.error.detail ?? one.error.title}`));
  const tables = results.filter(([, one]) => !one.error).map(([ref, one]) => table(ref, title, rowsOf([one])));
  return [heading, ...faults, ...tables, ...(results.length ? [] : [h("p", { class: "muted" }, "Nothing")])];
}

/** @param {string} ref @param {string} title @param {any[][]} all the first row has the names */
function table(ref, title, [names, ...rows]) {
  const numeric = names.map((_, index) => rows.some((row) => typeof row[index] === "number"));
  const cells = (/** @type {any[]} */ row, /** @type {string} */ tag) => row.map((value, index) => h(tag, { class: numeric[index] ? "num" : null, scope: tag === "th" ? "col" : null }, tag === "th" ? String(value) : cellText(value)));
  const size = `${rows.length.toLocaleString("en")} rows, ${names.length} columns${rows.length > MOST_ROWS ? `; the first ${MOST_ROWS}` : ""}`;
  return h("div", {}, h("p", { class: "muted" }, `${ref} · ${size}`), h("div", { class: "scrollx", tabindex: "0", role: "region", "aria-label": `${title}: rows of ${ref}` },
    h("table", { class: "tbl" }, h("thead", {}, h("tr", {}, ...cells(names, "th"))), h("tbody", {}, ...rows.slice(0, MOST_ROWS).map((row) => h("tr", {}, ...cells(row, "td")))))));
}
