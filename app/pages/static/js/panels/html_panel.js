// Base of panels that are HTML: their words come as texts, and change in place.

import { h } from "../dom.js";

/** @typedef {import("../snapshot.js").PanelHead} PanelHead */

/** Texts that ticks replace by name, and an element that `write` fills. */
export class HtmlPanel {
  /** @param {PanelHead} head @param {Map<string, ArrayBuffer>} _buffers @param {any} context */
  constructor(head, _buffers, context) {
    this.texts = head.texts;
    this.window = context.window;
    this.context = context;
    this.type = head.type;
    /** @type {HTMLElement} */
    this.section = context.section;
    this.element = h("div", { class: head.type });
  }

  write() {}

  /** @param {HTMLElement} place */
  mount(place) {
    this.write();
    place.replaceChildren(this.element);
  }

  /** @param {any} change @param {[number, number]} window */
  tick(change, window) {
    this.window = window;
    if (!change.texts) return;
    Object.assign(this.texts, change.texts);
    this.write();
  }
}

/** @param {Element} element @param {string} text */
export function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
