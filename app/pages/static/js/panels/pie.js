// Pies and donuts: slices in SVG, a legend beside them that is their data in text.

import { h, svg } from "../dom.js";
import { HtmlPanel } from "./html_panel.js";

const RADIUS = 40;
const RING = 17;
const LABEL_SHARE = 0.05;

export class Pie extends HtmlPanel {
  write() {
    const { slices, legend, kind } = this.texts;
    this.element.className = `pie at-${legend.place}`;
    this.element.replaceChildren(this.drawing(kind === "donut"), ...(legend.place === "hidden" ? [] : [this.list(slices, legend.values)]));
  }

  /** @param {boolean} ring */
  drawing(ring) {
    const { slices, total } = this.texts;
    const picture = svg("svg", { viewBox: "-50 -50 100 100", role: "img", "aria-label": this.sentence() });
    let from = 0;
    for (const one of slices) {
      picture.append(this.slice(one, from, from + one.share, ring));
      from += one.share;
    }
    from = 0;
    for (const one of slices) {
      picture.append(...this.label(one, from + one.share / 2, ring));
      from += one.share;
    }
    if (ring) {
      picture.append(text(0, total.name ? 1 : 4, "whole", total.text + total.suffix));
      if (total.name) picture.append(text(0, 10, "under", total.name));
    }
    return picture;
  }

  /** @param {any} one @param {number} from @param {number} to @param {boolean} ring */
  slice(one, from, to, ring) {
    const path = svg("path", { class: "slice", d: slicePath(from, to, ring ? RADIUS - RING : 0), style: `--c:${one.color}` });
    path.append(svg("title"));
    /** @type {Element} */ (path.firstChild).textContent = `${one.name}: ${one.text}, ${percent(one.share)}`;
    return path;
  }

  /** @param {any} one @param {number} middle @param {boolean} ring */
  label(one, middle, ring) {
    const wanted = this.texts.labels;
    if (!wanted.length || one.share < LABEL_SHARE) return [];
    const words = wanted.map((/** @type {string} */ what) => ({ name: one.name, value: one.text, percent: percent(one.share) })[what] ?? "");
    const [x, y] = point(middle, ring ? RADIUS - RING / 2 : RADIUS * 0.66);
    return [text(x, y + 1.5, "said", words.join(" "))];
  }

  /** @param {any[]} slices @param {string[]} values */
  list(slices, values) {
    return h("ul", {}, ...slices.map((one) => h("li", {}, h("i", { class: "sw sq", style: `--c:${one.color}` }), h("span", { class: "cut", title: one.name }, one.name),
      ...values.map((what) => h("span", { class: "num" }, what === "percent" ? percent(one.share) : one.text)))));
  }

  sentence() {
    const parts = this.texts.slices.slice(0, 8).map((/** @type {any} */ one) => `${one.name} ${one.text}, ${percent(one.share)}`);
    return `Pie chart of ${this.texts.slices.length} slices. ${parts.join("; ")}.`;
  }
}

/** @param {number} share */
function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
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

/** @param {number} from @param {number} to @param {number} inner the radius of the hole */
function slicePath(from, to, inner) {
  const end = Math.min(to, from + 0.99999);
  const large = end - from > 0.5 ? 1 : 0;
  const write = (/** @type {number} */ share, /** @type {number} */ radius) => point(share, radius).map((n) => n.toFixed(3)).join(" ");
  const back = inner ? `L${write(end, inner)}A${inner} ${inner} 0 ${large} 0 ${write(from, inner)}` : "L0 0";
  return `M${write(from, RADIUS)}A${RADIUS} ${RADIUS} 0 ${large} 1 ${write(end, RADIUS)}${back}Z`;
}
