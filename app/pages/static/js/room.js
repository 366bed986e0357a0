// The room of a dashboard: who of those logged in watches it too, and the crosshairs and ranges that they share.

import { addressWith } from "./address.js";
import { keep, list } from "./kept.js";
import { pinForm } from "./pin.js";
import { RoomBox } from "./room_box.js";
import { TheirLine } from "./room_line.js";
import { personOf } from "./room_people.js";

const MOVE_MS = 100; // between two places of the crosshair
const RANGE_MS = 400; // and two ranges
const UNSEEN = "unseen"; // kept where somebody does not want to be seen
const WORDS = /^[0-9A-Za-z+:./-]{1,40}$/; // of a range, as the server takes them

/** @typedef {import("./room_people.js").Person} Person */
/** @typedef {{from: string, to: string, zoom: [number, number]|null}} Shown */

export class Room {
  /** @param {any} page the page of the dashboard */
  constructor(page) {
    this.page = page;
    // Its name stays while the page changes views, each of which has a socket of its own.
    this.tab = Array.from(crypto.getRandomValues(new Uint8Array(12)), (one) => (one % 36).toString(36)).join("");
    this.you = "";
    this.full = false;
    /** @type {Person[]} */
    this.people = [];
    this.shares = false;
    this.follows = "";
    this.seen = list(UNSEEN)[0] !== true;
    this.line = new TheirLine(page.zoom.charts);
    page.zoom.companion = this.line;
    this.box = new RoomBox(this, /** @type {HTMLElement} */ (document.querySelector("[data-room-place]")));
    this.led = false; // whether what is shown was chosen by who is followed
    this.leading = false; // and whether it is being shown now
    this.moves = throttled(MOVE_MS, (at) => this.shares && this.say({ at }));
    this.ranges = throttled(RANGE_MS, (range) => this.shares && this.say({ range }));
    this.box.draw();
    /** @type {number|null} the instant under this tab's own crosshair, ms */
    this.at = null;
    page.zoom.pointer.pointed = (/** @type {number|null} */ ms) => this.point(ms);
  }

  /** Whether anybody follows this tab. */
  get followed() {
    return this.people.some((one) => one.follows === this.you);
  }

  /** Whether somebody else is here. */
  get company() {
    return this.people.some((one) => personOf(one) !== personOf({ id: this.you }));
  }

  /** @returns {Person|undefined} */
  get leader() {
    return this.people.find((one) => one.id === this.follows);
  }

  /** @param {object} said */
  say(said) {
    this.page.live.send({ room: said });
  }

  /** The page has a socket again, perhaps of another view: say all that the room has to know. */
  connected() {
    if (!this.seen) return;
    const range = this.shares && !this.led ? { range: this.shown() } : {};
    this.say({ join: this.tab, shares: this.shares, follows: this.follows, ...range, ...(this.followed ? { at: this.at } : {}) });
  }

  /** @param {any} said */
  heard(said) {
    if ("you" in said) [this.you, this.full] = [said.you, false];
    if (said.full) this.full = true;
    if (said.people) this.meet(said.people);
    if (said.pinned) dispatchEvent(new Event("annotationschange"));
    if (!said.of || said.of !== this.follows) return;
    if ("at" in said) this.line.show(this.leader, said.at);
    if (said.range) this.goTo(said.range);
  }

  /** @param {Person[]} people */
  meet(people) {
    const before = this.followed;
    this.people = people;
    if (this.followed && !before) this.moves(this.at);
    if (this.leader && !this.leader.shares) this.follow("");
    else if (!this.leader) this.line.clear();
    this.changed();
  }

  // -- what a person chooses ---------------------------------------------------------------------------------------

  /** @param {boolean} shares */
  share(shares) {
    this.shares = shares;
    this.led = false;
    this.say({ shares, ...(shares ? { range: this.shown() } : {}) });
    this.changed();
  }

  /** Follow a tab; empty: nobody any more. @param {string} id */
  follow(id) {
    this.follows = id;
    this.line.clear();
    this.say({ follows: id });
    this.changed();
  }

  /** @param {boolean} seen whether others see that one is here; who is not seen sees nobody */
  show(seen) {
    this.seen = seen;
    keep(UNSEEN, seen ? [] : [true]);
    if (seen) this.connected();
    else {
      this.say({ join: "" });
      [this.you, this.people, this.shares, this.follows] = ["", [], false, ""];
      this.line.clear();
    }
    this.changed();
  }

  /** A still view has no socket but for people who watch it together. */
  changed() {
    this.page.live.together = this.seen && (this.box.opened || this.shares || this.follows !== "" || this.company);
    this.box.draw();
  }

  /** Mark an instant for all, with a few words. @param {number} ms @param {{x: number, y: number}} at */
  pin(ms, at) {
    pinForm(this.box.button, at, this.page.boot.dashboard_id, Math.round(ms), () => this.say({ pinned: true }));
  }

  /** Where the crosshair is now. @param {number|null} ms */
  point(ms) {
    this.at = ms === null ? null : Math.round(ms);
    if (this.followed) this.moves(this.at);
  }

  // -- ranges ------------------------------------------------------------------------------------------------------

  /** What is shown here. @returns {Shown} */
  shown() {
    const { boot, zoom } = this.page;
    const words = [boot.range.from, boot.range.to].map(String);
    const [from, to] = words.every((one) => WORDS.test(one)) ? words : boot.window.map((/** @type {number} */ ms) => String(Math.round(ms)));
    return { from, to, zoom: zoom.range ? zoom.range.map(Math.round) : null };
  }

  /** This person looks at another range. */
  ranged() {
    if (this.leading) return; // the one who is followed does
    this.led = false;
    this.ranges(this.shown());
  }

  /** @param {Shown} range that of who is followed */
  async goTo(range) {
    const now = this.shown();
    this.led = true;
    if (now.from !== range.from || now.to !== range.to) {
      this.leading = true;
      await this.page.navigation.navigate(addressWith({ from: range.from, to: range.to }), "push", range.zoom);
      this.leading = false;
      return;
    }
    if (String(now.zoom) === String(range.zoom)) return;
    this.leading = true;
    this.page.zoom.set(range.zoom);
    this.leading = false;
  }
}

/** Call with the first value at once, and then with the last one of each while. @template T @param {number} ms @param {(value: T) => void} run @returns {(value: T) => void} */
function throttled(ms, run) {
  let timer = 0;
  /** @type {{value: T}|null} */
  let waiting = null;
  const next = () => {
    const now = waiting;
    waiting = null;
    timer = now ? setTimeout(next, ms) : 0;
    if (now) run(now.value);
  };
  return (value) => {
    waiting = { value };
    if (!timer) next();
  };
}
