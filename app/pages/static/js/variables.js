// The variables of a view: text boxes, and lists that are searched, with the keys of a combobox; applied as they close.

import { go } from "./address.js";
import { Filters } from "./filters.js";
import { h, icon } from "./dom.js";
import { close, popover } from "./menus.js";

const ALL = "$__all";
const EMPTY = "(empty)"; // what a value without a text is called
const MOST = 500;
const SHOWN = 3, TOLD = 20; // values that a button and its title say

/** @typedef {{name: string, label: string, type: string, multi: boolean, include_all: boolean, options: {value: string, text: string}[], current: string[], error: string}} Variable */

/** What writes each variable that is shown, by its name. @param {Variable[]} variables */
export function installVariables(variables) {
  /** @type {Map<string, {become: (variable: Variable) => void}>} */
  const shown = new Map();
  for (const variable of variables) {
    const element = document.querySelector(`[data-variable="${CSS.escape(variable.name)}"]`);
    if (element instanceof HTMLInputElement) {
      element.addEventListener("change", () => go({ [`var-${variable.name}`]: element.value }));
      shown.set(variable.name, { become: ({ current }) => (element.value = current[0] ?? "") });
    } else if (element instanceof HTMLElement && variable.type === "adhoc") shown.set(variable.name, new Filters(variable, element));
    else if (element instanceof HTMLElement) shown.set(variable.name, new Choice(variable, element));
  }
  return { become: (/** @type {Variable[]} */ others) => others.forEach((one) => shown.get(one.name)?.become(one)) };
}

/** What a button says of what is chosen: as shown() of app/pages/handlers.py does. @param {Variable} variable */
function wordsOf({ options, current }) {
  const texts = new Map([...options.map((one) => /** @type {[string, string]} */ ([one.value, one.text])), [ALL, "All"]]);
  const all = current.map((value) => (texts.get(value) ?? value) || EMPTY);
  const more = all.length > SHOWN ? ` + ${all.length - SHOWN}` : "";
  const told = all.slice(0, TOLD).join(", ") + (all.length > TOLD ? ` and ${all.length - TOLD} more` : "");
  return { shown: (all.slice(0, SHOWN).join(", ") || "None") + more, told };
}

class Choice {
  /** @param {Variable} variable @param {HTMLElement} button */
  constructor(variable, button) {
    this.variable = variable;
    this.button = button;
    this.chosen = new Set(variable.current);
    this.active = -1;
    /** @type {{value: string, text: string}[]} */
    this.shown = [];
    this.id = `list-${variable.name}`;
    this.search = /** @type {HTMLInputElement} */ (h("input", {
      placeholder: `Search ${variable.options.length} values`, "aria-label": `Search values of ${variable.label}`, role: "combobox", autocomplete: "off",
      "aria-expanded": "true", "aria-controls": this.id, "aria-autocomplete": "list", spellcheck: "false",
    }));
    this.list = h("div", { class: "list", id: this.id, role: "listbox", "aria-label": variable.label, "aria-multiselectable": String(variable.multi), tabindex: "-1" });
    this.more = h("p", { class: "muted none", hidden: true });
    const box = h("div", { class: "pop pop-variable", hidden: true, role: "dialog", "aria-label": variable.label }, h("div", { class: "search" }, h("label", { class: "field" }, icon("search"), this.search)), this.list, this.more);
    if (variable.multi) box.append(this.foot());
    this.search.addEventListener("input", () => this.find());
    this.search.addEventListener("keydown", (event) => this.key(event));
    button.after(box);
    popover(button, box, { opened: () => this.open(), closed: () => this.apply() });
    button.addEventListener("keydown", (event) => {
      if (box.hidden && ["ArrowDown", "ArrowUp"].includes(event.key)) {
        event.preventDefault();
        button.click();
      }
    });
  }

  /** The view is another: other options, perhaps, or another choice. @param {Variable} variable */
  become(variable) {
    this.variable = variable;
    this.chosen = new Set(variable.current);
    this.search.placeholder = `Search ${variable.options.length} values`;
    const { shown, told } = wordsOf(variable);
    const words = this.button.querySelector(".v .cut");
    if (!words) return;
    words.textContent = shown;
    words.setAttribute("title", told);
  }

  foot() {
    this.count = h("span", { class: "grow" });
    const clear = h("button", { class: "btn bare sm", type: "button", onclick: () => this.clear() }, "Clear");
    return h("div", { class: "foot" }, this.count, clear, h("button", { class: "btn primary sm", type: "button", onclick: () => close(true) }, "Apply"));
  }

