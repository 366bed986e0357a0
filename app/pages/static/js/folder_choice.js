// The choice of a folder that one may put dashboards into.

import { ask } from "./askfor.js";
import { h } from "./dom.js";

/** @param {string} here the uid of the folder that is chosen first; empty for none @returns {[HTMLElement, () => string|null]} its field, and the uid that is chosen */
export function folderChoice(here) {
  const select = /** @type {HTMLSelectElement} */ (h("select", {}, h("option", { value: here }, here ? "The folder it is in" : "No folder")));
  const offer = (/** @type {{uid: string, title: string, can_edit: boolean}[]} */ folders) => {
    const chosen = select.value;
    const offered = folders.filter((one) => one.can_edit || one.uid === here);
    select.replaceChildren(h("option", { value: "" }, "No folder"), ...offered.map((one) => h("option", { value: one.uid }, one.title)));
    select.value = chosen;
  };
  ask("GET", "folders").then((found) => offer(found.items), () => undefined); // without them it stays where it is
  return [h("label", { class: "lab" }, "Folder", h("span", { class: "field" }, select)), () => select.value || null];
}
