// What a person does with the rows of a dashboard that is edited: adding, naming, moving, folding, deleting.

import { h } from "../dom.js";
import { close, show } from "../menus.js";
import { panelPath } from "./draft.js";
import { item } from "./menu_item.js";
import { find, membersOf, rowAdded, rowStepped } from "./operations.js";

export class RowWays {
  /** @param {import("./draft.js").Draft} draft @param {import("./layer.js").Layer} layer @param {(ids: number[], what: string) => void} remove */
  constructor(draft, layer, remove) {
    this.draft = draft;
    this.layer = layer;
    this.remove = remove;
  }

  add() {
    close();
    const { id, patch } = rowAdded(this.draft.document);
    this.draft.apply(patch);
    this.layer.show(id);
    this.rename(id);
  }

  /** @param {number} id @param {HTMLElement} button */
  menu(id, button) {
    const { draft } = this;
    const doc = draft.document;
    const row = find(doc, id);
    const members = membersOf(doc, id);
    const path = panelPath(doc, id);
    const toggle = () => draft.apply([row.collapsed ? { op: "remove", path: `${path}/collapsed` } : { op: "add", path: `${path}/collapsed`, value: true }]);
    const box = h("div", { class: "pop right menu", role: "menu", "aria-label": "Row", hidden: true },
      item("pencil", "Rename", () => this.rename(id)),
      item("down", row.collapsed ? "Open it unfolded" : "Open it folded", toggle),
      item("left", "Move up", () => draft.apply(rowStepped(draft.document, id, -1))),
      item("right", "Move down", () => draft.apply(rowStepped(draft.document, id, 1))),
      h("div", { class: "rule", role: "separator" }),
      item("bin", "Delete the row alone", () => this.remove([id], "The row")),
      ...(members.length ? [item("bin", `Delete it with ${members.length} panel${members.length === 1 ? "" : "s"}`, () => this.remove([id, ...members], "The row with its panels"))] : []));
    button.after(box);
    show(button, box, { closed: () => box.remove() });
  }

  /** The title of a row is written where it stands. @param {number} id */
  rename(id) {
    const line = this.layer.element(id);
    const heading = line?.querySelector("h2");
    if (!line || !heading) return;
    const input = /** @type {HTMLInputElement} */ (h("input", { class: "rowname", "aria-label": "Title of the row", maxlength: "500" }));
    input.value = find(this.draft.document, id)?.title ?? "";
    let ended = false; // what is taken away loses the focus, which would end it once more
    const done = (/** @type {boolean} */ take) => {
      if (ended) return;
      ended = true;
      input.remove();
      heading.hidden = false;
      const path = panelPath(this.draft.document, id);
      if (take && path) this.draft.apply([{ op: "add", path: `${path}/title`, value: input.value.trim() }]);
      line.focus({ preventScroll: true });
    };
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      done(event.key === "Enter");
    });
    input.addEventListener("blur", () => done(true));
    heading.hidden = true;
    heading.after(input);
    input.focus();
    input.select();
  }
}
