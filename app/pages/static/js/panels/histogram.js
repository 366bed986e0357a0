// Histograms: how often values fall into buckets.

import * as bridge from "../bokeh_bridge.js";
import { fromZero, PlotPanel } from "./plot.js";

export class Histogram extends PlotPanel {
  fit() {
    const main = this.columns("main");
    const shown = this.texts.series.map((/** @type {any} */ _, /** @type {number} */ i) => i).filter((/** @type {number} */ i) => !this.hidden.has(i));
    const { min, max } = this.texts.axis;
    const [left, right] = [main.left ?? [], main.right ?? []];
    bridge.setRange(this.drawing, "x_range", min ?? left[0] ?? 0, max ?? right[right.length - 1] ?? 1);
    bridge.setRange(this.drawing, "y_range", ...fromZero(shown.flatMap((/** @type {number} */ i) => [...(main[`s${i}`] ?? [])]), null, null));
  }

  /** @param {number} value */
  at(value) {
    const main = this.columns("main");
    const at = Array.prototype.findIndex.call(main.left ?? [], (low, i) => low <= value && value < main.right[i]);
    if (at < 0) return null;
    const rows = this.texts.series.map((/** @type {any} */ one, /** @type {number} */ i) => ({ ...one, index: i, value: main[`s${i}`][at] }))
      .filter((/** @type {any} */ row) => !this.hidden.has(row.index));
    return { title: `${this.text(main.left[at])} – ${this.text(main.right[at])}`, t: 0, rows, total: null, text: (/** @type {number} */ count) => String(count) };
  }

  sentence() {
    const main = this.columns("main");
    const [left, right] = [main.left ?? [], main.right ?? []];
    if (!left.length) return "Histogram without values.";
    return `Histogram of ${this.texts.series.length} series in ${left.length} buckets from ${this.text(left[0])} to ${this.text(right[right.length - 1])}.`;
  }
}
