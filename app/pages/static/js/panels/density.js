// Density: a picture of counts that is fetched for the range and the size that are shown, and finer as one zooms.

import * as bridge from "../bokeh_bridge.js";
import { between } from "../colors.js";
import { h } from "../dom.js";
import { Marks } from "../marks.js";
import * as numbers from "../numbers.js";
import { Overlay } from "../overlay.js";
import { fullTime } from "../zone.js";
import { PlotPanel } from "./plot.js";

const CLEAR = "#00000000";
const SHADES = 256;
const REACH_PX = 6; // how far from a line the pointer may be
const SETTLE_MS = 120;
const HAIR = 1e-9;
const WORDS = { lines: ["line", "lines"], points: ["point", "points"] };

export class Density extends PlotPanel {
  timed = true;
  lines = { shown: () => [] }; // none that a threshold's label could cover
  undotted = true;

  /** @param {any} head @param {Map<string, ArrayBuffer>} buffers @param {any} context */
  constructor(head, buffers, context) {
    super(head, buffers, context);
    this.context = context;
    /** @type {any} the picture that is shown */
    this.picture = null;
    /** @type {any} what is wrong, as a panel's state has it */
    this.fault = null;
    this.asked = "";
    this.dueMs = 0;
    this.calm = false;
    this.overlay = new Overlay(this);
    this.marks = new Marks(this);
    this.note = h("div", { class: "drawing first", role: "status" }, "Drawing…");
    this.key = h("div", { class: "colorkey three", hidden: true });
    this.element.firstElementChild?.append(this.note);
    this.element.append(this.key);
  }

  /** @param {HTMLElement} place @param {any} old */
  async mount(place, old) {
    if (old?.picture) this.show(old.picture); // until there is a newer one
    await super.mount(place);
  }

  drawn() {
    this.observer = new ResizeObserver(() => this.soon());
    this.observer.observe(this.host);
    this.overlay.start();
    this.marks.start();
    this.ask();
  }

  /** The range that is to be seen. @returns {[number, number]} */
  get range() {
    return this.zoom.range ?? this.window;
  }

  fit() {
    bridge.setRange(this.drawing, "x_range", ...this.range);
    const picture = this.picture;
    if (!picture?.levels.length) return;
    Object.assign(this.texts, { axis: { ...this.texts.axis, ...picture.axis }, thresholds: picture.thresholds });
    bridge.setUnit(this.drawing, picture.axis);
    // A hair more on a logarithmic axis: BokehJS labels one of less than two powers as if it were linear.
    const hair = this.texts.axis.log ? HAIR : 0;
    bridge.setRange(this.drawing, "y_range", picture.low * (1 - hair), picture.high * (1 + hair));
    const ramp = between(this.texts.density[theme()], SHADES);
    const shades = picture.places.map((/** @type {number} */ place) => ramp[Math.round(place * (SHADES - 1))]);
    const palette = [CLEAR, ...shades, ...Array(SHADES - 1 - shades.length).fill(CLEAR)];
    bridge.setModel(this.drawing, "colors", { palette, low: 0, high: SHADES });
    this.scale(ramp);
    this.overlay.later();
    this.marks.later();
  }

