// Tables: rows of words, sorted and filtered here while they are few, by the server page by page where they are many.

import * as bridge from "../bokeh_bridge.js";
import { h } from "../dom.js";
import { fillCell } from "./cells.js";
import { HtmlPanel, set } from "./html_panel.js";
import { fits, sorted } from "./table_rows.js";
import { timed } from "./timed.js";

const TYPING_MS = 250;

export class Table extends HtmlPanel {
  /** @param {import("../snapshot.js").PanelHead} head @param {Map<string, ArrayBuffer>} buffers @param {any} context */
  constructor(head, buffers, context) {
    super(head, buffers, context);
    this.fetchRows = context.rows;
    this.drawing = bridge.read(head.doc, buffers);
    this.source = this.drawing.source("rows");
    const sort = this.texts.sort;
    this.order = { name: sort.replace(/^-/, ""), down: sort.startsWith("-"), chosen: false };
    /** @type {Map<string, string>} by the names of columns, which may be any text */
    this.filters = new Map();
    this.frame = 0;
    /** @type {any} a page that the server cut, where one was asked for */
    this.page = null;
    this.asked = 0;
    /** @type {string[]|null} of the rows that filters leave */
    this.footer = null;
    this.head = /** @type {HTMLTableSectionElement} */ (h("thead"));
    this.rows = h("tbody");
    this.foot = h("tfoot");
    const title = context.section?.querySelector("h2")?.textContent;
    this.box = h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": `Rows of ${title || "this panel"}` }, h("table", { class: "tbl" }, this.head, this.rows, this.foot));
    this.box.addEventListener("scroll", () => this.box.classList.toggle("scrolled", this.box.scrollLeft > 0), { passive: true });
    this.chooser = h("div", { class: "framepick" });
    this.pager = h("nav", { class: "pager", "aria-label": "Pages of rows" });
    this.element.append(this.chooser, this.box, this.pager);
    this.headings();
  }

