// A time series panel: a BokehJS plot with legend, tooltip, crosshair, thresholds and annotations in HTML over it.

import * as bridge from "../bokeh_bridge.js";
import { concrete } from "../colors.js";
import { h } from "../dom.js";
import { Legend } from "../legend.js";
import { falls, finite, Lines, usualStep } from "../lines.js";
import { Marks } from "../marks.js";
import * as numbers from "../numbers.js";
import { Overlay } from "../overlay.js";
import { hiddenHere, noteHidden, toggled } from "../shown_series.js";
import { YRange } from "../yrange.js";
import { fullTime } from "../zone.js";

const DIM = 0.25;
const THICKER = 1.5;
const BAR_SHARE = 0.85;

export class TimeSeries {
  /** Its x axis is time: it takes part in the crosshair and in zooming. */
  timed = true;

  /**
   * @param {import("../snapshot.js").PanelHead} head @param {Map<string, ArrayBuffer>} buffers
   * @param {{zoom: import("../zoom.js").Zoom, section: HTMLElement, window: [number, number]}} context
   * @param {{own: Set<number>, parts: Set<number>[]}} [part] of a panel that is split
   */
  constructor(head, buffers, context, part) {
    this.texts = head.texts;
    this.zoom = context.zoom;
    this.section = context.section;
    this.window = context.window;
    this.drawing = bridge.read(head.doc, buffers);
    bridge.tellUnit(this.drawing, this.section);
    this.lines = new Lines(this.drawing, this.texts);
    if (part) Object.assign(this.lines, part);
    this.left = new YRange(this.texts.axis);
    this.right = new YRange({ ...this.texts.axis, ...boundsOf(this.texts.series, "right") });
    this.host = h("div", { class: "chart bk-host", role: "img" });
    this.over = h("div", { class: "over", "aria-hidden": "true" });
    this.overlay = new Overlay(this);
    this.marks = new Marks(this);
    this.legend = new Legend(this.texts, { toggle: (index, alone) => this.toggle(index, alone), hover: (i) => this.emphasise(i) });
    this.element = h("div", { class: `chartbox legend-${this.texts.legend.place}` }, h("div", { class: "plotbox" }, this.host, this.over), this.legend.element);
  }

  /** @param {HTMLElement} place @param {any} old */
  async mount(place, old) {
    this.lines.hidden = old?.lines && sameNames(old.texts, this.texts) ? old.lines.hidden : hiddenHere(this.section, this.texts);
    this.recolor();
    this.setRanges();
    this.fitBars();
    bridge.markUnfinished(this.drawing, this.texts.unfinished ?? {});
    this.legend.update(this.lines, this.zoom.range ?? this.window);
    this.describe();
    const fresh = this.element;
    place.append(fresh);
    await bridge.draw(this.drawing, this.host);
    for (const child of [...place.children]) if (child !== fresh) child.remove();
    if (this.lines.unseen.length) this.applyHidden();
    this.zoom.add(this);
    this.overlay.start();
    this.marks.start();
  }

  /** @param {any} change @param {[number, number]} window */
  tick(change, window) {
    this.window = window;
    if (this.zoom.range) return;
    for (const [name, delta] of Object.entries(change.sources ?? {})) {
      const source = this.drawing.source(name);
      if (source) bridge.applyChange(source, /** @type {any} */ (delta));
    }
    if (change.texts) this.retext(change.texts);
    this.setRanges();
    this.fitBars();
    this.legend.update(this.lines, this.zoom.range ?? this.window);
    this.overlay.later();
    this.marks.later();
  }

  /** @param {any} texts those that are new */
  retext(texts) {
    Object.assign(this.texts, texts);
    if (texts.unfinished) bridge.markUnfinished(this.drawing, texts.unfinished);
    if (!texts.series) return;
    this.legend.rename(this.texts);
    this.legend.mark(this.lines.hidden);
    this.recolor();
    this.describe();
  }

  /** The columns of another range, for a zoomed page. @param {any} head @param {Map<string, ArrayBuffer>} buffers */
  replaceData(head, buffers) {
    if (!sameNames(head.texts, this.texts)) return false;
    this.fill(head, buffers);
    bridge.markUnfinished(this.drawing, head.texts.unfinished ?? {});
    this.fit();
    return true;
  }

