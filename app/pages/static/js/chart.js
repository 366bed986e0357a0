// A time series panel: a BokehJS plot with legend, tooltip, crosshair and thresholds in HTML over it.

import * as bridge from "./bokeh_bridge.js";
import { h } from "./dom.js";
import { Legend } from "./legend.js";
import * as numbers from "./numbers.js";
import { fullTime } from "./zone.js";
import { YRange } from "./yrange.js";

export class Chart {
  /**
   * @param {import("./snapshot.js").PanelHead} head @param {Map<string, ArrayBuffer>} buffers
   * @param {{zoom: import("./zoom.js").Zoom, section: HTMLElement, window: [number, number]}} context
   */
  constructor(head, buffers, context) {
    this.texts = head.texts;
    this.zoom = context.zoom;
    this.section = context.section;
    this.window = context.window;
    this.drawing = bridge.read(head.doc, buffers);
    this.source = this.drawing.source("main");
    this.hidden = new Set();
    this.yRange = new YRange(this.texts.axis);
    this.host = h("div", { class: "chart bk-host", role: "img", "aria-label": this.sentence() });
    this.over = h("div", { class: "over", "aria-hidden": "true" });
    this.legend = new Legend(this.texts, { toggle: (index, alone) => this.toggle(index, alone), hover: (i) => this.emphasise(i) });
    this.element = h("div", { class: "chartbox" }, h("div", { class: "plotbox" }, this.host, this.over), this.legend.element);
  }

  /** @param {HTMLElement} place @param {any} old */
  async mount(place, old) {
    if (old?.hidden && old.texts?.series?.length === this.texts.series.length) this.hidden = old.hidden;
    this.setRanges();
    this.fitBars();
    this.legend.update(this.columns());
    const fresh = this.element;
    place.append(fresh);
    await bridge.draw(this.drawing, this.host);
    for (const child of [...place.children]) if (child !== fresh) child.remove();
    this.applyHidden();
    this.zoom.add(this);
    this.annotate();
    this.observer = new ResizeObserver(() => requestAnimationFrame(() => this.annotate()));
    this.observer.observe(this.host);
  }

  /** @returns {Record<string, Float64Array>} */
  columns() {
    return this.source ? Object.fromEntries(Object.entries(mapOf(this.source.data))) : { t: new Float64Array() };
  }

  /** @param {any} change @param {[number, number]} window */
  tick(change, window) {
    this.window = window;
    if (this.zoom.range) return;
    if (change.sources?.main && this.source) bridge.applyChange(this.source, change.sources.main);
    if (change.texts) {
      Object.assign(this.texts, change.texts);
      if (change.texts.series) this.legend.rename(this.texts);
    }
    this.setRanges();
    this.legend.update(this.columns());
    requestAnimationFrame(() => this.annotate());
  }

  /** The columns of another range, for a zoomed page. @param {any} head @param {Map<string, ArrayBuffer>} buffers */
  replaceData(head, buffers) {
    const other = bridge.read(head.doc, buffers);
    const source = other.source("main");
    if (!this.source || !source || head.texts.series.length !== this.texts.series.length) return false;
    this.source.data = mapOf(source.data);
    other.doc.clear();
    this.setRanges();
    this.fitBars();
    this.legend.update(this.columns());
    requestAnimationFrame(() => this.annotate());
    return true;
  }

  setRanges() {
    const [from, to] = this.zoom.range ?? this.window;
    bridge.setRange(this.drawing, "x_range", from, to);
    const [low, high] = this.yRange.of(this.columns(), from, to, this.hidden);
    bridge.setRange(this.drawing, "y_range", low, high);
  }

  /** Bars are as wide as the time between two points, but for a gap. */
  fitBars() {
    const { t } = this.columns();
    if (!t || t.length < 2) return;
    const width = (t[t.length - 1] - t[0]) / (t.length - 1) * 0.85;
    for (const renderer of this.drawing.root.renderers ?? []) {
      if (renderer.glyph.tags?.includes("bar")) renderer.glyph.setv({ width: { value: width } }, { sync: false });
    }
  }

