// What sections of settings have in common: lines with buttons, fields, and choices.

import { h } from "../dom.js";

/** @typedef {{content: HTMLElement, acts: HTMLElement, again: () => Promise<void>}} Place where a section is drawn, and how it is drawn anew */

export const ROLES = ["viewer", "editor", "admin"];

/**
 * A line of a list.
 * @param {string} name @param {(string|Node|null)[]} about what stands below it @param {...(HTMLElement|null)} buttons
 */
export function line(name, about, ...buttons) {
  return h("li", {}, h("span", { class: "what" }, h("strong", { class: "cut" }, name),
    h("span", { class: "about" }, ...about.filter((one) => one !== null && one !== "").map((one) => (typeof one === "string" ? h("span", {}, one) : /** @type {Node} */ (one))))), ...buttons);
}

/** @param {HTMLElement[]} lines @param {string} none what is said where there is none */
export function listed(lines, none) {
  return lines.length ? h("ul", { class: "rows plain" }, ...lines) : h("p", { class: "muted" }, none);
}

/** @param {string} text @param {() => void} run @param {string} [label] for who does not see the line */
export function button(text, run, label) {
  return h("button", { class: "btn sm", type: "button", "aria-label": label ?? null, onclick: run }, text);
}

/** The button of a section that makes a new thing. @param {Place} place @param {string} text @param {() => void} run */
export function offerNew(place, text, run) {
  place.acts.replaceChildren(h("button", { class: "btn primary", type: "button", onclick: run }, text));
}

/**
 * @param {string} label @param {string[]|[string, string][]} choices values, or values with what is said of them @param {string} chosen
 * @returns {[HTMLElement, HTMLSelectElement]}
 */
export function choice(label, choices, chosen) {
  const select = /** @type {HTMLSelectElement} */ (h("select", {}, ...choices.map((one) => {
    const [value, text] = Array.isArray(one) ? one : [one, one];
    return h("option", { value, selected: value === chosen }, text);
  })));
  return [h("label", { class: "lab" }, label, h("span", { class: "field" }, select)), select];
}

/**
 * @param {string} label @param {string} value @param {Record<string, any>} [attributes] @param {string} [help]
 * @returns {[HTMLElement, HTMLInputElement]}
 */
export function input(label, value, attributes = {}, help = "") {
  const made = /** @type {HTMLInputElement} */ (h("input", { autocomplete: "off", ...attributes }));
  made.value = value;
  return [h("label", { class: "lab" }, label, h("span", { class: "field" }, made), helping(help)), made];
}

/** What helps with a field; what stands between backticks is code. @param {string} help */
export function helping(help) {
  return help ? h("span", { class: "help" }, ...help.split("`").map((part, index) => (index % 2 ? h("code", {}, part) : part))) : null;
}

/** @param {number} count @param {string} one */
export function counted(count, one) {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

/** @param {string} label @param {boolean} on @param {string} [help] @returns {[HTMLElement, HTMLInputElement]} */
export function tick(label, on, help = "") {
  const made = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox" }));
  made.checked = on;
  return [h("label", { class: "lab tick" }, h("span", {}, made, label), helping(help)), made];
}
