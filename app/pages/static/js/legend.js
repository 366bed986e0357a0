// The legend of a chart: a list, or a table with values; a click isolates a series, with Ctrl it hides one.

import { h } from "./dom.js";
import * as numbers from "./numbers.js";

const CALCS = {
  last: (/** @type {number[]} */ v) => v[v.length - 1],
  min: (/** @type {number[]} */ v) => v.reduce((a, b) => Math.min(a, b), Infinity),
  max: (/** @type {number[]} */ v) => v.reduce((a, b) => Math.max(a, b), -Infinity),
  mean: (/** @type {number[]} */ v) => v.reduce((a, b) => a + b, 0) / v.length,
  total: (/** @type {number[]} */ v) => v.reduce((a, b) => a + b, 0),
};
const TITLES = { last: "Last", min: "Min", max: "Max", mean: "Mean", total: "Total" };

export class Legend {
  /** @param {any} texts @param {{toggle: (index: number, alone: boolean) => void, hover: (index: number|null) => void}} chart */
  constructor(texts, chart) {
    this.texts = texts;
    this.chart = chart;
    this.element = h("div", { class: `legend as-${texts.legend.mode}` });
    /** @type {HTMLElement[]} */
    this.rows = [];
    this.build();
  }

  build() {
    const { mode, calcs } = this.texts.legend;
    this.element.replaceChildren();
    if (mode === "hidden" || !this.texts.series.length) {
      this.element.hidden = true;
      return;
    }
    this.rows = this.texts.series.map((/** @type {any} */ one, /** @type {number} */ i) => this.row(one, i, mode, calcs));
    if (mode === "list") this.element.append(...this.rows);
    else {
      const heads = calcs.map((/** @type {keyof typeof TITLES} */ calc) => h("th", { scope: "col" }, TITLES[calc]));
      const head = h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "vh" }, "Series")), ...heads));
      this.element.append(h("table", {}, head, h("tbody", {}, ...this.rows)));
    }
  }

  /** @param {any} one @param {number} index @param {string} mode @param {string[]} calcs */
  row(one, index, mode, calcs) {
    const swatch = h("i", { class: "sw", style: `--c:${one.color}` });
    const button = h("button", { type: "button", class: "name", title: one.name, onclick: (/** @type {MouseEvent} */ e) => this.chart.toggle(index, !(e.ctrlKey || e.metaKey)) }, swatch, h("span", { class: "cut" }, one.name));
    const events = { onmouseenter: () => this.chart.hover(index), onmouseleave: () => this.chart.hover(null) };
    if (mode === "list") return h("span", events, button);
    return h("tr", events, h("td", {}, button), ...calcs.map(() => h("td", { class: "num" }, "–")));
  }

  /** @param {any} texts */
  rename(texts) {
    this.texts = texts;
    this.build();
  }

  /** @param {Record<string, ArrayLike<number>>} columns */
  update(columns) {
    const { mode, calcs } = this.texts.legend;
    if (mode !== "table") return;
    const { unit, decimals } = this.texts.axis;
    this.rows.forEach((row, index) => {
      const known = Array.from(columns[`s${index}`] ?? []).filter(Number.isFinite);
      calcs.forEach((/** @type {keyof typeof CALCS} */ calc, /** @type {number} */ i) => {
        const text = known.length ? numbers.text(CALCS[calc](known), unit, decimals) : "–";
        const cell = row.children[i + 1];
        if (cell.textContent !== text) cell.textContent = text;
      });
    });
  }

  /** @param {Set<number>} hidden */
  mark(hidden) {
    this.rows.forEach((row, index) => row.classList.toggle("off", hidden.has(index)));
  }
}
