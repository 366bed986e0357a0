// Gauges: a value within its bounds, as an arc or as a bar.

import { h, svg } from "../dom.js";
import { HtmlPanel } from "./html_panel.js";

export class Gauges extends HtmlPanel {
  write() {
    const arcs = this.type === "gauge";
    this.element.replaceChildren(...this.texts.gauges.map((/** @type {any} */ one) => (arcs ? this.arc(one) : this.bar(one))));
  }

  /** @param {any} one */
  arc(one) {
    const share = one.share ?? 0;
    const drawing = svg("svg", { viewBox: "0 0 200 128", role: "img", "aria-label": `${one.name}: ${one.text}${one.suffix}` },
      svg("path", { class: "track", d: arcPath(0, 1, 82) }), svg("path", { class: `value ${one.level}`, d: arcPath(0, share, 82) }));
    let from = 0;
    let level = "base";
    for (const mark of [...this.texts.marks, { share: 1, level: "" }]) {
      if (this.texts.marks.length) drawing.append(svg("path", { class: `mark ${level}`, d: arcPath(from, mark.share, 94) }));
      [from, level] = [mark.share, mark.level];
    }
    const words = h("div", { class: `val ${one.level}` }, one.text, h("small", {}, one.suffix));
    return h("div", { class: "one" }, drawing, words, h("div", { class: "sub cut" }, this.texts.gauges.length > 1 ? one.name : ""));
  }

  /** @param {any} one */
  bar(one) {
    const track = h("div", { class: "track" }, h("i", { class: one.level, style: `width:${(one.share ?? 0) * 100}%` }));
    const words = h("b", { class: one.level }, one.text + one.suffix);
    return h("div", { class: "one" }, h("div", { class: "words" }, h("span", { class: "cut mono", title: one.name }, one.name), words), track);
  }
}

/** An arc of the gauge from one share to another. @param {number} from @param {number} to @param {number} radius */
function arcPath(from, to, radius) {
  const point = (/** @type {number} */ share) => {
    const angle = Math.PI * (1.08 - 1.16 * share);
    return `${(100 + radius * Math.cos(angle)).toFixed(2)} ${(104 - radius * Math.sin(angle)).toFixed(2)}`;
  };
  return `M${point(from)}A${radius} ${radius} 0 ${to - from > 0.862 ? 1 : 0} 1 ${point(to)}`;
}
