// How a panel says that it has nothing to show, or something old: a message in its body, a badge in its head.

import { go } from "./address.js";
import { h, icon } from "./dom.js";

const DAY_MS = 86400e3, HOUR_MS = 3600e3;
const COVERED = ["error", "timeout", "empty"];

/** @typedef {{retry: () => void, inspect: () => void, span: () => number}} Ways what a message offers; span is of the range, ms */

export class PanelState {
  /** @param {HTMLElement} section @param {HTMLElement} place @param {Ways} ways */
  constructor(section, place, ways) {
    this.section = section;
    this.place = place;
    this.ways = ways;
    this.badge = /** @type {HTMLElement} */ (section.querySelector(".badge"));
    this.timer = 0;
  }

  /** @param {any} head what the server says of the panel */
  show(head) {
    this.section.dataset.panelState = head.state;
    clearInterval(this.timer);
    this.badge.replaceChildren();
    this.badge.className = "badge";
    this.badge.removeAttribute("title");
    this.place.querySelector(":scope > .message")?.remove();
    if (head.state === "stale") this.age(head.age_s ?? 0);
    else if (head.notice) {
      this.badge.replaceChildren(icon("info"), h("span", { class: "cut" }, head.notice));
      this.badge.title = head.notice;
    }
    if (COVERED.includes(head.state)) this.place.append(this.message(head));
    this.place.classList.toggle("covered", COVERED.includes(head.state));
  }

  /** @param {number} seconds how old the data is */
  age(seconds) {
    const since = Date.now() - seconds * 1000;
    const text = h("span", {});
    this.badge.classList.add("warn");
    this.badge.title = "The source does not answer; this is its last good answer";
    this.badge.replaceChildren(icon("clock"), h("span", { class: "why" }, "Data source unavailable, "), text);
    this.every(() => (text.textContent = `data from ${ageText((Date.now() - since) / 1000)} ago`));
  }

  /** @param {any} head */
  message(head) {
    const { retry, inspect, span } = this.ways;
    const again = button("Try now", retry, "retry");
    const make = {
      empty: () => this.section.dataset.panelType === "stat" ? quiet(head.detail) : say("empty", "chart", "No data in this range", head.detail ?? "Nothing was recorded here in the time that is shown.", [
        span() < DAY_MS ? button("Show last 24 h", () => go({ from: "now-24h", to: "now" })) : null]),
      timeout: () => say("timeout", "clock", sentence(head.message) || "Timed out", "The query read more than its deadline allows. A shorter range or a larger step is faster.", [
        button("Try again", retry, "retry"), span() > HOUR_MS ? button("Use last 1 h", () => go({ from: "now-1h", to: "now" })) : null]),
      error: () => head.lacks_source ? say("error", "broken", head.title, sentence(head.message), [addsSource(), button("Inspect", inspect)]) : say("error", "broken", head.title ?? "This panel failed", head.message ?? "", [again, button("Inspect", inspect)]),
    }[/** @type {"empty"} */ (head.state)];
    const message = make();
    message.title = [message.querySelector("strong:not([aria-hidden])")?.textContent, message.querySelector("p")?.textContent].filter(Boolean).join(". ");
    if (head.retry_in_s) this.countdown(message, head.retry_in_s);
    return message;
  }

  /** @param {HTMLElement} message @param {number} seconds */
  countdown(message, seconds) {
    const due = Date.now() + seconds * 1000;
    const text = h("span", { class: "due" });
    const words = message.querySelector("p");
    words?.append(/[.!?…]$/.test(words.textContent?.trim() ?? "") ? " " : ". ", text);
    this.every(() => {
      const left = Math.ceil((due - Date.now()) / 1000);
      text.textContent = left > 0 ? `Trying again in ${left} s.` : "Trying again.";
    });
  }

  /** @param {() => void} write */
  every(write) {
    write();
    this.timer = setInterval(write, 1000);
  }

  loading() {
    clearInterval(this.timer);
    this.badge.replaceChildren();
    this.section.dataset.panelState = "loading";
  }
}

/** `42 s`, `12 min`, `3 h` @param {number} seconds */
export function ageText(seconds) {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** @param {string|undefined} text */
function sentence(text) {
  return text ? text[0].toUpperCase() + text.slice(1) : "";
}

/** @param {string} text @param {() => void} onclick @param {"retry"} [glyph] */
function button(text, onclick, glyph) {
  return h("button", { class: "btn sm", type: "button", onclick }, glyph ? icon(glyph) : null, text);
}

/** Where data sources are added, for who may. */
function addsSource() {
  const { root = "" } = document.documentElement.dataset;
  return document.querySelector(".account[data-role=admin]") ? h("a", { class: "btn sm", href: `${root}/settings/sources` }, "Data sources") : null;
}

/** Nothing, said in the place of a number: a wall of stats is not a wall of messages. @param {string|undefined} why */
function quiet(why) {
  return h("div", { class: "message quiet" }, h("strong", { "aria-hidden": "true" }, "–"), h("p", { class: "vh" }, why ?? "No data in this range"));
}

/** @param {string} kind @param {any} glyph @param {string} what @param {string} why @param {(HTMLElement|null)[]} ways */
function say(kind, glyph, what, why, ways) {
  const buttons = ways.filter((one) => one !== null);
  return h("div", { class: `message ${kind}` }, icon(glyph), h("strong", {}, what), h("p", {}, why), buttons.length ? h("div", { class: "ways" }, ...buttons) : null);
}