  // -- fetching --------------------------------------------------------------------------------------------------

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), SETTLE_MS);
  }

  /** Fetch the picture of what is shown, unless it is there or on its way. */
  async ask() {
    if (this.gone || !this.host.offsetParent) return; // what is hidden asks when its size changes
    const frame = this.frame();
    if (!frame?.width || !frame.height) {
      this.soon(); // not laid out yet
      return;
    }
    const [from, to] = this.range.map(Math.round);
    const query = { from, to, width: Math.floor(frame.width), height: Math.floor(frame.height) };
    const wanted = JSON.stringify(query);
    if (wanted === this.asked) return;
    this.asked = wanted;
    clearTimeout(this.timer);
    this.note.hidden = this.calm && this.picture !== null;
    const found = await this.context.picture(query, this.picture?.etag ?? "");
    if (this.gone || this.asked !== wanted) return; // another one is on its way
    this.asked = "";
    this.note.hidden = true;
    this.dueMs = Date.now() + 1000 * (found?.lifeS ?? this.picture?.lifeS ?? 1);
    if (found?.problem) this.failed(found.problem, found.retryS);
    else {
      if (found) this.show({ ...found.head, ...found });
      this.fault = null;
      this.context.said();
    }
  }

  /** @param {any} picture what stands in its head, with `etag`, `lifeS` and `codes` */
  show(picture) {
    this.picture = picture;
    this.note.classList.remove("first");
    const { from, to, low, high, width, height, codes } = picture;
    bridge.setImage(this.drawing, "picture", codes, width, height, { x: from, y: low, dw: to - from, dh: high - low });
    this.fit();
    this.host.setAttribute("aria-label", this.sentence());
  }

  /** @param {any} problem @param {number} retryS */
  failed(problem, retryS) {
    const state = problem.code === "source_timeout" ? "timeout" : "error";
    this.fault = { state, code: problem.code, title: problem.title, message: sentence(problem.detail), retry_in_s: retryS || null };
    if (retryS) this.timer = setTimeout(() => this.ask(), retryS * 1000);
    this.context.said();
  }

  /** What the panel's state is: the server's, and what came of drawing. @param {any} head */
  said(head) {
    if (!["ready", "stale"].includes(head.state)) return head;
    if (this.fault) return this.fault;
    if (!this.picture) return { state: "loading" };
    if (!this.picture.samples) return { state: "empty" };
    const { notice, age_s } = this.picture;
    return { ...head, state: age_s === null ? head.state : "stale", age_s: age_s ?? head.age_s, notice: head.notice ?? notice };
  }

  // -- as the range moves ----------------------------------------------------------------------------------------

  /** @param {any} change @param {[number, number]} window */
  tick(change, window) {
    this.window = window;
    if (change.texts) Object.assign(this.texts, change.texts);
    if (this.zoom.range) return;
    this.fit();
    if (Date.now() < this.dueMs || this.asked || this.fault?.retry_in_s) return;
    this.calm = true; // as time goes on nobody waits for it
    this.ask();
    this.calm = false;
  }

  setRanges() {
    this.fit();
    this.ask();
  }

  /** The panel over another range: it is density still. @param {any} head */
  replaceData(head) {
    if (!head.texts?.density) return false;
    Object.assign(this.texts, head.texts);
    this.fit();
    return true;
  }

  // -- what it says ----------------------------------------------------------------------------------------------

  /** What the colours mean: the least count, one in the middle of the scale, the most. @param {string[]} ramp */
  scale(ramp) {
    const { levels, places } = this.picture;
    this.key.hidden = !this.texts.density.legend;
    const half = levels[Math.max(0, places.findIndex((/** @type {number} */ place) => place >= 0.5))];
    const part = (/** @type {number} */ from, /** @type {number} */ to) => {
      const stops = ramp.filter((_, i) => i >= from && i <= to && (i % 16 === 0 || i === to)).join(", ");
      return h("i", { style: `background:linear-gradient(to right, ${stops})` });
    };
    const what = h("span", { class: "what" }, `${this.count(this.picture.series)} series`);
    const [least, most] = [levels[0], levels[levels.length - 1]];
    this.key.replaceChildren(what, ...(least === most
      ? [h("i", { style: `background:${ramp[SHADES - 1]}` }), this.counted(most)]
      : [this.count(least), part(0, SHADES / 2), this.count(half), part(SHADES / 2, SHADES - 1), this.counted(most)]));
  }

  /** @param {number} value */
  count(value) {
    return value.toLocaleString("en-US");
  }

  /** @param {number} value */
  counted(value) {
    const [one, many] = WORDS[/** @type {keyof typeof WORDS} */ (this.texts.density.draw)];
    return `${this.count(value)} ${value === 1 ? one : many}`;
  }

  /** The count at an instant and a value, of the nearest cell that has one. @param {number} ms @param {number} [value] */
  at(ms, value) {
    const picture = this.picture, frame = this.frame();
    if (!picture?.levels.length || value === undefined || !frame) return null;
    const { width, height, from, to, codes, levels } = picture;
    const column = Math.floor(((ms - from) / (to - from)) * width);
    const row = Math.floor(this.share(value) * height);
    if (column < 0 || column >= width || row < 0 || row >= height) return null;
    for (let away = 0; away <= REACH_PX; away += 1) {
      for (const at of [row + away, row - away]) {
        const code = at >= 0 && at < height ? codes[at * width + column] : 0;
        if (code) return this.cell(column, at, levels[code - 1]);
      }
    }
    return { t: ms, rows: [{ name: this.text(value), color: "transparent", place: value, t: ms, value: 0 }], total: null, text: () => this.counted(0) };
  }

  /** @param {number} column @param {number} row @param {number} count */
  cell(column, row, count) {
    const { from, to, width, height, levels, places } = this.picture;
    const t = from + ((column + 0.5) / width) * (to - from);
    const place = this.valueAt((row + 0.5) / height);
    const ramp = between(this.texts.density[theme()], SHADES);
    const color = ramp[Math.round(places[levels.indexOf(count)] * (SHADES - 1))];
    return { t, title: fullTime(t), rows: [{ name: this.text(place), color, place, t, value: count }], total: null, text: (/** @type {number} */ value) => this.counted(value) };
  }

  /** Where a value stands between the bounds, 0 to 1. @param {number} value */
  share(value) {
    const { low, high } = this.picture;
    return this.texts.axis.log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  }

  /** @param {number} share */
  valueAt(share) {
    const { low, high } = this.picture;
    return this.texts.axis.log ? low * (high / low) ** share : low + share * (high - low);
  }

  /** @param {any} row */
  y(row) {
    return this.frame()?.y.compute(row.place) ?? NaN;
  }

  /** @param {number} value */
  text(value) {
    return numbers.text(value, this.texts.axis.unit, this.texts.axis.decimals);
  }

  sentence() {
    const [from, to] = this.range;
    const span = `${fullTime(from)} to ${fullTime(to)}`;
    const picture = this.picture;
    if (!picture?.levels.length) return `Density, ${span}.`;
    const { codes, width, height } = picture;
    let first = height, last = 0;
    for (let i = 0; i < codes.length; i += 1) {
      if (!codes[i]) continue;
      const row = Math.floor(i / width);
      if (row < first) first = row;
      if (row > last) last = row;
    }
    const between_ = `between ${this.text(this.valueAt((first + 0.5) / height))} and ${this.text(this.valueAt((last + 0.5) / height))}`;
    return `Density of ${this.count(picture.series)} series with ${this.count(picture.samples)} points, ${span}, ${between_}, at most ${this.counted(picture.levels[picture.levels.length - 1])} in one place.`;
  }

  remove() {
    this.gone = true;
    clearTimeout(this.timer);
    this.overlay.stop();
    this.marks.stop();
    super.remove();
  }
}

/** @param {string} text */
function sentence(text) {
  return text && `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

/** @returns {"light"|"dark"} */
function theme() {
  return getComputedStyle(document.documentElement).colorScheme.includes("dark") ? "dark" : "light";
}
