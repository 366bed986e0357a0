// Heatmaps: cells of time and value, coloured by how much is in them.

import * as bridge from "../bokeh_bridge.js";
import { between, tokens } from "../colors.js";
import { h } from "../dom.js";
import * as numbers from "../numbers.js";
import { lowerBound } from "../lines.js";
import { Marks } from "../marks.js";
import { fullTime } from "../zone.js";
import { lead } from "./links.js";
import { PlotPanel } from "./plot.js";

const SHADES = 64;
const LABEL_PX = 26;
const HAIR_MS = 1e-3; // so little that a number of milliseconds still tells it
const TO_COLOR = { linear: (/** @type {number} */ v) => v, sqrt: Math.sqrt, log: (/** @type {number} */ v) => Math.log10(v + 1) };

export class Heatmap extends PlotPanel {
  timed = true;
  undotted = true;
  marks = new Marks(this);
  outs = h("span", { class: "outs" });
  ramp = h("span", { class: "ramp" });
  key = h("div", { class: "colorkey" }, this.outs, this.ramp);

  fit() {
    const [from, to] = this.zoom.range ?? this.window;
    bridge.setRange(this.drawing, "x_range", from, to);
    bridge.setRange(this.drawing, "y_range", 0, Math.max(1, this.texts.edges.length - 1));
    bridge.eachRenderer(this.drawing, "s0", ({ glyph }) => glyph.setv({ width: { value: this.texts.step } }, { sync: false }));
    const [low, high] = this.bounds();
    const color = TO_COLOR[/** @type {keyof typeof TO_COLOR} */ (this.texts.scale.how)];
    const shades = between(tokens(this.texts.scale.palette === "diverging" ? "div" : "seq", 9), SHADES);
    bridge.setModel(this.drawing, "colors", { palette: shades, low: color(low), high: color(high) });
    this.scale(low, high, shades);
    this.later();
  }

  /** The numbers of the first and the last colour. */
  bounds() {
    const { v } = this.columns("cells");
    const { min, max } = this.texts.scale;
    let most = 0;
    for (let i = 0; i < (v?.length ?? 0); i += 1) if (v[i] > most) most = v[i];
    return [min ?? 0, max ?? (most || 1)];
  }

  /** What the colours mean. @param {number} low @param {number} high @param {string[]} shades */
  scale(low, high, shades) {
    this.key.hidden = !this.texts.scale.legend && !this.texts.links?.length;
    this.ramp.hidden = !this.texts.scale.legend;
    const ramp = shades.filter((_, i) => i % 8 === 0 || i === shades.length - 1).join(", ");
    this.ramp.replaceChildren(this.value(low), h("i", { style: `background:linear-gradient(to right, ${ramp})` }), this.value(high));
    if (!this.key.parentNode) this.element.append(this.key);
    this.lead();
  }

  /** The way to the links of the fullest cell of the last time. */
  lead() {
    const { t } = this.columns("cells");
    if (!this.texts.links?.length || !t?.length) return;
    const { rows } = /** @type {any} */ (this.at(t[t.length - 1]));
    const row = rows.reduce((/** @type {any} */ most, /** @type {any} */ one) => (one.raw > most.raw ? one : most));
    lead(this.outs, row.links, { raw: row.raw, text: this.value(row.raw), time: row.t }, `${row.name}, ${fullTime(row.t)}`);
  }

  /** @param {number} value */
  value(value) {
    return numbers.text(value, this.texts.scale.unit, null);
  }

  drawn() {
    this.observer = new ResizeObserver(() => this.later());
    this.observer.observe(this.host);
    this.marks.start();
    this.later();
  }

  later() {
    cancelAnimationFrame(this.pending ?? 0);
    this.pending = requestAnimationFrame(() => {
      const frame = this.frame();
      if (!frame?.height) return;
      const edges = this.texts.edges;
      const every = Math.max(1, Math.ceil((LABEL_PX * edges.length) / frame.height));
      this.marks.later();
      bridge.setNames(this.drawing, edges.map((/** @type {string} */ edge, /** @type {number} */ i) => (i % every ? "" : edge)));
    });
  }

  remove() {
    this.marks.stop();
    super.remove();
  }

  /** The columns of another range, for a zoomed page. @param {any} head @param {Map<string, ArrayBuffer>} buffers */
  replaceData(head, buffers) {
    const other = bridge.read(head.doc, buffers);
    Object.assign(this.texts, head.texts);
    this.drawing.source("cells").data = other.source("cells").data;
    other.doc.clear();
    this.fit();
    return true;
  }

  setRanges() {
    this.fit();
  }

  /** @param {any} change @param {[number, number]} window */
  tick(change, window) {
    if (this.zoom.range) this.window = window;
    else super.tick(change, window);
  }

  /** The cells of an instant. @param {number} ms */
  at(ms) {
    const { t, y, v } = this.columns("cells");
    if (!t?.length) return null;
    const start = t[Math.max(0, lowerBound(t, ms + HAIR_MS) - 1)];
    if (ms < start || ms >= start + this.texts.step) return null;
    const rows = [];
    for (let i = lowerBound(t, start); i < t.length && t[i] === start; i += 1) {
      const row = Math.floor(y[i]);
      const name = `${this.texts.edges[row] || "below"} – ${this.texts.edges[row + 1]}`;
      rows.push({ name, color: "var(--seq-5)", place: y[i], t: start, value: v[i], raw: Number.isNaN(v[i]) ? 0 : v[i], links: this.texts.links?.[row] });
    }
    return { title: fullTime(start), t: start, rows, total: null, text: (/** @type {number} */ value) => this.value(Number.isNaN(value) ? 0 : value) };
  }

  /** @param {any} row */
  y(row) {
    return this.frame()?.y.compute(row.place) ?? NaN;
  }

  sentence() {
    const edges = this.texts.edges;
    const [from, to] = this.window;
    return `Heatmap of ${Math.max(0, edges.length - 1)} buckets from ${edges[0] || "below"} to ${edges[edges.length - 1] ?? ""}, ${fullTime(from)} to ${fullTime(to)}, at most ${this.value(this.bounds()[1])} in a cell.`;
  }
}
