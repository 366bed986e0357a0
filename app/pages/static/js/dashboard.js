// The page of one dashboard: its parts, and what reaches them: ticks, zooms, and what its view says.

import { installAbouts } from "./abouts.js";
import { Actions } from "./actions.js";
import { Annotations } from "./annotations.js";
import { Controls } from "./controls.js";
import { installEmbed } from "./embed.js";
import { firingOfView } from "./firing.js";
import { remember } from "./kept.js";
import { Live } from "./live.js";
import { installManage } from "./manage.js";
import { Marking } from "./marking.js";
import { Navigation } from "./navigation.js";
import { Notices } from "./notices.js";
import { furnishAll } from "./panel_head.js";
import { Room } from "./room.js";
import { Rows } from "./rows.js";
import { Sight } from "./sight.js";
import { Solo } from "./solo.js";
import { installSwitches } from "./switches.js";
import { tellUnsaved } from "./unsaved.js";
import { clock, setZone } from "./zone.js";
import { Zoom } from "./zoom.js";

const RECENT = 12;
const html = document.documentElement;

class Page {
  constructor() {
    this.boot = JSON.parse(document.getElementById("boot")?.textContent ?? "{}");
    setZone(this.boot.zone ?? "browser");
    this.annotations = new Annotations(this.boot, {
      fetch: (from, to, names) => this.live.answers.annotations(from, to, names), range: () => this.range(), zoomed: () => this.zoom.range !== null,
    });
    /** @type {Zoom} */
    this.zoom = new Zoom((range) => this.zoomed(range), this.annotations);
    this.notices = new Notices();
    this.live = new Live(this.boot, html.dataset.root ?? "", {
      state: (state, since) => this.state(state, since),
      tick: (tick) => this.tick(tick),
      opened: () => this.reopened(),
      connected: () => this.room?.connected(),
      room: (said) => this.room?.heard(said),
    });
    /** @type {Sight} */
    this.sight = new Sight(this);
    furnishAll(this.panels.values(), this.boot.panels);
    this.zoom.pointer.shares = this.boot.graph_tooltip;
    this.controls = new Controls(this.boot, { pause: (paused) => this.live.pause(paused), zoom: this.zoom, theme: () => this.sight.repaint(), refresh: () => this.refresh() });
    installSwitches(this.annotations);
    const grid = /** @type {HTMLElement} */ (document.querySelector(".grid") ?? document.querySelector("main"));
    this.rows = new Rows(document.querySelector(".grid"), this.boot.dashboard_id, () => this.live.want(this.sight.wanted()));
    this.solo = new Solo(grid, () => undefined);
    this.marking = new Marking(this);
    /** @type {Navigation} */
    this.navigation = new Navigation(this);
    this.actions = new Actions(this);
    installManage(() => this.boot);
    if (document.querySelector("[data-edit]")) tellUnsaved(this.boot.dashboard_id);
    installAbouts(grid);
    /** @type {Room|null} */
    this.room = this.boot.room && html.dataset.kiosk === undefined ? new Room(this) : null;
    this.marking.start();
    this.sight.watch();
    installEmbed(this.boot.panels, this.solo.id);
    this.live.start();
    firingOfView(this.boot.firing);
    this.navigation.start();
    this.notices.say([...(this.boot.notices ?? []), ...(this.solo.missing ? [`There is no panel ${this.solo.missing.slice(0, 40)} here.`] : [])]);
    if (this.boot.guest || this.boot.draft) return; // a link is nobody's own, and a draft is no dashboard yet
    const path = location.pathname.slice((html.dataset.root ?? "").length);
    remember("recent", { id: this.boot.dashboard_id, title: this.boot.title, url: path }, RECENT, (one) => one?.id);
  }

  /** By their id. */
  get panels() {
    return this.sight.panels;
  }

  /** What is shown now, ms. @returns {[number, number]} */
  range() {
    return this.zoom.range ?? this.live.boot.window;
  }

  /** How what a panel shows came about. @param {number} id */
  inspect(id) {
    this.actions?.inspect(id);
  }

  /** Ask anew: a range that moves ends now, any other is read again. */
  refresh() {
    if (this.boot.live) this.sight.fetchAll();
    else this.navigation.navigate(location.href, "stay", this.zoom.range);
  }

  /** The view was opened again, perhaps on another server. */
  reopened() {
    firingOfView(this.live.boot.firing);
    this.annotations.restart();
    this.sight.fetchAll();
  }

  /** @param {any} tick */
  tick(tick) {
    this.annotations.take(tick.annotations, tick.seq);
    if (tick.firing !== undefined) firingOfView(tick.firing);
    this.sight.tick(tick);
    this.zoom.again();
    this.controls.ticked(tick);
  }

  /** @param {[number, number]|null} range */
  async zoomed(range) {
    this.controls.zoomed(range);
    this.navigation.zoomed(range);
    this.annotations.zoom(range);
    this.room?.ranged();
    await this.sight.zoomed(range);
  }

  /** @param {string} state @param {number} [since] */
  state(state, since) {
    if (html.dataset.view !== state) html.dataset.view = state;
    const text = document.querySelector(".notice.reconnecting span");
    if (state === "reconnecting" && text) {
      text.textContent = since ? `Reconnecting. What you see is from ${clock(since)}.` : "Reconnecting.";
    }
  }
}

/** @type {any} */ (window).heliograph = new Page();
