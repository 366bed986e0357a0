// Texts that people take elsewhere.

import { h, icon } from "./dom.js";

/** A text to copy. @param {string} label @param {string} [value] */
export function copied(label, value = "") {
  const input = /** @type {HTMLInputElement} */ (h("input", { readonly: true, "aria-label": label, spellcheck: "false", onfocus: (/** @type {FocusEvent} */ event) => /** @type {HTMLInputElement} */ (event.target).select() }));
  input.value = value;
  const text = h("span", {}, "Copy");
  const copy = h("button", { class: "btn", type: "button", "aria-label": `Copy ${label.toLowerCase()}`, onclick: async () => {
    input.select();
    await copyText(input.value);
    text.textContent = "Copied";
  } }, icon("copy"), text);
  const row = h("div", { class: "lab" }, h("span", { "aria-hidden": "true" }, label), h("div", { class: "bar" }, h("span", { class: "field grow" }, input), copy));
  return { row, input };
}

/** Whether it could be copied. @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return document.execCommand("copy"); // without HTTPS there is no clipboard object; what is selected is copied
  }
}

/** A text as it stands in an attribute. @param {string} text */
export function quoted(text) {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
