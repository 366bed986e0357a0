// State timeline and status history: lanes of bars over time, under the crosshair and zoom of all charts.

import * as bridge from "../bokeh_bridge.js";
import { h } from "../dom.js";
import { Marks } from "../marks.js";
import { axisTime, fullTime, timeTicks } from "../zone.js";
import { lead } from "./links.js";

const TICK_PX = 76;
const LEAST_PX = 0.75; // a bar is never thinner: a short outage is to be seen
const EDGED_PX = 4; // a cell that is narrower has no room for an edge
const CHAR_PX = 6.2;
const NAME_PX = 12, LEAST_NAME_PX = 8; // the size of names, and where lanes are low
const EDGE_PX = 18; // between the last bar and the edge of the panel

export class States {
  timed = true;
  undotted = true;

  /** @param {import("../snapshot.js").PanelHead} head @param {Map<string, ArrayBuffer>} buffers @param {any} context */
  constructor(head, buffers, context) {
    this.texts = head.texts;
    this.zoom = context.zoom;
    this.window = context.window;
    this.drawing = bridge.read(head.doc, buffers);
    this.source = this.drawing.source("main");
    this.names = h("div", { class: "names", "aria-hidden": "true" });
    this.lanes = h("div", { class: "lanes", role: "img" });
    this.axis = h("div", { class: "times", "aria-hidden": "true" });
    this.over = h("div", { class: "over", "aria-hidden": "true" });
    this.legend = h("div", { class: "legend as-list" });
    this.marks = new Marks(this);
    this.element = h("div", { class: "states" },
      h("div", { class: "plotbox" }, this.names, this.lanes, this.axis, this.over), this.legend);
  }

  /** @param {HTMLElement} place */
  mount(place) {
    place.replaceChildren(this.element);
    this.zoom.add(this);
    this.observer = new ResizeObserver(() => this.write());
    this.observer.observe(this.lanes);
    this.marks.start();
  }

  range() {
    return this.zoom.range ?? this.window;
  }

  write() {
    const width = this.lanes.clientWidth;
    if (!width) return;
    const { row_height: share, show_value: show, cells } = this.texts.options;
    this.element.style.setProperty("--share", String(share));
    const rows = this.texts.lanes.map(() => h("div", { class: `lane${cells ? " cells" : ""}` }));
    for (const bar of this.bars()) this.bar(rows[bar.lane], bar, width, show);
    this.lanes.replaceChildren(...rows);
    this.lanes.setAttribute("aria-label", this.sentence());
    this.name();
    this.sizeNames();
    this.ticks(width);
    this.legend.hidden = this.texts.options.legend === "hidden";
    this.legend.replaceChildren(...this.texts.states.map((/** @type {any} */ state) => h("span", {}, swatch(state), state.text)));
    this.marks.later();
  }

  /** The names of lanes, each with the way to the links of its last state. */
  name() {
    const { lanes, links } = this.texts;
    const key = JSON.stringify([lanes, links?.length]);
    if (this.names.dataset.key !== key) {
      this.names.dataset.key = key;
      links?.length ? this.names.removeAttribute("aria-hidden") : this.names.setAttribute("aria-hidden", "true");
      this.names.replaceChildren(...lanes.map((/** @type {string} */ name) => h("span", { class: "named" }, h("span", { class: "cut", title: name }, name), links?.length ? h("span", { class: "outs" }) : null)));
    }
    if (!links?.length) return;
    const last = new Map(this.bars().map((bar) => [bar.lane, bar]));
    lanes.forEach((/** @type {string} */ name, /** @type {number} */ lane) => {
      const bar = last.get(lane);
      const place = /** @type {HTMLElement} */ (this.names.children[lane].querySelector(".outs"));
      if (bar) lead(place, links[lane], { raw: bar.raw, text: bar.state.text, time: bar.start }, name);
    });
  }

  /** Names as large as their lanes are high; where those are lower than any name, only so many names that none is cut. */
  sizeNames() {
    const row_px = this.lanes.clientHeight / Math.max(1, this.texts.lanes.length);
    const size_px = Math.max(LEAST_NAME_PX, Math.min(NAME_PX, Math.floor(row_px * 0.9)));
    const every = Math.max(1, Math.ceil(size_px / Math.max(row_px, 0.1)));
    this.names.style.fontSize = `${size_px}px`;
    [...this.names.children].forEach((one, index) => one.classList.toggle("unsaid", index % every > 0));
  }

  /** @returns {{lane: number, start: number, end: number, state: any, raw: string|undefined}[]} */
  bars() {
    const { lane, start, end, state, raw } = plain(this.source.data);
    return Array.from(lane ?? [], (one, index) => ({ lane: Number(one), start: start[index], end: end[index], state: this.texts.states[state[index]], raw: raw?.[index] }));
  }

