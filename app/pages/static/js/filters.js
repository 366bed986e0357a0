// Ad hoc filters: conditions that whoever looks adds to the queries of a data source, each `label|=|value` in the address.

import { go } from "./address.js";
import { h, icon } from "./dom.js";
import { close, popover } from "./menus.js";

/** @typedef {{key: string, operator: string, values: string[]}} Filter */

const NONE = "$__none"; // in an address: none, whatever the dashboard opens with
const SEVERAL = ["=|", "!=|"];
const OPERATORS = { "=": "is", "!=": "is not", "=~": "matches", "!~": "matches not", "=|": "is one of", "!=|": "is none of", "<": "is below", ">": "is above" };
const ESCAPES = [["__gfp__", "|"], ["__gfc__", ","], ["__gfh__", "#"]];
const MOST_OFFERED = 200;

/** The filter of a text, as datasources/variables/adhoc.py reads it; null where it is none. @param {string} text @returns {Filter|null} */
export function readFilter(text) {
  const [key, operator, ...values] = text.split("|").map((part) => ESCAPES.reduce((so, [escape, sign]) => so.replaceAll(escape, sign), part));
  if (!key || !values.length || !Object.hasOwn(OPERATORS, operator)) return null;
  return { key, operator, values: SEVERAL.includes(operator) ? values : values.slice(0, 1) };
}

/** A filter as an address has it. @param {Filter} filter */
export function writtenFilter({ key, operator, values }) {
  const escaped = (/** @type {string} */ part) => ESCAPES.reduce((so, [escape, sign]) => so.replaceAll(sign, escape), part);
  return [escaped(key), operator.replaceAll("|", "__gfp__"), ...values.map(escaped)].join("|");
}

export class Filters {
  /** @param {import("./variables.js").Variable} variable @param {HTMLElement} button */
  constructor(variable, button) {
    this.variable = variable;
    this.button = button;
    this.rows = h("div", { class: "filters" });
    this.names = h("datalist", { id: `labels-${variable.name}` });
    const foot = h("div", { class: "foot" },
      h("button", { class: "btn bare sm", type: "button", onclick: () => this.add({ key: "", operator: "=", values: [""] }, true) }, icon("plus"), "Add filter"),
      h("span", { class: "grow" }),
      h("button", { class: "btn primary sm", type: "submit" }, "Apply"));
    const form = h("form", { onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); close(true); } }, this.rows, this.names, foot);
    this.box = h("div", { class: "pop pop-filters", hidden: true, role: "dialog", "aria-label": variable.label }, form);
    button.setAttribute("aria-haspopup", "dialog");
    button.after(this.box);
    popover(button, this.box, { opened: () => this.open(), closed: () => this.apply() });
  }

  /** The view is another, and so are its filters, perhaps. @param {import("./variables.js").Variable} variable */
  become(variable) {
    this.variable = variable;
    const words = this.button.querySelector(".v .cut");
    const told = variable.current.flatMap((text) => readFilter(text) ?? []).map((one) => `${one.key} ${one.operator} ${one.values.join(", ")}`).join("; ");
    if (!words) return;
    words.textContent = told || "None";
    words.setAttribute("title", told);
  }

  open() {
    this.labels = labelsShown();
    this.names.replaceChildren(...[...this.labels.keys()].sort().map((name) => h("option", { value: name })));
    this.rows.replaceChildren();
    const filters = this.variable.current.flatMap((text) => readFilter(text) ?? []);
    for (const one of filters.length ? filters : [{ key: "", operator: "=", values: [""] }]) this.add(one, false);
  }

  /** @param {Filter} filter @param {boolean} focused */
  add(filter, focused) {
    const place = `${this.variable.name}-${this.rows.children.length}`;
    const offered = h("datalist", { id: `values-${place}` });
    const key = /** @type {HTMLInputElement} */ (h("input", { value: filter.key, list: this.names.id, placeholder: "Label", "aria-label": "Label", spellcheck: "false", autocomplete: "off" }));
    const how = h("select", { "aria-label": "Condition" }, ...Object.entries(OPERATORS).map(([operator, words]) => h("option", { value: operator, selected: operator === filter.operator }, words)));
    const value = /** @type {HTMLInputElement} */ (h("input", { value: filter.values.join(", "), list: offered.id, placeholder: "Value", "aria-label": "Value", spellcheck: "false", autocomplete: "off" }));
    const offer = () => offered.replaceChildren(...[...(this.labels?.get(key.value.trim()) ?? [])].sort().slice(0, MOST_OFFERED).map((one) => h("option", { value: one })));
    key.addEventListener("input", offer);
    offer();
    const row = h("div", { class: "filter" }, h("span", { class: "field" }, key), h("span", { class: "field" }, how), h("span", { class: "field" }, value),
      h("button", { class: "btn bare icon", type: "button", "aria-label": "Remove filter", onclick: () => { row.remove(); this.rows.querySelector("input")?.focus(); } }, icon("close")), offered);
    this.rows.append(row);
    if (focused) key.focus();
  }

  /** What the rows say; those without a label say nothing. @returns {string[]} */
  written() {
    return [...this.rows.children].flatMap((row) => {
      const [key, value] = [...row.querySelectorAll("input")].map((one) => one.value.trim());
      const operator = /** @type {HTMLSelectElement} */ (row.querySelector("select")).value;
      const values = SEVERAL.includes(operator) ? value.split(",").map((one) => one.trim()).filter(Boolean) : [value];
      return key && values.length ? [writtenFilter({ key, operator, values })] : [];
    });
  }

  apply() {
    const [before, wanted] = [this.variable.current, this.written()];
    if (wanted.length === before.length && wanted.every((one, at) => one === before[at])) return;
    go({ [`var-${this.variable.name}`]: wanted.length ? wanted : NONE });
  }
}

/** The labels of what the panels of the page draw, and their values. @returns {Map<string, Set<string>>} */
function labelsShown() {
  /** @type {Map<string, Set<string>>} */
  const found = new Map();
  for (const { body } of /** @type {any} */ (window).heliograph?.panels?.values() ?? []) {
    for (const { labels } of body?.texts?.series ?? []) {
      for (const [name, value] of Object.entries(labels ?? {})) found.set(name, (found.get(name) ?? new Set()).add(String(value)));
    }
  }
  return found;
}
