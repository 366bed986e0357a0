// The page of one dashboard: its panels come as they are near, ticks reach those that are drawn.

import { followChanges } from "./address.js";
import { installAbouts } from "./abouts.js";
import { Actions } from "./actions.js";
import { annotationForm } from "./annotate.js";
import { Annotations } from "./annotations.js";
import { Superseded, Unreadable } from "./ask.js";
import { loaded } from "./bokeh_bridge.js";
import { Controls } from "./controls.js";
import { installEmbed } from "./embed.js";
import { h, icon } from "./dom.js";
import { firingOfView } from "./firing.js";
import { remember } from "./kept.js";
import { Live } from "./live.js";
import { installManage } from "./manage.js";
import { Notices } from "./notices.js";
import { furnishAll } from "./panel_head.js";
import { PanelView } from "./panel.js";
import { Rows } from "./rows.js";
import { Solo } from "./solo.js";
import { installSwitches } from "./switches.js";
import { tellUnsaved } from "./unsaved.js";
import { browserZone, clock, setZone } from "./zone.js";
import { Zoom } from "./zoom.js";

const NEAR_PX = 300;
const FAR_PX = 2500;
const RECENT = 12;
const SLICE_MS = 100;
const html = document.documentElement;

class Page {
  constructor() {
    this.boot = JSON.parse(document.getElementById("boot")?.textContent ?? "{}");
    setZone(this.boot.zone ?? "browser");
    this.turn = 0; // counts the views that were asked for
    this.annotations = new Annotations(this.boot, {
      fetch: (from, to, names) => this.live.annotations(from, to, names), range: () => this.range(), zoomed: () => this.zoom.range !== null,
    });
    /** @type {Zoom} */
    this.zoom = new Zoom((range) => this.zoomed(range), this.annotations);
    /** @type {Map<number, PanelView>} */
    this.panels = new Map();
    /** @type {((heads: any[]) => void)|null} who lays out the panels where the page is edited */
    this.layer = null;
    for (const section of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("section[data-panel-id]"))) this.take(section);
    furnishAll(this.panels.values(), this.boot.panels);
    this.zoom.pointer.shares = this.boot.graph_tooltip;
    this.notices = new Notices();
    this.live = new Live(this.boot, html.dataset.root ?? "", {
      state: (state, since) => this.state(state, since),
      tick: (tick) => this.tick(tick),
      opened: () => this.reopened(),
    });
    this.controls = new Controls(this.boot, { pause: (paused) => this.live.pause(paused), zoom: this.zoom, theme: () => this.repaint(), refresh: () => this.refresh() });
    installSwitches(this.annotations);
    const grid = /** @type {HTMLElement} */ (document.querySelector(".grid") ?? document.querySelector("main"));
    this.rows = new Rows(document.querySelector(".grid"), this.boot.dashboard_id, () => this.live.want(this.wanted()));
    this.solo = new Solo(grid, () => undefined);
    this.actions = new Actions(this);
    installManage(() => this.boot);
    if (document.querySelector("[data-edit]")) tellUnsaved(this.boot.dashboard_id);
    installAbouts(grid);
    this.takeMarks();
    this.watch();
    installEmbed(this.boot.panels, this.solo.id);
    this.live.start();
    firingOfView(this.boot.firing);
    this.address = viewOf(location.search);
    this.home = location.href;
    followChanges((address) => this.navigate(address));
    addEventListener("popstate", (event) => this.went(event.state));
    if (this.boot.rounds && this.boot.zone === "browser" && browserZone() !== "UTC") this.navigate(location.href, "stay");
    this.notices.say([...(this.boot.notices ?? []), ...(this.solo.missing ? [`There is no panel ${this.solo.missing.slice(0, 40)} here.`] : [])]);
    const path = location.pathname.slice((html.dataset.root ?? "").length);
    this.widen();
    if (this.boot.guest || this.boot.draft) return; // a link is nobody's own, and a draft is no dashboard yet
    remember("recent", { id: this.boot.dashboard_id, title: this.boot.title, url: path }, RECENT, (one) => one?.id);
  }

  // -- which panels there are --------------------------------------------------------------------------------------

  /** Make a panel of a section. @param {HTMLElement} section */
  take(section) {
    const view = new PanelView(section, {
      zoom: this.zoom, retry: (id) => this.fetch([id]), rows: (id, query) => this.live.rows(id, query),
      picture: (id, query, etag) => this.live.picture(id, query, etag),
      inspect: (id) => this.actions?.inspect(id), span: () => this.range()[1] - this.range()[0],
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

  /** Draw panels anew in their places: those that are on their way are asked for once more. @param {number[]} ids */
  redraw(ids) {
    const near = this.some(ids).filter((panel) => panel.near || panel.drawn);
    for (const panel of near) panel.again = panel.fetching;
    this.fetch(near.map((panel) => panel.id));
  }

  /** The address of a zoomed range, or of the view itself. @param {[number, number]|null} range */
  addressOf(range) {
    const [address, home] = [new URL(location.href), new URL(this.home).searchParams];
    for (const [index, name] of ["from", "to"].entries()) {
      const text = range ? String(Math.round(range[index])) : home.get(name);
      if (text === null) address.searchParams.delete(name);
      else address.searchParams.set(name, text);
    }
    return address;
  }

  /** What is shown now, ms. @returns {[number, number]} */
  range() {
    return this.zoom.range ?? this.live.boot.window;
  }

  /** Back or forward: a zoom or a panel alone is of this page; any other address is another view. @param {any} state */
  went(state) {
    const home = state?.home ?? viewOf(location.search);
    if (home !== this.address) {
      this.navigate(`${location.pathname}?${home}`, "stay", state?.zoom ?? null);
      return;
    }
    const range = state?.zoom ?? null;
    if (String(range) === String(this.zoom.range)) return;
    this.travelling = true;
    this.zoom.set(range);
    this.travelling = false;
  }

  // -- another view of the same dashboard, in place ----------------------------------------------------------------

  /**
   * Show what another address names: what is drawn stays until the new is there.
   * @param {string} address @param {"push"|"stay"} how whether it becomes an entry of the history @param {[number, number]|null} zoom
   */
  async navigate(address, how = "push", zoom = null) {
    const url = new URL(address, location.href);
    const turn = ++this.turn;
    html.dataset.asking = "";
    const boot = await this.live.open(viewOf(url.search));
    if (turn !== this.turn) return;
    delete html.dataset.asking;
    if (!boot) {
      const { problem } = this.live;
      this.notices.say([problem ? problem.detail || problem.title : "The server does not answer: what you see stays as it was."]);
      return;
    }
    if (boot.version !== this.boot.version || boot.build !== this.boot.build) {
      location.assign(url);
      return;
    }
    if (how === "push") history.pushState({}, "", url);
    this.become(boot, url, zoom);
    if (how === "push" || boot.notices?.length) this.notices.say(how === "push" ? [] : boot.notices);
  }

  /** @param {any} boot @param {URL} url @param {[number, number]|null} zoom */
  become(boot, url, zoom) {
    setZone(boot.zone);
    this.boot = boot;
    this.zoom.range = zoom;
    this.home = url.href;
    this.address = viewOf(url.search);
    this.live.follow(boot, this.address);
    this.annotations.become(boot);
    this.controls.become(boot);
    this.controls.zoomed(zoom);
    this.lay(boot.panels);
    for (const panel of this.panels.values()) panel.await();
    this.fetchAll();
    this.widen();
  }

  /** A range that grows with what is collected is asked for again when it is longer; what a person looks at closely stays. */
  widen() {
    clearTimeout(this.wider);
    const seconds = this.boot.widens_in_s;
    if (typeof seconds !== "number") return;
    const held = () => this.zoom.range !== null || this.zoom.held || this.live.paused;
    this.wider = setTimeout(() => (held() ? this.widen() : this.navigate(location.href, "stay")), Math.max(1, seconds) * 1000);
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

  /** Ask anew: a range that moves ends now, any other is read again. */
  refresh() {
    if (this.boot.live) this.fetchAll();
    else this.navigate(location.href, "stay", this.zoom.range);
  }

  // -- annotations -----------------------------------------------------------------------------------------------

  /** Whether this person may mark something on that panel. @param {number} id */
  canAnnotate(id) {
    const body = this.panels.get(id)?.body;
    return Boolean(this.boot.annotate && body?.timed && body.replaceData);
  }

  /** Ask for words on an instant or a region; without one, on the middle of what is shown. @param {number} id @param {[number, number]} [range] */
  annotate(id, range) {
    if (!this.canAnnotate(id)) return;
    const [from, to] = this.range();
    const [time, end] = (range ?? [(from + to) / 2, (from + to) / 2]).map(Math.round);
    this.editAnnotation({ time, end });
  }

  /** @param {import("./annotate.js").Annotation} annotation */
  editAnnotation(annotation) {
    annotationForm(html.dataset.root ?? "", this.boot.dashboard_id, annotation);
  }

  /** For those who may: Ctrl or Cmd with a click or a drag marks, and what a click says of an instant offers to. */
  takeMarks() {
    if (!this.boot.annotate) return;
    const idOf = (/** @type {any} */ chart) => Number(chart.over.closest("section[data-panel-id]")?.dataset.panelId ?? 0);
    this.zoom.marked = (chart, range) => this.annotate(idOf(chart), range);
    this.zoom.ways = (chart, ms) => {
      if (!this.canAnnotate(idOf(chart))) return [];
      const add = () => {
        this.zoom.pointer.unpin();
        this.annotate(idOf(chart), [ms, ms]);
      };
      return [h("button", { class: "item", type: "button", onclick: add }, icon("note"), "Add annotation")];
    };
    addEventListener("editannotation", (event) => this.editAnnotation(/** @type {CustomEvent} */ (event).detail));
  }

  /** Panels that come near are fetched, those that are far are let go. Observers tell after the first paint: what is near by then is not waited with. */
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
      this.live.want(this.wanted());
    }, { rootMargin: `${NEAR_PX}px` });
    this.far = new IntersectionObserver((entries) => {
      for (const entry of entries) if (!entry.isIntersecting && this.of(entry.target)?.drawn) this.of(entry.target).unload();
    }, { rootMargin: `${FAR_PX}px` });
    for (const panel of this.panels.values()) panel.near = isNear(panel.section);
    this.fetch(this.wanted());
    for (const panel of this.panels.values()) this.look(panel);
  }

  /** @param {PanelView} panel whose coming near and going far is told */
  look(panel) {
    this.near?.observe(panel.section);
    this.far?.observe(panel.section);
  }

  /** @param {Element} section @returns {PanelView} */
  of(section) {
    return /** @type {PanelView} */ (this.panels.get(Number(/** @type {HTMLElement} */ (section).dataset.panelId)));
  }

  wanted() {
    return [...this.panels.values()].filter((panel) => panel.near).map((panel) => panel.id);
  }

  /** The view was opened again, perhaps on another server. */
  reopened() {
    firingOfView(this.live.boot.firing);
    this.annotations.restart();
    this.fetchAll();
  }

  fetchAll() {
    this.live.want(this.wanted());
    for (const panel of this.panels.values()) if (!panel.near && panel.drawn) panel.unload();
    this.fetch(this.wanted());
  }

  /** Snapshots of panels, drawn as they are; ticks that came meanwhile are applied after. @param {number[]} ids */
  async fetch(ids) {
    const panels = this.some(ids).filter((panel) => !panel.fetching);
    if (!panels.length) return;
    for (const panel of panels) [panel.fetching, panel.again] = [true, false];
    try {
      const answer = await this.live.panels(panels.map((panel) => panel.id));
      const { head, buffers } = answer;
      this.annotations.take(head.annotations, head.seq);
      for (const tick of this.live.ticks) if (tick.seq > head.seq) this.annotations.take(tick.annotations, tick.seq);
      if (!this.boot.live && !this.annotations.known) this.annotations.refetch();
      await loaded;
      await this.zoom.released();
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
    if (this.zoom.range) this.fetchRange(panels, this.zoom.range);
  }

  /** @param {number[]} ids @returns {PanelView[]} */
  some(ids) {
    return /** @type {PanelView[]} */ (ids.map((id) => this.panels.get(id)).filter(Boolean));
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
    if (own.state === "loading" && !this.boot.live) setTimeout(() => this.fetch([panel.id]), 500);
  }

  /** @param {PanelView[]} panels */
  catchUp(panels) {
    const again = panels.filter((panel) => this.live.ticks.some((tick) => !panel.apply(tick)));
    if (again.length) this.fetch(again.map((panel) => panel.id));
  }

  /** @param {any} tick */
  tick(tick) {
    this.annotations.take(tick.annotations, tick.seq);
    if (tick.firing !== undefined) firingOfView(tick.firing);
    const lost = [];
    for (const panel of this.panels.values()) {
      const waiting = panel.seq < 0 && !tick.panels[panel.id];
      if (panel.fetching || waiting || (!panel.near && !panel.drawn)) continue;
      if (!panel.apply(tick)) lost.push(panel.id);
    }
    // A zoomed page shows no ticks; it is fetched anew once it is live again.
    if (lost.length && !this.zoom.range) this.fetch(lost);
    this.zoom.again();
    this.controls.ticked(tick);
  }

  /** @param {[number, number]|null} range */
  async zoomed(range) {
    this.controls.zoomed(range);
    if (!this.travelling && String(range) !== String(history.state?.zoom ?? null)) history.pushState({ zoom: range, home: this.address }, "", this.addressOf(range));
    this.annotations.zoom(range);
    if (!range) {
      this.fetch([...this.panels.values()].filter((panel) => panel.drawn).map((panel) => panel.id));
      return;
    }
    for (const panel of this.panels.values()) if (panel.body?.replaceData) panel.body.setRanges();
    this.zoom.again();
    await this.fetchRange([...this.panels.values()], range);
  }

  /** What panels show of a zoomed range, in one request: charts in their place, all others drawn anew. @param {PanelView[]} panels @param {[number, number]} range */
  async fetchRange(panels, range) {
    const drawn = panels.filter((panel) => panel.drawn && !panel.body?.rangeless);
    if (!drawn.length) return;
    for (const panel of drawn) panel.busy(true);
    const found = await this.live.columns(drawn.map((panel) => panel.id), ...range).catch((error) => this.unranged(error));
    for (const panel of drawn) panel.busy(false);
    for (const panel of found ? drawn : []) {
      const own = found.head.panels[panel.id];
      if (String(this.zoom.range) !== String(range) || !own) continue;
      if (!own.doc || !panel.replace(own, found.buffers)) await panel.show(own, found.buffers, panel.seq, found.head.window);
    }
    this.zoom.again();
  }

  /** @param {unknown} error why there is nothing of a range @returns {null} */
  unranged(error) {
    if (!(error instanceof Superseded)) this.notices.say([error instanceof Error ? error.message : String(error)]);
    return null;
  }

  /** @param {string} state @param {number} [since] */
  state(state, since) {
    if (html.dataset.view !== state) html.dataset.view = state;
    const text = document.querySelector(".notice.reconnecting span");
    if (state === "reconnecting" && text) {
      text.textContent = since ? `Reconnecting. What you see is from ${clock(since)}.` : "Reconnecting.";
    }
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

/** The arguments that name the view: one panel alone is the same view. @param {string} search */
function viewOf(search) {
  const query = new URLSearchParams(search);
  for (const name of ["viewPanel", "editPanel", "kiosk", "theme", "panel", "transparent"]) query.delete(name);
  for (const [name, value] of [...query]) if ((name.startsWith("ann-") && value === "off") || /^(hide|only)-\d+$/.test(name)) query.delete(name);
  return String(query);
}

/** @type {any} */ (window).heliograph = new Page();
