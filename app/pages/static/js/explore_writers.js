// How queries of explore are written: in the builders that the dashboard editor has, or in the pane's own text.

import { h } from "./dom.js";
import { changedAt, valueAt } from "./editor/form_store.js";
import { declarations } from "./editor/declarations.js";
import { styled } from "./editor/sheet.js";
import { documentOf, fromOf } from "./explored.js";
import { Sources } from "./query/sources.js";
import { Writer } from "./query/writer.js";
import { slotBefore } from "./slotted.js";

/** @typedef {import("./editor/schema.js").Path} Path */
/** @typedef {import("./explore_panes.js").Panes} Panes */

let made = 0;

/** The writer of one pane. What it writes goes into the pane's text, which the session reads. */
class PaneWriter {
  /** @param {Panes} panes @param {Element} pane @param {import("./editor/schema.js").Declarations} declared @param {Sources} sources */
  constructor(panes, pane, declared, sources) {
    this.panes = panes;
    this.pane = pane;
    this.declared = declared;
    this.sources = sources;
    this.ref = "A";
    this.isWriting = false;
    /** @type {HTMLTextAreaElement|null} */
    this.area = null;
    this.board = { document: { get time() { return { from: fromOf(panes.range), to: "now" }; } } };
    this.name = `query-${(made += 1)}`;
    this.wrong = h("p", { class: "err", role: "status", hidden: true });
    this.writer = new Writer(this);
    this.element = h("div", { class: "explore-query" }, h("div", { class: "how" }, h("span", { class: "lab" }, "Query"), this.writer.modes), this.writer.element, this.wrong);
    const at = (/** @type {Path} */ path, /** @type {any} */ value) => (this.write(changedAt({ query: this.query }, path, value).query), Promise.resolve([]));
    this.store = { get: (/** @type {Path} */ path) => valueAt({ query: this.query }, path), set: at, remove: (/** @type {Path} */ path) => at(path, undefined) };
  }

  /** By name, as the pane's list has it. */
  get source() {
    const name = this.panes.sourceOf(this.pane);
    return this.sources.all.find((one) => one.name === name)?.uid ?? name;
  }

  get query() {
    const text = this.panes.editor(this.pane)?.value ?? "";
    return documentOf(text) ?? text;
  }

  /** @param {any} query */
  write(query) {
    const area = this.panes.editor(this.pane);
    if (!area) return;
    area.value = typeof query === "string" ? query : JSON.stringify(query ?? {}, null, 1);
    this.isWriting = true;
    area.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
    this.isWriting = false;
    this.say("");
    this.refresh();
  }

  /** @param {string} detail */
  say(detail) {
    this.wrong.textContent = detail;
    this.wrong.hidden = !detail;
  }

  /** The pane's own text is what is written in. @param {HTMLElement[]} modes @returns {import("./query/bodies.js").Body} */
  text(modes) {
    return { element: h("div", { hidden: true }), modes, refresh: () => this.hide(false), fault: () => {}, unmount: () => {} };
  }

  /** @param {boolean} hidden whether the pane's own text is */
  hide(hidden) {
    this.panes.widget(this.pane, "query")?.toggleAttribute("data-away", hidden);
  }

  refresh() {
    const text = this.panes.widget(this.pane, "query");
    const area = this.panes.editor(this.pane);
    if (!text || !area || !this.sources.find(this.source)) return;
    if (area !== this.area) area.addEventListener("input", () => this.isWriting || (this.writer.wantsBuilder = false)); // who types goes on typing
    this.area = area;
    slotBefore(this.element, text, this.name);
    text.setAttribute("data-slotted", "");
    this.hide(true);
    this.writer.refresh();
  }

  unmount() {
    this.writer.unmount();
    this.element.remove();
  }
}

/**
 * Put builders into the panes of explore, those that come later too.
 * @param {Panes} panes @param {{on_change: (told: () => void) => void}} session tells of whatever changes in it
 */
export async function writes(panes, session) {
  styled();
  const declared = await declarations();
  const sources = new Sources(declared);
  await sources.load();
  /** @type {Map<Element, PaneWriter>} */
  const known = new Map();
  const refresh = () => {
    const { all } = panes;
    for (const [pane, one] of known) if (!all.includes(pane)) known.delete(pane), one.unmount();
    for (const pane of all) {
      if (!known.has(pane)) known.set(pane, new PaneWriter(panes, pane, declared, sources));
      known.get(pane)?.refresh();
    }
  };
  let asked = 0;
  session.on_change(() => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(refresh);
  });
  refresh();
}
