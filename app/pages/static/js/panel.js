// One panel of the page: its section, its state, and what draws its body.

import { PanelState } from "./panel_state.js";
import { PANELS } from "./panels/index.js";
import { Multiples } from "./panels/multiples.js";
import { partsHere } from "./shown_series.js";

/** @typedef {{element: HTMLElement, tick?: (texts: any) => void, remove?: () => void}} Body */

const FIRST_REST_MS = 1000, LONGEST_REST_MS = 60e3; // of a panel that cannot be drawn, until it is tried again

export class PanelView {
  /** @param {HTMLElement} section @param {{retry: (id: number) => void, rows: (id: number, query: any) => Promise<any>, picture: (id: number, query: any, etag: string) => Promise<any>, inspect: (id: number) => void, span: () => number, zoom: import("./zoom.js").Zoom}} page */
  constructor(section, page) {
    this.section = section;
    this.page = page;
    this.id = Number(section.dataset.panelId);
    this.seq = -1;
    /** @type {number[]} the range of what is drawn, ms */
    this.window = [];
    this.near = false;
    this.drawn = false;
    this.fetching = false;
    this.again = false; // whether it is to be fetched once more when what is on its way is there
    /** How often in a row this panel could not be drawn, and until when it is let be. */
    this.failures = 0;
    this.restUntil = 0;
    /** @type {any} */
    this.body = null;
    /** @type {any} what the server says of the panel */
    this.head = { state: "loading" };
    this.place = /** @type {HTMLElement} */ (section.querySelector(".body"));
    this.status = new PanelState(section, this.place, { retry: () => page.retry(this.id), inspect: () => page.inspect(this.id), span: () => page.span() });
  }

  /**
   * What cannot be drawn is this panel's fault alone: it says so, and the others go on.
   * @param {unknown} error
   */
  broke(error) {
    console.error(`Panel ${this.id} cannot be drawn`, error);
    this.failures += 1;
    this.restUntil = Date.now() + Math.min(FIRST_REST_MS * 2 ** this.failures, LONGEST_REST_MS);
    try {
      this.body?.remove?.();
    } catch {
      // it is broken, as was said
    }
    this.body = null;
    this.place.replaceChildren();
    this.drawn = true; // as far as can be: what is near is not asked for again and again
    this.status.show({ state: "error", title: "This panel cannot be drawn", message: error instanceof Error ? error.message : String(error) });
  }

  /**
   * Draw what a snapshot says.
   * @param {import("./snapshot.js").PanelHead} head @param {Map<string, ArrayBuffer>} buffers
   * @param {number} seq @param {[number, number]} window
   */
  async show(head, buffers, seq, window) {
    try {
      await this.draw(head, buffers, seq, window);
      if (head.doc) this.failures = 0;
    } catch (error) {
      this.broke(error);
    }
  }

  /** @param {import("./snapshot.js").PanelHead} head @param {Map<string, ArrayBuffer>} buffers @param {number} seq @param {[number, number]} window */
  async draw(head, buffers, seq, window) {
    this.seq = seq;
    this.window = window;
    if (!head.doc && head.state === "loading" && this.body) return; // what is drawn stays until there is something new
    this.busy(false);
    if (head.doc && !this.goesOn(head, buffers, window)) {
      const Kind = this.kindOf(head);
      const body = new Kind(head, buffers, {
        zoom: this.page.zoom, section: this.section, window,
        rows: (/** @type {any} */ query) => this.page.rows(this.id, query),
        picture: (/** @type {any} */ query, /** @type {string} */ etag) => this.page.picture(this.id, query, etag),
        said: () => this.state(this.head),
        again: () => this.page.retry(this.id),
      });
      body.layout = head.layout;
      const old = this.body;
      const focused = focusable(this.place).indexOf(document.activeElement);
      this.section.querySelector(":scope > header .unit")?.replaceChildren();
      this.body = body;
      this.drawn = true;
      await body.mount(this.place, old);
      old?.remove?.();
      if (focused >= 0 && document.activeElement === document.body) {
        body.write?.();
        focusable(this.place)[focused]?.focus({ preventScroll: true });
      }
    }
    this.state(head);
  }

  /**
   * Whether what is drawn took another answer over, which takes a tenth of drawing it anew.
   * @param {import("./snapshot.js").PanelHead} head @param {Map<string, ArrayBuffer>} buffers @param {[number, number]} window
   */
  goesOn(head, buffers, window) {
    const alike = head.layout && this.body?.layout === head.layout && this.body instanceof this.kindOf(head);
    return alike && this.body.element.isConnected && this.body.take?.(head, buffers, window);
  }

  /** What draws it. @param {import("./snapshot.js").PanelHead} head @returns {any} */
  kindOf(head) {
    if (head.texts?.density) return PANELS.density;
    if (head.type === "timeseries" && partsHere(this.section, head.texts).length) return Multiples;
    return PANELS[head.type] ?? PANELS.text;
  }

  /** Another view is on its way: what is drawn stays until then, and no tick of it is awaited. */
  await() {
    this.seq = -1;
    this.fetching = false;
    this.busy(this.near && this.drawn);
  }

  /** Whether something newer than what is drawn was asked for. @param {boolean} on */
  busy(on) {
    this.section.toggleAttribute("data-busy", on);
  }

  /** @param {string} title */
  rename(title) {
    const heading = this.section.querySelector(":scope > header h2");
    if (!heading || heading.textContent === title) return;
    heading.textContent = title;
    this.section.classList.toggle("untitled", !title);
    this.section.setAttribute("aria-label", title || "Panel");
  }

  /** Put what another range has in the place of what is drawn; false where that needs another drawing. @param {any} head @param {Map<string, ArrayBuffer>} buffers */
  replace(head, buffers) {
    try {
      const done = this.body?.replaceData?.(head, buffers) ?? false;
      if (done) this.state(head);
      return done;
    } catch (error) {
      this.broke(error);
      return true;
    }
  }

  /** Apply one tick; false where it does not follow on what is drawn. @param {any} tick */
  apply(tick) {
    try {
      return this.follow(tick);
    } catch (error) {
      this.broke(error);
      return true;
    }
  }

  /** @param {any} tick */
  follow(tick) {
    if (tick.seq <= this.seq) return true;
    if (this.seq >= 0 && tick.seq !== this.seq + 1) return false;
    this.seq = tick.seq;
    const change = tick.panels[this.id];
    if (this.page.zoom.range) return true; // a zoomed page stands still, all of it
    if (this.failures && !this.body) return !change || Date.now() < this.restUntil;
    if (change?.reload) return false;
    if (change?.state) {
      if (!this.body && ["ready", "stale"].includes(change.state)) return false;
      this.state(change);
    }
    if (!change && String(tick.window) === String(this.window)) return true; // a tick that goes on: others came late
    this.window = tick.window;
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
