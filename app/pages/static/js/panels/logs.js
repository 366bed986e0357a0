// Log lines: time, level, message; a click unfolds a line's labels. Ticks add lines without moving what is read.

import * as bridge from "../bokeh_bridge.js";
import { h } from "../dom.js";
import { clock, fullTime, isoTime } from "../zone.js";
import { HtmlPanel } from "./html_panel.js";

const AT_EDGE_PX = 8;

export class Logs extends HtmlPanel {
  /** @param {import("../snapshot.js").PanelHead} head @param {Map<string, ArrayBuffer>} buffers @param {any} context */
  constructor(head, buffers, context) {
    super(head, buffers, context);
    this.drawing = bridge.read(head.doc, buffers);
    this.source = this.drawing.source("rows");
    this.list = h("ol", { class: "lines", "aria-label": "Log lines" });
    this.element.classList.add("scroller");
    this.element.setAttribute("tabindex", "0");
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", "Log lines");
    this.element.append(this.list);
    /** @type {Set<string>} */
    this.unfolded = new Set();
    this.element.addEventListener("click", (event) => this.toggle(event));
  }

  get newestFirst() {
    return this.texts.options.order === "newest";
  }

  write() {
    const data = columnsOf(this.source.data);
    const rows = Array.from(data.t ?? [], (_, index) => this.line(data, index));
    if (this.newestFirst) rows.reverse();
    this.element.classList.toggle("nowrap", !this.texts.options.wrap);
    this.list.replaceChildren(...rows);
  }

  /** @param {Record<string, any>} data @param {number} index */
  line(data, index) {
    const [time, text, level, count] = [data.t[index], data.line[index], data.level[index], data.n[index]];
    const key = `${time} ${text}`;
    const labels = JSON.parse(data.labels[index]);
    const { show_time: showTime, show_labels: showLabels } = this.texts.options;
    const open = this.unfolded.has(key);
    const button = h("button", { type: "button", class: "line", "aria-expanded": String(open), "data-key": key },
      showTime ? h("time", { datetime: isoTime(time), title: fullTime(time) }, clock(time)) : null,
      h("span", { class: "level" }, level === "unknown" ? "" : level),
      h("span", { class: "words" }, text),
      count > 1 ? h("span", { class: "count", title: `${count} lines` }, `×${count}`) : null);
    const row = h("li", { class: `lvl-${level}` }, button);
    if (showLabels && !open) row.append(h("span", { class: "chips" }, ...Object.entries(labels).map(([name, value]) => h("span", { class: "tag" }, `${name}=${value}`))));
    if (open) row.append(details(labels, time));
    return row;
  }

  /** @param {Event} event */
  toggle(event) {
    const button = /** @type {HTMLElement} */ (event.target).closest("button.line");
    if (!(button instanceof HTMLElement) || getSelection()?.toString()) return;
    const key = button.dataset.key ?? "";
    if (!this.unfolded.delete(key)) this.unfolded.add(key);
    this.keeping(() => this.write());
    const again = [...this.list.querySelectorAll("button.line")].find((one) => /** @type {HTMLElement} */ (one).dataset.key === key);
    /** @type {HTMLElement|undefined} */ (again)?.focus();
  }

  /** @param {any} change @param {[number, number]} window */
  tick(change, window) {
    const rows = change.sources?.rows;
    if (rows) bridge.applyChange(this.source, rows);
    if (!rows) return super.tick(change, window);
    this.keeping(() => {
      if (change.texts) Object.assign(this.texts, change.texts);
      if (rows.stream && !rows.patch) this.append(rows.stream.t.length, rows.rollover);
      else this.write();
    });
  }

  /** The newest lines alone, and those that fell out of the range gone. @param {number} count @param {number} most */
  append(count, most) {
    const data = columnsOf(this.source.data);
    for (let index = data.t.length - count; index < data.t.length; index += 1) {
      const row = this.line(data, index);
      if (this.newestFirst) this.list.prepend(row);
      else this.list.append(row);
    }
    while (this.list.children.length > most) (this.newestFirst ? this.list.lastElementChild : this.list.firstElementChild)?.remove();
  }

  /** Who reads the newest sees the newest; who reads elsewhere stays there. @param {() => void} change */
  keeping(change) {
    const box = this.element;
    const below = box.scrollHeight - box.scrollTop;
    const atStart = box.scrollTop <= AT_EDGE_PX;
    const atEnd = below - box.clientHeight <= AT_EDGE_PX;
    change();
    if (this.newestFirst && !atStart) box.scrollTop = box.scrollHeight - below;
    else if (!this.newestFirst && atEnd) box.scrollTop = box.scrollHeight;
  }

  /** @param {HTMLElement} place */
  mount(place) {
    super.mount(place);
    if (!this.newestFirst) this.element.scrollTop = this.element.scrollHeight;
  }

  remove() {
    bridge.discard(this.drawing);
    this.element.remove();
  }
}

/** @param {Record<string, string>} labels @param {number} time */
function details(labels, time) {
  const entries = Object.entries({ time: fullTime(time), ...labels });
  return h("dl", { class: "labels" }, ...entries.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, String(value))]));
}

/** @param {any} data */
function columnsOf(data) {
  return data instanceof Map ? Object.fromEntries(data) : data;
}
