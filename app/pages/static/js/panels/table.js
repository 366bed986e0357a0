// Tables: rows of texts, sorted by their values.

import { h } from "../dom.js";
import { HtmlPanel, set } from "./html_panel.js";

/** @typedef {import("../snapshot.js").PanelHead} PanelHead */

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
