// What all charts of a tab share: the crosshair, the tooltip, and the range that a drag chooses. Theirs is one tab's alone.

import { h } from "./dom.js";
import { fullTime } from "./zone.js";

const MIN_DRAG_PX = 8;
const TOOLTIP_ROWS = 24;

export class Zoom {
  /** @param {(range: [number, number]|null) => void} changed */
  constructor(changed) {
    /** @type {[number, number]|null} */
    this.range = null;
    this.changed = changed;
    /** @type {Set<any>} */
    this.charts = new Set();
    this.tip = h("div", { class: "tip", hidden: true });
    document.body.append(this.tip);
  }

  /** @param {any} chart */
  add(chart) {
    this.charts.add(chart);
    const box = chart.over;
    box.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => this.move(chart, event));
    box.addEventListener("pointerleave", () => this.leave());
    box.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => this.down(chart, event));
    box.addEventListener("pointerup", (/** @type {PointerEvent} */ event) => this.up(chart, event));
    box.addEventListener("dblclick", () => this.set(null));
  }

  /** @param {any} chart */
  delete(chart) {
    this.charts.delete(chart);
    if (this.dragging?.chart === chart) this.dragging = null;
  }

  /** @param {[number, number]|null} range */
  set(range) {
    this.range = range;
    this.changed(range);
  }

  /** @param {any} chart @param {PointerEvent} event */
  where(chart, event) {
    const frame = chart.frame();
    if (!frame) return null;
    const box = chart.over.getBoundingClientRect();
    const px = Math.min(Math.max(event.clientX - box.left, frame.left), frame.left + frame.width);
    return { px, ms: frame.x.invert(px), frame };
  }

  /** @param {any} chart @param {PointerEvent} event */
  move(chart, event) {
    const at = this.where(chart, event);
    if (!at) return;
    if (this.dragging?.chart === chart) {
      const [low, high] = [Math.min(at.px, this.dragging.px), Math.max(at.px, this.dragging.px)];
      this.dragging.mark.setAttribute("style", `left:${low}px;width:${high - low}px;top:${at.frame.top}px;height:${at.frame.height}px`);
    }
    cancelAnimationFrame(this.pending ?? 0);
    this.pending = requestAnimationFrame(() => this.point(chart, at.ms, event));
  }

  /** @param {any} chart @param {number} ms @param {PointerEvent} event */
  point(chart, ms, event) {
    for (const one of this.charts) crosshair(one, ms);
    const values = chart.at(ms);
    if (!values) return this.hide();
    const rows = values.rows.slice(0, TOOLTIP_ROWS).map((/** @type {any} */ row) =>
      h("div", {}, h("i", { class: "sw sq", style: `--c:${row.color}` }), h("span", { class: "cut" }, row.name), h("b", {}, values.text(row.value))));
    const more = values.rows.length - rows.length;
    this.tip.replaceChildren(h("time", {}, fullTime(values.t)), ...rows, ...(more > 0 ? [h("p", { class: "muted" }, `and ${more} more`)] : []));
    this.tip.hidden = false;
    const { width, height } = this.tip.getBoundingClientRect();
    const left = event.clientX + 16 + width < innerWidth ? event.clientX + 16 : event.clientX - width - 16;
    const top = Math.min(event.clientY + 12, innerHeight - height - 8);
    this.tip.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
  }

  leave() {
    cancelAnimationFrame(this.pending ?? 0);
    for (const one of this.charts) one.over.querySelector(".xh")?.remove();
    this.hide();
  }

  hide() {
    this.tip.hidden = true;
  }

  /** @param {any} chart @param {PointerEvent} event */
  down(chart, event) {
    if (event.button !== 0 || event.pointerType === "touch") return;
    const at = this.where(chart, event);
    if (!at) return;
    const mark = h("div", { class: "brush" });
    chart.over.append(mark);
    chart.over.setPointerCapture(event.pointerId);
    this.dragging = { chart, px: at.px, ms: at.ms, mark };
  }

  /** @param {any} chart @param {PointerEvent} event */
  up(chart, event) {
    const drag = this.dragging;
    this.dragging = null;
    drag?.mark.remove();
    if (!drag || drag.chart !== chart) return;
    const at = this.where(chart, event);
    if (at && Math.abs(at.px - drag.px) >= MIN_DRAG_PX) {
      this.set([Math.min(drag.ms, at.ms), Math.max(drag.ms, at.ms)]);
    }
  }
}

/** @param {any} chart @param {number} ms */
function crosshair(chart, ms) {
  const frame = chart.frame();
  let line = chart.over.querySelector(".xh");
  if (!frame) return;
  const x = frame.x.compute(ms);
  if (!(x >= frame.left && x <= frame.left + frame.width)) {
    line?.remove();
    return;
  }
  if (!line) {
    line = h("div", { class: "xh" });
    chart.over.append(line);
  }
  line.style.cssText = `left:${x}px;top:${frame.top}px;height:${frame.height}px`;
}
