// What all charts of a tab share: the pointer, annotations, and the range that a drag chooses. Theirs is one tab's alone.

import { h } from "./dom.js";
import { Pointer } from "./pointer.js";

const MIN_DRAG_PX = 8;
const LEAST_SPAN_MS = 10;

export class Zoom {
  /** @param {(range: [number, number]|null) => void} changed @param {import("./annotations.js").Annotations} [annotations] */
  constructor(changed, annotations) {
    /** @type {[number, number]|null} */
    this.range = null;
    this.changed = changed;
    this.annotations = annotations;
    /** @type {Set<any>} */
    this.charts = new Set();
    this.pointer = new Pointer(this.charts);
    /** @type {{draw: (chart: any) => void}|null} what somebody else shows in a chart, drawn anew with its annotations */
    this.companion = null;
    /** @type {((chart: any, range: [number, number]) => void)|null} a person marks an instant or a region */
    this.marked = null;
    /** @type {((chart: any, ms: number) => HTMLElement[])|null} what a person can do with an instant that they clicked on */
    this.ways = null;
    /** Whether the last press was a drag, which is no click. */
    this.dragged = false;
    /** @type {{chart: any, held: number[]}|null} the instants that two fingers hold */
    this.pinch = null;
    /** @type {[number, number]|null} */
    this.stretched = null;
    /** @type {{x: number, y: number}|null} where the mouse is over a chart */
    this.over = null;
    /** @type {(() => void)[]} who waits until no chart is held */
    this.waiting = [];
  }

  /** Whether a finger or a mouse holds a chart, which is not to be drawn anew under it. */
  get held() {
    return Boolean(this.dragging || this.pinch);
  }

  /** Once no chart is held. @returns {Promise<void>} */
  released() {
    return this.held ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve();
  }

  /** Nothing is held any more. */
  release() {
    this.dragging = null;
    this.pinch = null;
    for (const go of this.waiting.splice(0)) go();
  }

