// Rows that fold: which are folded is kept in this browser; what lies below moves up, and folded panels ask for nothing.

import { keep, list } from "./kept.js";

export class Rows {
  /** @param {HTMLElement|null} grid @param {string} dashboardId @param {() => void} changed */
  constructor(grid, dashboardId, changed) {
    this.key = `folds-${dashboardId}`;
    this.changed = changed;
    /** @type {HTMLElement[]} */
    this.heads = grid ? [.../** @type {NodeListOf<HTMLElement>} */ (grid.querySelectorAll(":scope > .rowhead"))] : [];
    /** @type {HTMLElement[]} */
    this.sections = grid ? [.../** @type {NodeListOf<HTMLElement>} */ (grid.querySelectorAll(":scope > section"))] : [];
    /** @type {Map<string, boolean>} */
    this.folded = new Map(this.heads.map((head) => [head.dataset.rowId ?? "", head.getAttribute("aria-expanded") === "false"]));
    for (const [id, folded] of list(this.key)) if (this.folded.has(id)) this.folded.set(id, Boolean(folded));
    for (const head of this.heads) head.addEventListener("click", () => this.fold(head.dataset.rowId ?? ""));
    if (this.heads.length) this.lay();
  }

  /** @param {string} id */
  fold(id) {
    this.folded.set(id, !this.folded.get(id));
    this.done();
  }

  /** For a picture; it is nobody's choice, and is not kept. */
  openAll() {
    for (const id of this.folded.keys()) this.folded.set(id, false);
    if (this.heads.length) this.lay();
    this.changed();
  }

  foldAll() {
    const all = [...this.folded.values()].every(Boolean);
    for (const id of this.folded.keys()) this.folded.set(id, !all);
    this.done();
  }

  done() {
    keep(this.key, [...this.folded]);
    this.lay();
    this.changed();
  }

  lay() {
    let shift = 0;
    for (const element of this.inOrder()) {
      const row = element.dataset.row ?? "";
      const { y, h } = at(element);
      if (element.classList.contains("rowhead")) {
        const id = element.dataset.rowId ?? "";
        const folded = this.folded.get(id) ?? false;
        element.style.setProperty("--y", String(y - shift));
        element.setAttribute("aria-expanded", String(!folded));
        const members = this.sections.filter((one) => one.dataset.row === id).map(at);
        if (folded && members.length) shift += Math.max(...members.map((one) => one.y + one.h)) - (y + h);
      } else {
        element.classList.toggle("folded", this.folded.get(row) ?? false);
        if (!this.folded.get(row)) element.style.setProperty("--y", String(y - shift));
      }
    }
  }

  /** Heads and panels from the top; a head before the panels beside it. */
  inOrder() {
    return [...this.heads, ...this.sections].sort((a, b) => at(a).y - at(b).y);
  }
}

/** Where the dashboard puts an element, whatever is folded. @param {HTMLElement} element */
function at(element) {
  return { y: Number(element.dataset.y), h: Number(element.dataset.h ?? 1) };
}
