// What a person can do on a dashboard, as keys and as entries of panels' menus.

import { go, note } from "./address.js";
import { askPanel } from "./ask.js";
import { copyText } from "./copying.js";
import { csvOf, download, rowsOf } from "./csv.js";
import { h } from "./dom.js";
import { addressOf, rangeHolding } from "./explored.js";
import { inspect } from "./inspect.js";
import { fileOfPanel, writtenPanel } from "./inspect_source.js";
import { Keyboard } from "./keyboard.js";
import { installPanelMenu } from "./panelmenu.js";
import { share } from "./share.js";
import { anywhere, useKeys } from "./frame.js";
import { makeHome } from "./manage.js";
import { offer } from "./palette.js";
import { canSplit, chooseSplit } from "./split.js";

const html = document.documentElement;
const HINT_MS = 3000;
const FILE_POINTS = 11_000, SEEN_POINTS = 1000;

export class Actions {
  /** @param {any} page the page of the dashboard */
  constructor(page) {
    this.page = page;
    this.root = html.dataset.root ?? "";
    /** @type {import("./panelmenu.js").Action[]} */
    this.panelActions = [
      { text: "Edit", icon: "pencil", key: "e", run: (id) => this.edit(id), when: () => document.querySelector("[data-edit]") !== null },
      { text: "View full screen", icon: "eye", key: "v", run: (id) => (page.solo.id === id ? page.solo.leave() : page.solo.view(id)) },
      { text: "Split by label", icon: "chart", key: "b", run: (id) => this.split(id), when: (id) => canSplit(page.panels.get(id)?.body) },
      ...(page.boot.guest ? [] : this.ownActions()),
    ];
    const grid = /** @type {HTMLElement|null} */ (document.querySelector(".grid"));
    if (grid) installPanelMenu(grid, this.panelActions);
    document.querySelector("[data-share]")?.addEventListener("click", () => this.share());
    document.querySelector("[data-help]")?.addEventListener("click", () => this.keyboard.help());
    this.keyboard = new Keyboard([...anywhere(), ...this.shortcuts()]);
    useKeys(this.keyboard);
    offer(() => [...this.shortcuts().filter((one) => one.group !== "Panel in focus").map((one) => ({ kind: "Action", text: one.text, about: one.group, run: one.run })),
      ...[...page.panels.keys()].map((id) => ({ kind: "Panel", text: this.title(id), about: page.boot.title, run: () => page.solo.view(id) }))]);
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || html.dataset.kiosk === undefined || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      event.stopPropagation();
      this.kiosk();
    }, true);
    if (html.dataset.kiosk !== undefined) this.hint();
  }

  /** What somebody who did not come by a link can do with a panel. @returns {import("./panelmenu.js").Action[]} */
  ownActions() {
    const { page } = this;
    return [
      { text: "Inspect", icon: "code", key: "i", run: (id) => this.inspect(id), rule: true },
      { text: "Explore", icon: "search", key: "x", run: (id) => this.explore(id), when: () => document.querySelector("[data-role=editor], [data-role=admin]") !== null },
      { text: "New alert rule", icon: "alarm", key: "m", run: (id) => this.alert(id), when: (id) => this.canAlert(id) },
      { text: "Share", icon: "share", key: "s", run: (id) => share(this.title(id), page.controls.range(), id, page.boot) },
      { text: "Download CSV", icon: "download", key: "f", run: (id) => this.csv(id) },
      { text: "Add annotation", icon: "note", key: "a", run: (id) => page.marking.annotate(id), when: (id) => page.marking.canAnnotate(id), rule: true },
    ];
  }

  /** @returns {import("./keyboard.js").Shortcut[]} */
  shortcuts() {
    const { page } = this;
    const click = (/** @type {string} */ selector) => () => /** @type {HTMLElement|null} */ (document.querySelector(selector))?.click();
    const { guest } = page.boot;
    const timed = [
      ["Time", "t p", "Open the time picker", click("[data-time-picker]")],
      ["Time", "t z", "Zoom out", () => page.controls.widen()],
      ["Time", "t ArrowLeft", "Earlier", () => page.controls.shift(-1)],
      ["Time", "t ArrowRight", "Later", () => page.controls.shift(1)],
      ["Time", "t c", "Copy the range", () => this.copyRange()],
      ["Time", "t v", "Paste a range", () => this.pasteRange()],
      ["Time", "t a", "Keep this range as it is", () => page.controls.hold()],
    ];
    const list = [
      ...(guest && !guest.time ? [] : timed),
      ["Dashboard", "r", "Refresh now", () => page.refresh()],
      ["Dashboard", "p", "Pause or resume", () => page.controls.pause()],
      ...(document.querySelector("[data-edit]") ? [["Dashboard", "d e", "Edit", click("[data-edit]")]] : []),
      ...(document.querySelector("[data-account]") ? [["Dashboard", "d h", "Make this my home", () => makeHome(page.boot)]] : []),
      ...(guest ? [] : [["Dashboard", "d s", "Share", () => this.share()]]),
      ["Dashboard", "d k", "Kiosk", () => this.kiosk()],
      ["Dashboard", "d f", "Fold all rows", () => page.rows.foldAll()],
      ["Panel in focus", "p l", "Show or hide the legend", () => this.focused()?.classList.toggle("legendless")],
      ...this.panelActions.map((one) => ["Panel in focus", one.key, one.text, () => this.onPanel(one)]),
    ];
    return list.map(([group, keys, text, run]) => /** @type {any} */ ({ group, keys, text, run }));
  }

  async copyRange() {
    const [from, to] = this.page.controls.range().map((/** @type {number} */ ms) => new Date(ms).toISOString());
    const copied = await copyText(`${from} ${to}`);
    this.page.notices.say([copied ? "The range is copied." : `Copy the range from here: ${from} ${to}`]);
  }

  /** Go to a range that somebody copied, here or in Grafana. */
  async pasteRange() {
    const range = rangeOf(await navigator.clipboard?.readText().catch(() => "") ?? "");
    if (range) go(range);
    else this.page.notices.say(["What was copied is no range."]);
  }

  /** Whether a rule can be made of a panel: by who may edit, of one on a dashboard. @param {number} id */
  canAlert(id) {
    const edits = document.querySelector("[data-role=editor], [data-role=admin]") !== null;
    return edits && html.dataset.alerts === undefined && Boolean(this.page.boot.dashboard_id) && this.page.panels.get(id)?.section.dataset.panelType !== "text";
  }

  /** A rule of what a panel asks, with the variables as they are. @param {number} id */
  alert(id) {
    const asked = new URLSearchParams({ dashboard: this.page.boot.dashboard_id, panel: String(id) });
    for (const one of this.page.boot.variables) for (const value of one.current) asked.append(`var-${one.name}`, value);
    location.assign(`${this.root}/alerts/new?${asked}`);
  }

  /** The panel that has the focus, is alone or under the mouse. @returns {Element|null} */
  focused() {
    return document.activeElement?.closest("section[data-panel-id]") ?? document.querySelector("section[data-panel-id].solo, section[data-panel-id]:hover");
  }

  /** @param {import("./panelmenu.js").Action} action */
  onPanel(action) {
    const section = this.focused();
    const id = Number(/** @type {HTMLElement|null} */ (section)?.dataset.panelId ?? 0);
    if (id && (action.when?.(id) ?? true)) action.run(id);
  }

  /** Go on with a panel where it is edited. @param {number} id */
  edit(id) {
    const link = /** @type {HTMLAnchorElement|null} */ (document.querySelector("[data-edit]"));
    const query = new URLSearchParams(location.search);
    query.delete("viewPanel");
    query.set("editPanel", String(id));
    if (link) location.assign(`${link.href}?${query}`);
  }

  /** @param {number} id */
  title(id) {
    return this.page.panels.get(id)?.section.querySelector("h2")?.textContent || "Panel";
  }

  share() {
    share(this.page.boot.title, this.page.controls.range(), null, this.page.boot);
  }

  kiosk() {
    const on = html.toggleAttribute("data-kiosk");
    note({ kiosk: on ? "1" : null });
    if (on) this.hint();
    else document.querySelector(".kiosk-leave")?.remove();
  }

  /** Say how to leave the kiosk, where a finger can do it too; it fades, and comes back when one moves or touches. */
  hint() {
    if (document.querySelector(".kiosk-leave")) return;
    const leave = h("button", { class: "btn sm kiosk-leave", type: "button", onclick: () => this.kiosk() }, "Leave kiosk", h("kbd", { "aria-hidden": "true" }, "Esc"));
    document.body.append(leave);
    let timer = 0;
    const seen = () => {
      if (!leave.isConnected) return removeEventListener("pointermove", seen), removeEventListener("pointerdown", seen);
      leave.classList.remove("faded");
      clearTimeout(timer);
      timer = setTimeout(() => leave.classList.add("faded"), HINT_MS);
    };
    addEventListener("pointermove", seen);
    addEventListener("pointerdown", seen);
    seen();
  }

  /** @param {number} id */
  split(id) {
    const { body } = this.page.panels.get(id);
    if (canSplit(body)) chooseSplit(this.title(id), id, body, () => this.page.sight.redraw([id]));
  }

  /** @param {number} id */
  inspect(id) {
    const { page } = this;
    const range = page.range();
    const ask = () => askPanel(this.root, page.live.boot, id, range, SEEN_POINTS);
    // What a zoomed page shows was asked by this tab alone: it is asked once more.
    const seen = page.zoom.range ? async () => seenOf(await ask(), range) : () => page.live.answers.inspected(id);
    const { boot } = page.live;
    const before = document.querySelector("[data-role=editor], [data-role=admin]") ? () => askPanel(this.root, boot, id, range, SEEN_POINTS, 0) : null;
    const written = () => writtenPanel(boot, id), file = (/** @type {"arrow"|"json"} */ form) => fileOfPanel(boot, id, range, form);
    return inspect(this.title(id), { seen, ask, before, written, file, body: () => page.panels.get(id)?.body, range });
  }

  /** Go on with what a panel asks, where one may write queries. @param {number} id */
  async explore(id) {
    const { targets } = await this.page.live.answers.inspected(id).catch(() => ({ targets: [] }));
    const [fromMs, toMs] = this.page.range();
    const [first] = targets;
    const query = (first?.written.startsWith("{") ? first.written : first?.sent || first?.written) ?? "";
    location.assign(`${this.root}/explore?${addressOf({ range: rangeHolding(toMs - fromMs), panes: [{ source: first?.source ?? "", query }] })}`);
  }

  /** @param {number} id */
  async csv(id) {
    try {
      const answers = Object.values(await askPanel(this.root, this.page.live.boot, id, this.page.range(), FILE_POINTS));
      const failed = answers.find((one) => one.error);
      if (failed) throw new Error(failed.error.detail);
      download(`${this.page.boot.title} - ${this.title(id)}.csv`, csvOf(rowsOf(answers)));
    } catch {
      this.inspect(id); // which says what went wrong, where there is room for it
    }
  }
}

