// Stats: values large, their names, and a sparkline below a single one.

import * as bridge from "../bokeh_bridge.js";
import { mapOf } from "../chart.js";
import { h } from "../dom.js";
import { YRange } from "../yrange.js";
import { HtmlPanel, set } from "./html_panel.js";

/** @typedef {import("../snapshot.js").PanelHead} PanelHead */

export class Stats extends HtmlPanel {
  /** @param {PanelHead} head @param {Map<string, ArrayBuffer>} buffers */
  prepare(head, buffers) {
    this.drawing = head.texts.graph ? bridge.read(head.doc, buffers) : null;
    this.source = this.drawing?.source("main");
    this.yRange = new YRange({ min: null, max: null, zero: false, stack: false });
    this.values = h("div", { class: "values" });
    this.spark = h("div", { class: "spark bk-host", "aria-hidden": "true" });
    this.element.append(this.values, ...(this.drawing ? [this.spark] : []));
  }

  /** @param {HTMLElement} place */
  async mount(place) {
    this.ranges();
    place.replaceChildren(this.element);
    if (this.drawing) await bridge.draw(this.drawing, this.spark);
  }

  write() {
    const stats = this.texts.stats;
    this.element.classList.toggle("many", stats.length > 1);
    while (this.values.children.length > stats.length) this.values.lastElementChild?.remove();
    stats.forEach((/** @type {any} */ one, /** @type {number} */ index) => {
      const box = this.values.children[index] ?? this.values.appendChild(statBox());
      box.className = `one ${one.level}`;
      set(box.children[0].children[0], one.prefix + one.text);
      set(box.children[0].children[1], one.suffix);
      set(box.children[1], stats.length > 1 ? one.name : "");
    });
  }

  ranges() {
    if (!this.drawing || !this.source) return;
    const [from, to] = this.window;
    const [low, high] = this.yRange.wanted(mapOf(this.source.data), from, to, new Set());
    bridge.setRange(this.drawing, "x_range", from, to);
    bridge.setRange(this.drawing, "y_range", low, high);
  }

  /** @param {any} change @param {[number, number]} window */
  tick(change, window) {
    super.tick(change, window);
    if (change.sources?.main && this.source) bridge.applyChange(this.source, change.sources.main);
    this.ranges();
  }

  repaint() {
    if (this.drawing) bridge.repaint(this.drawing);
  }

  remove() {
    if (this.drawing) bridge.discard(this.drawing);
    this.element.remove();
  }
}

function statBox() {
  return h("div", { class: "one" }, h("div", { class: "val" }, h("span"), h("small")), h("div", { class: "sub cut" }));
}
