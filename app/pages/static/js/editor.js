// The page of a dashboard that is edited: the dashboard itself, over a draft that the server keeps.

import "./dashboard.js";
import { versionsDialog } from "./versions.js";
import { Chosen } from "./editor/chosen.js";
import { Draft } from "./editor/draft.js";
import { Layer } from "./editor/layer.js";
import { Moving } from "./editor/moving.js";
import { find } from "./editor/operations.js";
import { PanelWays } from "./editor/panel_ways.js";
import { RowWays } from "./editor/row_ways.js";
import { discardDialog, saveDialog } from "./editor/saving.js";
import { SheetPlace } from "./editor/sheet_place.js";
import { VariableControls } from "./editor/variable_controls.js";

const root = document.documentElement.dataset.root ?? "";
/** @type {Record<string, string>} */
const SAID = { sending: "keeping", away: "not kept: the server does not answer", gone: "this draft was saved or discarded elsewhere", signedout: "not kept: sign in in another tab", forbidden: "you may not edit this dashboard any more" };
const UNDER_WAY_MS = 1500, QUIET_MS = 500; // after a key, and after what it changed is known, until what ticks is drawn
const TEXTS = "input, textarea, select, [contenteditable]";

class Editor {
  /** @param {any} page of the dashboard */
  constructor(page) {
    this.page = page;
    this.draft = new Draft(JSON.parse(document.getElementById("draft")?.textContent ?? "{}"));
    this.grid = /** @type {HTMLElement} */ (document.querySelector(".grid"));
    this.layer = new Layer(this.grid, this.draft, page, (id, button) => this.rows.menu(id, button), () => this.panels.addNew());
    this.chosen = new Chosen(this.draft, (id) => this.layer.element(id));
    this.moving = new Moving(this.grid, this.draft, { element: (id) => this.layer.element(id), laid: () => this.layer.lay() });
    page.sight.layer = (/** @type {any[]} */ heads) => this.layer.told(heads);
    page.live.revision = this.draft.revision;
    this.layer.told(page.boot.panels);
    page.sight.begin();
    this.panels = new PanelWays(this);
    this.rows = new RowWays(this.draft, this.layer, (ids, what) => this.panels.remove(ids, what));
    this.sheet = new SheetPlace(this.draft, this.chosen);
    this.variables = new VariableControls(this.draft, page);
    this.follow();
    this.buttons();
    this.panels.start();
    this.keys();
    this.tell();
    const asked = Number(new URLSearchParams(location.search).get("editPanel"));
    if (asked) this.chosen.choose(asked);
  }

  // -- what the draft says ---------------------------------------------------------------------------------------

  follow() {
    const { draft, page } = this;
    const typed = () => page.sight.hold(UNDER_WAY_MS);
    document.addEventListener("input", typed, true);
    draft.on("edited", typed);
    draft.on("edited", () => {
      if (!this.moving.drag) this.layer.lay();
      this.tell();
    });
    draft.on("state", () => this.tell());
    draft.on("changed", (/** @type {import("./editor/draft.js").Change} */ { panels, opensAnew }) => {
      page.live.revision = draft.revision;
      page.sight.hold(QUIET_MS);
      if (opensAnew) page.navigation.navigate(location.href, "stay", page.zoom.range).then(() => this.variables.follow());
      else page.sight.redraw(panels);
      this.tell();
    });
    addEventListener("beforeunload", (event) => {
      if (draft.sent || draft.waiting.length || draft.untaken.size) event.preventDefault(); // all else is kept
    });
  }

  tell() {
    const { draft } = this;
    const state = this.get("[data-draft-state]");
    const text = SAID[draft.state] ?? (draft.untaken.size ? "not all kept: see what is marked" : draft.changed ? "unsaved, draft kept" : draft.dashboardId ? "" : "not saved yet");
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
    on("[data-json]", () => this.sheet.open("json"));
    on("[data-settings]", () => this.sheet.open("settings"));
    this.get(".acts").addEventListener("click", (event) => { // on a phone they lie over what they open
      const pressed = /** @type {Element} */ (event.target).closest("button");
      if (pressed && !pressed.hasAttribute("aria-haspopup")) document.documentElement.removeAttribute("data-sheet");
    });
    this.panels.offer(this.get("[data-add]"), this.get("[data-add-box]"), () => this.rows.add());
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

  // -- keys ------------------------------------------------------------------------------------------------------

  keys() {
    this.page.actions.keyboard.shortcuts.push(
      { group: "Editing", keys: "Ctrl+Z", text: "Undo; with Shift: redo", run: () => this.draft.undo() },
      { group: "Editing", keys: "Ctrl+S", text: "Save", run: () => this.save() },
    );
    addEventListener("keydown", (event) => { // of the window: after all that is open in the document
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
      else if (event.key === "Enter" && target.matches(".rowline")) this.rows.rename(Number(/** @type {HTMLElement} */ (target).dataset.rowId));
      else if ((event.key === "Delete" || event.key === "Backspace") && target.matches("section[data-panel-id]")) {
        const id = Number(/** @type {HTMLElement} */ (target).dataset.panelId);
        this.panels.remove([id], find(this.draft.document, id)?.title || "The panel");
      } else return;
      event.preventDefault();
    });
  }

  /** What is open is left, the innermost first. @param {Element} target */
  escape(target) {
    if (document.querySelector(".sheetplace")) this.sheet.leave();
    else if (target.closest(TEXTS) && target.closest(".beside, .below")) /** @type {HTMLElement} */ (target).blur();
    else this.chosen.quit();
  }
}

/** @type {any} */ (window).editor = new Editor(/** @type {any} */ (window).heliograph);
