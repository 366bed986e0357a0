// Stats: values large, their names, and small lines of the series behind them.

import * as bridge from "../bokeh_bridge.js";
import { h } from "../dom.js";
import { pathsOf, sparkDrawing } from "../sparkline.js";
import { evenRows } from "./even.js";
import { HtmlPanel, set } from "./html_panel.js";
import { cover } from "./links.js";

const LEAST_PX = 148; // of a value among several
/** Of one where all would not fit otherwise, of a row, and of a row in which names have no room. */
export const ROOM = { narrow_px: 72, row_px: 54, tight_px: 30 };
const SMALLER = 0.5; // a unit is written smaller than its value

export class Stats extends HtmlPanel {
  /** @param {import("../snapshot.js").PanelHead} head @param {Map<string, ArrayBuffer>} buffers @param {any} context */
  constructor(head, buffers, context) {
    super(head, buffers, context);
    this.drawing = bridge.read(head.doc, buffers);
    this.source = this.drawing.source("main");
    this.values = h("div", { class: "values" });
    this.even = evenRows(this.values, () => (this.texts.options.orientation === "horizontal" ? ROOM.narrow_px : LEAST_PX), { ...ROOM, within: this.element });
    this.element.append(this.values);
  }

  write() {
    const { stats, options } = this.texts;
    const many = stats.length > 1;
    this.element.className = `stat ${many ? "many" : "single"} ${options.orientation} by-${options.color_mode}`;
    this.section.dataset.filled = !many && options.color_mode === "background" && (stats[0]?.color ? "own" : stats[0]?.level) || "";
    this.section.style.setProperty("--c", stats[0]?.color ?? "");
    while (this.values.children.length > stats.length) this.values.lastElementChild?.remove();
    const data = plain(this.source.data);
    stats.forEach((/** @type {any} */ one, /** @type {number} */ index) => {
      const box = /** @type {HTMLElement} */ (this.values.children[index] ?? this.values.appendChild(statBox()));
      this.box(box, one, many, options);
      this.line(box, data.t, data[`s${index}`]);
    });
    this.even?.fit();
  }

  /** @param {HTMLElement} box @param {any} one @param {boolean} many @param {any} options */
  box(box, one, many, options) {
    box.className = `one ${one.level}${one.color ? " own" : ""}`;
    box.setAttribute("aria-label", one.name);
    if (one.color) box.style.setProperty("--c", one.color);
    else box.style.removeProperty("--c");
    const [value, sub] = box.children;
    const named = options.text === "value_and_name" || (many && options.text === "auto");
    const [large, small] = options.text === "name" ? [one.name, ""] : [one.prefix + one.text, one.suffix];
    set(value.children[0], large);
    set(value.children[1], small);
    value.setAttribute("title", large + small);
    /** @type {HTMLElement} */ (value).style.setProperty("--chars", String(large.length + small.length * SMALLER));
    set(sub, [named ? one.name : "", one.subtitle, one.change].filter(Boolean).join(" · "));
    sub.setAttribute("title", sub.textContent ?? "");
    box.classList.toggle("bare", !sub.textContent);
    cover(box, one.links, `${one.name} ${one.prefix + one.text + one.suffix}`.trim());
  }

  /** The series of a value as a line and its ground, gaps left open. @param {HTMLElement} box @param {any} times @param {any} values */
  line(box, times, values) {
    const spark = /** @type {HTMLElement} */ (box.children[2]);
    spark.hidden = !this.texts.graph || !values;
    box.classList.toggle("lined", !spark.hidden);
    if (spark.hidden) return;
    const [from, to] = this.window;
    const [line, ground] = pathsOf(times, values, from, to);
    const [area, stroke] = /** @type {HTMLElement} */ (spark.firstElementChild).children;
    area.setAttribute("d", ground);
    stroke.setAttribute("d", line);
  }

  /** @param {any} change @param {[number, number]} window */
  tick(change, window) {
    this.window = window;
    if (change.sources?.main) bridge.applyChange(this.source, change.sources.main);
    if (change.texts) Object.assign(this.texts, change.texts);
    this.write();
  }

  remove() {
    this.even?.stop();
    delete this.section.dataset.filled;
    this.section.style.removeProperty("--c");
    bridge.discard(this.drawing);
    this.element.remove();
  }
}

function statBox() {
  return h("div", { class: "one", role: "group" }, h("div", { class: "val" }, h("span"), h("small")), h("div", { class: "sub cut" }), h("div", { class: "spark", "aria-hidden": "true" }, sparkDrawing()));
}

/** @param {any} data */
function plain(data) {
  return data instanceof Map ? Object.fromEntries(data) : data;
}
