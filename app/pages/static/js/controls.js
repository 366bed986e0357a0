// The header of a dashboard: range, refresh, variables, theme. The address is the state: each choice is a new address.

import { h, icon } from "./dom.js";
import { close, popover } from "./menus.js";
import { clock, fullTime } from "./zone.js";
import "./theme.js";

export const QUICK = [
  ["now-5m", "Last 5 minutes"], ["now-15m", "Last 15 minutes"], ["now-30m", "Last 30 minutes"], ["now-1h", "Last 1 hour"],
  ["now-3h", "Last 3 hours"], ["now-6h", "Last 6 hours"], ["now-12h", "Last 12 hours"], ["now-24h", "Last 24 hours"],
  ["now-2d", "Last 2 days"], ["now-7d", "Last 7 days"], ["now-30d", "Last 30 days"], ["now/d", "Today so far"],
];
export const REFRESHES = ["off", "1s", "2s", "5s", "10s", "30s", "1m", "5m", "15m"];
const html = document.documentElement;
const all = "$__all";

/** Go to the same dashboard with other arguments; empty ones leave the address. @param {Record<string, string|string[]|null>} changes */
export function go(changes) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name);
    for (const one of Array.isArray(value) ? value : [value]) if (one !== null && one !== "") query.append(name, one);
  }
  location.assign(`${location.pathname}?${query}`);
}

