// The page of a dashboard that is edited: the dashboard itself, over a draft that the server keeps.

import "./dashboard.js";
import { h, icon } from "./dom.js";
import { close, popover, show } from "./menus.js";
import { versionsDialog } from "./versions.js";
import { Chosen } from "./editor/chosen.js";
import { copiedPanel, copyPanel } from "./editor/clipboard.js";
import { Draft, panelPath } from "./editor/draft.js";
import { Layer } from "./editor/layer.js";
import { Moving } from "./editor/moving.js";
import { added, duplicated, find, membersOf, removed, rowAdded, rowStepped } from "./editor/operations.js";
import { discardDialog, saveDialog } from "./editor/saving.js";
import { mountText } from "./editor/text.js";

const root = document.documentElement.dataset.root ?? "";
const NEW_PANEL = { title: "New panel", type: "timeseries" };
const SETTINGS = "./editor/settings.js"; // beside the script of the page
/** @type {Record<string, string>} */
const SAID = { sending: "keeping", away: "not kept: the server does not answer", gone: "this draft was saved or discarded elsewhere", signedout: "not kept: sign in in another tab", forbidden: "you may not edit this dashboard any more" };
const TEXTS = "input, textarea, select, [contenteditable]";

class Editor {
  /** @param {any} page of the dashboard */
  constructor(page) {
    this.page = page;
    this.draft = new Draft(root, JSON.parse(document.getElementById("draft")?.textContent ?? "{}"));
    this.grid = /** @type {HTMLElement} */ (document.querySelector(".grid"));
    this.layer = new Layer(this.grid, this.draft, page, (id, button) => this.rowMenu(id, button), () => this.add(NEW_PANEL));
    this.chosen = new Chosen(this.draft, (id) => this.layer.element(id));
    this.moving = new Moving(this.grid, this.draft, { element: (id) => this.layer.element(id), laid: () => this.layer.lay() });
    page.sight.layer = (/** @type {any[]} */ heads) => this.layer.told(heads);
    page.live.revision = this.draft.revision;
    this.layer.told(page.boot.panels);
    /** @type {(() => void)|null} ends what takes the place of the canvas */
    this.shuts = null;
    this.follow();
    this.buttons();
    this.panelWays();
    this.keys();
    this.tell();
    const asked = Number(new URLSearchParams(location.search).get("editPanel"));
    if (asked) this.chosen.choose(asked);
  }

  // -- what the draft says ---------------------------------------------------------------------------------------

  follow() {
    const { draft, page } = this;
    draft.on("edited", () => {
      if (!this.moving.drag) this.layer.lay();
      this.tell();
    });
    draft.on("state", () => this.tell());
    draft.on("changed", (/** @type {import("./editor/draft.js").Change} */ { panels, opensAnew }) => {
      page.live.revision = draft.revision;
      if (opensAnew) page.navigation.navigate(location.href, "stay", page.zoom.range);
      else page.sight.redraw(panels);
      this.tell();
    });
    addEventListener("beforeunload", (event) => {
      if (draft.sent || draft.waiting.length) event.preventDefault(); // all else is kept
    });
  }

  tell() {
    const { draft } = this;
    const state = this.get("[data-draft-state]");
    const text = SAID[draft.state] ?? (draft.changed ? "unsaved, draft kept" : draft.dashboardId ? "" : "not saved yet");
    if (state.textContent !== text) state.textContent = text;
    state.classList.toggle("changed", text !== "");
    this.get("[data-editor-title]").textContent = draft.document.title ?? "";
    this.page.zoom.pointer.shares = draft.document.graph_tooltip ?? this.page.boot.graph_tooltip;
    this.get("[data-undo]").toggleAttribute("disabled", !draft.canUndo);
    this.get("[data-redo]").toggleAttribute("disabled", !draft.canRedo);
  }

  /** @param {string} selector @returns {HTMLElement} */
  get(selector) {
    return /** @type {HTMLElement} */ (document.querySelector(selector));
  }

  // -- the head --------------------------------------------------------------------------------------------------

  buttons() {
    const { draft } = this;
    const on = (/** @type {string} */ selector, /** @type {() => void} */ run) => document.querySelector(selector)?.addEventListener("click", run);
    on("[data-undo]", () => draft.undo());
    on("[data-redo]", () => draft.redo());
    on("[data-save]", () => this.save());
    on("[data-discard]", () => discardDialog(draft, () => this.away()));
    on("[data-versions]", () => versionsDialog({ dashboard_id: draft.dashboardId ?? "", title: draft.document.title, version: draft.baseVersion }));
    on("[data-json]", () => this.sheet("json"));
    on("[data-settings]", () => this.sheet("settings"));
    on("[data-add-first]", () => this.add(NEW_PANEL));
    on("[data-paste-first]", () => this.paste());
    popover(this.get("[data-add]"), this.get("[data-add-box]"), { opened: () => this.addMenu() });
    this.offerPaste();
    addEventListener("storage", () => this.offerPaste());
  }

