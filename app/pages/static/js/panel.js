// One panel of the page: its section, its state, and what draws its body.

import { PanelState } from "./panel_state.js";
import { PANELS } from "./panels/index.js";

/** @typedef {{element: HTMLElement, tick?: (texts: any) => void, remove?: () => void}} Body */

export class PanelView {
  /** @param {HTMLElement} section @param {{retry: (id: number) => void, rows: (id: number, query: any) => Promise<any>, picture: (id: number, query: any, etag: string) => Promise<any>, inspect: (id: number) => void, span: () => number, zoom: import("./zoom.js").Zoom}} page */
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
    /** @type {any} what the server says of the panel */
    this.head = { state: "loading" };
    this.place = /** @type {HTMLElement} */ (section.querySelector(".body"));
    this.status = new PanelState(section, this.place, { retry: () => page.retry(this.id), inspect: () => page.inspect(this.id), span: () => page.span() });
  }

  /**
   * Draw what a snapshot says.
   * @param {import("./snapshot.js").PanelHead} head @param {Map<string, ArrayBuffer>} buffers
   * @param {number} seq @param {[number, number]} window
   */
  async show(head, buffers, seq, window) {
    this.seq = seq;
    if (head.doc) {
      const Kind = head.texts?.density ? PANELS.density : PANELS[head.type] ?? PANELS.text;
      const body = new Kind(head, buffers, {
        zoom: this.page.zoom, section: this.section, window,
        rows: (/** @type {any} */ query) => this.page.rows(this.id, query),
        picture: (/** @type {any} */ query, /** @type {string} */ etag) => this.page.picture(this.id, query, etag),
        said: () => this.state(this.head),
      });
      const old = this.body;
      const focused = focusable(this.place).indexOf(document.activeElement);
      this.section.querySelector(":scope > header .unit")?.replaceChildren();
      this.body = body;
      this.drawn = true;
      await body.mount?.(this.place, old);
      if (!body.mount) this.place.replaceChildren(body.element);
      old?.remove?.();
      if (focused >= 0 && document.activeElement === document.body) {
        body.write?.();
        focusable(this.place)[focused]?.focus({ preventScroll: true });
      }
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
    this.head = head;
    this.status.show(this.body?.said?.(head) ?? head);
  }

  /** Let go of what was drawn, keeping the room it takes. */
  unload() {
    this.body?.remove?.();
    this.body = null;
    this.drawn = false;
    this.seq = -1;
    this.place.replaceChildren();
    this.section.querySelector(":scope > header .unit")?.replaceChildren();
    this.status.loading();
  }
}

/** What keys reach within a box, in their order: what is drawn anew has the focus where it was. @param {HTMLElement} box @returns {any[]} */
function focusable(box) {
  return [...box.querySelectorAll("a[href], button, input, select, [tabindex]")];
}
