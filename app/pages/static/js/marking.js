// Marking instants and regions of a chart, for those who may: by the pointer, by a panel's menu, and changing what was marked.

import { annotationForm } from "./annotate.js";
import { h, icon } from "./dom.js";

export class Marking {
  /** @param {{boot: any, zoom: import("./zoom.js").Zoom, sight: import("./sight.js").Sight, room: import("./room.js").Room|null, range: () => [number, number]}} page */
  constructor(page) {
    this.page = page;
  }

  /** Whether this person may mark something on that panel. @param {number} id */
  canAnnotate(id) {
    const body = this.page.sight.panels.get(id)?.body;
    return Boolean(this.page.boot.annotate && body?.timed && body.replaceData);
  }

  /** Ask for words on an instant or a region; without one, on the middle of what is shown. @param {number} id @param {[number, number]} [range] */
  annotate(id, range) {
    if (!this.canAnnotate(id)) return;
    const [from, to] = this.page.range();
    const [time, end] = (range ?? [(from + to) / 2, (from + to) / 2]).map(Math.round);
    this.edit({ time, end });
  }

  /** @param {import("./annotate.js").Annotation} annotation */
  edit(annotation) {
    annotationForm(this.page.boot.dashboard_id, annotation);
  }

  /** What marks an instant for those who watch too. @param {number} ms @returns {HTMLElement[]} */
  pins(ms) {
    const { room, zoom } = this.page;
    if (!room?.company) return [];
    const pin = () => {
      const { left, top } = zoom.pointer.tip.getBoundingClientRect();
      zoom.pointer.unpin();
      room.pin(ms, { x: left, y: top });
    };
    return [h("button", { class: "item", type: "button", onclick: pin }, icon("pin"), "Pin a line for all")];
  }

  /** Ctrl or Cmd with a click or a drag marks, and what a click says of an instant offers to. */
  start() {
    if (!this.page.boot.annotate) return;
    const idOf = (/** @type {any} */ chart) => Number(chart.over.closest("section[data-panel-id]")?.dataset.panelId ?? 0);
    this.page.zoom.marked = (chart, range) => this.annotate(idOf(chart), range);
    this.page.zoom.ways = (chart, ms) => {
      if (!this.canAnnotate(idOf(chart))) return [];
      const add = () => {
        this.page.zoom.pointer.unpin();
        this.annotate(idOf(chart), [ms, ms]);
      };
      return [...this.pins(ms), h("button", { class: "item", type: "button", onclick: add }, icon("note"), "Add annotation")];
    };
    addEventListener("editannotation", (event) => this.edit(/** @type {CustomEvent} */ (event).detail));
  }
}
