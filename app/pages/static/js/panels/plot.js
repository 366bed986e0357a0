// Base of panels that are one BokehJS plot with a legend, and HTML over it, such as bars and histograms.

import * as bridge from "../bokeh_bridge.js";
import { h } from "../dom.js";
import { Legend } from "../legend.js";
import { hiddenHere, noteHidden, toggled } from "../shown_series.js";
import * as numbers from "../numbers.js";

export class PlotPanel {
  timed = false;

  /**
   * @param {import("../snapshot.js").PanelHead} head @param {Map<string, ArrayBuffer>} buffers
   * @param {{zoom: import("../zoom.js").Zoom, section: HTMLElement, window: [number, number]}} context
   */
  constructor(head, buffers, context) {
    this.texts = head.texts;
    this.zoom = context.zoom;
    this.section = context.section;
    this.window = context.window;
    this.drawing = bridge.read(head.doc, buffers);
    bridge.tellUnit(this.drawing, this.section);
    /** @type {Set<number>} */
    this.hidden = this.texts.legend ? hiddenHere(this.section, this.texts) : new Set();
    this.host = h("div", { class: "chart bk-host", role: "img" });
    this.over = h("div", { class: "over", "aria-hidden": "true" });
    this.legend = this.texts.legend ? new Legend(this.texts, { toggle: (index, alone) => this.toggle(index, alone), hover: () => undefined }) : null;
    /** @type {ResizeObserver|null} of those that ask for one once they are drawn */
    this.observer = null;
    this.element = h("div", { class: "chartbox" }, h("div", { class: "plotbox" }, this.host, this.over), ...(this.legend ? [this.legend.element] : []));
  }

  /** Ranges, labels, colours: what depends on the data. */
  fit() {}

  /** A sentence of what is shown. @returns {string} */
  sentence() {
    return "";
  }

  /** @param {HTMLElement} place @param {any} [_old] what is drawn there until now */
  async mount(place, _old) {
    this.fit();
    this.host.setAttribute("aria-label", this.sentence());
    const fresh = this.element;
    place.append(fresh);
    await bridge.draw(this.drawing, this.host);
    for (const child of [...place.children]) if (child !== fresh) child.remove();
    if (this.hidden.size) this.applyHidden();
    this.zoom.add(this);
    this.drawn();
  }

  /** After the first paint. */
  drawn() {}

  /** @param {string} name @returns {Record<string, any>} */
  columns(name) {
    const source = this.drawing.source(name);
    return source ? bridge.columns(source) : {};
  }

  /** @param {any} change @param {[number, number]} window */
  tick(change, window) {
    this.window = window;
    for (const [name, delta] of Object.entries(change.sources ?? {})) {
      const source = this.drawing.source(name);
      if (source) bridge.applyChange(source, /** @type {any} */ (delta));
    }
    if (change.texts) {
      Object.assign(this.texts, change.texts);
      if (change.texts.series && this.legend) this.legend.rename(this.texts);
    }
    this.fit();
  }

  /** @param {number} index @param {boolean} alone */
  toggle(index, alone) {
    this.hidden = toggled(this.hidden, this.texts.series.length, index, alone);
    noteHidden(this.section, this.texts, this.hidden);
    this.applyHidden();
    this.fit();
  }

  applyHidden() {
    this.texts.series.forEach((/** @type {any} */ _, /** @type {number} */ i) => bridge.eachRenderer(this.drawing, `s${i}`, (renderer) => renderer.setv({ visible: !this.hidden.has(i) }, { sync: false })));
    this.legend?.mark(this.hidden);
  }

  frame() {
    return bridge.frame(this.drawing);
  }

  /** @param {number} value @param {any} [one] */
  text(value, one) {
    const { unit, decimals } = one ?? this.texts.axis;
    return numbers.text(value, unit, decimals);
  }

  repaint() {
    this.fit();
    bridge.repaint(this.drawing);
  }

  remove() {
    this.observer?.disconnect();
    this.zoom.delete(this);
    bridge.discard(this.drawing);
    this.element.remove();
  }
}

/** From zero to a little more than the largest, on round values. @param {number[]} values @param {number|null} min @param {number|null} max @param {number} [room] beyond the largest, as a share @returns {[number, number]} */
export function fromZero(values, min, max, room = 0.06) {
  let [low, high] = [0, 0];
  for (const value of values) if (Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (low === high) high = 1;
  const pad = (high - low) * room;
  return [min ?? (low < 0 ? low - pad : 0), max ?? (high > 0 ? high + pad : 0)];
}