/** Two times with a space between them, or Grafana's `{"from": …, "to": …}`. @param {string} text @returns {{from: string, to: string}|null} */
function rangeOf(text) {
  const words = text.trim().split(/\s+/);
  let [from, to] = words.length === 2 ? words : [];
  try {
    ({ from, to } = JSON.parse(text));
  } catch {
    // it is no JSON
  }
  const read = (/** @type {unknown} */ one) => (typeof one === "string" && /^(now|\d{10,})/.test(one) ? one : Number.isFinite(Date.parse(String(one))) ? String(Date.parse(String(one))) : "");
  const range = { from: read(from), to: read(to) };
  return range.from && range.to ? range : null;
}

/** Answers as what a view says of its own. @param {Record<string, any>} results @param {[number, number]} range @returns {import("./inspect_query.js").Seen} */
function seenOf(results, range) {
  const targets = Object.entries(results).map(([ref, answer]) => {
    const { query, ...seen } = answer.inspect ?? {};
    const written = typeof query === "string" ? query : JSON.stringify(query, null, 2) ?? "";
    return { ref, source: "", written, sent: written, cache: "miss", age_s: null, stages_ms: {}, points_fetched: 0, points_returned: 0, step_s: 0,
      warnings: answer.warnings ?? [], partial: Boolean(answer.partial), stale_age_s: answer.stale?.age_s ?? null, error: answer.error ?? null, ...seen };
  });
  return { window: range, viewers: null, targets };
}
