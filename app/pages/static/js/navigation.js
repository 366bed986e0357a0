// Other views of the same dashboard, in place: what an address names, back and forward, ranges that grow.

import { followChanges, viewOf } from "./address.js";
import { openView } from "./opening.js";
import { browserZone, setZone } from "./zone.js";

const html = document.documentElement;

/**
 * @typedef {object} Shown what the page shows
 * @property {any} boot
 * @property {import("./live.js").Live} live
 * @property {import("./zoom.js").Zoom} zoom
 * @property {import("./annotations.js").Annotations} annotations
 * @property {import("./controls.js").Controls} controls
 * @property {import("./notices.js").Notices} notices
 * @property {import("./sight.js").Sight} sight
 * @property {import("./room.js").Room|null} room
 */

export class Navigation {
  /** @param {Shown} page */
  constructor(page) {
    this.page = page;
    this.turn = 0; // counts the views that were asked for
    this.address = viewOf(location.search);
    this.home = location.href;
    this.travelling = false; // whether the history says what is zoomed
  }

  start() {
    const { boot } = this.page;
    followChanges((address) => this.navigate(address));
    addEventListener("popstate", (event) => this.went(event.state));
    if (boot.rounds && boot.zone === "browser" && browserZone() !== "UTC") this.navigate(location.href, "stay");
    this.widen();
  }

  /** Say in the history what is zoomed. @param {[number, number]|null} range */
  zoomed(range) {
    if (this.travelling || String(range) === String(history.state?.zoom ?? null)) return;
    history.pushState({ zoom: range, home: this.address }, "", this.addressOf(range));
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

  /** Back or forward: a zoom or a panel alone is of this page; any other address is another view. @param {any} state */
  went(state) {
    const home = state?.home ?? viewOf(location.search);
    if (home !== this.address) {
      this.navigate(`${location.pathname}?${home}`, "stay", state?.zoom ?? null);
      return;
    }
    const range = state?.zoom ?? null;
    if (String(range) === String(this.page.zoom.range)) return;
    this.travelling = true;
    this.page.zoom.set(range);
    this.travelling = false;
  }

  /**
   * Show what another address names: what is drawn stays until the new is there.
   * @param {string} address @param {"push"|"stay"} how whether it becomes an entry of the history @param {[number, number]|null} zoom
   */
  async navigate(address, how = "push", zoom = null) {
    const url = new URL(address, location.href);
    const turn = ++this.turn;
    html.dataset.asking = "";
    const { boot, problem } = await openView(this.page.live, viewOf(url.search));
    if (turn !== this.turn) return;
    delete html.dataset.asking;
    if (!boot) {
      this.page.notices.say([problem ? problem.detail || problem.title : "The server does not answer: what you see stays as it was."]);
      return;
    }
    if (boot.version !== this.page.boot.version || boot.build !== this.page.boot.build) {
      location.assign(url);
      return;
    }
    if (how === "push") history.pushState({}, "", url);
    this.become(boot, url, zoom);
    if (how === "push" || boot.notices?.length) this.page.notices.say(how === "push" ? [] : boot.notices);
  }

  /** @param {any} boot @param {URL} url @param {[number, number]|null} zoom */
  become(boot, url, zoom) {
    setZone(boot.zone);
    this.page.boot = boot;
    this.page.zoom.range = zoom;
    this.home = url.href;
    this.address = viewOf(url.search);
    this.page.live.follow(boot, this.address);
    this.page.annotations.become(boot);
    this.page.controls.become(boot);
    this.page.controls.zoomed(zoom);
    this.page.sight.lay(boot.panels);
    for (const panel of this.page.sight.panels.values()) panel.await();
    this.page.sight.fetchAll();
    this.page.room?.ranged();
    this.widen();
  }

  /** A range that grows with what is collected is asked for again when it is longer; what a person looks at closely stays. */
  widen() {
    clearTimeout(this.wider);
    const seconds = this.page.boot.widens_in_s;
    if (typeof seconds !== "number") return;
    const held = () => this.page.zoom.range !== null || this.page.zoom.held || this.page.live.paused;
    this.wider = setTimeout(() => (held() ? this.widen() : this.navigate(location.href, "stay")), Math.max(1, seconds) * 1000);
  }
}