  /** @param {any} chart */
  add(chart) {
    this.charts.add(chart);
    const box = chart.over;
    box.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => this.move(chart, event));
    box.addEventListener("pointerleave", (/** @type {PointerEvent} */ event) => event.pointerType !== "touch" && this.leave());
    box.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => this.down(chart, event));
    box.addEventListener("pointerup", (/** @type {PointerEvent} */ event) => this.up(chart, event));
    box.addEventListener("pointercancel", () => this.stop());
    box.addEventListener("click", (/** @type {PointerEvent} */ event) => this.click(chart, event));
    box.addEventListener("touchstart", (/** @type {TouchEvent} */ event) => this.fingers(chart, event), { passive: true });
    box.addEventListener("dblclick", () => {
      this.pointer.unpin();
      if (this.range) this.set(null);
    });
  }

  /** @param {any} chart */
  delete(chart) {
    this.charts.delete(chart);
    if (this.dragging?.chart === chart) this.release();
  }

  /** @param {[number, number]|null} range */
  set(range) {
    this.range = range;
    this.changed(range);
  }

  /** @param {any} chart @param {{clientX: number}} event */
  where(chart, event) {
    const frame = chart.frame();
    if (!frame) return null;
    const box = chart.over.getBoundingClientRect();
    const px = Math.min(Math.max(event.clientX - box.left, frame.left), frame.left + frame.width);
    return { px, ms: frame.x.invert(px), frame };
  }

  /** @param {any} chart @param {PointerEvent} event */
  move(chart, event) {
    if (event.pointerType === "touch") return;
    const at = this.where(chart, event);
    if (!at) return;
    const { dragging } = this;
    if (dragging && dragging.chart === chart) {
      const [low, high] = [Math.min(at.px, dragging.px), Math.max(at.px, dragging.px)];
      dragging.mark.setAttribute("style", `left:${low}px;width:${high - low}px;top:${at.frame.top}px;height:${at.frame.height}px`);
    }
    this.over = { x: event.clientX, y: event.clientY };
    cancelAnimationFrame(this.pending ?? 0);
    this.pending = requestAnimationFrame(() => this.pointer.point(chart, at.ms, event.clientX, event.clientY));
  }

  /** A tap sets the crosshair, another moves it; a click or a tap keeps what leads further. @param {any} chart @param {PointerEvent} event */
  click(chart, event) {
    const at = this.where(chart, event);
    if (!at || this.dragged || marks(event)) return;
    this.pointer.pin(chart, at.ms, event.clientX, event.clientY, this.ways?.(chart, at.ms) ?? []);
  }

  /** Two fingers move and stretch the time between them; one finger scrolls the page. @param {any} chart @param {TouchEvent} event */
  fingers(chart, event) {
    if (event.targetTouches.length !== 2 || !chart.timed || this.pinch) return;
    const [one, two] = [...event.targetTouches].map((touch) => this.where(chart, touch));
    if (!one || !two || one.px === two.px) return;
    this.pinch = { chart, held: [one.ms, two.ms] };
    this.pointer.leave();
    const box = chart.over;
    const move = (/** @type {TouchEvent} */ moved) => {
      if (moved.targetTouches.length !== 2) return;
      moved.preventDefault();
      this.stretch(chart, /** @type {any} */ ([...moved.targetTouches]));
    };
    const end = () => {
      box.removeEventListener("touchmove", move);
      for (const name of ["touchend", "touchcancel"]) box.removeEventListener(name, end);
      if (this.stretched) this.set(this.stretched);
      this.stretched = null;
      this.release();
    };
    box.addEventListener("touchmove", move, { passive: false });
    for (const name of ["touchend", "touchcancel"]) box.addEventListener(name, end);
  }

  /** The range in which each finger is on the instant that it holds. @param {any} chart @param {[Touch, Touch]} touches */
  stretch(chart, touches) {
    const frame = chart.frame();
    if (!frame || !this.pinch) return;
    const left = chart.over.getBoundingClientRect().left + frame.left;
    const [a, b] = touches.map((touch) => (touch.clientX - left) / frame.width);
    const [first, second] = this.pinch.held;
    const span = (second - first) / (b - a);
    if (!(span > LEAST_SPAN_MS) || !Number.isFinite(span)) return;
    const from = first - a * span;
    this.range = [from, from + span];
    this.stretched = this.range;
    cancelAnimationFrame(this.pending ?? 0);
    this.pending = requestAnimationFrame(() => {
      for (const one of this.charts) if (one.timed) one.setRanges?.();
    });
  }

  /** What a chart shows has moved under a mouse that has not: the instant is another, or has other values. */
  again() {
    if (!this.over || this.dragging) return;
    const { x, y } = this.over;
    const chart = [...this.charts].find((one) => one.over.isConnected && one.over.matches(":hover"));
    const at = chart && this.where(chart, { clientX: x });
    if (!at) return;
    cancelAnimationFrame(this.pending ?? 0);
    this.pending = requestAnimationFrame(() => this.pointer.point(chart, at.ms, x, y));
  }

  leave() {
    this.over = null;
    cancelAnimationFrame(this.pending ?? 0);
    this.pointer.leave();
  }

  /** @param {any} chart @param {PointerEvent} event */
  down(chart, event) {
    if (event.button !== 0 || event.pointerType === "touch" || !chart.timed) return;
    const at = this.where(chart, event);
    if (!at) return;
    const mark = h("div", { class: marks(event) && this.marked ? "brush marking" : "brush" });
    chart.over.append(mark);
    chart.over.setPointerCapture(event.pointerId);
    this.dragging = { chart, px: at.px, ms: at.ms, mark };
  }

  stop() {
    this.dragging?.mark.remove();
    this.release();
  }

  /** @param {any} chart @param {PointerEvent} event */
  up(chart, event) {
    const drag = this.dragging;
    this.stop();
    this.dragged = false;
    if (!drag || drag.chart !== chart) return;
    const at = this.where(chart, event);
    if (!at) return;
    const moved = Math.abs(at.px - drag.px) >= MIN_DRAG_PX;
    this.dragged = moved;
    const [from, to] = [Math.min(drag.ms, at.ms), Math.max(drag.ms, at.ms)];
    if (marks(event)) return this.marked?.(chart, moved ? [from, to] : [at.ms, at.ms]);
    if (moved && to - from >= LEAST_SPAN_MS) this.set([from, to]);
  }
}

/** Whether a click or a drag is to mark and not to zoom. @param {PointerEvent} event */
function marks(event) {
  return event.ctrlKey || event.metaKey;
}
