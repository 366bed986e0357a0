// One cell of a table: words, and what its column makes of them: a pill, a colour, a bar, a gauge, a small line, a link.

import { h, svg } from "../dom.js";
import { anchor, way } from "./links.js";

/** @typedef {string|[string, string]|[string, string, {c?: string, s?: number, p?: (number|null)[], l?: {href: string, title: string, tab: boolean}[]}]} Words */

/** @param {HTMLElement} cell @param {any} column @param {Words} words */
export function fillCell(cell, column, words) {
  const key = JSON.stringify([column.cell, column.align, words]);
  if (cell.dataset.key === key) return;
  cell.dataset.key = key;
  const [text, level, extras] = typeof words === "string" ? [words, "base", {}] : [words[0], words[1], words[2] ?? {}];
  cell.className = `a-${column.align} c-${column.cell} ${level}${extras.c ? " own" : ""}`;
  cell.title = text;
  cell.style.cssText = "";
  if (extras.c) cell.style.setProperty("--c", extras.c);
  if (column.cell === "bar") cell.style.setProperty("--share", `${(extras.s ?? 0) * 100}%`);
  cell.replaceChildren(...inside(column, text, level, extras));
}

/** @param {any} column @param {string} text @param {string} level @param {any} extras @returns {Node[]} */
function inside(column, text, level, extras) {
  const shown = (extras.l?.length > 1 && way(extras.l, "several", text, document.createTextNode(text))) || linked(text, extras.l?.[0]);
  if (column.cell === "gauge" && extras.s !== undefined) {
    const fill = h("i");
    fill.style.width = `${extras.s * 100}%`;
    return [shown, h("span", { class: "meter", role: "meter", "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": String(Math.round(extras.s * 100)), "aria-label": text }, fill)];
  }
  if (column.cell === "sparkline" && extras.p?.length) return [smallLine(extras.p), h("span", { class: "last" }, shown)];
  if (column.cell === "auto" && column.kind !== "time" && (level === "warn" || level === "bad")) return [h("span", { class: `pill ${level}` }, shown)];
  return [h("span", { class: "cut" }, shown)];
}

/** @param {string} text @param {{href: string, title: string, tab: boolean}|undefined} link @returns {Node} */
function linked(text, link) {
  return (link && anchor(link, {}, text)) || document.createTextNode(text);
}

/** A line through heights from 0 to 100; a missing one is a gap. @param {(number|null)[]} heights */
export function smallLine(heights) {
  let path = "";
  let pen = "M";
  heights.forEach((height, index) => {
    if (height === null) {
      pen = "M";
      return;
    }
    path += `${pen}${((index / Math.max(1, heights.length - 1)) * 100).toFixed(1)} ${100 - height}`;
    pen = "L";
  });
  return svg("svg", { class: "small", viewBox: "0 -4 100 108", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("path", { d: path }));
}
