// The page of a dashboard that is one file: what it was when it was made, with no server behind it.

import { installAbouts } from "./abouts.js";
import { Annotations } from "./annotations.js";
import { loaded } from "./bokeh_bridge.js";
import { Embedded } from "./embedded.js";
import { PanelView } from "./panel.js";
import { furnishAll } from "./panel_head.js";
import { Rows } from "./rows.js";
import { Solo } from "./solo.js";
import { clock, fullTime, setZone } from "./zone.js";
import { Zoom } from "./zoom.js";
import "./theme.js";

const NEAR_PX = 300;
const SETTLING_FRAMES = 20; // what fades in, and the labels of charts, which are written a frame later

class StandalonePage {
  constructor() {
    this.boot = JSON.parse(document.getElementById("boot")?.textContent ?? "{}");
    setZone(this.boot.zone);
    this.held = new Embedded();
    /** @type {{head: import("./snapshot.js").Head, buffers: Map<string, ArrayBuffer>}|null} */
    this.data = null;
    this.annotations = new Annotations(this.boot, { fetch: async () => null, range: () => this.range(), zoomed: () => this.zoom.range !== null });
    this.zoom = new Zoom((range) => this.zoomed(range), this.annotations);
    /** @type {Map<number, PanelView>} */
    this.panels = new Map();
    for (const section of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("section[data-panel-id]"))) {
      const view = new PanelView(section, {
        zoom: this.zoom, retry: () => undefined, inspect: () => undefined, span: () => this.range()[1] - this.range()[0],
        rows: (id, query) => this.held.rows(id, query), picture: (id, query, etag) => this.held.picture(id, query, etag),
      });
      this.panels.set(view.id, view);
    }
    furnishAll(this.panels.values(), this.boot.panels);
    this.zoom.pointer.shares = this.boot.graph_tooltip;
    const grid = /** @type {HTMLElement} */ (document.querySelector(".grid") ?? document.querySelector("main"));
    this.rows = new Rows(document.querySelector(".grid"), this.boot.dashboard_id, () => undefined);
    this.solo = new Solo(grid, () => undefined);
    installAbouts(grid);
    this.buttons(grid);
    this.write();
    this.begun = this.begin();
  }

  /** @param {HTMLElement} grid */
  buttons(grid) {
    grid.addEventListener("click", (event) => {
      const section = /** @type {HTMLElement|null} */ (/** @type {Element} */ (event.target).closest("[data-alone]")?.closest("section") ?? null);
      if (!section) return;
      const id = Number(section.dataset.panelId);
      this.solo.from = /** @type {Element} */ (event.target);
      this.solo.apply(this.solo.id === id ? 0 : id);
    });
    document.querySelector("[data-zoom-reset]")?.addEventListener("click", () => this.zoom.set(null));
    const repaint = () => this.panels.forEach((panel) => panel.body?.repaint?.());
    addEventListener("themechange", repaint);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  }

  async begin() {
    await this.read();
    await loaded;
    const near = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const panel = this.panels.get(Number(/** @type {HTMLElement} */ (target).dataset.panelId));
        if (isIntersecting && panel && !panel.drawn) this.draw(panel);
      }
    }, { rootMargin: `${NEAR_PX}px` });
    for (const panel of this.panels.values()) near.observe(panel.section);
    addEventListener("beforeprint", () => this.panels.forEach((panel) => panel.drawn || this.draw(panel)));
    this.follow();
  }

  /**
   * Everything drawn, for a picture or paper: rows open, and nothing to press. @param {boolean} alone whether one panel is all that is wanted
   * @param {boolean} [paper] whether it goes on pages, which no panel is higher than
   * @returns {Promise<{x: number, y: number, width: number, height: number}>} where it is on the page
   */
  async whole(alone, paper = false) {
    const root = document.documentElement;
    root.toggleAttribute("data-paper", paper);
    root.dataset.picture = alone ? "alone" : "";
    this.rows.openAll();
    await this.begun;
    await Promise.all([...this.panels.values()].map((panel) => panel.drawn || this.draw(panel)));
    await document.fonts.ready;
    for (let frames = 0; frames < SETTLING_FRAMES; frames += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    const place = (alone ? document.querySelector("main .panel") : document.body) ?? document.body;
    const { x, y, width, height } = place.getBoundingClientRect();
    return { x: x + scrollX, y: y + scrollY, width, height };
  }

  async read() {
    this.data = await this.held.snapshot();
    this.annotations.take((await this.held.json("annotations")) ?? {}, 0);
  }

  /** @param {PanelView} panel */
  async draw(panel) {
    const own = this.data?.head.panels[panel.id];
    if (!this.data || !own) return;
    const { head, buffers } = this.data;
    if (panel.body) panel.body.window = head.window;
    if (own.doc && panel.drawn && panel.replace(own, buffers)) return;
    await panel.show(this.partly(panel.id, own), buffers, 0, head.window);
  }

  /** A notebook's kernel sends what its page shows anew; who else sends does not know the name of the channel. What was sent last is asked for. */
  follow() {
    const { channel } = this.boot;
    if (!channel) return;
    let renewed = Promise.resolve();
    addEventListener("message", ({ data }) => {
      if (data?.channel === channel) renewed = renewed.then(() => this.renew(data.boot, data.parts)).catch(console.error);
    });
    if (parent !== window) parent.postMessage({ asks: channel }, "*");
  }

  /** @param {any} boot what is another by now @param {Record<string, string>} parts packed as those of the file */
  async renew(boot, parts) {
    this.held.renew(parts);
    Object.assign(this.boot, boot);
    await this.read();
    if (this.zoom.range) return; // a zoomed page stands still
    for (const panel of this.panels.values()) if (panel.drawn) await this.draw(panel);
    this.zoom.again();
    this.write();
  }

  /** A table of which the file has the first rows alone says so. @param {number} id @param {import("./snapshot.js").PanelHead} head */
  partly(id, head) {
    const part = this.boot.held[id];
    if (!part) return head;
    const notice = `The first ${part.rows.toLocaleString("en")} of ${part.of.toLocaleString("en")} rows are in this file`;
    return { ...head, notice, texts: { ...head.texts, pages: { ...head.texts.pages, total: part.rows } } };
  }

  /** What is shown now, ms. @returns {[number, number]} */
  range() {
    return this.zoom.range ?? this.boot.window;
  }

  /** A zoom shows what the file holds of a range. @param {[number, number]|null} range */
  zoomed(range) {
    for (const panel of this.panels.values()) {
      if (!range && this.boot.channel && panel.drawn) this.draw(panel); // what came meanwhile
      else panel.body?.setRanges?.();
    }
    this.annotations.zoom(range);
    this.zoom.again();
    this.write();
  }

  /** The range and the instants of the page, in the zone of who reads it. */
  write() {
    const [from, to] = this.range();
    const said = document.querySelector("[data-range]");
    if (said) said.textContent = `${fullTime(from)} to ${to - from < 86400e3 ? clock(to) : fullTime(to)}`;
    for (const time of document.querySelectorAll("time[datetime]")) time.textContent = fullTime(Date.parse(time.getAttribute("datetime") ?? ""));
    /** @type {HTMLElement} */ (document.querySelector("[data-zoom-reset]")).hidden = this.zoom.range === null;
    document.documentElement.classList.toggle("zoomed", this.zoom.range !== null);
  }
}

/** @type {any} */ (window).heliograph = new StandalonePage();