  /** Which of several tables is shown. */
  choose() {
    const names = this.texts.frames ?? [];
    this.chooser.hidden = !names.length;
    if (!names.length) return;
    const options = names.map((/** @type {string} */ name, /** @type {number} */ at) => h("option", { value: String(at), selected: at === this.frame }, name));
    const select = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "Table" }, ...options));
    select.addEventListener("change", () => {
      this.frame = Number(select.value);
      this.filters.clear();
      this.order = { name: "", down: false, chosen: false };
      this.ask(0);
    });
    this.chooser.replaceChildren(select);
  }

  headings() {
    this.choose();
    const sortable = this.texts.columns.map((/** @type {any} */ column) => {
      const sorted = this.order.name === column.name ? (this.order.down ? "descending" : "ascending") : "none";
      const button = h("button", { type: "button", class: "cut", title: column.title, onclick: () => this.sortBy(column.name) }, column.title);
      const cell = h("th", { scope: "col", class: `a-${column.align}`, "aria-sort": sorted }, button);
      if (column.width) cell.style.width = cell.style.minWidth = `${column.width}px`;
      return cell;
    });
    const rows = [h("tr", {}, ...sortable)];
    if (this.texts.filter) rows.push(h("tr", { class: "filters" }, ...this.texts.columns.map((/** @type {any} */ column) => this.filterCell(column))));
    this.head.replaceChildren(...rows);
  }

  /** @param {any} column */
  filterCell(column) {
    const input = h("input", { type: "search", "aria-label": `Filter ${column.title}`, placeholder: "Filter", value: this.filters.get(column.name) ?? "" });
    input.addEventListener("input", () => {
      this.filters.set(column.name, /** @type {HTMLInputElement} */ (input).value.trim());
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.change(0), this.texts.pages ? TYPING_MS : 0);
    });
    return h("td", {}, input);
  }

  /** @param {string} name */
  sortBy(name) {
    this.order = { name, down: this.order.name === name ? !this.order.down : true, chosen: true };
    const at = this.texts.columns.findIndex((/** @type {any} */ column) => column.name === name);
    this.headings();
    this.change(0);
    /** @type {HTMLElement|null} */ (this.head.rows[0].cells[at]?.querySelector("button"))?.focus();
  }

  /** Other rows are wanted: asked of the server, or of those at hand. @param {number} page */
  change(page) {
    if (this.texts.pages) this.ask(page);
    else {
      this.write();
      this.askFooter();
    }
  }

  /** What the server makes of those rows at hand that filters leave. */
  async askFooter() {
    const asked = ++this.asked;
    this.footer = null;
    if (!this.texts.footer || !this.filter) return;
    const found = await this.fetchRows({ page: 0, frame: this.frame, sort: "", filter: this.filter });
    if (asked !== this.asked) return;
    this.footer = found?.footer ?? null;
    this.writeFoot();
  }

  /** The filters that are set, as JSON; empty where there are none. */
  get filter() {
    const set = [...this.filters].filter(([, text]) => text);
    return set.length ? JSON.stringify(Object.fromEntries(set)) : "";
  }

  /** @param {number} page */
  async ask(page) {
    const asked = ++this.asked;
    const query = { page, frame: this.frame, sort: (this.order.down ? "-" : "") + this.order.name, filter: this.filter || "{}" };
    this.box.setAttribute("aria-busy", "true");
    const found = await this.fetchRows(query);
    if (asked !== this.asked) return;
    this.box.removeAttribute("aria-busy");
    if (!found) return;
    if (this.page?.page !== found.page) this.box.scrollTop = 0;
    this.page = found;
    this.footer = found.footer;
    if (found.columns && JSON.stringify(found.columns) !== JSON.stringify(this.texts.columns)) {
      Object.assign(this.texts, { columns: found.columns, footer: found.footer });
      this.rows.replaceChildren();
      this.headings();
    }
    this.write();
  }

  get own() {
    return this.page !== null && (this.page.page > 0 || this.frame > 0 || this.order.chosen || this.filter !== "");
  }

  write() {
    const data = this.page ? this.page.rows : plain(this.source.data);
    const count = data.c0?.length ?? 0;
    let order = Array.from({ length: count }, (_, index) => index);
    if (!this.texts.pages) order = this.arranged(data, order);
    while (this.rows.children.length > order.length) this.rows.lastElementChild?.remove();
    order.forEach((from, at) => this.row(data, from, at));
    if (!order.length) this.rows.replaceChildren(h("tr", {}, h("td", { class: "nothing", colspan: String(this.texts.columns.length) }, "No row fits the filter")));
    this.writeFoot();
    this.writePager();
  }

  /** @param {Record<string, any>} data @param {number} from @param {number} at */
  row(data, from, at) {
    const row = this.rows.children[at] ?? this.rows.appendChild(h("tr"));
    if (row.querySelector(".nothing")) row.replaceChildren();
    this.texts.columns.forEach((/** @type {any} */ column, /** @type {number} */ index) => {
      const cell = /** @type {HTMLElement} */ (row.children[index] ?? row.appendChild(h("td")));
      const words = data[`w${index}`][from];
      fillCell(cell, column, column.kind === "time" ? timed(words, data[`c${index}`][from], column.unit) : words);
    });
    while (row.children.length > this.texts.columns.length) row.lastElementChild?.remove();
  }

  /** The rows at hand that filters leave, in the order chosen. @param {Record<string, any>} data @param {number[]} order */
  arranged(data, order) {
    this.texts.columns.forEach((/** @type {any} */ column, /** @type {number} */ index) => {
      const wanted = this.filters.get(column.name);
      if (wanted) order = order.filter((row) => fits(data[`c${index}`][row], wanted, data[`e${index}`]?.[row]));
    });
    const at = this.texts.columns.findIndex((/** @type {any} */ column) => column.name === this.order.name);
    if (!this.order.chosen || at < 0) return order;
    return sorted(order, data[`c${at}`], data[`e${at}`], this.order.down ? -1 : 1);
  }

  writeFoot() {
    const texts = this.filter ? this.footer : this.texts.footer;
    this.foot.replaceChildren(...(texts ? [h("tr", {}, ...texts.map((/** @type {string} */ text, /** @type {number} */ index) => h("td", { class: `a-${this.texts.columns[index].align}` }, text)))] : []));
  }

  writePager() {
    this.pager.hidden = !this.texts.pages;
    if (!this.texts.pages) return;
    const { size } = this.texts.pages;
    const { page, pages, total } = this.page ?? { page: 0, pages: Math.ceil(this.texts.pages.total / size), total: this.texts.pages.total };
    const step = (/** @type {number} */ to, /** @type {string} */ label, /** @type {string} */ sign) =>
      h("button", { type: "button", class: "btn sm bare", "aria-label": label, disabled: to < 0 || to >= pages, onclick: () => this.ask(to) }, sign);
    const says = total ? `${(page * size + 1).toLocaleString()}–${Math.min(total, (page + 1) * size).toLocaleString()} of ${total.toLocaleString()}` : "0 rows";
    this.pager.replaceChildren(step(0 === page ? -1 : 0, "First page", "«"), step(page - 1, "Page before", "‹"), h("span", { "aria-live": "polite" }, says), step(page + 1, "Next page", "›"), step(page === pages - 1 ? pages : pages - 1, "Last page", "»"));
  }

  /** @param {any} change @param {[number, number]} window */
  tick(change, window) {
    const rows = change.sources?.rows;
    if (rows) bridge.applyChange(this.source, rows);
    if (change.texts) Object.assign(this.texts, change.texts);
    this.window = window;
    if (change.texts?.columns) this.headings();
    if (!rows && !change.texts) return;
    if (this.texts.pages && this.own) this.ask(this.page.page);
    else {
      this.page = null;
      this.change(0);
    }
  }

  remove() {
    clearTimeout(this.typing);
    bridge.discard(this.drawing);
    this.element.remove();
  }
}

/** @param {any} data */
function plain(data) {
  return data instanceof Map ? Object.fromEntries(data) : data;
}
