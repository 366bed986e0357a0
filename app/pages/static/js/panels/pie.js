// Pies and donuts: slices in SVG, a legend beside them that is their data in text.

import { h, svg } from "../dom.js";
import { HtmlPanel } from "./html_panel.js";
import { follow, way } from "./links.js";

const RADIUS = 47;
const LABELLED = 35; // the radius where labels stand around
const THICK = 0.42; // of a donut's ring, by its radius
const SIDE = 86; // half the width of a drawing with labels
const LINE = 7.4; // between two labels
const MOST = 20; // characters of a label
const HOLE = 7; // characters that fit into the hole at the usual size

export class Pie extends HtmlPanel {
  write() {
    const { slices, legend, kind } = this.texts;
    const links = slices.some((/** @type {any} */ one) => one.links);
    const listed = legend.place !== "hidden" || links;
    this.element.className = `pie at-${legend.place}`;
    this.element.replaceChildren(this.drawing(kind === "donut"), ...(listed ? [this.list(slices, legend.values, legend.place === "hidden")] : []));
  }

  /** @param {boolean} ring */
  drawing(ring) {
    const { slices, total, labels } = this.texts;
    const radius = labels.length ? LABELLED : RADIUS;
    const side = labels.length ? SIDE : 50;
    const picture = svg("svg", { viewBox: `${-side} -50 ${2 * side} 100`, role: "img", "aria-label": this.sentence() });
    let from = 0;
    for (const one of slices) {
      picture.append(this.slice(one, from, from + one.share, radius, ring ? radius * (1 - THICK) : 0));
      from += one.share;
    }
    if (labels.length) picture.append(...around(this.labelled(), radius));
    if (ring) {
      const words = total.text + total.suffix;
      const whole = text(0, total.name ? 1.5 : 4, "whole", words);
      const size = (10.5 * radius) / RADIUS * Math.min(1, HOLE / words.length);
      whole.setAttribute("style", `font-size:${size.toFixed(2)}px`);
      picture.append(whole);
      if (total.name) picture.append(text(0, 9.5, "under", total.name));
    }
    return picture;
  }

  /** @param {any} one @param {number} from @param {number} to @param {number} radius @param {number} hole */
  slice(one, from, to, radius, hole) {
    const path = svg("path", { class: `slice${one.links ? " leads" : ""}`, d: slicePath(from, to, radius, hole), style: `--c:${one.color}` });
    path.append(svg("title"));
    /** @type {Element} */ (path.firstChild).textContent = `${one.name}: ${one.text}, ${percent(one.share)}`;
    if (one.links) path.addEventListener("click", (event) => follow(this.element, one.links, /** @type {MouseEvent} */ (event)));
    return path;
  }

  /** What stands beside each slice, and where its middle is. @returns {{words: string, middle: number, share: number}[]} */
  labelled() {
    let from = 0;
    return this.texts.slices.map((/** @type {any} */ one) => {
      const parts = this.texts.labels.map((/** @type {string} */ what) => ({ name: cut(one.name), value: one.text, percent: percent(one.share) })[what] ?? "");
      const middle = from + one.share / 2;
      from += one.share;
      return { words: parts.join("  "), middle, share: one.share };
    });
  }

  /** @param {any[]} slices @param {string[]} values @param {boolean} unseen */
  list(slices, values, unseen) {
    return h("ul", { class: unseen ? "vh" : null }, ...slices.map((one) => h("li", {}, h("i", { class: "sw sq", style: `--c:${one.color}` }),
      way(one.links, "cut", one.name, document.createTextNode(one.name)) ?? h("span", { class: "cut", title: one.name }, one.name),
      ...values.map((what) => h("span", { class: "num" }, what === "percent" ? percent(one.share) : one.text)))));
  }

  sentence() {
    const parts = this.texts.slices.slice(0, 8).map((/** @type {any} */ one) => `${one.name} ${one.text}, ${percent(one.share)}`);
    return `Pie chart of ${this.texts.slices.length} slices. ${parts.join("; ")}.`;
  }
}

/** @param {number} share */
function percent(share) {
  return `${(share * 100).toFixed(1)}%`;
}

/** @param {number} x @param {number} y @param {string} name @param {string} words */
function text(x, y, name, words) {
  const element = svg("text", { x: x.toFixed(2), y: y.toFixed(2), class: name });
  element.textContent = words;
  return element;
}

/** Clockwise from the top. @param {number} share @param {number} radius */
function point(share, radius) {
  const angle = 2 * Math.PI * share - Math.PI / 2;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

/** Labels at both sides of a pie, each with a line to its slice; the smallest slices go without where there is no room. @param {{words: string, middle: number, share: number}[]} said @param {number} radius */
function around(said, radius) {
  const room = Math.floor(94 / LINE);
  return [true, false].flatMap((right) => {
    const own = said.filter(({ middle }) => middle < 0.5 === right);
    const kept = new Set([...own].sort((a, b) => b.share - a.share).slice(0, room));
    const rows = own.filter((one) => kept.has(one)).map((one) => ({ ...one, y: point(one.middle, radius + 5)[1] })).sort((a, b) => a.y - b.y);
    spread(rows);
    return rows.flatMap((row) => {
      const side = right ? 1 : -1;
      const [x, y] = point(row.middle, radius + 0.8);
      const elbow = side * Math.max(Math.abs(point(row.middle, radius + 5)[0]), 6);
      const end = side * Math.max(Math.abs(elbow) + 3, radius * Math.sqrt(Math.max(0, 1 - (row.y / (radius + 4)) ** 2)) + 5);
      const line = svg("polyline", { class: "lead", points: `${x.toFixed(2)},${y.toFixed(2)} ${elbow.toFixed(2)},${row.y.toFixed(2)} ${end.toFixed(2)},${row.y.toFixed(2)}` });
      const words = text(end + side * 1.2, row.y + 2, right ? "said" : "said left", row.words);
      return [line, words];
    });
  });
}

/** Move labels apart that stand on each other, and all of them into the drawing. @param {{y: number}[]} rows from the top */
function spread(rows) {
  for (let i = 1; i < rows.length; i += 1) rows[i].y = Math.max(rows[i].y, rows[i - 1].y + LINE);
  let most = 46;
  for (let i = rows.length - 1; i >= 0; i -= 1) {
    rows[i].y = Math.max(-46, Math.min(rows[i].y, most));
    most = rows[i].y - LINE;
  }
}

/** @param {string} name */
function cut(name) {
  return name.length > MOST ? `${name.slice(0, MOST - 1)}…` : name;
}

/** @param {number} from @param {number} to @param {number} radius @param {number} inner that of the hole */
function slicePath(from, to, radius, inner) {
  const end = Math.min(to, from + 0.99999);
  const large = end - from > 0.5 ? 1 : 0;
  const write = (/** @type {number} */ share, /** @type {number} */ away) => point(share, away).map((n) => n.toFixed(3)).join(" ");
  const back = inner ? `L${write(end, inner)}A${inner} ${inner} 0 ${large} 0 ${write(from, inner)}` : "L0 0";
  return `M${write(from, radius)}A${radius} ${radius} 0 ${large} 1 ${write(end, radius)}${back}Z`;
}
