// A month on which two clicks choose a range of days.

import { h, icon } from "./dom.js";
import { localText } from "./zone.js";

const DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const DAY_MS = 86400e3;

export class Calendar {
  /** @param {HTMLElement} place @param {(from: string, to: string) => void} chosen texts of local times */
  constructor(place, chosen) {
    this.place = place;
    this.chosen = chosen;
    this.first = "";
    this.last = "";
    this.month = 0;
    this.waiting = false;
  }

  /** @param {number} from @param {number} to */
  show(from, to) {
    this.first = localText(from).slice(0, 10);
    this.last = localText(to).slice(0, 10);
    this.waiting = false;
    this.month = Date.parse(`${this.last.slice(0, 8)}01`);
    this.draw();
  }

  draw() {
    const month = new Date(this.month);
    const title = month.toLocaleDateString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
    const begin = this.month - ((month.getUTCDay() + 6) % 7) * DAY_MS;
    const weeks = Math.ceil((Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1) - begin) / (7 * DAY_MS));
    const days = Array.from({ length: weeks * 7 }, (_, i) => this.day(begin + i * DAY_MS, month.getUTCMonth()));
    this.place.replaceChildren(
      h("div", { class: "cal-head" }, h("b", { class: "grow" }, title), this.turn(-1, "Month before", "left"), this.turn(1, "Month after", "right")),
      h("div", { class: "cal" }, ...DAYS.map((day) => h("b", { "aria-hidden": "true" }, day)), ...days),
    );
  }

  /** @param {number} by @param {string} label @param {"left"|"right"} glyph */
  turn(by, label, glyph) {
    const onclick = () => {
      const month = new Date(this.month);
      this.month = Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + by, 1);
      this.draw();
      /** @type {HTMLElement|null} */ (this.place.querySelector(`[aria-label="${label}"]`))?.focus();
    };
    return h("button", { class: "btn bare sm icon", type: "button", "aria-label": label, onclick }, icon(glyph));
  }

  /** @param {number} ms @param {number} month */
  day(ms, month) {
    const date = new Date(ms);
    const text = date.toISOString().slice(0, 10);
    const [low, high] = [this.first, this.last].sort();
    const name = text === low || text === high ? "end" : text > low && text < high ? "in" : date.getUTCMonth() !== month ? "out" : null;
    const label = date.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
    return h("button", { type: "button", class: name, "aria-label": label, "aria-pressed": String(name === "end" || name === "in"), onclick: () => this.click(text) }, String(date.getUTCDate()));
  }

  /** @param {string} text */
  click(text) {
    if (this.waiting) this.last = text;
    else this.first = this.last = text;
    this.waiting = !this.waiting;
    const [low, high] = [this.first, this.last].sort();
    this.draw();
    this.chosen(`${low} 00:00:00`, `${high} 23:59:59`);
  }
}
