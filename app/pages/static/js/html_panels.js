// Panels that are HTML: stats, gauges, tables, texts. Their words come as texts; numbers change in place.

import * as bridge from "./bokeh_bridge.js";
import { mapOf } from "./chart.js";
import { h, svg } from "./dom.js";
import { YRange } from "./yrange.js";

/** @typedef {import("./snapshot.js").PanelHead} PanelHead */

/** Base of all of them: texts that ticks replace by name, and an element that `write` fills. */
class HtmlPanel {
  /** @param {PanelHead} head @param {Map<string, ArrayBuffer>} buffers @param {any} context */
  constructor(head, buffers, context) {
    this.texts = head.texts;
    this.window = context.window;
    this.type = head.type;
    this.element = h("div", { class: head.type });
    this.prepare(head, buffers);
    this.write();
  }

  /** @param {PanelHead} _head @param {Map<string, ArrayBuffer>} _buffers */
  prepare(_head, _buffers) {}

  write() {}

  /** @param {any} change @param {[number, number]} window */
  tick(change, window) {
    this.window = window;
    if (!change.texts) return;
    Object.assign(this.texts, change.texts);
    this.write();
  }
}

export class Stats extends HtmlPanel {
  /** @param {PanelHead} head @param {Map<string, ArrayBuffer>} buffers */
  prepare(head, buffers) {
    this.drawing = head.texts.graph ? bridge.read(head.doc, buffers) : null;
    this.source = this.drawing?.source("main");
    this.yRange = new YRange({ min: null, max: null, zero: false, stack: false });
    this.values = h("div", { class: "values" });
    this.spark = h("div", { class: "spark bk-host", "aria-hidden": "true" });
    this.element.append(this.values, ...(this.drawing ? [this.spark] : []));
  }

  /** @param {HTMLElement} place */
  async mount(place) {
    this.ranges();
    place.replaceChildren(this.element);
    if (this.drawing) await bridge.draw(this.drawing, this.spark);
  }

  write() {
    const stats = this.texts.stats;
    this.element.classList.toggle("many", stats.length > 1);
    while (this.values.children.length > stats.length) this.values.lastElementChild?.remove();
    stats.forEach((/** @type {any} */ one, /** @type {number} */ index) => {
      const box = this.values.children[index] ?? this.values.appendChild(statBox());
      box.className = `one ${one.level}`;
      set(box.children[0].children[0], one.prefix + one.text);
      set(box.children[0].children[1], one.suffix);
      set(box.children[1], stats.length > 1 ? one.name : "");
    });
  }

  ranges() {
    if (!this.drawing || !this.source) return;
    const [from, to] = this.window;
    const [low, high] = this.yRange.wanted(mapOf(this.source.data), from, to, new Set());
    bridge.setRange(this.drawing, "x_range", from, to);
    bridge.setRange(this.drawing, "y_range", low, high);
  }

  /** @param {any} change @param {[number, number]} window */
  tick(change, window) {
    super.tick(change, window);
    if (change.sources?.main && this.source) bridge.applyChange(this.source, change.sources.main);
    this.ranges();
  }

  repaint() {
    if (this.drawing) bridge.repaint(this.drawing);
  }

  remove() {
    if (this.drawing) bridge.discard(this.drawing);
    this.element.remove();
  }
}

function statBox() {
  return h("div", { class: "one" }, h("div", { class: "val" }, h("span"), h("small")), h("div", { class: "sub cut" }));
}

/** @param {Element} element @param {string} text */
function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export class Gauges extends HtmlPanel {
  write() {
    const arcs = this.type === "gauge";
    this.element.replaceChildren(...this.texts.gauges.map((/** @type {any} */ one) => (arcs ? this.arc(one) : this.bar(one))));
  }

  /** @param {any} one */
  arc(one) {
    const share = one.share ?? 0;
    const drawing = svg("svg", { viewBox: "0 0 200 128", role: "img", "aria-label": `${one.name}: ${one.text}${one.suffix}` },
      svg("path", { class: "track", d: arcPath(0, 1, 82) }), svg("path", { class: `value ${one.level}`, d: arcPath(0, share, 82) }));
    let from = 0;
    let level = "base";
    for (const mark of [...this.texts.marks, { share: 1, level: "" }]) {
      if (this.texts.marks.length) drawing.append(svg("path", { class: `mark ${level}`, d: arcPath(from, mark.share, 94) }));
      [from, level] = [mark.share, mark.level];
    }
    const words = h("div", { class: `val ${one.level}` }, one.text, h("small", {}, one.suffix));
    return h("div", { class: "one" }, drawing, words, h("div", { class: "sub cut" }, this.texts.gauges.length > 1 ? one.name : ""));
  }

  /** @param {any} one */
  bar(one) {
    const track = h("div", { class: "track" }, h("i", { class: one.level, style: `width:${(one.share ?? 0) * 100}%` }));
    const words = h("b", { class: one.level }, one.text + one.suffix);
    return h("div", { class: "one" }, h("div", { class: "words" }, h("span", { class: "cut mono", title: one.name }, one.name), words), track);
  }
}

