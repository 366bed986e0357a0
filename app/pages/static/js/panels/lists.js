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

const AROUND_MS = 5 * 60e3, AROUND_SHARE = 0.25;

/** What was made, as the server lists it, and what the queries of the page found, which the page has already. */
export class AnnotationsList extends HtmlPanel {
  /** @param {import("../snapshot.js").PanelHead} head @param {Map<string, ArrayBuffer>} buffers @param {any} context */
  constructor(head, buffers, context) {
    super(head, buffers, context);
    this.rewrite = () => this.write();
    this.context.zoom.annotations?.listeners.add(this.rewrite);
  }

  remove() {
    this.context.zoom.annotations?.listeners.delete(this.rewrite);
    this.element.remove();
  }

  write() {
    list(this.element, { ...this.texts, items: this.items() }, (item) => row({
      state: badge("info", "info", item.tags[0] ? capital(item.tags[0]) : item.end ? "Region" : "Mark"),
      title: item.title,
      when: item.end ? `${moment(item.time)} – ${moment(item.end)}` : moment(item.time),
      detail: item.detail,
      url: "",
      onclick: () => this.context.zoom.set(around(item)),
    }));
  }

  items() {
    const { items, tags: wanted, limit, queries, details } = this.texts;
    if (!queries) return items;
    /** @type {Map<string, any>} */
    const found = new Map(items.map((/** @type {any} */ one) => [keyOf(one), one]));
    for (const { time, end, title, text, tags = [], query } of this.context.zoom.annotations?.items ?? []) {
      if (query.builtin || (wanted.length && !tags.some((/** @type {string} */ tag) => wanted.includes(tag)))) continue;
      const one = { time, end: end > time ? end : null, title: title || text, tags, detail: details ? [title && text, tags.join(", "), query.name].filter(Boolean).join(" · ") : "" };
      if (!found.has(keyOf(one))) found.set(keyOf(one), one);
    }
    return [...found.values()].sort((a, b) => b.time - a.time).slice(0, limit);
  }
}

/** @param {any} one */
function keyOf(one) {
  return `${one.time}\n${one.end ?? ""}\n${one.title}`;
}

/** The range in which one is seen with what was before and after. @param {{time: number, end: number|null}} item @returns {[number, number]} */
function around({ time, end }) {
  const margin = end ? Math.max((end - time) * AROUND_SHARE, 10e3) : AROUND_MS;
  return [time - margin, (end ?? time) + margin];
}

/** @param {HTMLElement} element @param {any} texts @param {(item: any) => HTMLElement} make */
function list(element, texts, make) {
  element.className = "feed scroller";
  element.setAttribute("tabindex", "0");
  const rows = texts.items.map(make);
  if (rows.length) element.replaceChildren(h("ul", {}, ...rows));
  else element.replaceChildren(h("p", { class: "none" }, icon("check"), texts.none));
}

/** @param {{state: HTMLElement, title: string, when: string, detail: string, url: string, onclick?: () => void}} item */
function row({ state, title, when, detail, url, onclick }) {
  const words = [state, h("span", { class: "t cut", title }, title), h("span", { class: "w" }, when), h("span", { class: "d cut", title: detail }, detail)];
  const link = safeLink(url);
  if (onclick) return h("li", {}, h("button", { class: "entry", type: "button", onclick }, ...words));
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
