// The legend of a chart: a list, or a table with values; a click isolates a series, with Ctrl it hides one.

import { h } from "./dom.js";
import { known, lowerBound } from "./lines.js";
import { naturally } from "./natural.js";
import * as numbers from "./numbers.js";
import { lead } from "./panels/links.js";

/** @typedef {ArrayLike<number>} Values */

const CALCS = {
  last: (/** @type {Values} */ v) => v[v.length - 1],
  min: (/** @type {Values} */ v) => fold(v, Math.min, Infinity),
  max: (/** @type {Values} */ v) => fold(v, Math.max, -Infinity),
  mean: (/** @type {Values} */ v) => fold(v, (a, b) => a + b, 0) / v.length,
  total: (/** @type {Values} */ v) => fold(v, (a, b) => a + b, 0),
};
const TITLES = { last: "Last", min: "Min", max: "Max", mean: "Mean", total: "Total" };

/** @param {Values} values @param {(a: number, b: number) => number} two @param {number} start */
function fold(values, two, start) {
  let result = start;
  for (let i = 0; i < values.length; i += 1) result = two(result, values[i]);
  return result;
}

export class Legend {
  /** @param {any} texts @param {{toggle: (index: number, alone: boolean) => void, hover: (index: number|null) => void}} chart */
  constructor(texts, chart) {
    this.texts = texts;
    this.chart = chart;
    const place = texts.legend.place ?? "bottom";
    this.element = h("div", { class: `legend as-${texts.legend.mode} at-${place}` });
    /** @type {HTMLElement[]} by the series' index */
    this.rows = [];
    /** @type {any[]} the values of each series, by calc */
    this.values = [];
    const sort = texts.legend.sort ?? "";
    this.order = { by: sort.replace(/^-/, ""), down: sort.startsWith("-") };
    this.build();
  }

  build() {
    const { mode } = this.texts.legend;
    this.element.replaceChildren();
    this.rows = [];
    this.element.hidden = mode === "hidden" || !this.texts.series.length;
    if (this.element.hidden) return;
    this.rows = this.texts.series.map((/** @type {any} */ one, /** @type {number} */ i) => this.row(one, i));
    if (mode === "list") this.element.append(...this.rows);
    else {
      this.head = h("tr");
      this.body = h("tbody", {}, ...this.rows);
      this.element.append(h("table", {}, h("thead", {}, this.head), this.body));
      this.headings();
    }
  }

  headings() {
    const { calcs } = this.texts.legend;
    this.head?.replaceChildren(...["name", ...calcs].map((by) => {
      const sorted = this.order.by === by ? (this.order.down ? "descending" : "ascending") : "none";
      const title = by === "name" ? "Series" : TITLES[/** @type {keyof typeof TITLES} */ (by)];
      return h("th", { scope: "col", "aria-sort": sorted }, h("button", { type: "button", onclick: () => this.sortBy(by) }, title));
    }));
  }

  /** Largest first, then least first, then as they come. @param {string} by */
  sortBy(by) {
    const first = by !== "name";
    if (this.order.by !== by) this.order = { by, down: first };
    else if (this.order.down === first) this.order.down = !first;
    else this.order = { by: "", down: false };
    this.headings();
    this.sort();
  }

  sort() {
    const { by, down } = this.order;
    const order = this.rows.map((_, index) => index);
    const value = (/** @type {number} */ i) => this.values[i]?.[by] ?? -Infinity;
    if (by === "name") order.sort((a, b) => naturally(this.texts.series[a].name, this.texts.series[b].name));
    else if (by) order.sort((a, b) => value(a) - value(b));
    if (down) order.reverse();
    const rows = order.map((index) => this.rows[index]);
    if (rows.some((row, at) => this.body?.children[at] !== row)) this.body?.append(...rows);
  }

  /** @param {any} one @param {number} index */
  row(one, index) {
    const { mode, calcs } = this.texts.legend;
    const filled = this.texts.axis?.stack !== "none" || one.style === "bars" || !one.style;
    const swatch = h("i", { class: filled ? "sw sq" : "sw", style: `--c:${one.color}` });
    const click = (/** @type {MouseEvent} */ event) => this.chart.toggle(index, !(event.ctrlKey || event.metaKey));
    const button = h("button", { type: "button", class: "name", title: one.name, onclick: click }, swatch, h("span", { class: "cut" }, one.name));
    const events = { onmouseenter: () => this.chart.hover(index), onmouseleave: () => this.chart.hover(null) };
    const links = one.links ? h("span", { class: "outs" }) : null;
    if (mode === "list") return h("span", events, button, links);
    return h("tr", events, h("td", {}, h("span", { class: "named" }, button, links)), ...calcs.map(() => h("td", { class: "num" }, "–")));
  }

  /** @param {any} texts */
  rename(texts) {
    this.texts = texts;
    this.build();
  }

  /** The values of the series within two times. @param {import("./lines.js").Lines} lines @param {[number, number]} range */
  update(lines, [from, to]) {
    const { mode, calcs } = this.texts.legend;
    this.link(lines);
    if (mode !== "table") return;
    lines.forEach(({ t, v }, one, index) => {
      const shown = known(Array.prototype.slice.call(v, lowerBound(t, from), lowerBound(t, to + 1)));
      this.values[index] = Object.fromEntries(calcs.map((/** @type {keyof typeof CALCS} */ calc) => [calc, shown.length ? CALCS[calc](shown) : null]));
      calcs.forEach((/** @type {string} */ calc, /** @type {number} */ i) => {
        const text = numbers.text(this.values[index][calc], one.unit ?? this.texts.axis.unit, one.decimals ?? this.texts.axis.decimals);
        const cell = this.rows[index]?.children[i + 1];
        if (cell && cell.textContent !== text) cell.textContent = text;
      });
    });
    if (this.order.by) this.sort();
  }

  /** The links of series, of their last values. @param {import("./lines.js").Lines} lines */
  link(lines) {
    this.texts.series.forEach((/** @type {any} */ one, /** @type {number} */ index) => {
      const place = one.links && /** @type {HTMLElement|null} */ (this.rows[index]?.querySelector(".outs"));
      if (!place) return;
      const { t, v } = lines.of(index);
      let last = v.length - 1;
      while (last > 0 && !Number.isFinite(v[last])) last -= 1;
      const value = { raw: v[last], time: t[last], text: numbers.text(v[last], one.unit ?? this.texts.axis.unit, one.decimals ?? this.texts.axis.decimals) };
      lead(place, one.links, value, one.name);
    });
  }

  /** @param {Set<number>} hidden */
  mark(hidden) {
    this.rows.forEach((row, index) => {
      row.classList.toggle("off", hidden.has(index));
      row.querySelector("button")?.setAttribute("aria-pressed", String(!hidden.has(index)));
    });
  }
}