export class Controls {
  /** @param {any} boot @param {{pause: (paused: boolean) => void, zoom: import("./zoom.js").Zoom, theme: () => void}} page */
  constructor(boot, page) {
    this.boot = boot;
    this.page = page;
    this.paused = false;
    this.time();
    this.refresh();
    this.variables();
    this.sheet();
    addEventListener("themechange", () => page.theme());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => page.theme());
  }

  /** @param {string} selector @returns {HTMLElement} */
  get(selector) {
    return /** @type {HTMLElement} */ (document.querySelector(selector));
  }

  // -- range -----------------------------------------------------------------------------------------------------

  time() {
    const button = this.get("[data-time-picker]");
    const box = this.get("[data-time-box]");
    const query = new URLSearchParams(location.search);
    const from = query.get("from") ?? this.boot.range.from, to = query.get("to") ?? this.boot.range.to;
    this.rangeText = rangeName(from, to, this.boot.window);
    this.setRangeText(this.rangeText);
    const list = /** @type {HTMLElement} */ (box.querySelector(".quick"));
    list.append(...QUICK.map(([start, text]) => h("button", {
      class: "item", type: "button", "aria-current": start === from && to === "now" ? "true" : null,
      onclick: () => go({ from: start, to: "now" }),
    }, text)));
    const form = /** @type {HTMLFormElement} */ (box.querySelector("form"));
    /** @type {any} */ (form.elements).from.value = from;
    /** @type {any} */ (form.elements).to.value = to;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const fields = /** @type {any} */ (form.elements);
      go({ from: fields.from.value.trim(), to: fields.to.value.trim() });
    });
    /** @type {HTMLElement} */ (box.querySelector(".zone")).textContent =
      query.get("tz") && query.get("tz") !== "browser" ? query.get("tz") : Intl.DateTimeFormat().resolvedOptions().timeZone;
    for (const zone of box.querySelectorAll("[data-zone]")) {
      zone.addEventListener("click", () => go({ tz: /** @type {HTMLElement} */ (zone).dataset.zone ?? null }));
    }
    popover(button, box);
    this.get("[data-earlier]").addEventListener("click", () => this.shift(-1));
    this.get("[data-later]").addEventListener("click", () => this.shift(1));
    this.get("[data-zoom-out]").addEventListener("click", () => this.widen());
    this.get("[data-zoom-reset]").addEventListener("click", () => this.page.zoom.set(null));
  }

  /** @param {string} text */
  setRangeText(text) {
    this.get("[data-time-picker] span").textContent = text;
  }

  /** @returns {[number, number]} */
  range() {
    return this.page.zoom.range ?? this.boot.window;
  }

  /** @param {number} direction */
  shift(direction) {
    const [from, to] = this.range();
    const half = Math.round((to - from) / 2) * direction;
    go({ from: String(Math.round(from + half)), to: String(Math.round(to + half)) });
  }

  widen() {
    const [from, to] = this.range();
    const half = Math.round((to - from) / 2);
    go({ from: String(Math.round(from - half)), to: String(Math.min(Math.round(to + half), Date.now())) });
  }

  /** @param {[number, number]|null} range */
  zoomed(range) {
    this.get("[data-zoom-reset]").hidden = range === null;
    this.setRangeText(range ? `${fullTime(range[0])} to ${clock(range[1])}` : this.rangeText ?? "");
    html.classList.toggle("zoomed", range !== null);
  }

  // -- refresh ---------------------------------------------------------------------------------------------------

  refresh() {
    const button = this.get("[data-refresh-picker]");
    const box = this.get("[data-refresh-box]");
    const seconds = this.boot.refresh_s;
    const now = seconds ? REFRESHES.find((one) => secondsOf(one) === seconds) ?? `${seconds}s` : "off";
    this.get("[data-refresh-picker] .value").textContent = now === "off" ? "Off" : now;
    box.append(...REFRESHES.map((one) => h("button", {
      class: "item", type: "button", "aria-current": one === now ? "true" : null, onclick: () => go({ refresh: one }),
    }, one === "off" ? "Off" : one)));
    popover(button, box);
    const pause = this.get("[data-pause]");
    pause.hidden = !this.boot.live;
    pause.addEventListener("click", () => {
      this.paused = !this.paused;
      pause.setAttribute("aria-pressed", String(this.paused));
      pause.setAttribute("aria-label", this.paused ? "Go on" : "Pause");
      this.page.pause(this.paused);
    });
  }

  /** @param {any} tick */
  ticked(tick) {
    const pulse = this.get(".pulse");
    this.get("[data-refresh-picker]").title = `Last tick ${clock(tick.at)}`;
    pulse.classList.remove("ring");
    void pulse.offsetWidth; // so that the ring begins anew
    pulse.classList.add("ring");
  }

  // -- variables -------------------------------------------------------------------------------------------------

  variables() {
    for (const variable of this.boot.variables) {
      const button = document.querySelector(`[data-variable="${CSS.escape(variable.name)}"]`);
      if (button instanceof HTMLInputElement) this.textbox(variable, button);
      else if (button instanceof HTMLElement) this.choice(variable, button);
    }
  }

  /** @param {any} variable @param {HTMLInputElement} input */
  textbox(variable, input) {
    input.addEventListener("change", () => go({ [`var-${variable.name}`]: input.value }));
  }

  /** @param {any} variable @param {HTMLElement} button */
  choice(variable, button) {
    const options = [...(variable.include_all ? [{ value: all, text: "All" }] : []), ...variable.options];
    const chosen = new Set(variable.current);
    const search = /** @type {HTMLInputElement} */ (h("input", { placeholder: `Search ${variable.options.length} values`, "aria-label": `Search values of ${variable.label}` }));
    const list = h("div", { class: "list", role: "listbox", "aria-label": variable.label, "aria-multiselectable": String(variable.multi) });
    const box = h("div", { class: "pop pop-variable", hidden: true, role: "dialog", "aria-label": variable.label }, h("div", { class: "search" }, h("label", { class: "field" }, search)), list);
    const apply = () => go({ [`var-${variable.name}`]: [...chosen] });
    const fill = () => {
      const words = search.value.toLowerCase();
      const shown = options.filter((one) => one.text.toLowerCase().includes(words)).slice(0, 500);
      list.replaceChildren(...shown.map((one) => h("button", {
        class: "item", type: "button", role: "option", "aria-selected": String(chosen.has(one.value)),
        onclick: () => {
          choose(chosen, one.value, variable.multi);
          if (variable.multi) fill();
          else apply();
        },
      }, variable.multi ? h("span", { class: "check" }, icon("check")) : null, h("span", { class: "cut" }, one.text))));
      if (!shown.length) list.replaceChildren(h("p", { class: "muted none" }, variable.error || "No value matches"));
    };
    search.addEventListener("input", fill);
    if (variable.multi) box.append(h("div", { class: "foot" }, h("button", { class: "btn primary sm", type: "button", onclick: () => { close(); apply(); } }, "Apply")));
    button.after(box);
    popover(button, box, fill);
  }

  // -- phone -----------------------------------------------------------------------------------------------------

  sheet() {
    const toggle = () => html.toggleAttribute("data-sheet");
    this.get("[data-sheet-open]").addEventListener("click", toggle);
    for (const closer of document.querySelectorAll("[data-sheet-close]")) closer.addEventListener("click", toggle);
  }
}

/** @param {Set<string>} chosen @param {string} value @param {boolean} multi */
function choose(chosen, value, multi) {
  if (!multi || value === all) {
    chosen.clear();
    chosen.add(value);
    return;
  }
  chosen.delete(all);
  if (!chosen.delete(value)) chosen.add(value);
}

/** @param {string} text */
function secondsOf(text) {
  const units = { s: 1, m: 60, h: 3600, d: 86400 };
  return Number.parseInt(text, 10) * (units[/** @type {"s"} */ (text.slice(-1))] ?? 0);
}

/** @param {string} from @param {string} to @param {[number, number]} window */
function rangeName(from, to, window) {
  const known = QUICK.find(([start]) => start === from && to === "now");
  if (known) return known[1];
  if (/^\d+$/.test(from)) return `${fullTime(window[0])} to ${window[1] - window[0] < 86400e3 ? clock(window[1]) : fullTime(window[1])}`;
  return `${from} to ${to}`;
}
