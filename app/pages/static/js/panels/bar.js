// Bars of categories: their names at the axis, their values at their ends where that is wanted.

import * as bridge from "../bokeh_bridge.js";
import { concrete } from "../colors.js";
import { h } from "../dom.js";
import { apart, momentText } from "../zone.js";
import { fromZero, PlotPanel } from "./plot.js";

const NAME_PX = 7; // about a character of a label
const WHOLE = 10; // characters of a day or a time of day: neither is cut
const ROW_PX = 16;
const LYING_ROOM = 0.18, STANDING_ROOM = 0.1; // of an axis, for values at the ends of bars

export class Bars extends PlotPanel {
  /** @returns {string[]} what categories are called: instants in the viewer's zone */
  get names() {
    const { names, times } = this.texts;
    return times?.length ? names.map((/** @type {string} */ name, /** @type {number} */ i) => (typeof times[i] === "number" ? momentText(times[i]) : name)) : names;
  }

  get lying() {
    return this.texts.direction === "horizontal";
  }

  /** @returns {number[]} the indices of columns that are shown */
  get shown() {
    return this.texts.series.map((/** @type {any} */ _, /** @type {number} */ i) => i).filter((/** @type {number} */ i) => !this.hidden.has(i));
  }

  fit() {
    const main = this.columns("main");
    const ends = this.shown.flatMap((i) => [...(main[`s${i}`] ?? []), ...(main[`b${i}`] ?? [])]);
    const { min, max } = this.texts.axis;
    const values = this.texts.stack === "percent" ? shares(ends) : this.texts.log ? powers(ends, min, max) : fromZero(ends, min, max, this.texts.values ? (this.lying ? LYING_ROOM : STANDING_ROOM) : undefined);
    const count = Math.max(1, this.names.length);
    // Bars that lie are read from the top.
    const names = this.lying ? [count - 0.5, -0.5] : [-0.5, count - 0.5];
    bridge.setRange(this.drawing, this.lying ? "x_range" : "y_range", values[0], values[1]);
    bridge.setRange(this.drawing, this.lying ? "y_range" : "x_range", names[0], names[1]);
    this.recolor(main);
    this.later();
  }

  /** Bars of one column in more than one colour have them by the row. @param {Record<string, any>} main */
  recolor(main) {
    for (const renderer of this.drawing.root.renderers) {
      const index = Number(renderer.name.slice(1));
      const colors = (main[`c${index}`] ?? []).map((/** @type {string} */ color) => concrete(color, this.section));
      const one = colors.every((/** @type {string} */ color) => color === colors[0]);
      if (one && colors.length) renderer.glyph.setv({ fill_color: { value: colors[0] } }, { sync: false });
      else if (colors.length) {
        const source = this.drawing.source("main");
        const data = bridge.columns(source);
        if (String(data[`k${index}`]) !== String(colors)) source.data = { ...data, [`k${index}`]: colors };
        renderer.glyph.setv({ fill_color: { field: `k${index}` } }, { sync: false });
      }
    }
  }

  drawn() {
    this.later();
    this.observer = new ResizeObserver(() => this.later());
    this.observer.observe(this.host);
  }

  later() {
    cancelAnimationFrame(this.pending ?? 0);
    this.pending = requestAnimationFrame(() => {
      this.label();
      this.write();
    });
  }

  /** Names as far as there is room: cut at their end, every second or third left out. */
  label() {
    const frame = this.frame();
    if (!frame || !frame.width) return;
    const names = this.texts.times?.length ? apart(this.names) : this.names;
    const room = (this.lying ? frame.height : frame.width) / Math.max(1, names.length);
    const longest = Math.max(1, ...names.map((/** @type {string} */ name) => Math.min(name.length, 14)));
    const every = Math.max(1, Math.ceil((this.lying ? ROW_PX : Math.min(longest, this.texts.times?.length ? WHOLE : 6) * NAME_PX) / room));
    const most = this.lying ? 15 : Math.max(3, Math.floor((room * every) / NAME_PX));
    bridge.setNames(this.drawing, names.map((/** @type {string} */ name, /** @type {number} */ i) => (i % every ? "" : cut(name, most))));
  }

  /** The values at the ends of bars. */
  write() {
    const frame = this.frame();
    this.over.querySelectorAll(".barval").forEach((one) => one.remove());
    if (!frame || !this.texts.values) return;
    const main = this.columns("main");
    for (const i of this.shown) {
      for (let at = 0; at < this.names.length; at += 1) {
        if (Number.isNaN(main[`v${i}`][at] ?? NaN)) continue;
        const [along, across] = [main[`s${i}`][at], main[`x${i}`][at]];
        const [x, y] = this.lying ? [frame.x.compute(along), frame.y.compute(across)] : [frame.x.compute(across), frame.y.compute(along)];
        this.over.append(h("span", { class: `barval${this.lying ? " lying" : ""}`, style: `left:${x}px;top:${y}px` }, this.text(main[`v${i}`][at], this.texts.series[i])));
      }
    }
  }

  /** What the pointer is over: a category with its values. @param {number} place along the axis of x @param {number} [y] along that of y */
  at(place, y) {
    const index = Math.round(this.lying ? (y ?? NaN) : place);
    const main = this.columns("main");
    if (!(index >= 0 && index < this.names.length)) return null;
    const rows = this.shown.map((i) => ({
      ...this.texts.series[i], links: this.texts.links?.[i]?.[index], name: this.texts.series[i].name || this.names[index], index: i, value: main[`v${i}`][index], color: main[`c${i}`][index],
    })).filter((row) => !Number.isNaN(row.value ?? NaN));
    return { title: this.names[index], t: 0, rows, total: null, text: (/** @type {number} */ value, /** @type {any} */ row) => this.text(value, row) };
  }

  sentence() {
    const [names, series] = [this.names, this.texts.series];
    const main = this.columns("main");
    const parts = names.slice(0, 8).map((/** @type {string} */ name, /** @type {number} */ at) =>
      `${name} ${series.map((/** @type {any} */ one, /** @type {number} */ i) => this.text(main[`v${i}`]?.[at], one)).join(", ")}`);
    return `Bar chart of ${names.length} categories. ${parts.join("; ")}.`;
  }
}

/** The axis of shares: below zero too, where a bar is. @param {number[]} ends @returns {[number, number]} */
function shares(ends) {
  return [ends.some((end) => end < 0) ? -1 : 0, ends.length && ends.every((end) => end <= 0) && ends.some((end) => end < 0) ? 0 : 1];
}

/** From the ground of bars to the power of ten above the largest. @param {number[]} ends @param {number|null} min @param {number|null} max @returns {[number, number]} */
function powers(ends, min, max) {
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return [min !== null && min > 0 ? min : low, max !== null && max > low ? max : 10 ** Math.ceil(Math.log10(high * 1.05))];
}

/** @param {string} text @param {number} most */
function cut(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
