// The crosshair of who is followed, in all charts: a line in their colour, with their name at its top.

import { h, restyle } from "./dom.js";
import { colorOf } from "./room_people.js";

/** @typedef {import("./room_people.js").Person} Person */

export class TheirLine {
  /** @param {Set<any>} charts */
  constructor(charts) {
    this.charts = charts;
    /** @type {{person: Person, ms: number}|null} */
    this.now = null;
  }

  /** @param {Person|undefined} person @param {number|null} ms null: their mouse is elsewhere */
  show(person, ms) {
    this.now = person && ms !== null ? { person, ms } : null;
    for (const chart of this.charts) this.draw(chart);
  }

  clear() {
    this.show(undefined, null);
  }

  /** Where the instant is in a chart by now. @param {any} chart */
  draw(chart) {
    const line = /** @type {HTMLElement|null} */ (chart.over.querySelector(".xh-their"));
    const frame = this.now && chart.timed ? chart.frame() : null;
    const x = frame?.x.compute(this.now?.ms) ?? NaN;
    if (!frame || !this.now || !(x >= frame.left && x <= frame.left + frame.width)) {
      line?.remove();
      return;
    }
    const { person } = this.now;
    const shown = line ?? h("div", { class: "xh-their", "aria-hidden": "true" }, h("b", { class: "cut" }));
    if (!line) chart.over.append(shown);
    restyle(shown, `--c:${colorOf(person)};left:${x}px;top:${frame.top}px;height:${frame.height}px`);
    shown.classList.toggle("left", x > frame.left + frame.width / 2);
    const name = /** @type {HTMLElement} */ (shown.firstChild);
    if (name.textContent !== person.name) name.textContent = person.name;
  }
}
