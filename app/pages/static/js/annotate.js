// Adding, changing and removing annotations: a small form, and the API.

import { h } from "./dom.js";
import { dialog } from "./menus.js";
import { fromLocal, localText } from "./zone.js";

/** @typedef {{id?: number, time: number, end?: number|null, text?: string, tags?: string[]}} Annotation */

/**
 * Ask for an annotation's text, and save it. The page hears `annotationschange` when something was saved.
 * @param {string} root @param {string} dashboardId @param {Annotation} annotation without an id it is a new one
 */
export function annotationForm(root, dashboardId, annotation) {
  const text = /** @type {HTMLTextAreaElement} */ (h("textarea", { rows: "3", required: true, maxlength: "10000", "aria-label": "Text" }));
  text.value = annotation.text ?? "";
  const tags = input("Tags, with commas between them", (annotation.tags ?? []).join(", "));
  const from = input("From", localText(annotation.time));
  const to = input("To", annotation.end && annotation.end !== annotation.time ? localText(annotation.end) : "");
  to.placeholder = "Empty for an instant";
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  const say = (/** @type {string} */ words) => {
    fault.textContent = words;
    fault.hidden = !words;
  };
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const [time, end] = [fromLocal(from.value), to.value.trim() ? fromLocal(to.value) : null];
    if (time === null || (to.value.trim() && end === null)) return say("A time is written as 2026-03-14 04:00:00");
    const body = { time, end, text: text.value.trim(), tags: tags.value.split(",").map((tag) => tag.trim()).filter(Boolean), ...(annotation.id ? {} : { dashboard_id: dashboardId }) };
    if (await send(root, annotation.id ? "PUT" : "POST", annotation.id, body, say)) box.close();
  };
  const remove = async () => {
    if (await send(root, "DELETE", annotation.id, null, say)) box.close();
  };
  const form = h("form", { class: "form", onsubmit: submit },
    labelled("Text", h("span", { class: "field tall" }, text)), labelled("Tags", h("span", { class: "field" }, tags)),
    h("div", { class: "half" }, labelled("From", h("span", { class: "field" }, from)), labelled("To", h("span", { class: "field" }, to))), fault,
    h("div", { class: "bar" }, annotation.id ? h("button", { class: "btn", type: "button", onclick: remove }, "Delete") : null, h("span", { class: "grow" }), h("button", { class: "btn primary" }, "Save")));
  const box = dialog("sheet-dialog", annotation.id ? "Change annotation" : "Add annotation", [form]);
  text.focus();
  return box;
}

/** @param {string} root @param {string} method @param {number|undefined} id @param {any} body @param {(words: string) => void} say */
async function send(root, method, id, body, say) {
  const answer = await fetch(`${root}/api/v1/annotations${id ? `/${id}` : ""}`, {
    method, headers: { "Content-Type": "application/json" }, ...(body ? { body: JSON.stringify(body) } : {}),
  }).catch(() => null);
  if (answer?.ok) {
    dispatchEvent(new Event("annotationschange"));
    return true;
  }
  const problem = await answer?.json().catch(() => null);
  say(problem?.detail ?? "The server does not answer");
  return false;
}

/** @param {string} label @param {string} value */
function input(label, value) {
  const field = /** @type {HTMLInputElement} */ (h("input", { "aria-label": label, autocomplete: "off", spellcheck: "false" }));
  field.value = value;
  return field;
}

/** @param {string} label @param {HTMLElement} field */
function labelled(label, field) {
  return h("div", { class: "lab" }, h("span", { "aria-hidden": "true" }, label), field);
}