  /** Another answer in the same layout, such as that of a query that was changed; false where its words need another drawing. @param {any} head @param {Map<string, ArrayBuffer>} buffers @param {[number, number]} window */
  take(head, buffers, window) {
    if (builtBy(head.texts) !== builtBy(this.texts) || (this.lines.hidden.size && !sameNames(head.texts, this.texts))) return false;
    this.window = window;
    this.fill(head, buffers);
    this.retext({ unfinished: {}, ...head.texts });
    this.fit();
    return true;
  }

  /** @param {any} head @param {Map<string, ArrayBuffer>} buffers */
  fill(head, buffers) {
    const other = bridge.read(head.doc, buffers);
    for (const name of this.lines.sources) {
      const [own, fresh] = [this.drawing.source(name), other.source(name)];
      if (own && fresh) own.data = fresh.data;
    }
    other.doc.clear();
  }

  /** Ranges, legend and what lies over the canvas by other data. */
  fit() {
    this.left.reset();
    this.right.reset();
    this.setRanges();
    this.fitBars();
    this.legend.update(this.lines, this.zoom.range ?? this.window);
    this.overlay.later();
    this.marks.later();
  }

  setRanges() {
    const [from, to] = this.zoom.range ?? this.window;
    bridge.setRange(this.drawing, "x_range", from, to);
    bridge.setRange(this.drawing, "y_range", ...this.left.ofParts(this.lines.scaled("left"), from, to));
    const right = this.lines.scaled("right");
    if (right.some((lines) => lines.length)) bridge.setExtraRange(this.drawing, "right", ...this.right.ofParts(right, from, to));
  }

  /** Bars are as wide as the time between two points, but for a gap. */
  fitBars() {
    for (const renderer of this.drawing.root.renderers ?? []) {
      if (!renderer.glyph.tags?.includes("bar")) continue;
      const width = usualStep(this.lines.of(Number(renderer.name.slice(1))).t) * BAR_SHARE;
      if (width && renderer.glyph.width.value !== width) renderer.glyph.setv({ width: { value: width } }, { sync: false });
    }
  }

  /** Colours that depend on values or themes are CSS: a canvas takes them as what they come to. */
  recolor() {
    this.texts.series.forEach((/** @type {any} */ one, /** @type {number} */ index) => {
      const color = concrete(one.color, this.section);
      bridge.eachRenderer(this.drawing, `s${index}`, ({ glyph }) => {
        for (const name of ["line_color", "fill_color"]) {
          if (glyph[name]?.value && glyph[name].value !== color) glyph.setv({ [name]: { value: color } }, { sync: false });
        }
      });
    });
  }

  // -- legend ----------------------------------------------------------------------------------------------------

  /** @param {number} index @param {boolean} alone */
  toggle(index, alone) {
    this.hide(toggled(this.lines.hidden, this.texts.series.length, index, alone));
    noteHidden(this.section, this.texts, this.lines.hidden);
  }

  /** @param {Set<number>} hidden */
  hide(hidden) {
    this.lines.hidden = hidden;
    this.left.reset();
    this.right.reset();
    this.applyHidden();
    this.setRanges();
    this.overlay.later();
    this.marks.later();
  }

  applyHidden() {
    this.texts.series.forEach((/** @type {any} */ _, /** @type {number} */ index) => {
      bridge.eachRenderer(this.drawing, `s${index}`, (renderer) => renderer.setv({ visible: this.lines.shows(index) }, { sync: false }));
    });
    if (this.texts.axis.stack !== "none") bridge.restack(this.drawing, "main", new Set(this.lines.unseen.map((index) => `s${index}`)));
    this.legend.mark(this.lines.hidden);
  }

  /** @param {number|null} index the series that the mouse is on, in the legend */
  emphasise(index) {
    this.texts.series.forEach((/** @type {any} */ _, /** @type {number} */ i) => {
      bridge.eachRenderer(this.drawing, `s${i}`, ({ glyph }) => {
        if (!("line_alpha" in glyph) || glyph.tags?.includes("bar")) return;
        const width = this.widths.get(glyph) ?? glyph.line_width.value;
        this.widths.set(glyph, width);
        glyph.setv({ line_alpha: { value: index === null || index === i ? 1 : DIM }, line_width: { value: index === i ? width * THICKER : width } }, { sync: false });
      });
    });
  }

  /** @type {WeakMap<object, number>} the widths of lines as they are when nothing is emphasised */
  widths = new WeakMap();

