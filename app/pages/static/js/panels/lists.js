// Alerts and annotations as lists: a state or a tag, what it is, and since when.

import { h, icon } from "../dom.js";
import { clock, dayOf } from "../zone.js";
import { safeLink } from "./links.js";
import { HtmlPanel } from "./html_panel.js";

/** @type {Record<string, any>} */
const ICONS = { Firing: "alarm", Error: "warning", Pending: "clock", NoData: "minus", Normal: "check" };
const DAY_MS = 86400e3;

export class AlertList extends HtmlPanel {
  write() {
    list(this.element, this.texts, (item) => row({
      state: badge(item.level, ICONS[item.state] ?? "info", item.state),
      title: item.title,
      when: item.since ? `for ${span(Date.now() - item.since)}` : "",
      detail: item.detail,
      url: item.url,
    }));
  }
}

export class AnnotationsList extends HtmlPanel {
  write() {
    list(this.element, this.texts, (item) => row({
      state: badge("info", "info", item.tags[0] ? capital(item.tags[0]) : item.end ? "Region" : "Mark"),
      title: item.title,
      when: item.end ? `${moment(item.time)} – ${moment(item.end)}` : moment(item.time),
      detail: item.detail,
      url: "",
    }));
  }
}

/** @param {HTMLElement} element @param {any} texts @param {(item: any) => HTMLElement} make */
function list(element, texts, make) {
  element.className = "feed scroller";
  element.setAttribute("tabindex", "0");
  const rows = texts.items.map(make);
  if (rows.length) element.replaceChildren(h("ul", {}, ...rows));
  else element.replaceChildren(h("p", { class: "none" }, icon("check"), texts.none));
}

/** @param {{state: HTMLElement, title: string, when: string, detail: string, url: string}} item */
function row({ state, title, when, detail, url }) {
  const words = [state, h("span", { class: "t cut", title }, title), h("span", { class: "w" }, when), h("span", { class: "d cut", title: detail }, detail)];
  const link = safeLink(url);
  return h("li", {}, link ? h("a", { href: link, class: "entry" }, ...words) : h("div", { class: "entry" }, ...words));
}

/** @param {string} level @param {any} glyph @param {string} word */
function badge(level, glyph, word) {
  return h("span", { class: `state ${level}` }, icon(glyph), h("span", { class: "cut" }, word));
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The time today, the day before. @param {number} ms */
function moment(ms) {
  return Math.abs(Date.now() - ms) < DAY_MS / 2 || dayOf(ms) === dayOf(Date.now()) ? clock(ms).slice(0, 5) : dayOf(ms);
}

/** `42 min`, `3 h`, `11 d` @param {number} ms */
function span(ms) {
  const minutes = Math.max(0, Math.floor(ms / 60e3));
  if (minutes < 1) return `${Math.max(0, Math.round(ms / 1000))} s`;
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
}
