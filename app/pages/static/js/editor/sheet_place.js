// What takes the place of the canvas: the dashboard's document as text, or its settings; one at a time.

import { h, icon } from "../dom.js";
import { leaving } from "./leaving.js";
import { mountText } from "./text.js";

const SETTINGS = "./editor/settings.js"; // beside the script of the page

export class SheetPlace {
  /** @param {import("./draft.js").Draft} draft @param {import("./chosen.js").Chosen} chosen */
  constructor(draft, chosen) {
    this.draft = draft;
    this.chosen = chosen;
    /** @type {(() => void)|null} ends what is mounted */
    this.shuts = null;
  }

  /** Open or shut what takes the place of the canvas. @param {"json"|"settings"} kind */
  open(kind) {
    const open = /** @type {HTMLElement|null} */ (document.querySelector(".sheetplace"));
    const same = open?.dataset.kind === kind;
    leaving(this.draft, open ? [open] : [], () => {
      this.shut();
      if (!same) this.mount(kind);
    });
  }

  /** @param {"json"|"settings"} kind */
  async mount(kind) {
    const inside = h("div", { class: "place" });
    const closer = h("button", { class: "btn bare icon", type: "button", "aria-label": "Close", onclick: () => this.leave() }, icon("close"));
    const place = h("section", { class: "sheetplace", "data-kind": kind, "aria-label": kind === "json" ? "JSON" : "Settings" },
      h("div", { class: "besidehead" }, h("h2", {}, kind === "json" ? "JSON" : "Settings"), h("span", { class: "grow" }), closer), inside);
    get(".workplace").append(place);
    get(`[data-${kind}]`).setAttribute("aria-pressed", "true");
    if (kind === "json") this.shuts = mountText(this.draft, inside, () => this.chosen.id);
    else {
      const settings = await import(SETTINGS).catch(() => null);
      if (!inside.isConnected) return; // it was shut meanwhile
      this.shuts = settings ? settings.mountSettings({ draft: this.draft, into: inside }).unmount : mountText(this.draft, inside, () => 0);
    }
    closer.focus();
  }

  /** Shut it by hand. */
  leave() {
    leaving(this.draft, [...document.querySelectorAll(".sheetplace")], () => this.shut(true));
  }

  /** @param {boolean} [back] whether the focus goes back */
  shut(back = false) {
    const open = /** @type {HTMLElement|null} */ (document.querySelector(".sheetplace"));
    if (!open) return;
    this.shuts?.();
    this.shuts = null;
    const button = get(`[data-${open.dataset.kind}]`);
    button.setAttribute("aria-pressed", "false");
    open.remove();
    if (back) button.focus();
  }
}

/** @param {string} selector @returns {HTMLElement} */
function get(selector) {
  return /** @type {HTMLElement} */ (document.querySelector(selector));
}
