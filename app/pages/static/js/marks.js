// Annotations over a chart: lines and regions, and a foot for each that tells what it is. Elements stay while ticks pass.

import { h, restyle } from "./dom.js";
import { label, openNote, told } from "./note.js";

/** @typedef {import("./annotations.js").Annotation} Annotation */
/** @typedef {{mark: HTMLElement, foot: HTMLElement, one: Annotation}} Pair */

export class Marks {
  /** @param {any} chart with `over`, `host` or another element to watch, `zoom`, `window`, `frame()` */
  constructor(chart) {
    this.chart = chart;
    this.layer = h("div", { class: "marks" });
    this.feet = h("div", { class: "feet", role: "group", "aria-label": "Annotations" });
    /** @type {Map<string, Pair>} */
    this.pairs = new Map();
    this.panelId = 0;
    this.pending = 0;
    this.later = () => {
      cancelAnimationFrame(this.pending);
      this.pending = requestAnimationFrame(() => this.draw());
    };
    this.feet.addEventListener("keydown", (event) => this.step(event));
  }

  /** @returns {import("./annotations.js").Annotations|undefined} */
  get annotations() {
    return this.chart.zoom.annotations;
  }

  start() {
    this.chart.over.append(this.layer);
    this.chart.over.after(this.feet);
    this.panelId = Number(this.chart.over.closest("section[data-panel-id]")?.dataset.panelId ?? 0);
    this.annotations?.listeners.add(this.later);
    this.observer = new ResizeObserver(this.later);
    this.observer.observe(this.chart.over);
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
    this.chart.zoom.companion?.draw(this.chart);
    const place = `left:${frame.left}px;top:${frame.top}px;width:${frame.width}px;height:${frame.height}px`;
    restyle(this.layer, place);
    restyle(this.feet, place);
    /** @type {[number, number]} */
    const [from, to] = this.chart.zoom.range ?? this.chart.window;
    /** @type {Map<string, Pair>} */
    const drawn = new Map();
    for (const one of this.annotations?.on(this.panelId) ?? []) {
      if (one.end < from || one.time > to) continue;
      const key = `${one.query.name}\n${one.id ?? `${one.time}\n${one.title ?? ""}\n${one.text}`}`;
      if (drawn.has(key)) continue;
      const pair = this.pairs.get(key) ?? this.make();
      this.pairs.delete(key);
      pair.one = one;
      this.fit(pair, frame, Math.max(one.time, from), Math.min(one.end, to));
      drawn.set(key, pair);
    }
    for (const { mark, foot } of this.pairs.values()) {
      mark.remove();
      foot.remove();
    }
    this.pairs = drawn;
    for (const { mark, foot } of drawn.values()) if (!mark.isConnected) {
      this.layer.append(mark);
      this.feet.append(foot);
    }
    const feet = [...this.feet.children];
    const current = feet.find((one) => one.getAttribute("tabindex") === "0") ?? feet[feet.length - 1];
    for (const foot of feet) foot.setAttribute("tabindex", foot === current ? "0" : "-1");
  }

  /** @returns {Pair} */
  make() {
    const tip = this.chart.zoom.pointer;
    const stop = (/** @type {Event} */ event) => event.stopPropagation();
    /** @type {Pair} */
    const pair = { mark: h("div"), foot: h("button", { type: "button", class: "foot" }), one: /** @type {any} */ (null) };
    const { foot } = pair;
    const say = (/** @type {number} */ x, /** @type {number} */ y) => tip.say(x, y, told(pair.one));
    foot.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && say(event.clientX, event.clientY));
    foot.addEventListener("pointerleave", () => tip.hide());
    foot.addEventListener("focus", () => {
      const { left, bottom } = foot.getBoundingClientRect();
      if (foot.matches(":focus-visible")) say(left, bottom);
    });
    foot.addEventListener("blur", () => tip.hide());
    foot.addEventListener("pointermove", stop);
    foot.addEventListener("pointerdown", stop);
    foot.addEventListener("click", (event) => {
      stop(event);
      tip.hide();
      openNote(foot, pair.one, this.annotations);
    });
    return pair;
  }

  /** @param {Pair} pair @param {any} frame @param {number} from @param {number} to */
  fit({ mark, foot, one }, frame, from, to) {
    const region = one.end > one.time;
    const own = one.color ?? one.query.color;
    const color = own ? `--c:${own};` : "";
    const left = frame.x.compute(from) - frame.left;
    const width = region ? Math.max(2, frame.x.compute(to) - frame.left - left) : 0;
    mark.className = region ? "ann-r" : "ann";
    foot.classList.toggle("region", region);
    const place = `${color}left:${left}px;${region ? `width:${width}px` : ""}`;
    restyle(mark, place);
    restyle(foot, place);
    foot.setAttribute("aria-label", label(one));
  }

  /** Arrows move from one to the next in time; one of them is reached by Tab. @param {KeyboardEvent} event */
  step(event) {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way) return;
    const ordered = [...this.pairs.values()].sort((a, b) => a.one.time - b.one.time).map((one) => one.foot);
    const next = ordered[ordered.indexOf(/** @type {HTMLElement} */ (event.target)) + way];
    event.preventDefault();
    event.stopPropagation();
    if (!next) return;
    for (const foot of ordered) foot.setAttribute("tabindex", foot === next ? "0" : "-1");
    next.focus();
  }
}
