// A time series panel that a viewer split by a label: a chart for each of its values, over one axis of values, with one legend.

import { h } from "../dom.js";
import { Legend } from "../legend.js";
import { hiddenHere, noteHidden, partsHere, toggled } from "../shown_series.js";
import { TimeSeries } from "./timeseries.js";

const UNSEEN = { mode: "hidden" };

export class Multiples {
  timed = true;

  /**
   * @param {import("../snapshot.js").PanelHead} head @param {Map<string, ArrayBuffer>} buffers
   * @param {{zoom: import("../zoom.js").Zoom, section: HTMLElement, window: [number, number], again: () => void}} context
   */
  constructor(head, buffers, context) {
    this.texts = head.texts;
    this.context = context;
    this.window = context.window;
    this.split = partsHere(context.section, this.texts);
    const parts = this.split.map((one) => one.members);
    const part = (/** @type {Set<number>} */ own) => new TimeSeries({ ...head, texts: quiet(this.texts) }, buffers, context, { own, parts });
    this.charts = parts.map(part);
    this.legend = new Legend(this.texts, { toggle: (index, alone) => this.toggle(index, alone), hover: (index) => this.charts.forEach((one) => one.emphasise(index)) });
    this.cells = this.charts.map(() => h("div", { class: "part" }));
    const many = h("div", { class: "parts" }, ...this.split.map(({ title }, index) => h("figure", { "aria-label": title }, h("figcaption", { class: "cut", title }, title), this.cells[index])));
    this.element = h("div", { class: `chartbox legend-${this.texts.legend.place}` }, many, this.legend.element);
  }

  /** What the charts have in common. */
  get lines() {
    return this.charts[0].lines;
  }

  /** @param {HTMLElement} place */
  async mount(place) {
    const fresh = this.element;
    place.append(fresh);
    for (const [index, chart] of this.charts.entries()) await chart.mount(this.cells[index], null);
    for (const child of [...place.children]) if (child !== fresh) child.remove();
    this.legend.mark(hiddenHere(this.context.section, this.texts));
    this.tell();
  }

  /** The values of the legend. */
  tell() {
    this.legend.update(this.lines, this.context.zoom.range ?? this.window);
  }

  /** @param {any} change @param {[number, number]} window */
  tick(change, window) {
    this.window = window;
    if (this.context.zoom.range) return;
    if (change.texts) Object.assign(this.texts, change.texts);
    for (const one of this.charts) one.tick(change.texts ? { ...change, texts: quiet(change.texts) } : change, window);
    if (change.texts?.series) {
      if (!same(partsHere(this.context.section, this.texts), this.split)) return this.context.again();
      this.legend.rename(this.texts);
      this.legend.mark(this.lines.hidden);
    }
    this.tell();
  }

  /** @param {any} head @param {Map<string, ArrayBuffer>} buffers */
  replaceData(head, buffers) {
    if (!same(partsHere(this.context.section, head.texts), this.split)) return false;
    const done = this.charts.every((one) => one.replaceData(head, buffers));
    this.tell();
    return done;
  }

  setRanges() {
    for (const one of this.charts) one.setRanges();
  }

  /** @param {number} index @param {boolean} alone */
  toggle(index, alone) {
    const hidden = toggled(this.lines.hidden, this.texts.series.length, index, alone);
    for (const one of this.charts) one.hide(hidden);
    this.legend.mark(hidden);
    noteHidden(this.context.section, this.texts, hidden);
  }

  repaint() {
    for (const one of this.charts) one.repaint();
  }

  remove() {
    for (const one of this.charts) one.remove();
    this.element.remove();
  }
}

/** Texts of one of several charts: their legend is that of all. @param {any} texts */
function quiet(texts) {
  return { ...texts, ...(texts.legend ? { legend: { ...texts.legend, ...UNSEEN } } : {}) };
}

/** @param {import("../shown_series.js").Part[]} one @param {import("../shown_series.js").Part[]} other */
function same(one, other) {
  const text = (/** @type {import("../shown_series.js").Part[]} */ parts) => JSON.stringify(parts.map(({ title, members }) => [title, ...members]));
  return text(one) === text(other);
}
