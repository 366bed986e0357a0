// What is to be said of the page as a whole, once: what an address asked for and is not there, a server that is away.

import { h, icon } from "./dom.js";

export class Notices {
  constructor() {
    this.words = h("span", { class: "grow" });
    const close = h("button", { class: "btn bare icon sm", type: "button", "aria-label": "Close", onclick: () => this.say([]) }, icon("close"));
    this.element = h("div", { class: "notice said", role: "status", "data-notice": true, hidden: true }, icon("info"), this.words, close);
    document.body.append(this.element);
  }

  /** @param {string[]} texts none: nothing is to be said any more */
  say(texts) {
    this.words.replaceChildren(...texts.map((text) => h("span", {}, `${text} `)));
    this.element.hidden = !texts.length;
  }
}
