// Keys: single ones, and two in a row such as `t` then `z`. None while somebody types or is in a field of a form, and none with Ctrl, Alt or Cmd.

import { h } from "./dom.js";
import { dialog } from "./menus.js";

const PATIENCE_MS = 1200;
const UNDECIDED_MS = 300; // of a key that is one by itself, and the first of two
const SIGNS = { ArrowLeft: "←", ArrowRight: "→" };

/** @typedef {{group: string, keys: string, text: string, run: () => void}} Shortcut */

export class Keyboard {
  /** @param {Shortcut[]} shortcuts */
  constructor(shortcuts) {
    this.shortcuts = [...shortcuts, { group: "Anywhere", keys: "?", text: "This sheet", run: () => this.help() }];
    this.before = "";
    this.timer = 0;
    document.addEventListener("keydown", (event) => this.press(event));
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const target = /** @type {Element} */ (event.target);
    const typing = target.closest?.("input, textarea, select, [contenteditable], dialog, .pop, .option");
    if (event.defaultPrevented || typing || event.ctrlKey || event.altKey || event.metaKey || event.key.length > 1 && !event.key.startsWith("Arrow")) return;
    const keys = this.before ? `${this.before} ${event.key}` : event.key;
    this.before = "";
    clearTimeout(this.timer);
    const found = this.shortcuts.find((one) => one.keys === keys);
    const begins = keys === event.key && this.shortcuts.some((one) => one.keys.startsWith(`${event.key} `));
    if (found) event.preventDefault();
    if (!begins) return found?.run();
    this.before = event.key;
    this.timer = setTimeout(() => {
      this.before = "";
      found?.run();
    }, found ? UNDECIDED_MS : PATIENCE_MS);
  }

  help() {
    if (document.querySelector("dialog[open]")) return;
    const groups = [...new Set(this.shortcuts.map((one) => one.group))];
    const keys = (/** @type {string} */ text) => text.split(" ").flatMap((key, i) => [i ? h("i", {}, "then") : null, h("kbd", {}, SIGNS[/** @type {"ArrowLeft"} */ (key)] ?? key)]).filter((one) => one !== null);
    const sections = groups.map((group) => h("section", {}, h("h3", {}, group), ...this.shortcuts.filter((one) => one.group === group).map((one) => h("div", {}, h("span", {}, one.text), ...keys(one.keys)))));
    dialog("sheet-dialog", "Keyboard shortcuts", [h("div", { class: "keys" }, ...sections)]);
  }
}
