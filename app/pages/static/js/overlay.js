// What lies over a time series in HTML beside annotations: the line of its x axis, thresholds as lines and regions.

import { h, restyle } from "./dom.js";

export class Overlay {
  /** @param {any} chart */
  constructor(chart) {
    this.chart = chart;
    this.layer = h("div", { class: "marks" });
    this.pending = 0;
    this.drawn = "";
    this.later = () => {
      cancelAnimationFrame(this.pending);
      this.pending = requestAnimationFrame(() => this.draw());
    };
  }

  start() {
    this.chart.over.append(this.layer);
    this.observer = new ResizeObserver(this.later);
    this.observer.observe(this.chart.host);
    this.draw();
  }

  stop() {
    cancelAnimationFrame(this.pending);
    this.observer?.disconnect();
  }

  draw() {
    const frame = this.chart.frame();
    if (!frame) return;
    restyle(this.layer, `left:${frame.left}px;top:${frame.top}px;width:${frame.width}px;height:${frame.height}px`);
    const lines = [this.base(frame), ...this.thresholds(frame)];
    const drawn = lines.map((line) => line.outerHTML).join("");
    if (drawn === this.drawn) return; // as with most ticks
    this.drawn = drawn;
    this.layer.replaceChildren(...lines);
  }

  /** The line of the x axis: at zero where values go below, else at the bottom. @param {any} frame */
  base(frame) {
    const zero = frame.y.compute(0) - frame.top;
    return h("div", { class: "zero-line", style: `top:${zero > 0 && zero < frame.height ? zero : frame.height}px` });
  }

  /** @param {any} frame */
  thresholds(frame) {
    const { thresholds, threshold_style: style } = this.chart.texts;
    /** @type {HTMLElement[]} */
    const found = [];
    if (style === "hidden") return found;
    const place = (/** @type {number} */ value) => Math.min(Math.max(frame.y.compute(value) - frame.top, 0), frame.height);
    thresholds.forEach((/** @type {any} */ one, /** @type {number} */ index) => {
      const color = one.color ? `--c:${one.color};--tc:${one.color};` : "";
      const top = frame.y.compute(one.value) - frame.top;
      if (style !== "line" && one.level !== "base") {
        const above = index + 1 < thresholds.length ? place(thresholds[index + 1].value) : 0;
        const height = place(one.value) - above;
        if (height > 0) found.push(h("div", { class: `band m-${one.level}`, style: `${color}top:${above}px;height:${height}px` }));
      }
      if (style === "band" || !(top >= 0 && top <= frame.height)) return;
      found.push(h("div", { class: `thr m-${one.level}`, style: `${color}top:${top}px` }, h("b", {}, this.chart.text(one.value))));
    });
    return found;
  }
}
