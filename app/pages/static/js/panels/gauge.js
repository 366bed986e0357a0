// Gauges: values within their bounds, as arcs with a ring of thresholds or as bars with marks; each a meter for those who listen.

import { h, svg } from "../dom.js";
import { evenRows } from "./even.js";
import { HtmlPanel } from "./html_panel.js";
import { way } from "./links.js";

/** Of an arc among several, of one where all would not fit otherwise, and of a row. */
export const ARCS = { least_px: 118, narrow_px: 66, row_px: 80 };
const RADIUS = 80;
const RING = 91;
const LONG = 8; // characters that fit into the arc at the usual size

export class Gauges extends HtmlPanel {
  /** @param {import("../snapshot.js").PanelHead} head @param {Map<string, ArrayBuffer>} buffers @param {any} context */
  constructor(head, buffers, context) {
    super(head, buffers, context);
    this.even = evenRows(this.element, () => ARCS.least_px, { ...ARCS, within: this.element });
  }

  write() {
    const { gauges, options } = this.texts;
    const arcs = this.type === "gauge";
    const many = gauges.length > 1;
    this.element.className = arcs ? "gauge" : `bargauge scroller ${options.orientation}`;
    const made = gauges.map((/** @type {any} */ one) => (arcs ? arc(one, options, many) : bar(one, options)));
    if (this.element.contains(document.activeElement) && made.length === this.element.children.length) {
      made.forEach((/** @type {HTMLElement} */ one, /** @type {number} */ i) => {
        const kept = this.element.children[i];
        if (kept.contains(document.activeElement)) refill(kept, one);
        else kept.replaceWith(one);
      });
    } else this.element.replaceChildren(...made);
    this.even?.fit();
  }

  remove() {
    this.even?.stop();
    this.element.remove();
  }
}

/** What holds the focus stays; what is in it changes. @param {Element} kept @param {Element} made */
function refill(kept, made) {
  for (const { name, value } of made.attributes) kept.setAttribute(name, value);
  const within = kept !== document.activeElement;
  kept.replaceChildren(...made.childNodes);
  if (within) /** @type {HTMLElement|null} */ (kept.querySelector(":scope > .cover"))?.focus();
}

/** A meter for those who listen; where it leads somewhere, its link says the value. @param {any} one @param {...(Node|null)} children */
function meter(one, ...children) {
  const link = way(one.links, "cover", `${one.name || "Value"} ${textOf(one)}`);
  const told = { role: "meter", tabindex: "0", "aria-label": one.name || "Value", "aria-valuemin": one.low, "aria-valuemax": one.high, "aria-valuenow": one.value ?? one.low, "aria-valuetext": [textOf(one), one.subtitle].filter(Boolean).join(", ") };
  const element = h("div", { class: `one ${one.level}${one.color ? " own" : ""}`, ...(link ? {} : told) }, ...children, link);
  if (one.color) element.style.setProperty("--c", one.color);
  return element;
}

/** @param {any} one @param {any} options @param {boolean} many */
function arc(one, options, many) {
  const drawing = svg("svg", { viewBox: "0 0 200 150", "aria-hidden": "true" }, svg("path", { class: "track", d: arcPath(0, 1, RADIUS) }));
  if (one.share) drawing.append(svg("path", { class: "value", d: arcPath(0, one.share, RADIUS) }));
  if (options.ring && one.marks.length) drawing.append(...ring(one.marks));
  const words = textOf(one);
  const big = svg("text", { class: "big", x: 100, y: one.subtitle ? 95 : 101, style: words.length > LONG ? `font-size:${((30 * LONG) / words.length).toFixed(1)}px` : null });
  big.textContent = words;
  drawing.append(big);
  if (one.subtitle) {
    const line = svg("text", { class: "sm", x: 100, y: 113 });
    line.textContent = one.subtitle;
    drawing.append(line);
  }
  if (options.labels) for (const [x, text] of [[24, one.low_text], [176, one.high_text]]) {
    const label = svg("text", { class: "sm", x, y: 144 });
    label.textContent = text;
    drawing.append(label);
  }
  return meter(one, drawing, many ? h("div", { class: "sub cut", title: one.name }, one.name) : null);
}

/** The thresholds as stretches of a thin ring; below the first all is well. @param {any[]} marks */
function ring(marks) {
  const stretches = [{ share: 0, level: "ok", color: "" }, ...marks];
  return stretches.map((mark, index) => {
    const end = stretches[index + 1]?.share ?? 1;
    if (end <= mark.share) return svg("path", {});
    const path = svg("path", { class: `ring ${mark.level}${mark.color ? " own" : ""}`, d: arcPath(mark.share + 0.004, end - 0.004, RING) });
    if (mark.color) /** @type {SVGElement} */ (path).style.setProperty("--c", mark.color);
    return path;
  });
}

/** An arc of the gauge from one share to another. @param {number} from @param {number} to @param {number} radius */
function arcPath(from, to, radius) {
  const point = (/** @type {number} */ share) => {
    const angle = Math.PI * (1.11 - 1.22 * share);
    return `${(100 + radius * Math.cos(angle)).toFixed(2)} ${(98 - radius * Math.sin(angle)).toFixed(2)}`;
  };
  return `M${point(from)}A${radius} ${radius} 0 ${to - from > 0.82 ? 1 : 0} 1 ${point(to)}`;
}

/** @param {any} one @param {any} options */
function bar(one, options) {
  const fill = h("i");
  fill.style.setProperty("--share", `${(one.share ?? 0) * 100}%`);
  const track = h("div", { class: "track" }, fill);
  if (options.marks) for (const mark of one.marks) {
    const line = h("u");
    line.style.setProperty("--share", `${mark.share * 100}%`);
    if (mark.share > 0 && mark.share < 1) track.append(line);
  }
  return meter(one, h("div", { class: "words" }, h("span", { class: "cut name", title: one.name }, one.name), one.subtitle ? h("span", { class: "cut sub" }, one.subtitle) : null, h("b", { title: textOf(one) }, textOf(one))), track);
}

/** @param {any} one */
function textOf(one) {
  return one.prefix + one.text + one.suffix;
}
