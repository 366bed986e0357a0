// The document on the grid: a section for each panel and a line for each row, in the places that the document says.

import { h, icon } from "../dom.js";
import { furnishAll } from "../panel_head.js";
import { boxesOf, room } from "./grid.js";
import { entitle, panelSection, put, rowLine } from "./sections.js";
import { find, membersOf } from "./operations.js";

export class Layer {
  /** @param {HTMLElement} grid @param {import("./draft.js").Draft} draft @param {any} page of the dashboard @param {(id: number, button: HTMLElement) => void} menu of a row @param {() => void} add */
  constructor(grid, draft, page, menu, add) {
    this.grid = grid;
    this.draft = draft;
    this.page = page;
    this.menu = menu;
    /** @type {Map<number, HTMLElement>} rows by their id */
    this.rows = new Map();
    /** @type {Map<number, string>} titles with the values of variables in them */
    this.titles = new Map();
    this.adder = h("button", { class: "addp", type: "button", hidden: true, onclick: () => add() }, icon("plus"), h("span", {}, "Add panel"));
    grid.append(this.adder);
  }

  /** What the view says of its panels. @param {any[]} heads */
  told(heads) {
    this.titles = new Map(heads.map((one) => [one.id, one.title]));
    this.lay();
    furnishAll(this.page.panels.values(), heads);
  }

  /** @param {number} id @returns {HTMLElement|null} */
  element(id) {
    return this.page.panels.get(id)?.section ?? this.rows.get(id) ?? null;
  }

  /** Bring one into sight, with the focus on it. @param {number} id */
  show(id) {
    const element = this.element(id);
    element?.scrollIntoView({ block: "nearest" });
    element?.focus({ preventScroll: true });
  }

  /** Put everything where the document has it; what is new comes, what is gone goes. */
  lay() {
    const { document: doc } = this.draft;
    const boxes = boxesOf(doc);
    const [panels, rows] = [boxes.filter((one) => !one.row), boxes.filter((one) => one.row)];
    for (const id of [...this.page.panels.keys()]) if (!panels.some((one) => one.id === id)) this.page.sight.remove(id);
    for (const [id, line] of this.rows) {
      if (rows.some((one) => one.id === id)) continue;
      line.remove();
      this.rows.delete(id);
    }
    for (const box of panels) this.panel(box, find(doc, box.id));
    for (const box of rows) this.row(box, find(doc, box.id));
    this.order(boxes);
    this.adder.hidden = !boxes.length;
    put(this.adder, room(boxes));
    if (this.grid.lastElementChild !== this.adder && document.activeElement !== this.adder) this.grid.append(this.adder);
    for (const one of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-empty]"))) one.hidden = boxes.length > 0;
  }

  /** @param {import("./grid.js").Box} box @param {any} panel */
  panel(box, panel) {
    let section = this.page.panels.get(box.id)?.section;
    if (!section) {
      section = panelSection(box.id, panel.type);
      this.grid.append(section);
      this.page.sight.add(section);
    }
    section.dataset.panelType = panel.type;
    section.classList.toggle("clear", panel.transparent === true);
    put(section, box);
    const title = panel.title ?? "";
    entitle(section, title.includes("$") || title.includes("[[") ? this.titles.get(box.id) ?? title : title, panel.repeat ? `repeats for ${panel.repeat.variable}` : "");
  }

  /** @param {import("./grid.js").Box} box @param {any} panel */
  row(box, panel) {
    let line = this.rows.get(box.id);
    if (!line) {
      const made = rowLine(box.id, () => this.menu(box.id, /** @type {HTMLElement} */ (made.querySelector("button"))));
      this.grid.append(made);
      this.rows.set(box.id, made);
      line = made;
    }
    put(line, box);
    const number = membersOf(this.draft.document, box.id).length;
    const title = panel.title || "Row";
    /** @type {HTMLElement} */ (line.querySelector("h2")).textContent = title;
    /** @type {HTMLElement} */ (line.querySelector(".n")).textContent = `${number} panel${number === 1 ? "" : "s"}${panel.collapsed ? ", opens folded" : ""}${panel.repeat ? `, repeats for ${panel.repeat.variable}` : ""}`;
    line.setAttribute("aria-label", `Row ${title}`);
    line.querySelector("button")?.setAttribute("aria-label", `Menu of the row ${title}`);
  }

  /** Keys go through panels as they are read: what is at another place in the page than on the grid goes there, but for what has the focus. @param {import("./grid.js").Box[]} boxes */
  order(boxes) {
    const ordered = [...boxes].sort((one, other) => one.y - other.y || one.x - other.x);
    /** @type {HTMLElement|null} */
    let after = null;
    for (const box of ordered) {
      const element = this.element(box.id);
      if (!element) continue;
      /** @type {Element|null} */
      const next = after ? after.nextElementSibling : this.grid.firstElementChild;
      if (next !== element && !element.contains(document.activeElement)) this.grid.insertBefore(element, next);
      after = element;
    }
  }
}
