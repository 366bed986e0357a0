// The panels of the page: fetched and drawn as they come near, followed by ticks, and let go when they are far.

import { Superseded, Unreadable } from "./ask.js";
import { loaded } from "./bokeh_bridge.js";
import { PanelView } from "./panel.js";
import { furnishAll } from "./panel_head.js";

const NEAR_PX = 300;
const FAR_PX = 2500;
const SLICE_MS = 100;
const LOADING_AGAIN_MS = 500;
const MOST_HELD_MS = 10e3; // of a tick, however long somebody types

/**
 * @typedef {object} Surroundings
 * @property {import("./live.js").Live} live
 * @property {import("./zoom.js").Zoom} zoom
 * @property {import("./annotations.js").Annotations} annotations
 * @property {import("./notices.js").Notices} notices
 * @property {(id: number) => void} inspect
 * @property {() => [number, number]} range what is shown now, ms
 */

export class Sight {
  /** @param {Surroundings} page */
  constructor(page) {
    /** @type {Surroundings} */
    this.page = page;
    /** @type {Map<number, PanelView>} */
    this.panels = new Map();
    /** @type {((heads: any[]) => void)|null} who lays out the panels where the page is edited */
    this.layer = null;
    /** @type {any[]} ticks that no panel was shown yet, the oldest first */
    this.held = [];
    this.heldSince = 0;
    this.heldUntil = 0;
    this.holding = 0;
    for (const section of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("section[data-panel-id]"))) this.take(section);
  }

  // -- which panels there are -------------------------------------------------------------------------------------

  /** Make a panel of a section. @param {HTMLElement} section @returns {PanelView} */
  take(section) {
    const view = new PanelView(section, {
      zoom: this.page.zoom, retry: (id) => this.fetch([id]), rows: (id, query) => this.page.live.answers.rows(id, query),
      picture: (id, query, etag) => this.page.live.answers.picture(id, query, etag),
      inspect: (id) => this.page.inspect(id), span: () => this.page.range()[1] - this.page.range()[0],
    });
    this.panels.set(view.id, view);
    return view;
  }

  /** A panel more, while the page is there. @param {HTMLElement} section */
  add(section) {
    this.look(this.take(section));
  }

  /** A panel less. @param {number} id */
  remove(id) {
    const panel = this.panels.get(id);
    if (!panel) return;
    this.panels.delete(id);
    this.near?.unobserve(panel.section);
    this.far?.unobserve(panel.section);
    panel.unload();
    panel.section.remove();
  }

  /** @param {Element} section @returns {PanelView} */
  of(section) {
    return /** @type {PanelView} */ (this.panels.get(Number(/** @type {HTMLElement} */ (section).dataset.panelId)));
  }

  /** @param {number[]} ids @returns {PanelView[]} */
  some(ids) {
    return /** @type {PanelView[]} */ (ids.map((id) => this.panels.get(id)).filter(Boolean));
  }

  /** The panels of a view: their titles, and more or fewer where they repeat by a variable. @param {any[]} heads */
  lay(heads) {
    if (this.layer) {
      this.layer(heads);
      return;
    }
    furnishAll(this.panels.values(), heads);
    const same = heads.filter((one) => one.type !== "row").every((one) => this.panels.get(one.id)?.section.dataset.panelType === one.type);
    if (!same || heads.filter((one) => one.type !== "row").length !== this.panels.size) {
      location.reload(); // other panels than those on the page: it is laid out anew
      return;
    }
    for (const { id, title } of heads) {
      const panel = this.panels.get(id);
      if (panel) panel.rename(title);
      else {
        const row = document.querySelector(`[data-row-id="${CSS.escape(String(id))}"] > .cut`);
        if (row) row.textContent = title;
      }
    }
  }

  // -- what is near -----------------------------------------------------------------------------------------------

  /** Observers tell after the first paint: what is near by then is not waited with. */
  begin() {
    for (const panel of this.panels.values()) panel.near = isNear(panel.section);
    this.fetch(this.wanted());
  }

  /** Panels that come near are fetched, those that are far are let go. */
  watch() {
    /** @type {Set<number>} */
    let batch = new Set();
    this.near = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const panel = this.of(entry.target);
        if (!panel) continue; // it was taken away
        panel.near = entry.isIntersecting;
        if (panel.near && !panel.drawn) batch.add(panel.id);
      }
      if (batch.size) this.fetch([...batch]);
      batch = new Set();
      this.page.live.want(this.wanted());
    }, { rootMargin: `${NEAR_PX}px` });
    this.far = new IntersectionObserver((entries) => {
      for (const entry of entries) if (!entry.isIntersecting && this.of(entry.target)?.drawn) this.of(entry.target).unload();
    }, { rootMargin: `${FAR_PX}px` });
    this.begin();
    for (const panel of this.panels.values()) this.look(panel);
  }

  /** @param {PanelView} panel whose coming near and going far is told */
  look(panel) {
    this.near?.observe(panel.section);
    this.far?.observe(panel.section);
  }

  wanted() {
    return [...this.panels.values()].filter((panel) => panel.near).map((panel) => panel.id);
  }

  // -- what they show ---------------------------------------------------------------------------------------------

  fetchAll() {
    this.held = []; // what is fetched is newer, or of another view
    this.page.live.want(this.wanted());
    for (const panel of this.panels.values()) if (!panel.near && panel.drawn) panel.unload();
    this.fetch(this.wanted());
  }

  /** Draw panels anew in their places: those that are on their way are asked for once more. @param {number[]} ids */
  redraw(ids) {
    const near = this.some(ids).filter((panel) => panel.near || panel.drawn);
    for (const panel of near) panel.again = panel.fetching;
    this.fetch(near.map((panel) => panel.id));
  }

  /** Snapshots of panels, drawn as they are; ticks that came meanwhile are applied after. @param {number[]} ids */
  async fetch(ids) {
    const panels = this.some(ids).filter((panel) => !panel.fetching);
    if (!panels.length) return;
    for (const panel of panels) [panel.fetching, panel.again] = [true, false];
    try {
      const answer = await this.page.live.answers.panels(panels.map((panel) => panel.id));
      const { head, buffers } = answer;
      this.page.annotations.take(head.annotations, head.seq);
      for (const tick of this.page.live.ticks) if (tick.seq > head.seq) this.page.annotations.take(tick.annotations, tick.seq);
      if (!this.page.live.boot.live && !this.page.annotations.known) this.page.annotations.refetch();
      await loaded;
      await this.page.zoom.released();
      const breathe = breather();
      for (const panel of panels) {
        await this.show(panel, head, buffers);
        await breathe();
      }
    } catch (error) {
      await this.unfetched(panels, error);
      return;
    } finally {
      for (const panel of panels) panel.fetching = false;
    }
    if (panels.some((panel) => panel.again)) this.redraw(panels.filter((panel) => panel.again).map((panel) => panel.id));
    this.catchUp(panels);
    if (this.page.zoom.range) this.fetchRange(panels, this.page.zoom.range);
  }

  /** An answer of several that cannot be read is asked for one by one: one panel's fault is no other's. @param {PanelView[]} panels @param {unknown} error */
  async unfetched(panels, error) {
    for (const panel of panels) panel.fetching = false;
    if (error instanceof Superseded) return;
    if (panels.length === 1) panels[0].broke(error instanceof Unreadable ? new Error("What the server sent for it cannot be read.") : error);
    else await Promise.all(panels.map((panel) => this.fetch([panel.id])));
  }

  /** @param {PanelView} panel @param {import("./snapshot.js").Head} head @param {Map<string, ArrayBuffer>} buffers */
  async show(panel, head, buffers) {
    const own = head.panels[panel.id];
    if (!own) return;
    await panel.show(own, buffers, head.seq, head.window);
    if (own.state === "loading" && !this.page.live.boot.live) this.fetchAgain(panel);
  }

  /** A view that does not tick says nothing of data that come: they are asked for, once what the panel came with is drawn. @param {PanelView} panel */
  fetchAgain(panel) {
    setTimeout(() => (panel.fetching ? this.fetchAgain(panel) : this.fetch([panel.id])), LOADING_AGAIN_MS);
  }

  /** @param {PanelView[]} panels */
  catchUp(panels) {
    const again = panels.filter((panel) => this.page.live.ticks.some((tick) => !panel.apply(tick)));
    if (again.length) this.fetch(again.map((panel) => panel.id));
  }

  /** Let panels wait with what ticks for so long: somebody types, and drawing all of them would come between a key and what it does. @param {number} ms */
  hold(ms) {
    this.heldUntil = Date.now() + ms;
  }

  /** Panels follow a tick, once they may. @param {any} tick */
  tick(tick) {
    if (!this.held.length) this.heldSince = Date.now();
    this.held.push(tick);
    this.release();
  }

  release() {
    clearTimeout(this.holding);
    const wait = Math.min(this.heldUntil, this.heldSince + MOST_HELD_MS) - Date.now();
    if (wait > 0) this.holding = window.setTimeout(() => this.release(), wait);
    else for (const one of this.held.splice(0)) this.follow(one);
  }

  /** Those that cannot follow a tick are fetched. @param {any} tick */
  follow(tick) {
    const lost = [];
    for (const panel of this.panels.values()) {
      const waiting = panel.seq < 0 && !tick.panels[panel.id];
      if (panel.fetching || waiting || (!panel.near && !panel.drawn)) continue;
      if (!panel.apply(tick)) lost.push(panel.id);
    }
    // A zoomed page shows no ticks; it is fetched anew once it is live again.
    if (lost.length && !this.page.zoom.range) this.fetch(lost);
  }

  /** Everything that is drawn, as another range of this page has it; null: as the view has it. @param {[number, number]|null} range */
  async zoomed(range) {
    if (!range) {
      this.fetch([...this.panels.values()].filter((panel) => panel.drawn).map((panel) => panel.id));
      return;
    }
    for (const panel of this.panels.values()) if (panel.body?.replaceData) panel.body.setRanges();
    this.page.zoom.again();
    await this.fetchRange([...this.panels.values()], range);
  }

  /** What panels show of a zoomed range, in one request: charts in their place, all others drawn anew. @param {PanelView[]} panels @param {[number, number]} range */
  async fetchRange(panels, range) {
    const drawn = panels.filter((panel) => panel.drawn && !panel.body?.rangeless);
    if (!drawn.length) return;
    for (const panel of drawn) panel.busy(true);
    const found = await this.page.live.answers.columns(drawn.map((panel) => panel.id), ...range).catch((error) => this.unranged(error));
    for (const panel of drawn) panel.busy(false);
    for (const panel of found ? drawn : []) {
      const own = found.head.panels[panel.id];
      if (String(this.page.zoom.range) !== String(range) || !own) continue;
      if (!own.doc || !panel.replace(own, found.buffers)) await panel.show(own, found.buffers, panel.seq, found.head.window);
    }
    this.page.zoom.again();
  }

  /** @param {unknown} error why there is nothing of a range @returns {null} */
  unranged(error) {
    if (!(error instanceof Superseded)) this.page.notices.say([error instanceof Error ? error.message : String(error)]);
    return null;
  }

  repaint() {
    for (const panel of this.panels.values()) panel.body?.repaint?.();
  }
}

/** @param {HTMLElement} section */
function isNear(section) {
  const { top, bottom, height } = section.getBoundingClientRect();
  return height > 0 && top < innerHeight + NEAR_PX && bottom > -NEAR_PX;
}

/** Lets the browser paint and hear its user after the first panel, and then whenever panels took long enough. @returns {() => Promise<void>} */
function breather() {
  let since = -Infinity;
  return async () => {
    if (performance.now() - since < SLICE_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    since = performance.now();
  };
}