  /** @param {HTMLElement} row @param {any} bar @param {number} width @param {string} show */
  bar(row, bar, width, show) {
    const [from, to] = this.range();
    const [left, right] = [Math.max(bar.start, from), Math.min(bar.end, to)].map((ms) => (ms - from) / (to - from));
    if (right <= left || !bar.state) return;
    const px = (right - left) * width;
    const fits = show === "always" || (show === "auto" && px > 16 + bar.state.text.length * CHAR_PX);
    const element = h("span", { class: `seg ${bar.state.level}${bar.state.color ? " own" : ""}${px < EDGED_PX ? " narrow" : ""}`, title: bar.state.text }, fits ? h("em", {}, bar.state.text) : null);
    element.style.left = `${left * 100}%`;
    element.style.width = `${Math.max((right - left) * 100, (LEAST_PX / width) * 100)}%`;
    if (bar.state.color) element.style.setProperty("--c", bar.state.color);
    row.append(element);
  }

  /** @param {number} width */
  ticks(width) {
    const [from, to] = this.range();
    const ticks = timeTicks(from, to, Math.max(2, Math.floor(width / TICK_PX)));
    this.axis.replaceChildren(...ticks.flatMap((ms, index) => {
      const text = axisTime(ms, ticks, index);
      const share = (ms - from) / (to - from);
      if ((1 - share) * width + EDGE_PX < (text.length * CHAR_PX) / 2) return []; // it would stand beyond the panel
      const label = h("span", {}, text);
      label.style.left = `${share * 100}%`;
      return [label];
    }));
  }

  // -- what the zoom asks of every chart -------------------------------------------------------------------------

  frame() {
    const width = this.lanes.clientWidth;
    if (!width) return null;
    const [from, to] = this.range();
    const left = this.lanes.offsetLeft;
    const x = {
      compute: (/** @type {number} */ ms) => left + ((ms - from) / (to - from)) * width,
      invert: (/** @type {number} */ px) => from + ((px - left) / width) * (to - from),
    };
    return { left, top: this.lanes.offsetTop, width, height: this.lanes.clientHeight, x, y: null };
  }

  /** @param {number} ms */
  at(ms) {
    const rows = this.bars().filter((bar) => bar.start <= ms && ms < bar.end && bar.state)
      .map((bar) => ({ name: this.texts.lanes[bar.lane], value: bar.state.text, color: colorOf(bar.state), index: bar.lane, t: bar.start, raw: bar.raw, links: this.texts.links?.[bar.lane] }));
    return rows.length ? { t: ms, rows, text: (/** @type {string} */ value) => value } : null;
  }

  /** The middle of a lane. @param {any} row of `at` */
  y(row) {
    return this.lanes.offsetTop + ((row.index + 0.5) / Math.max(1, this.texts.lanes.length)) * this.lanes.clientHeight;
  }

  setRanges() {
    this.write();
  }

  /** @param {any} head @param {Map<string, ArrayBuffer>} buffers */
  replaceData(head, buffers) {
    const other = bridge.read(head.doc, buffers);
    this.source.data = plain(other.source("main").data);
    bridge.discard(other);
    this.texts = head.texts;
    this.write();
    return true;
  }

  /** @param {any} change @param {[number, number]} window */
  tick(change, window) {
    this.window = window;
    if (this.zoom.range) return;
    if (change.sources?.main) bridge.applyChange(this.source, change.sources.main);
    if (change.texts) Object.assign(this.texts, change.texts);
    this.write();
  }

  sentence() {
    const [from, to] = this.range();
    const last = new Map(this.bars().map((bar) => [bar.lane, bar.state?.text ?? ""]));
    const now = this.texts.lanes.slice(0, 12).map((/** @type {string} */ name, /** @type {number} */ lane) => `${name}: ${last.get(lane) ?? "no data"}`);
    return `States of ${this.texts.lanes.length} from ${fullTime(from)} to ${fullTime(to)}. Last: ${now.join(", ")}.`;
  }

  remove() {
    this.observer?.disconnect();
    this.marks.stop();
    this.zoom.delete(this);
    bridge.discard(this.drawing);
    this.element.remove();
  }
}

/** @param {any} state */
function swatch(state) {
  const element = h("i", { class: "sw sq" });
  element.style.setProperty("--c", colorOf(state));
  return element;
}

/** A colour for what is small. @param {any} state */
function colorOf(state) {
  if (state.color) return state.color;
  return { ok: "var(--mark-ok)", warn: "var(--mark-warn)", bad: "var(--mark-bad)", info: "var(--mark-info)" }[/** @type {"ok"} */ (state.level)] ?? "var(--mark-nodata)";
}

/** @param {any} data */
function plain(data) {
  return data instanceof Map ? Object.fromEntries(data) : data;
}
