// What builders of queries are put together of: chips, pickers of what there is, texts that are written into them.

import { h, icon } from "../dom.js";
import { close, show } from "../menus.js";
import { choosing, failed, place } from "../editor/form_choices.js";

/** @typedef {import("../editor/schema.js").Choice} Choice */

/** @param {string} title @param {(Node|null)[]} nodes */
export function labelled(title, ...nodes) {
  return h("div", { class: "lab" }, h("span", {}, title), h("div", { class: "chips-of" }, ...nodes));
}

/** @param {string} label @param {() => void} run */
export function remover(label, run) {
  return h("button", { type: "button", class: "x", "aria-label": label, onclick: run }, icon("close"));
}

/** A text within a chip, taken once it is left; an empty one is not, unless it `may` be. @param {string} label @param {string} value @param {(text: string) => void} taken @param {{may?: boolean, placeholder?: string}} [how] */
export function written(label, value, taken, { may = false, placeholder = "" } = {}) {
  const input = /** @type {HTMLInputElement} */ (h("input", { class: "mono", "aria-label": label, value, placeholder, size: Math.max(3, value.length, placeholder.length), autocomplete: "off", spellcheck: "false" }));
  input.addEventListener("change", () => (input.value || may) && input.value !== value && taken(input.value));
  return input;
}

/** One of a few words within a chip. @param {string} label @param {(string|[string, string])[]} choices a value, or one with its title @param {string} value @param {(value: string) => void} taken */
export function selecting(label, choices, value, taken) {
  const options = choices.map((one) => (typeof one === "string" ? [one, one] : one));
  const list = /** @type {HTMLSelectElement} */ (h("select", { class: "op", "aria-label": label, onchange: () => taken(list.value) }, ...options.map(([each, title]) => h("option", { value: each, selected: each === value }, title))));
  return list;
}

/** A button that opens what there is. @param {string} label @param {string} words none: a plus @param {() => Promise<Choice[]>} ask @param {(value: any) => void} take @param {string} kind @param {(text: string) => Choice} [own] */
export function picking(label, words, ask, take, kind, own) {
  const box = h("div", { class: "pop pop-choose", hidden: true });
  const button = h("button", { type: "button", class: kind, "aria-label": words ? `${label}: ${words}` : label, "aria-haspopup": "listbox" }, words ? h("span", { class: "cut" }, words) : icon("plus"));
  button.addEventListener("click", async () => {
    box.replaceChildren(h("p", { class: "none" }, "Looking…"));
    show(button, box, { opened: () => place(box, button) });
    const found = await ask().catch(failed);
    const [choices, why] = found instanceof Element ? [[], found] : [found, ""];
    const finder = choosing(choices, null, ({ value }) => (close(true), take(value)), own ?? ((text) => ({ value: text, title: text })));
    if (box.hidden) return;
    box.replaceChildren(why, finder.element);
    place(box, button);
    finder.focus();
  });
  return h("span", { class: "anchor" }, button, box);
}

/** Draw anew what stands in a place; who had the focus there has it again, by its label. @param {HTMLElement} place @param {() => void} fill */
export function redrawn(place, fill) {
  const named = (/** @type {Element|null} */ one) => one?.getAttribute("aria-label")?.split(":")[0];
  const at = place.contains(document.activeElement) ? named(document.activeElement) : undefined;
  fill();
  const same = at ? [...place.querySelectorAll("[aria-label]")].find((one) => named(one) === at) : null;
  /** @type {HTMLElement|null|undefined} */ (same)?.focus();
}