  // -- legend ----------------------------------------------------------------------------------------------------

  /** @param {number} index @param {boolean} alone */
  toggle(index, alone) {
    const all = this.texts.series.map((/** @type {any} */ _, /** @type {number} */ i) => i);
    if (alone) {
      const others = all.filter((/** @type {number} */ i) => i !== index);
      const isolated = others.every((/** @type {number} */ i) => this.hidden.has(i)) && !this.hidden.has(index);
      this.hidden = new Set(isolated ? [] : others);
    } else if (!this.hidden.delete(index)) this.hidden.add(index);
    this.applyHidden();
    this.setRanges();
  }

  applyHidden() {
    this.texts.series.forEach((/** @type {any} */ _, /** @type {number} */ index) => {
      bridge.eachRenderer(this.drawing, `s${index}`, (renderer) => renderer.setv({ visible: !this.hidden.has(index) }, { sync: false }));
    });
    this.legend.mark(this.hidden);
  }

  /** @param {number|null} index the series that the mouse is on, in the legend */
  emphasise(index) {
    this.texts.series.forEach((/** @type {any} */ _, /** @type {number} */ i) => {
      bridge.eachRenderer(this.drawing, `s${i}`, (renderer) => {
        if ("line_alpha" in renderer.glyph) renderer.glyph.setv({ line_alpha: { value: index === null || index === i ? 1 : 0.25 } }, { sync: false });
      });
    });
  }

  // -- over the canvas -------------------------------------------------------------------------------------------

  frame() {
    return bridge.frame(this.drawing);
  }

  /** Thresholds as dashed lines with their value. */
  annotate() {
    const frame = this.frame();
    this.over.querySelectorAll(".thr").forEach((one) => one.remove());
    if (!frame) return;
    for (const threshold of this.texts.thresholds ?? []) {
      const y = frame.y.compute(threshold.value);
      if (!(y > frame.top && y < frame.top + frame.height)) continue;
      const label = h("b", {}, numbers.text(threshold.value, this.texts.axis.unit, this.texts.axis.decimals));
      this.over.append(h("div", { class: `thr m-${threshold.level}`, style: `left:${frame.left}px;width:${frame.width}px;top:${y}px` }, label));
    }
  }

  /** The values at an instant, the largest first. @param {number} ms */
  at(ms) {
    const columns = this.columns();
    const index = nearest(columns.t, ms);
    if (index < 0) return null;
    const rows = this.texts.series
      .map((/** @type {any} */ one, /** @type {number} */ i) => ({ ...one, index: i, value: columns[`s${i}`][index] }))
      .filter((/** @type {any} */ row) => !this.hidden.has(row.index) && !Number.isNaN(row.value));
    rows.sort((/** @type {any} */ a, /** @type {any} */ b) => b.value - a.value);
    return { t: columns.t[index], rows, text: (/** @type {number} */ v) => numbers.text(v, this.texts.axis.unit, this.texts.axis.decimals) };
  }

  sentence() {
    const names = this.texts.series.map((/** @type {any} */ one) => one.name).slice(0, 8).join(", ");
    return `Time series of ${this.texts.series.length}: ${names}. From ${fullTime(this.window[0])} to ${fullTime(this.window[1])}.`;
  }

  repaint() {
    bridge.repaint(this.drawing);
  }

  remove() {
    this.observer?.disconnect();
    this.zoom.delete(this);
    bridge.discard(this.drawing);
    this.element.remove();
  }
}

/** @param {any} data a Map or an object of columns */
export function mapOf(data) {
  return data instanceof Map ? Object.fromEntries(data) : data;
}

/** The index of the value nearest to one, in an ascending array; -1 where it is empty. @param {ArrayLike<number>} values @param {number} wanted */
export function nearest(values, wanted) {
  let low = 0, high = values.length - 1;
  if (high < 0) return -1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low > 0 && wanted - values[low - 1] < values[low] - wanted ? low - 1 : low;
}