  offerPaste() {
    const button = document.querySelector("[data-paste-first]");
    if (button) /** @type {HTMLElement} */ (button).hidden = !copiedPanel();
  }

  addMenu() {
    const copied = copiedPanel();
    const ways = [item("chart", "Panel", () => this.add(NEW_PANEL)), item("minus", "Row", () => this.addRow())];
    if (copied) ways.push(item("copy", `Paste ${copied.title || "panel"}`, () => this.paste()));
    this.get("[data-add-box]").replaceChildren(...ways);
  }

  save() {
    saveDialog(this.draft, (dashboard) => this.away(dashboard.url));
  }

  /** Leave the editor. @param {string} [url] where to */
  away(url) {
    const query = new URLSearchParams(location.search);
    query.delete("editPanel");
    const to = url ?? (this.draft.dashboardId ? `/d/${this.draft.dashboardId}` : "/");
    location.assign(root + to + (to === "/" || !String(query) ? "" : `?${query}`));
  }

  /** Open or shut what takes the place of the canvas. @param {"json"|"settings"} kind */
  async sheet(kind) {
    const open = document.querySelector(".sheetplace");
    const same = /** @type {HTMLElement|null} */ (open)?.dataset.kind === kind;
    this.shut();
    if (same) return;
    const inside = h("div", { class: "place" });
    const closer = h("button", { class: "btn bare icon", type: "button", "aria-label": "Close", onclick: () => this.shut(true) }, icon("close"));
    const place = h("section", { class: "sheetplace", "data-kind": kind, "aria-label": kind === "json" ? "JSON" : "Settings" },
      h("div", { class: "besidehead" }, h("h2", {}, kind === "json" ? "JSON" : "Settings"), h("span", { class: "grow" }), closer), inside);
    this.get(".workplace").append(place);
    this.get(`[data-${kind}]`).setAttribute("aria-pressed", "true");
    if (kind === "json") this.shuts = mountText(this.draft, inside, () => this.chosen.id);
    else {
      const settings = await import(SETTINGS).catch(() => null);
      if (!inside.isConnected) return; // it was shut meanwhile
      this.shuts = settings ? settings.mountSettings({ draft: this.draft, into: inside }).unmount : mountText(this.draft, inside, () => 0);
    }
    closer.focus();
  }

  /** @param {boolean} [back] whether the focus goes back */
  shut(back = false) {
    const open = /** @type {HTMLElement|null} */ (document.querySelector(".sheetplace"));
    if (!open) return;
    this.shuts?.();
    this.shuts = null;
    const button = this.get(`[data-${open.dataset.kind}]`);
    button.setAttribute("aria-pressed", "false");
    open.remove();
    if (back) button.focus();
  }

  // -- panels and rows -------------------------------------------------------------------------------------------

  /** @param {any} panel */
  async add(panel) {
    close();
    const { id, patch } = added(this.draft.document, panel);
    const applied = this.draft.apply(patch);
    this.show(id);
    this.chosen.choose(id);
    const { ok } = await applied;
    if (!ok) this.page.notices.say(["This panel cannot be added here: it is not one that this server knows."]);
  }

  paste() {
    const panel = copiedPanel();
    if (panel) this.add(panel);
  }

  addRow() {
    close();
    const { id, patch } = rowAdded(this.draft.document);
    this.draft.apply(patch);
    this.show(id);
    this.renameRow(id);
  }

  /** @param {number} id */
  show(id) {
    const element = this.layer.element(id);
    element?.scrollIntoView({ block: "nearest" });
    element?.focus({ preventScroll: true });
  }

  /** @param {number} id */
  duplicate(id) {
    const { id: copy, patch } = duplicated(this.draft.document, id);
    this.draft.apply(patch);
    this.show(copy);
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
    /** @type {HTMLElement|null} */ (this.grid.querySelector("section, .rowline"))?.focus({ preventScroll: true });
  }