/** An arc of the gauge from one share to another. @param {number} from @param {number} to @param {number} radius */
function arcPath(from, to, radius) {
  const point = (/** @type {number} */ share) => {
    const angle = Math.PI * (1.08 - 1.16 * share);
    return `${(100 + radius * Math.cos(angle)).toFixed(2)} ${(104 - radius * Math.sin(angle)).toFixed(2)}`;
  };
  return `M${point(from)}A${radius} ${radius} 0 ${to - from > 0.862 ? 1 : 0} 1 ${point(to)}`;
}

export class Table extends HtmlPanel {
  /** @param {PanelHead} head */
  prepare(head) {
    const main = head.doc.roots[0].attributes.data;
    this.columns = Object.fromEntries(main.entries ?? []);
    this.order = { column: -1, down: true };
    this.head = h("tr");
    this.rows = h("tbody");
    this.element.append(h("table", { class: "tbl" }, h("thead", {}, this.head), this.rows));
    this.element.setAttribute("tabindex", "0");
    this.headings();
  }

  headings() {
    this.head.replaceChildren(...this.texts.columns.map((/** @type {any} */ column, /** @type {number} */ index) => {
      const sorted = this.order.column === index ? (this.order.down ? "descending" : "ascending") : "none";
      const button = h("button", { type: "button", onclick: () => this.sortBy(index) }, column.title);
      return h("th", { scope: "col", class: column.kind === "number" ? "num" : "", "aria-sort": sorted }, button);
    }));
  }

  /** @param {number} column */
  sortBy(column) {
    this.order = { column, down: this.order.column === column ? !this.order.down : true };
    this.headings();
    this.write();
  }

  write() {
    const cells = this.texts.cells;
    const order = cells.map((/** @type {any} */ _, /** @type {number} */ index) => index);
    const values = this.columns[`c${this.order.column}`];
    if (values) order.sort((/** @type {number} */ a, /** @type {number} */ b) => compare(values[a], values[b]) * (this.order.down ? -1 : 1));
    const largest = this.texts.columns.map((/** @type {any} */ column, /** @type {number} */ i) =>
      column.bar ? Math.max(...(this.columns[`c${i}`] ?? []).map((/** @type {any} */ v) => Math.abs(v ?? 0)), 1e-12) : 0);
    while (this.rows.children.length > order.length) this.rows.lastElementChild?.remove();
    order.forEach((/** @type {number} */ from, /** @type {number} */ at) => {
      const row = this.rows.children[at] ?? this.rows.appendChild(h("tr"));
      while (row.children.length < cells[from].length) row.append(h("td"));
      cells[from].forEach(([text, level], /** @type {number} */ i) => {
        const cell = /** @type {HTMLElement} */ (row.children[i]);
        set(cell, text);
        const kind = this.texts.columns[i].kind;
        cell.className = `${kind === "number" ? "num" : "cut"} ${level}`;
        const share = largest[i] ? Math.abs(this.columns[`c${i}`][from] ?? 0) / largest[i] : 0;
        cell.style.setProperty("--share", largest[i] ? `${(share * 100).toFixed(1)}%` : "0%");
      });
    });
  }

  /** @param {any} change @param {[number, number]} window */
  tick(change, window) {
    const rows = change.sources?.rows;
    if (rows?.replace) this.columns = rows.replace;
    for (const [name, pairs] of Object.entries(rows?.patch ?? {})) {
      for (const [index, value] of pairs) this.columns[name][index] = value;
    }
    if (change.texts?.columns) {
      this.texts.columns = change.texts.columns;
      this.headings();
    }
    super.tick(change, window);
  }
}

/** @param {any} a @param {any} b */
function compare(a, b) {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
}

export class Text extends HtmlPanel {
  /** The server made this HTML of Markdown and sanitised it. */
  write() {
    this.element.className = "text prose";
    this.element.innerHTML = this.texts.html ?? "";
  }
}
