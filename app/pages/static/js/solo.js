// One panel that has the page for itself, and back.

import { note } from "./address.js";

export class Solo {
  /** @param {HTMLElement} grid @param {() => void} changed */
  constructor(grid, changed) {
    this.grid = grid;
    this.changed = changed;
    this.fixed = document.documentElement.hasAttribute("data-embed"); // a frame shows what its address says, and nothing else
    this.id = 0;
    this.missing = ""; // the panel that the address asks for and that is not there
    /** @type {Element|null} */
    this.from = null;
    this.read();
    addEventListener("popstate", () => this.read());
    document.addEventListener("keydown", (event) => {
      const busy = event.defaultPrevented || document.querySelector("dialog[open]") || /** @type {Element} */ (event.target).closest?.("input, textarea");
      if (event.key === "Escape" && this.id && !busy) this.leave();
    });
    document.querySelector("[data-solo-back]")?.addEventListener("click", () => this.leave());
  }

  /** What the address says. */
  read() {
    const query = new URLSearchParams(location.search);
    const asked = (this.fixed ? query.get("panel") : null) ?? query.get("viewPanel") ?? "";
    this.apply(Number(/^(?:panel-)?(\d{1,9})$/.exec(asked)?.[1] ?? 0)); // Grafana 12 writes panel-7
    this.missing = asked && !this.id ? asked : "";
  }

  /** @param {number} id */
  view(id) {
    this.from = document.activeElement;
    note({ viewPanel: String(id) }, "push");
    this.apply(id);
  }

  leave() {
    if (this.fixed) return;
    note({ viewPanel: null }, "push");
    this.apply(0);
    if (this.from instanceof HTMLElement) this.from.focus();
  }

  /** @param {number} id */
  apply(id) {
    const panel = id ? this.grid.querySelector(`section[data-panel-id="${CSS.escape(String(id))}"]`) : null;
    this.id = panel ? id : 0;
    for (const one of this.grid.querySelectorAll(".solo")) one.classList.remove("solo");
    panel?.classList.add("solo");
    document.documentElement.toggleAttribute("data-solo", Boolean(panel));
    if (panel) scrollTo(0, 0);
    this.changed();
  }
}
