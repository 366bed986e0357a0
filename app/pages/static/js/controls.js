// The header of a dashboard: range, refresh, variables, theme. The address is the state: each choice is a new address.

import { go } from "./address.js";
import { h } from "./dom.js";
import { list, toggle } from "./kept.js";
import { popover } from "./menus.js";
import { TimePicker } from "./timepicker.js";
import { installVariables } from "./variables.js";
import { clock, fullTime } from "./zone.js";
import "./theme.js";

export { go } from "./address.js";
export const REFRESHES = ["off", "1s", "2s", "5s", "10s", "30s", "1m", "5m", "15m"];
const html = document.documentElement;

export class Controls {
  /** @param {any} boot @param {{pause: (paused: boolean) => void, zoom: import("./zoom.js").Zoom, theme: () => void}} page */
  constructor(boot, page) {
    this.boot = boot;
    this.page = page;
    this.paused = false;
    this.picker = new TimePicker(boot, () => this.range());
    this.get("[data-earlier]").addEventListener("click", () => this.shift(-1));
    this.get("[data-later]").addEventListener("click", () => this.shift(1));
    this.get("[data-zoom-out]").addEventListener("click", () => this.widen());
    this.get("[data-zoom-reset]").addEventListener("click", () => this.page.zoom.set(null));
    this.refresh();
    installVariables(boot.variables);
    this.sheet();
    this.star();
    addEventListener("themechange", () => page.theme());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => page.theme());
  }

  /** @param {string} selector @returns {HTMLElement} */
  get(selector) {
    return /** @type {HTMLElement} */ (document.querySelector(selector));
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
    this.picker.label(range ? `${fullTime(range[0])} to ${clock(range[1])}` : this.picker.name);
    html.classList.toggle("zoomed", range !== null);
  }

  // -- refresh ---------------------------------------------------------------------------------------------------

  refresh() {
    const button = this.get("[data-refresh-picker]");
    const box = this.get("[data-refresh-box]");
    const seconds = this.boot.refresh_s;
    const now = seconds ? REFRESHES.find((one) => secondsOf(one) === seconds) ?? `${seconds}s` : "off";
    this.get("[data-refresh-picker] .value").textContent = now === "off" ? "Off" : now;
    const choices = REFRESHES.includes(now) ? REFRESHES : ["off", now, ...REFRESHES.slice(1)];
    box.append(...choices.map((one) => h("button", {
      class: "item", type: "button", "aria-current": one === now ? "true" : null, onclick: () => go({ refresh: one }),
    }, one === "off" ? "Off" : one)));
    popover(button, box);
    const pause = this.get("[data-pause]");
    pause.hidden = !this.boot.live;
    pause.addEventListener("click", () => this.pause());
  }

  pause() {
    if (!this.boot.live) return;
    const button = this.get("[data-pause]");
    this.paused = !this.paused;
    button.setAttribute("aria-pressed", String(this.paused));
    button.setAttribute("aria-label", this.paused ? "Go on" : "Pause");
    button.querySelector("path")?.setAttribute("d", this.paused ? "M5 3.500v9L12.500 8z" : "M5.500 3.500v9M10.500 3.500v9");
    this.page.pause(this.paused);
  }

  /** @param {any} tick */
  ticked(tick) {
    this.get("[data-refresh-picker]").title = `Last tick ${clock(tick.at)}`;
    for (const pulse of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".top .pulse"))) {
      pulse.classList.remove("ring");
      void pulse.offsetWidth; // so that the ring begins anew
      pulse.classList.add("ring");
    }
  }

  // -- the rest --------------------------------------------------------------------------------------------------

  star() {
    const button = document.querySelector("[data-star]");
    if (!button) return;
    const write = (/** @type {boolean} */ on) => {
      button.setAttribute("aria-pressed", String(on));
      button.setAttribute("aria-label", on ? "Starred" : "Star this dashboard");
    };
    const own = { id: this.boot.dashboard_id, title: this.boot.title, url: location.pathname.slice((html.dataset.root ?? "").length) };
    write(list("starred").some((one) => one?.id === own.id));
    button.addEventListener("click", () => write(toggle("starred", own)));
  }

  sheet() {
    const switchSheet = () => {
      const on = html.toggleAttribute("data-sheet");
      (on ? this.get("[data-sheet-close]") : this.get("[data-sheet-open]")).focus();
    };
    this.get("[data-sheet-open]").addEventListener("click", switchSheet);
    this.get("[data-sheet-close]").addEventListener("click", switchSheet);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && html.hasAttribute("data-sheet") && !event.defaultPrevented) switchSheet();
    });
    document.addEventListener("pointerdown", (event) => {
      const inside = /** @type {Element} */ (event.target).closest?.(".controls, [data-sheet-open]");
      if (html.hasAttribute("data-sheet") && !inside) html.removeAttribute("data-sheet");
    });
  }
}

/** @param {string} text */
function secondsOf(text) {
  const units = { s: 1, m: 60, h: 3600, d: 86400 };
  return Number.parseInt(text, 10) * (units[/** @type {"s"} */ (text.slice(-1))] ?? 0);
}