  panelWays() {
    const title = (/** @type {number} */ id) => find(this.draft.document, id)?.title || "The panel";
    const ways = [
      { text: "Edit", icon: "pencil", key: "e", run: (/** @type {number} */ id) => this.chosen.choose(id) },
      { text: "Duplicate", icon: "copy", key: "p d", run: (/** @type {number} */ id) => this.duplicate(id) },
      { text: "Copy", icon: "share", key: "p c", run: (/** @type {number} */ id) => this.copy(id) },
      { text: "Delete", icon: "bin", key: "p x", run: (/** @type {number} */ id) => this.remove([id], title(id)), rule: true },
    ];
    const { actions } = this.page;
    const own = actions.panelActions.filter((/** @type {any} */ one) => ["View full screen", "Inspect", "Explore"].includes(one.text));
    actions.panelActions.splice(0, Infinity, ...ways, ...own);
    actions.keyboard.shortcuts = actions.keyboard.shortcuts.filter((/** @type {any} */ one) => !["e", "s", "f", "a", "p", "d e", "d s", "d f"].includes(one.keys));
    actions.keyboard.shortcuts.push(
      ...ways.map((one) => ({ group: "Panel in focus", keys: one.key, text: one.text, run: () => actions.onPanel(one) })),
      { group: "Panel in focus", keys: "Enter", text: "Edit", run: () => undefined },
      { group: "Panel in focus", keys: "Arrows", text: "Move; with Shift: make larger or smaller", run: () => undefined },
      { group: "Editing", keys: "Ctrl+Z", text: "Undo; with Shift: redo", run: () => this.draft.undo() },
      { group: "Editing", keys: "Ctrl+S", text: "Save", run: () => this.save() },
      { group: "Editing", keys: "p v", text: "Paste the copied panel", run: () => this.paste() },
      { group: "Editing", keys: "p n", text: "Add a panel", run: () => this.add(NEW_PANEL) },
    );
    this.grid.addEventListener("click", (event) => {
      const section = /** @type {HTMLElement|null} */ (/** @type {Element} */ (event.target).closest("section[data-panel-id]"));
      if (section && !/** @type {Element} */ (event.target).closest(".pop, .kebab, a")) this.chosen.choose(Number(section.dataset.panelId));
    });
  }

  /** @param {number} id @param {HTMLElement} button */
  rowMenu(id, button) {
    const { draft } = this;
    const doc = draft.document;
    const row = find(doc, id);
    const members = membersOf(doc, id);
    const path = panelPath(doc, id);
    const toggle = () => draft.apply([row.collapsed ? { op: "remove", path: `${path}/collapsed` } : { op: "add", path: `${path}/collapsed`, value: true }]);
    const box = h("div", { class: "pop right menu", role: "menu", "aria-label": "Row", hidden: true },
      item("pencil", "Rename", () => this.renameRow(id)),
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
  renameRow(id) {
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

  // -- keys ------------------------------------------------------------------------------------------------------

  keys() {
    document.addEventListener("keydown", (event) => {
      const target = /** @type {Element} */ (event.target);
      const key = event.key.toLowerCase();
      if ((event.ctrlKey || event.metaKey) && !event.altKey) {
        if (key === "s") this.save();
        else if (key === "z" && !target.closest(TEXTS)) event.shiftKey ? this.draft.redo() : this.draft.undo();
        else if (key === "y" && !target.closest(TEXTS)) this.draft.redo();
        else return;
        event.preventDefault();
        return;
      }
      if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
      if (event.key === "Escape") this.escape(target);
      else if (event.key === "Enter" && target.matches("section[data-panel-id]")) this.chosen.choose(Number(/** @type {HTMLElement} */ (target).dataset.panelId));
      else if (event.key === "Enter" && target.matches(".rowline")) this.renameRow(Number(/** @type {HTMLElement} */ (target).dataset.rowId));
      else if ((event.key === "Delete" || event.key === "Backspace") && target.matches("section[data-panel-id]")) {
        const id = Number(/** @type {HTMLElement} */ (target).dataset.panelId);
        this.remove([id], find(this.draft.document, id)?.title || "The panel");
      } else return;
      event.preventDefault();
    });
  }

  /** What is open is left, the innermost first. @param {Element} target */
  escape(target) {
    if (document.querySelector(".sheetplace")) this.shut(true);
    else if (target.closest(TEXTS) && target.closest(".beside, .below")) /** @type {HTMLElement} */ (target).blur();
    else this.chosen.leave();
  }
}

/** @param {"chart"|"minus"|"copy"|"pencil"|"down"|"left"|"right"|"bin"} glyph @param {string} text @param {() => void} run */
function item(glyph, text, run) {
  return h("button", { class: "item", type: "button", role: "menuitem", onclick: () => {
    close(true);
    run();
  } }, icon(glyph), h("span", {}, text));
}

/** @type {any} */ (window).editor = new Editor(/** @type {any} */ (window).heliograph);
