// Adding, changing and removing annotations: a small form, and the API. The page hears `annotationschange` when one was.

import { AWAY, call, faultsOf } from "./api.js";
import { h } from "./dom.js";
import { dialog } from "./menus.js";
import { fromLocal, localText, zoneName } from "./zone.js";

/** @typedef {{id?: number, time: number, end?: number|null, text?: string, tags?: string[]}} Annotation */

const WRITTEN = "A time is written as 2026-03-14 04:00:00";

/**
 * Ask for an annotation's text, and save it.
 * @param {string} dashboardId @param {Annotation} annotation without an id it is a new one
 */
export function annotationForm(dashboardId, annotation) {
  const { id } = annotation;
  const text = /** @type {HTMLTextAreaElement} */ (h("textarea", { rows: "3", required: true, maxlength: "10000", "aria-label": "Text", "data-path": "$.text" }));
  text.value = annotation.text ?? "";
  const tags = input("Tags, with commas between them", "$.tags", (annotation.tags ?? []).join(", "));
  const from = input("From", "$.time", localText(annotation.time));
  const to = input("To", "$.end", annotation.end && annotation.end !== annotation.time ? localText(annotation.end) : "");
  from.required = true;
  tags.placeholder = "deploy, api";
  to.placeholder = "Empty for an instant";
  const fault = h("p", { class: "fault", role: "alert", id: "annotation-fault", hidden: true });
  const save = h("button", { class: "btn primary" }, "Save");
  const remove = h("button", { class: "btn", type: "button" }, "Delete");
  const form = h("form", { class: "form" },
    labelled("Text", h("span", { class: "field tall" }, text)), labelled("Tags", h("span", { class: "field" }, tags)),
    h("div", { class: "half" }, labelled("From", h("span", { class: "field" }, from)), labelled("To", h("span", { class: "field" }, to))),
    h("p", { class: "muted" }, `Times in ${zoneName()}`), fault,
    h("div", { class: "bar" }, id ? remove : null, h("span", { class: "grow" }), save));

  /** @param {Fault|null} problem */
  const say = (problem) => {
    fault.textContent = problem?.words ?? "";
    fault.hidden = !problem;
    for (const field of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-path]"))) {
      const wrong = problem !== null && (problem.path === field.dataset.path || problem.path.startsWith(`${field.dataset.path}[`));
      field.toggleAttribute("aria-invalid", wrong);
      if (wrong) {
        field.setAttribute("aria-describedby", fault.id);
        field.focus();
      } else field.removeAttribute("aria-describedby");
    }
  };
  /** @param {() => Promise<Fault|null>} act one at a time; what goes well closes the form */
  const once = async (act) => {
    save.toggleAttribute("disabled", true);
    const problem = await act();
    save.toggleAttribute("disabled", false);
    say(problem);
    if (!problem) box.close();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const time = fromLocal(from.value);
    const end = to.value.trim() ? fromLocal(to.value) : null;
    if (time === null) return say({ words: WRITTEN, path: "$.time" });
    if (to.value.trim() && end === null) return say({ words: WRITTEN, path: "$.end" });
    if (end !== null && end < time) return say({ words: "It ends before it begins", path: "$.end" });
    // The text of a time has no milliseconds: what was not changed stays what it was.
    const kept = { time: from.value === localText(annotation.time) ? annotation.time : time, end: annotation.end && to.value === localText(annotation.end) ? annotation.end : end };
    const body = { ...kept, text: text.value.trim(), tags: tags.value.split(",").map((tag) => tag.trim()).filter(Boolean), ...(id ? {} : { dashboard_id: dashboardId }) };
    once(() => sendAnnotation(id ? "PUT" : "POST", id, body));
  });
  remove.addEventListener("click", () => once(() => sendAnnotation("DELETE", id)));
  const box = dialog("sheet-dialog", id ? "Change annotation" : "Add annotation", [form]);
  text.focus();
  return box;
}

/** Delete one; what went wrong, or nothing. @param {number} id @returns {Promise<string>} */
export async function removeAnnotation(id) {
  return (await sendAnnotation("DELETE", id))?.words ?? "";
}

/** @typedef {{words: string, path: string}} Fault what is wrong, and the JSON path of the field */

/** Have the API change one; the page hears that it did. @param {"POST"|"PUT"|"DELETE"} method @param {number|undefined} id @param {any} [body] @returns {Promise<Fault|null>} what is wrong */
export async function sendAnnotation(method, id, body) {
  const { ok, status, body: said } = await call(method, `annotations${id ? `/${id}` : ""}`, body);
  // One that is gone already was deleted by somebody else.
  if (ok || (method === "DELETE" && status === 404)) {
    dispatchEvent(new Event("annotationschange"));
    return null;
  }
  const [fault] = faultsOf(said);
  const words = said === AWAY ? "The server does not answer. What you wrote is still here." : said.detail ?? said.title;
  return { words: fault?.detail ?? words, path: fault?.path ?? "" };
}

/** @param {string} label @param {string} path @param {string} value */
function input(label, path, value) {
  const field = /** @type {HTMLInputElement} */ (h("input", { "aria-label": label, "data-path": path, autocomplete: "off", spellcheck: "false" }));
  field.value = value;
  return field;
}

/** @param {string} label @param {HTMLElement} field */
function labelled(label, field) {
  return h("div", { class: "lab" }, h("span", { "aria-hidden": "true" }, label), field);
}
