// Asking the API for what a person does, and small forms in dialogs that say what went wrong.

import { AWAY, call } from "./api.js";
import { h } from "./dom.js";
import { dialog } from "./menus.js";
import { saidLate } from "./waiting.js";

/**
 * Ask the API; what it says, or an Error with what a person can read.
 * @param {string} method @param {string} path @param {any} [body]
 */
export async function ask(method, path, body) {
  const answer = await call(method, path, body);
  if (answer.ok) return answer.body;
  const said = (answer.body.detail ?? answer.body.title ?? AWAY.detail).replace(/^\$[.\w[\]]*: /, "");
  throw new Error(said[0].toUpperCase() + said.slice(1));
}

/**
 * A small form in a dialog: what fails is said in it, and it stays open.
 * @param {string} title @param {Node[]} content @param {string} action the words of its button @param {() => Promise<void>} run
 */
export function askFor(title, content, action, run) {
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  const told = h("span", { class: "grow muted", role: "status" });
  const go = h("button", { class: "btn primary" }, action);
  const form = h("form", { class: "form" }, ...content, fault,
    h("div", { class: "bar" }, told, h("button", { class: "btn", type: "button", onclick: () => box.close() }, "Cancel"), go));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.toggleAttribute("disabled", true);
    fault.hidden = true;
    try {
      await saidLate(run(), () => (told.textContent = "Waiting for the server"));
      box.close();
    } catch (error) {
      fault.textContent = /** @type {Error} */ (error).message;
      fault.hidden = false;
    } finally {
      told.textContent = "";
      go.toggleAttribute("disabled", false);
    }
  });
  const box = dialog("sheet-dialog", title, [form]);
  const first = /** @type {HTMLInputElement|null} */ (form.querySelector("input, select"));
  first?.focus();
  first?.select?.();
  return box;
}

/** @param {string} label @param {string} value @returns {[HTMLElement, HTMLInputElement]} */
export function textField(label, value) {
  const input = /** @type {HTMLInputElement} */ (h("input", { required: true, maxlength: "200", autocomplete: "off" }));
  input.value = value;
  return [h("label", { class: "lab" }, label, h("span", { class: "field" }, input)), input];
}
