// The crosshair in all charts of a tab, and the one tooltip: what the charts say at an instant.

import { h, icon } from "./dom.js";
import { anchor, ofValue } from "./panels/links.js";
import { fullTime } from "./zone.js";

const TOOLTIP_ROWS = 24;
const DOTS_UP_TO = 12;
const AWAY_PX = 16;

export class Pointer {
  /** @param {Set<any>} charts */
  constructor(charts) {
    this.charts = charts;
    this.tip = h("div", { class: "tip", hidden: true });
    document.body.append(this.tip);
    this.pinned = false;
    /** What other charts show of an instant that is pointed at: nothing, a line, a line and their values. @type {0|1|2} */
    this.shares = 1;
    /** @type {Map<any, HTMLElement>} what they say of it */
    this.others = new Map();
    /** @type {((ms: number|null) => void)|null} who is told where the crosshair is; null: nowhere */
    this.pointed = null;
    addEventListener("scroll", () => this.unpin(), { passive: true, capture: true });
    document.addEventListener("pointerdown", (event) => !this.tip.contains(/** @type {Node} */ (event.target)) && this.unpin());
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.unpin());
  }

  /** Keep what is said of an instant, with the links of the series that is nearest and what else leads on. @param {any} chart @param {number} ms @param {number} x @param {number} y @param {HTMLElement[]} ways */
  pin(chart, ms, x, y, ways = []) {
    this.unpin();
    this.point(chart, ms, x, y);
    const links = this.linksOf(chart, ms, y);
    if (this.tip.hidden && ways.length) this.say(x, y, [h("time", {}, fullTime(ms))]);
    if (this.tip.hidden || !(links.length || ways.length)) return;
    this.tip.append(h("div", { class: "leads" }, ...links, ...ways));
    this.tip.classList.add("pinned");
    this.pinned = true;
    this.place(x, y);
  }

  unpin() {
    this.pinned = false;
    this.tip.classList.remove("pinned");
    this.hide();
  }

  /** @param {any} chart @param {number} ms @param {number} y @returns {HTMLElement[]} */
  linksOf(chart, ms, y) {
    const values = chart.at(ms, chart.frame()?.y?.invert(y - chart.over.getBoundingClientRect().top));
    const row = values && (nearestTo(chart, values.rows, y) ?? values.rows.find((/** @type {any} */ one) => one.links));
    const value = row && { raw: row.raw ?? row.value, time: row.t ?? values.t, text: values.text(row.value, row) };
    return (row?.links ?? []).map((/** @type {any} */ link) => ofValue(link, value))
      .map((/** @type {any} */ link) => anchor(link, { class: "item" }, icon("link"), h("span", { class: "cut" }, link.title))).filter(Boolean);
  }

  /** Show an instant in all charts, and what one of them says of it. @param {any} chart @param {number} ms @param {number} x @param {number} y */
  point(chart, ms, x, y) {
    if (this.pinned) return;
    if (chart.timed) this.pointed?.(ms);
    if (chart.timed) for (const one of this.shares ? this.charts : [chart]) crosshair(one, ms);
    if (chart.timed && this.shares === 2) this.share(chart, ms);
    const content = this.content(chart, ms, y);
    if (!content) return this.hide();
    this.say(x, y, content);
  }

  /** What all other charts that are seen say of an instant, beside their line. @param {any} pointed @param {number} ms */
  share(pointed, ms) {
    for (const one of new Set([...this.others.keys(), ...this.charts])) {
      const box = one.over.getBoundingClientRect();
      const frame = one !== pointed && this.charts.has(one) && one.timed && box.bottom > 0 && box.top < innerHeight ? one.frame() : null;
      const x = frame?.x.compute(ms) ?? NaN;
      const content = frame && x >= frame.left && x <= frame.left + frame.width ? this.content(one, ms) : null;
      if (content) this.beside(one, box.left + x, box.top + frame.top, content);
      else this.silence(one);
    }
  }

  /** @param {any} chart @param {number} x @param {number} y @param {Node[]} content */
  beside(chart, x, y, content) {
    const tip = this.others.get(chart) ?? h("div", { class: "tip" });
    if (!this.others.has(chart)) document.body.append(tip);
    this.others.set(chart, tip);
    tip.replaceChildren(...content);
    put(tip, x, y);
  }

  /** @param {any} chart */
  silence(chart) {
    this.others.get(chart)?.remove();
    this.others.delete(chart);
  }

  /** What a chart says of an instant; null where it says nothing. @param {any} chart @param {number} ms @param {number} [y] none: it is not the one that is pointed at @returns {Node[]|null} */
  content(chart, ms, y) {
    const height = y === undefined ? undefined : y - chart.over.getBoundingClientRect().top;
    const values = chart.texts.tooltip === "hidden" ? null : chart.at(ms, height === undefined ? undefined : chart.frame()?.y?.invert(height));
    if (!values) return null;
    const pointed = y === undefined ? null : nearestTo(chart, values.rows, y);
    const all = chart.texts.tooltip === "nearest" && y !== undefined ? values.rows.filter((/** @type {any} */ row) => row === pointed) : values.rows;
    const rows = all.slice(0, TOOLTIP_ROWS).map((/** @type {any} */ row) =>
      h("div", { class: row === pointed ? "on" : "" }, h("i", { class: "sw sq", style: `--c:${row.color}` }), h("span", { class: "cut" }, row.name), h("b", {}, values.text(row.value, row))));
    const more = all.length - rows.length;
    const foot = [more > 0 ? `and ${more} more` : "", values.open ? "This bucket is not over" : ""].filter(Boolean).map((text) => h("p", { class: "muted" }, text));
    const total = values.total === null || values.total === undefined ? [] : [h("div", { class: "total" }, h("i"), h("span", {}, "Total"), h("b", {}, values.text(values.total, all[0])))];
    return [h("time", {}, values.title ?? fullTime(values.t)), ...rows, ...foot, ...total];
  }

  /** @param {number} x @param {number} y @param {Node[]} content */
  say(x, y, content) {
    this.tip.replaceChildren(...content);
    this.tip.hidden = false;
    this.place(x, y);
  }

  /** @param {number} x @param {number} y */
  place(x, y) {
    put(this.tip, x, y);
  }

  leave() {
    if (this.pinned) return;
    this.pointed?.(null);
    for (const one of this.charts) one.over.querySelectorAll(".xh, .dot").forEach((/** @type {Element} */ mark) => mark.remove());
    this.hide();
  }

  hide() {
    this.tip.hidden = true;
    if (this.shares !== 2) return;
    for (const one of [...this.others.keys()]) this.silence(one);
  }
}

