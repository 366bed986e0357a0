// One panel of the page: its section, its state, and what draws its body.

import { h, icon } from "./dom.js";
import { PANELS } from "./panels/index.js";

/** @typedef {{element: HTMLElement, tick?: (texts: any) => void, remove?: () => void}} Body */

export class PanelView {
  /** @param {HTMLElement} section @param {{retry: (id: number) => void, rows: (id: number, query: any) => Promise<any>, zoom: import("./zoom.js").Zoom}} page */
  constructor(section, page) {
    this.section = section;
    this.page = page;
    this.id = Number(section.dataset.panelId);
    this.seq = -1;
    this.near = false;
    this.drawn = false;
    this.fetching = false;
    /** @type {any} */
    this.body = null;
    this.place = /** @type {HTMLElement} */ (section.querySelector(".body"));
    this.badge = /** @type {HTMLElement} */ (section.querySelector(".badge"));
    this.ageTimer = 0;
  }

  /**
   * Draw what a snapshot says.
   * @param {import("./snapshot.js").PanelHead} head @param {Map<string, ArrayBuffer>} buffers
   * @param {number} seq @param {[number, number]} window
   */
  async show(head, buffers, seq, window) {
    this.seq = seq;
    if (head.doc) {
      const Kind = PANELS[head.type] ?? PANELS.text;
      const body = new Kind(head, buffers, {
        zoom: this.page.zoom, section: this.section, window,
        rows: (/** @type {any} */ query) => this.page.rows(this.id, query),
      });
      const old = this.body;
      this.body = body;
      this.drawn = true;
      await body.mount?.(this.place, old);
      if (!body.mount) this.place.replaceChildren(body.element);
      old?.remove?.();
    }
    this.state(head);
  }

  /** Apply one tick; false where it does not follow on what is drawn. @param {any} tick */
  apply(tick) {
    if (tick.seq <= this.seq) return true;
    if (this.seq >= 0 && tick.seq !== this.seq + 1) return false;
    this.seq = tick.seq;
    const change = tick.panels[this.id];
    if (change?.reload) return false;
    if (change?.state) {
      if (!this.body && ["ready", "stale"].includes(change.state)) return false;
      this.state(change);
    }
    if (this.body?.tick) this.body.tick(change ?? {}, tick.window);
    return true;
  }

  /** @param {any} head */
  state(head) {
    const state = head.state;
    this.section.dataset.panelState = state;
    clearInterval(this.ageTimer);
    this.badge.replaceChildren();
    this.badge.className = "badge";
    this.place.querySelector(":scope > .message")?.remove();
    if (state === "stale") this.age(head.age_s ?? 0);
    else if (head.notice) this.badge.replaceChildren(icon("info"), head.notice);
    if (state === "error" || state === "timeout" || state === "empty") this.message(state, head);
    this.place.classList.toggle("covered", ["error", "timeout", "empty"].includes(state));
  }

  /** @param {number} seconds how old the data is */
  age(seconds) {
    const since = Date.now() - seconds * 1000;
    const write = () => {
      const age = Math.round((Date.now() - since) / 1000);
      this.badge.replaceChildren(icon("clock"), `Data source unavailable, data from ${age} s ago`);
    };
    this.badge.classList.add("warn");
    write();
    this.ageTimer = setInterval(write, 1000);
  }

  /** @param {string} state @param {any} head */
  message(state, head) {
    const [glyph, title, text] = {
      empty: ["chart", "No data in this range", "Nothing was recorded here in the time that is shown."],
      timeout: ["clock", head.message?.replace(/^s/, "S") ?? "Timed out", "A shorter range or a larger step is faster."],
      error: ["broken", head.title ?? "This panel failed", head.message ?? ""],
    }[state] ?? ["info", "", ""];
    const retry = h("button", { class: "btn sm", type: "button", onclick: () => this.page.retry(this.id) }, icon("retry"), "Try now");
    const message = h("div", { class: `message ${state}` }, icon(/** @type {any} */ (glyph)), h("strong", {}, title), h("p", {}, text));
    if (state !== "empty") message.append(retry);
    this.place.append(message);
  }

  /** Let go of what was drawn, keeping the room it takes. */
  unload() {
    this.body?.remove?.();
    this.body = null;
    this.drawn = false;
    this.seq = -1;
    this.place.replaceChildren();
    this.section.dataset.panelState = "loading";
  }
}
