// What a person does with panels while a dashboard is edited: adding, copying, deleting, and the menu that each has for it.

import { close, popover } from "../menus.js";
import { copiedPanel, copyPanel } from "./clipboard.js";
import { item } from "./menu_item.js";
import { added, duplicated, find, removed } from "./operations.js";
import { declarations } from "./declarations.js";
import { Sources } from "../query/sources.js";
import { carriedOver } from "../query/shown_document.js";

const NEW_PANEL = { title: "New panel", type: "timeseries" };
const KEPT_WAYS = ["View full screen", "Inspect", "Explore"]; // of a panel's menu on its dashboard
const OTHER_KEYS = ["e", "s", "f", "a", "p", "d e", "d s", "d f"]; // which do something else on a dashboard, or nothing here

/**
 * @typedef {object} Canvas where the panels are
 * @property {import("./draft.js").Draft} draft
 * @property {import("./layer.js").Layer} layer
 * @property {import("./chosen.js").Chosen} chosen
 * @property {any} page of the dashboard
 */

export class PanelWays {
  /** @param {Canvas} canvas */
  constructor({ draft, layer, chosen, page }) {
    this.draft = draft;
    this.layer = layer;
    this.chosen = chosen;
    this.page = page;
  }

  /** What is in the menu of what to add. @param {HTMLElement} button @param {HTMLElement} box @param {() => void} addRow */
  offer(button, box, addRow) {
    const ways = () => {
      const copied = copiedPanel();
      const list = [item("chart", "Panel", () => this.addNew()), item("minus", "Row", addRow)];
      if (copied) list.push(item("copy", `Paste ${copied.title || "panel"}`, () => this.paste()));
      box.replaceChildren(...list);
    };
    popover(button, box, { opened: ways });
    document.querySelector("[data-add-first]")?.addEventListener("click", () => this.addNew());
    document.querySelector("[data-paste-first]")?.addEventListener("click", () => this.paste());
    this.offerPaste();
    addEventListener("storage", () => this.offerPaste());
  }

  /** One that asks what the last panel asked, else the usual source: its example where that is a query at once. */
  async addNew() {
    close();
    const target = await this.begins().catch(() => null);
    await this.add(target ? { ...NEW_PANEL, targets: [target] } : NEW_PANEL);
  }

  /** @returns {Promise<import("./targets.js").Target>} */
  async begins() {
    const sources = new Sources(await declarations());
    await sources.load();
    const asked = (this.draft.document.panels ?? []).flatMap((/** @type {any} */ one) => [one.datasource, ...(one.targets ?? []).map((/** @type {any} */ each) => each.datasource)]);
    const known = asked.filter((/** @type {any} */ one) => typeof one === "string" && !one.startsWith("$") && !sources.isExpression(one) && sources.find(one));
    const datasource = known.at(-1) ?? sources.all.find((one) => one.default)?.uid;
    return { ref: "A", ...(datasource ? { datasource } : {}), query: carriedOver(null, sources.kind(datasource ?? ""), "") };
  }

  /** @param {any} panel */
  async add(panel) {
    close();
    const { id, patch } = added(this.draft.document, panel);
    const applied = this.draft.apply(patch);
    this.layer.show(id);
    this.chosen.choose(id);
    const { ok } = await applied;
    if (!ok) this.page.notices.say(["This panel cannot be added here: it is not one that this server knows."]);
  }

  paste() {
    const panel = copiedPanel();
    if (panel) this.add(panel);
  }

  /** @param {number} id */
  duplicate(id) {
    const { id: copy, patch } = duplicated(this.draft.document, id);
    this.draft.apply(patch);
    this.layer.show(copy);
  }

  /** @param {number} id */
  copy(id) {
    copyPanel(find(this.draft.document, id));
    this.offerPaste();
    this.page.notices.say(["The panel is copied: Add, Paste puts it into any dashboard."]);
  }

  /** @param {number[]} ids @param {string} what */
  remove(ids, what) {
    this.draft.apply(removed(this.draft.document, ids));
    this.page.notices.say([`${what} is deleted. Undo brings it back.`]);
    /** @type {HTMLElement|null} */ (this.layer.grid.querySelector("section, .rowline"))?.focus({ preventScroll: true });
  }

  offerPaste() {
    const button = document.querySelector("[data-paste-first]");
    if (button) /** @type {HTMLElement} */ (button).hidden = !copiedPanel();
  }

  /** What a panel on the canvas offers, by its menu, by keys and by a click. */
  start() {
    const title = (/** @type {number} */ id) => find(this.draft.document, id)?.title || "The panel";
    const ways = [
      { text: "Edit", icon: "pencil", key: "e", run: (/** @type {number} */ id) => this.chosen.choose(id) },
      { text: "Duplicate", icon: "copy", key: "p d", run: (/** @type {number} */ id) => this.duplicate(id) },
      { text: "Copy", icon: "share", key: "p c", run: (/** @type {number} */ id) => this.copy(id) },
      { text: "Delete", icon: "bin", key: "p x", run: (/** @type {number} */ id) => this.remove([id], title(id)), rule: true },
    ];
    const { actions } = this.page;
    const own = actions.panelActions.filter((/** @type {any} */ one) => KEPT_WAYS.includes(one.text));
    actions.panelActions.splice(0, Infinity, ...ways.slice(0, -1), ...own, ...ways.slice(-1)); // what deletes stands last, apart
    actions.keyboard.shortcuts = actions.keyboard.shortcuts.filter((/** @type {any} */ one) => !OTHER_KEYS.includes(one.keys));
    actions.keyboard.shortcuts.push(
      ...ways.map((one) => ({ group: "Panel in focus", keys: one.key, text: one.text, run: () => actions.onPanel(one) })),
      { group: "Panel in focus", keys: "Enter", text: "Edit", run: () => undefined },
      { group: "Panel in focus", keys: "Arrows", text: "Move; with Shift: make larger or smaller", run: () => undefined },
      { group: "Editing", keys: "p v", text: "Paste the copied panel", run: () => this.paste() },
      { group: "Editing", keys: "p n", text: "Add a panel", run: () => this.addNew() },
    );
    this.layer.grid.addEventListener("click", (event) => {
      const section = /** @type {HTMLElement|null} */ (/** @type {Element} */ (event.target).closest("section[data-panel-id]"));
      if (section && !/** @type {Element} */ (event.target).closest(".pop, .kebab, a")) this.chosen.choose(Number(section.dataset.panelId));
    });
  }
}