/** @param {HTMLElement} tip @param {number} x @param {number} y */
function put(tip, x, y) {
  const { width, height } = tip.getBoundingClientRect();
  const left = x + AWAY_PX + width < innerWidth ? x + AWAY_PX : x - width - AWAY_PX;
  const top = Math.min(y + 12, innerHeight - height - 8);
  tip.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
}

/** The row whose line is nearest to the mouse. @param {any} chart @param {any[]} rows @param {number} clientY */
function nearestTo(chart, rows, clientY) {
  const y = clientY - chart.over.getBoundingClientRect().top;
  let best = null, distance = Infinity;
  for (const row of rows) {
    const away = Math.abs((chart.y?.(row) ?? NaN) - y);
    if (away < distance) [best, distance] = [row, away];
  }
  return best;
}

/** @param {any} chart @param {number} ms */
function crosshair(chart, ms) {
  const frame = chart.frame();
  if (!frame || !chart.timed) return;
  const x = frame.x.compute(ms);
  let line = chart.over.querySelector(".xh");
  chart.over.querySelectorAll(".dot").forEach((/** @type {Element} */ dot) => dot.remove());
  if (!(x >= frame.left && x <= frame.left + frame.width)) {
    line?.remove();
    return;
  }
  if (!line) {
    line = h("div", { class: "xh" });
    chart.over.append(line);
  }
  line.style.cssText = `left:${x}px;top:${frame.top}px;height:${frame.height}px`;
  const rows = chart.y && !chart.undotted ? (chart.at(ms)?.rows ?? []) : [];
  if (rows.length > DOTS_UP_TO) return;
  for (const row of rows) {
    const y = chart.y(row);
    if (y >= frame.top && y <= frame.top + frame.height) chart.over.append(h("i", { class: "dot", style: `--c:${row.color};left:${frame.x.compute(row.t)}px;top:${y}px` }));
  }
}
