// What lies over a time series in HTML: thresholds as lines and regions, annotations as marks and regions.

import { h } from "./dom.js";
import { clock, fullTime } from "./zone.js";

export class Overlay {
  /** @param {any} chart */
  constructor(chart) {
    this.chart = chart;
    this.layer = h("div", { class: "marks" });
    this.pending = 0;
    this.later = () => {
      cancelAnimationFrame(this.pending);
      this.pending = requestAnimationFrame(() => this.draw());
    };
  }

  /** @returns {import("./annotations.js").Annotations|undefined} */
  get annotations() {
    return this.chart.zoom.annotations;
  }

  start() {
    this.chart.over.append(this.layer);
    this.observer = new ResizeObserver(this.later);
    this.observer.observe(this.chart.host);
    this.annotations?.listeners.add(this.later);
    this.draw();
  }

  stop() {
    cancelAnimationFrame(this.pending);
    this.observer?.disconnect();
    this.annotations?.listeners.delete(this.later);
  }

  draw() {
    const frame = this.chart.frame();
    if (!frame) return;
    this.layer.style.cssText = `left:${frame.left}px;top:${frame.top}px;width:${frame.width}px;height:${frame.height}px`;
    const [from, to] = this.chart.zoom.range ?? this.chart.window;
    this.annotations?.cover(from, to);
    this.layer.replaceChildren(this.base(frame), ...this.thresholds(frame), ...this.marks(frame, from, to));
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
      const side = this.crowded(frame, top) ? " at-left" : "";
      found.push(h("div", { class: `thr m-${one.level}${side}`, style: `${color}top:${top}px` }, h("b", {}, this.chart.text(one.value))));
    });
    return found;
  }

  /** Whether a line runs where the label of a threshold would stand at the right. @param {any} frame @param {number} top */
  crowded(frame, top) {
    return this.chart.lines.shown("left").some((/** @type {import("./lines.js").Line} */ { v }) => {
      const last = v[v.length - 1];
      const y = Number.isFinite(last) ? frame.y.compute(last) - frame.top : NaN;
      return y > top - 16 && y < top + 3;
    });
  }

  /** @param {any} frame @param {number} from @param {number} to */
  marks(frame, from, to) {
    /** @type {HTMLElement[]} */
    const found = [];
    for (const one of this.annotations?.items ?? []) {
      if (one.end < from || one.time > to) continue;
      const color = one.color ? `--c:${one.color};` : "";
      const level = one.level ? ` m-${one.level}` : "";
      const left = frame.x.compute(Math.max(one.time, from)) - frame.left;
      if (one.end > one.time) {
        const width = Math.max(2, frame.x.compute(Math.min(one.end, to)) - frame.left - left);
        found.push(h("div", { class: `ann-r${level}`, style: `${color}left:${left}px;width:${width}px` }, this.foot(one)));
      } else found.push(h("div", { class: `ann${level}`, style: `${color}left:${left}px` }, this.foot(one)));
    }
    return found;
  }

  /** The foot of a mark: it tells what it is, and opens it where it can be changed. @param {import("./annotations.js").Annotation} one */
  foot(one) {
    const tip = this.chart.zoom.pointer;
    const open = () => one.id && dispatchEvent(new CustomEvent("editannotation", { detail: one }));
    return h("button", {
      type: "button", class: "foot", tabindex: "-1",
      onpointerenter: (/** @type {PointerEvent} */ event) => tip.say(event.clientX, event.clientY, told(one)),
      onpointerleave: () => tip.hide(),
      onpointermove: (/** @type {Event} */ event) => event.stopPropagation(),
      onpointerdown: (/** @type {Event} */ event) => event.stopPropagation(),
      onclick: (/** @type {Event} */ event) => {
        event.stopPropagation();
        open();
      },
    });
  }
}

/** @param {import("./annotations.js").Annotation} one */
function told(one) {
  const until = one.end > one.time ? ` – ${clock(one.end)}` : "";
  const tags = one.tags?.length ? [h("p", { class: "tags" }, ...one.tags.map((tag) => h("span", { class: "tag" }, tag)))] : [];
  const name = one.name ? [h("p", { class: "muted" }, one.name)] : [];
  return [h("time", {}, fullTime(one.time) + until), h("p", { class: "said" }, one.text), ...name, ...tags];
}