  clear() {
    this.chosen.clear();
    this.fill();
    this.search.focus();
  }

  open() {
    this.chosen = new Set(this.variable.current);
    this.search.value = "";
    this.fill();
    this.move(Math.max(0, this.shown.findIndex((one) => this.chosen.has(one.value))));
  }

  /** What is typed leads to the first that matches. */
  find() {
    this.active = 0;
    this.fill();
  }

  fill() {
    const { variable } = this;
    const words = this.search.value.trim().toLowerCase();
    const options = [...(variable.include_all ? [{ value: ALL, text: "All" }] : []), ...variable.options];
    const matching = options.filter((one) => one.text.toLowerCase().includes(words));
    this.shown = matching.slice(0, MOST);
    this.list.replaceChildren(...this.shown.map((one, index) => this.item(one, index, words)));
    this.more.hidden = matching.length <= MOST;
    this.more.textContent = `${matching.length - MOST} more: search for them`;
    if (!this.shown.length) this.list.replaceChildren(h("p", { class: "muted none", role: "option", "aria-disabled": "true", "aria-selected": "false" }, variable.error || "No value matches"));
    if (this.count) this.count.textContent = this.chosen.has(ALL) ? "All chosen" : `${this.chosen.size} of ${variable.options.length} chosen`;
    this.move(Math.min(Math.max(this.active, 0), this.shown.length - 1));
  }

  /** @param {{value: string, text: string}} one @param {number} index @param {string} words */
  item(one, index, words) {
    const mixed = one.value === ALL && this.variable.multi && !this.chosen.has(ALL) && this.chosen.size > 0;
    const box = this.variable.multi ? h("span", { class: mixed ? "check mixed" : "check" }, icon("check")) : null;
    const count = one.value === ALL ? h("span", { class: "count" }, String(this.variable.options.length)) : null;
    return h("div", {
      class: one.value === ALL ? "item all" : "item", role: "option", id: `${this.id}-${index}`, "aria-selected": String(this.chosen.has(one.value)), title: one.text,
      onclick: () => this.choose(one.value), onpointermove: () => this.active !== index && this.move(index, false),
    }, box, h("span", { class: "cut" }, ...marked(one.text || EMPTY, words)), count);
  }

  /** @param {number} index @param {boolean} [scroll] */
  move(index, scroll = true) {
    this.list.children[this.active]?.classList.remove("is-active");
    this.active = index;
    const item = this.list.children[index];
    item?.classList.add("is-active");
    if (this.shown.length && item) this.search.setAttribute("aria-activedescendant", item.id);
    else this.search.removeAttribute("aria-activedescendant");
    if (scroll) item?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const last = this.shown.length - 1;
    const next = { ArrowDown: this.active >= last ? 0 : this.active + 1, ArrowUp: this.active <= 0 ? last : this.active - 1, PageDown: Math.min(this.active + 8, last), PageUp: Math.max(this.active - 8, 0) }[event.key];
    if (next !== undefined && last >= 0) {
      event.preventDefault();
      this.move(next);
    } else if (event.key === "Enter" && this.shown[this.active]) {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) close(true);
      else this.choose(this.shown[this.active].value);
    }
  }

  /** @param {string} value */
  choose(value) {
    if (!this.variable.multi) {
      this.chosen = new Set([value]);
      close(true);
      return;
    }
    if (value === ALL) this.chosen = new Set(this.chosen.has(ALL) ? [] : [ALL]);
    else {
      this.chosen.delete(ALL);
      if (!this.chosen.delete(value)) this.chosen.add(value);
    }
    this.fill();
    this.search.focus();
  }

  apply() {
    const before = this.variable.current;
    if (!this.chosen.size || (this.chosen.size === before.length && before.every((one) => this.chosen.has(one)))) return;
    const order = this.variable.options.map((one) => one.value);
    go({ [`var-${this.variable.name}`]: [...this.chosen].sort((a, b) => order.indexOf(a) - order.indexOf(b)) });
  }
}

/** A text with the part that matches marked. @param {string} text @param {string} words */
function marked(text, words) {
  const at = words ? text.toLowerCase().indexOf(words) : -1;
  if (at < 0) return [text];
  return [text.slice(0, at), h("mark", {}, text.slice(at, at + words.length)), text.slice(at + words.length)];
}