  // -- over the canvas -------------------------------------------------------------------------------------------

  get source() {
    return this.drawing.source("main");
  }

  frame() {
    return bridge.frame(this.drawing);
  }

  /** The values at an instant, the largest first. @param {number} ms */
  at(ms) {
    const found = this.lines.at(ms);
    if (!found.length) return null;
    const rows = found.map((one) => ({ ...this.texts.series[one.index], ...one })).sort((a, b) => b.value - a.value);
    const total = this.texts.axis.stack !== "none" && rows.length > 1 ? rows.reduce((sum, row) => sum + row.value, 0) : null;
    const t = rows.reduce((best, row) => (Math.abs(row.t - ms) < Math.abs(best - ms) ? row.t : best), rows[0].t);
    const open = rows.some((row) => row.t >= (this.texts.unfinished?.[`s${row.index}`] ?? Infinity));
    return { t, rows, total, open, text: (/** @type {number} */ value, /** @type {any} */ row) => this.text(value, row) };
  }

  /** @param {number} value @param {any} [one] */
  text(value, one) {
    const { unit, decimals } = one ?? this.texts.series[0] ?? this.texts.axis;
    return numbers.text(value, unit ?? this.texts.axis.unit, decimals ?? this.texts.axis.decimals);
  }

  /** Where a value is on the canvas. @param {any} row of `at` */
  y(row) {
    const frame = this.frame();
    if (!frame) return NaN;
    const scale = row.axis === "right" && frame.right ? frame.right : frame.y;
    return scale.compute(this.top(row));
  }

  /** A value with those that it stands on. @param {any} row */
  top(row) {
    const { stack } = this.texts.axis;
    if (stack === "none") return row.value;
    let below = 0, all = 0;
    const down = falls(this.lines.of(row.index).v);
    this.lines.forEach(({ v }, one, index) => {
      if (!this.lines.shows(index) || (one.axis ?? "left") !== (row.axis ?? "left") || !Number.isFinite(v[row.at]) || falls(v) !== down) return;
      if (index <= row.index) below += v[row.at];
      all += v[row.at];
    });
    return stack === "percent" ? below / (Math.abs(all) || 1) : below;
  }

  /** What the chart shows, in a sentence for those who do not see it. */
  describe() {
    const all = this.texts.series.map((/** @type {any} */ one, /** @type {number} */ index) => ({ one, index })).filter((/** @type {any} */ { index }) => this.lines.own?.has(index) ?? true);
    const parts = all.slice(0, 8).map((/** @type {any} */ { one, index }) => {
      const known = finite(this.lines.of(index).v);
      if (!known.length) return `${one.name}: no value`;
      const [low, high] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
      return `${one.name}: last ${this.text(known[known.length - 1], one)}, from ${this.text(low, one)} to ${this.text(high, one)}`;
    });
    const more = all.length > parts.length ? ` And ${all.length - parts.length} more.` : "";
    const [from, to] = this.zoom.range ?? this.window;
    const count = all.length === 1 ? "1 series" : `${all.length} series`;
    this.host.setAttribute("aria-label", `Time series with ${count}, ${fullTime(from)} to ${fullTime(to)}. ${parts.join("; ")}.${more}`);
  }

  repaint() {
    this.recolor();
    bridge.repaint(this.drawing);
  }

  remove() {
    this.overlay.stop();
    this.marks.stop();
    this.zoom.delete(this);
    bridge.discard(this.drawing);
    this.element.remove();
  }
}

/** @param {any} one @param {any} other */
function sameNames(one, other) {
  return one.series.length === other.series.length && one.series.every((/** @type {any} */ each, /** @type {number} */ i) => each.name === other.series[i].name);
}

/** What words of a chart it is built by: all but those that may change in place. @param {any} texts */
function builtBy({ unfinished, notice, series, ...others }) {
  return JSON.stringify([others, series.map((/** @type {any} */ { name, color, ...one }) => one)]);
}

/** The bounds that series of an axis ask for. @param {any[]} series @param {string} axis */
function boundsOf(series, axis) {
  const own = series.filter((one) => one.axis === axis);
  const first = (/** @type {string} */ key) => own.find((one) => one[key] !== null)?.[key] ?? null;
  return { min: first("min"), max: first("max"), unit: own[0]?.unit };
}
