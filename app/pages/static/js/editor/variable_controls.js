// The controls of a draft's variables, in the head of the page: others once the draft has others.

import { pageAnew } from "../api.js";
import { h } from "../dom.js";
import { installVariables } from "../variables.js";

const LAID_BY = ["name", "label", "type", "hide", "multi", "include_all"];

export class VariableControls {
  /** @param {import("./draft.js").Draft} draft @param {any} page of the dashboard */
  constructor(draft, page) {
    this.draft = draft;
    this.page = page;
    this.drawn = this.laid;
    this.turn = 0;
  }

  /** What of the variables decides which controls there are. */
  get laid() {
    return JSON.stringify((this.draft.document.variables ?? []).map((/** @type {any} */ one) => LAID_BY.map((name) => one[name] ?? "")));
  }

  /** The view was opened anew: controls that are others by now come from the page as the server makes it. */
  async follow() {
    const { laid } = this;
    if (laid === this.drawn) return;
    const turn = (this.turn += 1);
    const page = await pageAnew();
    if (!page || turn !== this.turn) return; // the next change tries again
    this.drawn = laid;
    this.replace([...page.querySelectorAll(".vars > .anchor")]);
  }

  /** @param {Element[]} fresh */
  replace(fresh) {
    const controls = /** @type {HTMLElement} */ (document.querySelector(".controls"));
    const place = controls.querySelector(":scope > .vars") ?? controls.appendChild(h("div", { class: "vars" }));
    for (const old of place.querySelectorAll(":scope > .anchor")) old.remove();
    place.prepend(...fresh.map((one) => document.importNode(one, true)));
    if (!place.children.length) place.remove();
    this.page.controls.variables = installVariables(this.page.boot.variables);
  }
}
