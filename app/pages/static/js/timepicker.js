// The range of the view: quick ranges, absolute ones with a calendar, those used lately, and the zone.

import { go } from "./address.js";
import { Calendar } from "./calendar.js";
import { h } from "./dom.js";
import { list, remember } from "./kept.js";
import { close, popover } from "./menus.js";
import { isExpression, spoken } from "./range_names.js";
import { chosenZone, clock, fromLocal, fullTime, localText, zoneName } from "./zone.js";

/** @type {[string, string, string][]} from, to, text */
export const QUICK = [
  ["now-5m", "now", "Last 5 minutes"], ["now-15m", "now", "Last 15 minutes"], ["now-30m", "now", "Last 30 minutes"],
  ["now-1h", "now", "Last 1 hour"], ["now-3h", "now", "Last 3 hours"], ["now-6h", "now", "Last 6 hours"],
  ["now-12h", "now", "Last 12 hours"], ["now-24h", "now", "Last 24 hours"], ["now-2d", "now", "Last 2 days"],
  ["now-7d", "now", "Last 7 days"], ["now-30d", "now", "Last 30 days"], ["now-90d", "now", "Last 90 days"],
  ["now/d", "now", "Today so far"], ["now-1d/d", "now-1d/d", "Yesterday"], ["now/w", "now", "This week so far"],
];
const RECENT = 4;

export class TimePicker {
  /** @param {{range: {from: string, to: string}, window: [number, number]}} boot @param {() => [number, number]} shown */
  constructor(boot, shown) {
    this.from = boot.range.from;
    this.to = boot.range.to;
    this.window = boot.window;
    this.shown = shown;
    this.button = /** @type {HTMLElement} */ (document.querySelector("[data-time-picker]"));
    this.box = /** @type {HTMLElement} */ (document.querySelector("[data-time-box]"));
    this.form = /** @type {HTMLFormElement} */ (this.box.querySelector("form"));
    this.name = "";
    this.recent = h("div", { class: "recent menu" });
    this.absolute();
    this.zones();
    popover(this.button, this.box, { opened: () => this.opened() });
  }

  /** The page shows another view. @param {{range: {from: string, to: string}, window: [number, number]}} boot */
  become(boot) {
    this.from = boot.range.from;
    this.to = boot.range.to;
    this.window = boot.window;
    this.name = rangeName(this.from, this.to, this.window);
    this.label(this.name);
    this.quick();
    this.recently();
    if (this.name !== quickName(this.from, this.to)) remember("ranges", { from: this.from, to: this.to }, RECENT + 1, (one) => `${one?.from} ${one?.to}`);
  }

  /** @param {string} text */
  label(text) {
    /** @type {HTMLElement} */ (this.button.querySelector("span")).textContent = text;
    const zone = chosenZone();
    const place = /** @type {HTMLElement} */ (this.button.querySelector(".chosen-zone"));
    place.textContent = zone.split("/").at(-1)?.replaceAll("_", " ") ?? "";
    place.title = zone;
    place.hidden = !zone;
    const short = document.querySelector("[data-sheet-open] .value");
    if (short) short.textContent = /^now-(\w+)$/.exec(this.from)?.[1] ?? "";
  }

  quick() {
    const place = /** @type {HTMLElement} */ (this.box.querySelector(".quick"));
    place.replaceChildren(...QUICK.map(([from, to, text]) => h("button", {
      class: "item", type: "button", "aria-current": from === this.from && to === this.to ? "true" : null, onclick: () => this.choose({ from, to }),
    }, text)));
  }

  /** @param {string} name @returns {HTMLInputElement} */
  field(name) {
    return /** @type {any} */ (this.form.elements)[name];
  }

