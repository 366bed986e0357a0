// The header of a dashboard: range, refresh, variables, theme. The address is the state: each choice is a new address.

import { go } from "./address.js";
import { h } from "./dom.js";
import { close, popover } from "./menus.js";
import { isStarred, learnStars, switchStar } from "./stars.js";
import { TimePicker } from "./timepicker.js";
import { installVariables } from "./variables.js";
import { clock, fullTime } from "./zone.js";
import "./theme.js";

export { go } from "./address.js";
export const REFRESHES = ["off", "1s", "2s", "5s", "10s", "30s", "1m", "5m", "15m"];
const html = document.documentElement;

export class Controls {
  /** @param {any} boot @param {{pause: (paused: boolean) => void, zoom: import("./zoom.js").Zoom, theme: () => void, refresh: () => void}} page */
  constructor(boot, page) {
    this.boot = boot;
    this.page = page;
    this.paused = false;
    this.picker = new TimePicker(boot, () => this.range());
    this.get("[data-earlier]").addEventListener("click", () => this.shift(-1));
    this.get("[data-later]").addEventListener("click", () => this.shift(1));
    this.get("[data-zoom-out]").addEventListener("click", () => this.widen());
    this.get("[data-zoom-reset]").addEventListener("click", () => this.back());
    this.get("[data-refresh]").addEventListener("click", () => page.refresh());
    this.refresh();
    this.variables = installVariables(boot.variables);
    this.become(boot);
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
    if (this.boot.range.to === "now" && !this.page.zoom.range) {
      go({ from: `now-${Math.round((2 * (to - from)) / 1000)}s`, to: "now" }); // what was live stays live
      return;
    }
    const half = Math.round((to - from) / 2);
    go({ from: String(Math.round(from - half)), to: String(Math.min(Math.round(to + half), Date.now())) });
  }

  /** Make a range that moves the two instants that it is now. */
  hold() {
    const [from, to] = this.range();
    go({ from: String(Math.round(from)), to: String(Math.round(to)) });
  }

  /** The page shows another view. @param {any} boot */
  become(boot) {
    this.boot = boot;
    this.picker.become(boot);
    this.variables.become(boot.variables);
    this.interval();
    this.get("[data-pause]").hidden = !boot.live;
    this.zoomed(this.page.zoom.range);
  }

  /** Whether what is shown ends at some past instant, and stays there. */
  get past() {
    return !/^now/.test(this.boot.range.to);
  }

  /** To the range that moves: from a zoom to the one before it, from a past one to the dashboard's own. */
  back() {
    if (this.page.zoom.range) this.page.zoom.set(null);
    else go({ from: null, to: null });
  }

  /** @param {[number, number]|null} range */
  zoomed(range) {
    const chosen = new URLSearchParams(location.search);
    this.get("[data-zoom-reset]").hidden = range === null && !(this.past && (chosen.has("from") || chosen.has("to")));
    this.picker.label(range ? `${fullTime(range[0])} to ${clock(range[1])}` : this.picker.name);
    html.classList.toggle("zoomed", range !== null);
  }

  // -- refresh ---------------------------------------------------------------------------------------------------

  refresh() {
    popover(this.get("[data-refresh-picker]"), this.get("[data-refresh-box]"));
    this.get("[data-pause]").addEventListener("click", () => this.pause());
  }

  /** How often the view is asked, and what else it could be. */
  interval() {
    const seconds = this.boot.refresh_s;
    const now = seconds ? REFRESHES.find((one) => secondsOf(one) === seconds) ?? `${seconds}s` : "off";
    this.get("[data-refresh-picker] .value").textContent = now === "off" ? "Off" : now;
    const choices = REFRESHES.includes(now) ? REFRESHES : ["off", now, ...REFRESHES.slice(1)];
    this.get("[data-refresh-box]").replaceChildren(...choices.map((one) => h("button", {
      class: "item", type: "button", "aria-current": one === now ? "true" : null, onclick: () => this.ask(one),
    }, one === "off" ? "Off" : one)));
  }

  /** A range that is past does not move: who wants it asked again and again wants the one that does. @param {string} refresh */
  ask(refresh) {
    close(true);
    go(this.past && refresh !== "off" ? { refresh, from: null, to: null } : { refresh });
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
      const again = pulse.classList.toggle("ring"); // another name of the same ring, which so begins anew
      pulse.classList.toggle("ring-again", !again);
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
    const now = () => write(isStarred(own.id));
    now();
    learnStars().then(now);
    button.addEventListener("click", async () => {
      const switched = switchStar(own);
      now();
      await switched;
      now();
    });
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
