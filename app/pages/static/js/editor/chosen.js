// The panel that is edited: its forms beside and below the canvas.

import { note } from "../address.js";
import { h, icon } from "../dom.js";
import { find } from "./operations.js";
import { leaving } from "./leaving.js";
import { mountText } from "./text.js";

const FORMS = "./editor/panel_editor.js"; // beside the script of the page
/** @type {[string, string][]} of which a phone shows one at a time, below the panel */
const PARTS = [["options", "Options"], ["queries", "Queries"]];
const html = document.documentElement;

export class Chosen {
  /** @param {import("./draft.js").Draft} draft @param {(id: number) => HTMLElement|null} element */
  constructor(draft, element) {
    this.draft = draft;
    this.element = element;
    this.id = 0;
    this.turn = 0;
    this.beside = /** @type {HTMLElement} */ (document.querySelector("[data-beside]"));
    this.below = /** @type {HTMLElement} */ (document.querySelector("[data-below]"));
    /** @type {(() => void)|null} ends what is mounted */
    this.ends = null;
    draft.on("edited", () => this.id && !find(draft.document, this.id) && this.leave());
  }

  /** @param {number} id */
  choose(id) {
    if (id === this.id || !find(this.draft.document, id)) return;
    leaving(this.draft, [this.beside, this.below], () => this.open(id));
  }

  /** Leave it by hand. */
  quit() {
    leaving(this.draft, [this.beside, this.below], () => this.leave());
  }

  /** @param {number} id */
  async open(id) {
    this.leave(true);
    this.id = id;
    const turn = ++this.turn;
    const section = this.element(id);
    section?.classList.add("chosen");
    section?.setAttribute("aria-current", "true");
    html.dataset.choosing = "";
    html.dataset.part ??= "options";
    this.beside.hidden = false;
    note({ editPanel: String(id) });
    const forms = await import(FORMS).catch(() => null);
    if (turn !== this.turn) return;
    if (forms) this.mount(forms, id);
    else this.plain();
    section?.scrollIntoView({ block: "nearest" });
  }

  /** @param {any} forms @param {number} id */
  mount(forms, id) {
    const [options, below] = [h("div", { class: "place" }), h("div", { class: "place" })];
    this.beside.replaceChildren(this.head(), options);
    this.below.replaceChildren(below);
    this.below.hidden = false;
    const mounted = forms.mountPanelEditor({ draft: this.draft, panelId: id, options, below });
    this.ends = () => mounted?.unmount();
  }

  /** Where the forms cannot be loaded: the panel as text. */
  plain() {
    const place = h("div", { class: "place" });
    this.beside.replaceChildren(this.head(), place);
    this.ends = mountText(this.draft, place, () => this.id, this.id);
  }

  head() {
    const close = h("button", { class: "btn bare icon sm", type: "button", "aria-label": "Leave this panel", onclick: () => this.quit() }, icon("close"));
    return h("div", { class: "besidehead" }, h("h2", {}, "Panel"), this.parts(), h("span", { class: "grow" }), close);
  }

  /** Which part a phone shows. */
  parts() {
    const buttons = PARTS.map(([part, text]) => h("button", { type: "button", "aria-pressed": String(html.dataset.part === part), onclick: () => show(part) }, text));
    const show = (/** @type {string} */ part) => {
      html.dataset.part = part;
      buttons.forEach((one, index) => one.setAttribute("aria-pressed", String(PARTS[index][0] === part)));
    };
    return h("div", { class: "seg2 parts-of", role: "group", "aria-label": "What is edited" }, ...buttons);
  }

  /** @param {boolean} [another] whether another one is chosen next */
  leave(another = false) {
    if (!this.id) return;
    const section = this.element(this.id);
    section?.classList.remove("chosen");
    section?.removeAttribute("aria-current");
    this.ends?.();
    this.ends = null;
    this.id = 0;
    this.turn += 1;
    this.beside.replaceChildren();
    this.below.replaceChildren();
    this.below.hidden = true;
    if (another) return;
    this.beside.hidden = true;
    delete html.dataset.choosing;
    note({ editPanel: null });
    section?.focus({ preventScroll: true });
  }
}