  absolute() {
    this.calendar = new Calendar(/** @type {HTMLElement} */ (this.box.querySelector(".cal-box")), (from, to) => {
      this.field("from").value = from;
      this.field("to").value = to;
      this.tell();
    });
    this.form.addEventListener("input", () => this.tell());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const [from, to] = [this.read("from"), this.read("to")];
      if (from && to) this.choose({ from, to });
    });
    this.form.after(this.recent);
  }

  /** @param {Record<string, string|null>} changes */
  choose(changes) {
    close(true);
    go(changes);
  }

  recently() {
    const recent = list("ranges").filter((one) => typeof one?.from === "string" && typeof one?.to === "string" && (one.from !== this.from || one.to !== this.to));
    this.recent.hidden = !recent.length;
    const items = recent.slice(0, RECENT).map((one) => h("button", { class: "item", type: "button", onclick: () => this.choose({ from: one.from, to: one.to }) }, rangeName(one.from, one.to, [Number(one.from), Number(one.to)])));
    this.recent.replaceChildren(h("h3", {}, "Recently used"), ...items);
  }

  opened() {
    /** @type {HTMLElement} */ (this.box.querySelector(".foot .zone")).textContent = zoneName();
    const [from, to] = this.shown();
    this.field("from").value = /^\d+$/.test(this.from) ? localText(Number(this.from)) : this.from;
    this.field("to").value = /^\d+$/.test(this.to) ? localText(Number(this.to)) : this.to;
    this.calendar?.show(from, to);
    this.tell();
  }

  /** A time as the address has it; empty where it is none, and then the field says so. @param {string} name */
  read(name) {
    const field = this.field(name);
    const text = field.value.trim();
    const ms = fromLocal(text);
    const good = isExpression(text) || ms !== null || /^\d{10,}$/.test(text) || /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text);
    field.setAttribute("aria-invalid", String(!good));
    field.closest(".field")?.classList.toggle("bad", !good);
    return good ? (ms === null ? text : String(ms)) : "";
  }

  /** Say what the two fields mean. */
  tell() {
    const good = this.read("from") && this.read("to");
    const place = /** @type {HTMLElement} */ (this.box.querySelector(".told"));
    const [from, to] = this.shown();
    place.classList.toggle("fault", !good);
    place.classList.toggle("muted", Boolean(good));
    place.textContent = good ? `Shown now: ${fullTime(from)} to ${sameDay(from, to) ? clock(to) : fullTime(to)}` : "A time is now-6h, now/d or 2026-03-14 04:00";
  }

  zones() {
    const foot = /** @type {HTMLElement} */ (this.box.querySelector(".foot"));
    for (const button of foot.querySelectorAll("[data-zone]")) {
      button.addEventListener("click", () => this.choose({ tz: /** @type {HTMLElement} */ (button).dataset.zone ?? null }));
    }
    const change = /** @type {HTMLElement} */ (foot.querySelector("[data-zone-search]"));
    const place = /** @type {HTMLElement} */ (this.box.querySelector(".zones"));
    change.addEventListener("click", () => {
      place.hidden = !place.hidden;
      change.setAttribute("aria-expanded", String(!place.hidden));
      if (place.hidden) return;
      fill();
      place.querySelector("input")?.focus();
    });
    const search = /** @type {HTMLInputElement} */ (place.querySelector("input"));
    const fill = () => {
      const names = Intl.supportedValuesOf("timeZone");
      const words = search.value.trim().toLowerCase().replaceAll(" ", "_");
      const found = names.filter((name) => name.toLowerCase().includes(words)).slice(0, 40);
      const items = found.map((name) => h("button", { class: "item", type: "button", onclick: () => this.choose({ tz: name }) }, name.replaceAll("_", " ")));
      place.querySelector(".menu")?.replaceChildren(...(items.length ? items : [h("p", { class: "muted none" }, "No zone matches")]));
    };
    search.addEventListener("input", fill);
    search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault(); // the button that gets the focus would be pressed, and the picker open again
        /** @type {HTMLElement|null} */ (place.querySelector(".item"))?.click();
      }
      if (event.key === "ArrowDown") /** @type {HTMLElement|null} */ (place.querySelector(".item"))?.focus();
    });
  }

}

/** @param {string} from @param {string} to */
function quickName(from, to) {
  return QUICK.find(([start, end]) => start === from && end === to)?.[2];
}

/** @param {number} a @param {number} b */
function sameDay(a, b) {
  return localText(a).slice(0, 10) === localText(b).slice(0, 10);
}

/** What a range is called; one without a name by its two instants. @param {string} from @param {string} to @param {[number, number]} window */
export function rangeName(from, to, window) {
  const known = quickName(from, to) ?? spoken(from, to);
  if (known) return known;
  const [start, end] = window;
  if (Number.isFinite(start) && Number.isFinite(end)) return `${fullTime(start)} to ${sameDay(start, end) ? clock(end) : fullTime(end)}`;
  return `${from} to ${to}`;
}
