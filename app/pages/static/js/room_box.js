// The room in the header: faces of who watches too, and a box to share, to follow, and to be seen or not.

import { h, icon } from "./dom.js";
import { popover } from "./menus.js";
import { avatar, onePerPerson, personOf } from "./room_people.js";

const FACES = 3;

/** @typedef {import("./room_people.js").Person} Person */

export class RoomBox {
  /** @param {any} room @param {HTMLElement} place */
  constructor(room, place) {
    this.room = room;
    this.opened = false; // whether this person ever looked
    this.button = h("button", { class: "btn bare room", type: "button", "data-room": true, "aria-haspopup": "dialog" });
    this.people = h("ul", { class: "room-people" });
    this.words = h("p", { class: "muted" });
    this.shares = this.choice("Share my crosshair and time range", (on) => room.share(on));
    this.seen = this.choice("Show others that I am here", (on) => room.show(on));
    this.box = h("div", { class: "pop right pop-room", role: "dialog", "aria-label": "Who watches", hidden: true },
      h("h2", {}, "Who watches"), this.people, this.words, h("div", { class: "room-choices" }, this.shares.label, this.seen.label));
    place.replaceChildren(this.button, this.box);
    place.hidden = false;
    popover(this.button, this.box, { opened: () => this.look() });
  }

  /** @param {string} words @param {(on: boolean) => void} chosen */
  choice(words, chosen) {
    const input = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", role: "switch" }));
    input.addEventListener("change", () => chosen(input.checked));
    return { input, label: h("label", { class: "switch" }, input, h("span", { class: "k" }, words)) };
  }

  look() {
    this.opened = true;
    this.room.changed();
  }

  draw() {
    const { room } = this;
    const own = personOf({ id: room.you });
    const people = onePerPerson(room.people.filter((/** @type {Person} */ one) => personOf(one) !== own));
    const more = people.length - FACES;
    this.button.replaceChildren(
      people.length ? h("span", { class: "faces" }, ...people.slice(0, FACES).map(avatar), more > 0 ? h("span", { class: "face more", "aria-hidden": "true" }, `+${more}`) : null) : icon("people"),
      h("span", { class: "t" }, people.length ? `${people.length} watching` : "Who watches"));
    this.button.setAttribute("aria-label", people.length ? `Also watching: ${people.map((one) => one.name).join(", ")}` : "Who watches");
    this.button.classList.toggle("following", Boolean(room.leader));
    const focused = /** @type {HTMLElement|null} */ (document.activeElement)?.dataset?.follow;
    this.people.replaceChildren(...people.map((one) => this.row(one)));
    if (focused) /** @type {HTMLElement|null} */ (this.people.querySelector(`[data-follow="${CSS.escape(focused)}"]`))?.focus();
    this.words.textContent = this.said(people.length);
    this.words.hidden = !this.words.textContent;
    this.shares.input.checked = room.shares;
    this.shares.input.disabled = !room.you;
    this.seen.input.checked = room.seen;
  }

  /** @param {number} others */
  said(others) {
    const { room } = this;
    if (!room.seen) return "You are not seen, and see nobody.";
    if (room.full) return "Many people watch this already: you see nobody of them, and nobody sees you.";
    if (room.followed) return "Your crosshair and range are followed.";
    return others ? "" : "Nobody else who is signed in.";
  }

  /** @param {Person} one */
  row(one) {
    const { room } = this;
    const follows = room.follows === one.id;
    const whom = onePerPerson(room.people).find((other) => other.id === one.follows);
    const does = whom ? `follows ${whom.id === room.you ? "you" : whom.name}` : one.shares ? "shares" : "";
    const way = one.shares
      ? h("button", { class: "btn sm", type: "button", "data-follow": one.id, "aria-pressed": String(follows), "aria-label": `Follow ${one.name}`,
        onclick: () => room.follow(follows ? "" : one.id) }, follows ? "Following" : "Follow")
      : null;
    return h("li", {}, avatar(one), h("span", { class: "grow cut" }, one.name), h("span", { class: "muted" }, does), way);
  }
}
