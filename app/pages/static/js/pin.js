// Pinning a line: an instant and a few words, which become an annotation at once.

import { sendAnnotation } from "./annotate.js";
import { h } from "./dom.js";
import { close } from "./menus.js";
import { openBox } from "./note.js";
import { fullTime } from "./zone.js";

const TAG = "pinned";

/**
 * Ask for a few words on an instant, in a box beside it.
 * @param {HTMLElement} button where the focus returns to @param {{x: number, y: number}} at
 * @param {string} dashboardId @param {number} time ms @param {() => void} pinned
 */
export function pinForm(button, at, dashboardId, time, pinned) {
  const text = /** @type {HTMLInputElement} */ (h("input", { required: true, maxlength: "500", autocomplete: "off", "aria-label": "Note", placeholder: "What is to be seen here", "data-first": true }));
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  const save = h("button", { class: "btn sm primary" }, "Pin");
  const form = h("form", { class: "pin" }, h("span", { class: "field" }, text), save);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.toggleAttribute("disabled", true);
    const problem = await sendAnnotation("POST", undefined, { time, text: text.value.trim(), tags: [TAG], dashboard_id: dashboardId });
    save.toggleAttribute("disabled", false);
    fault.textContent = problem?.words ?? "";
    fault.hidden = !problem;
    if (problem) return;
    close(true);
    pinned();
  });
  openBox(button, at, "Pin a line", [h("time", {}, fullTime(time)), form, fault], []);
  text.focus();
}
