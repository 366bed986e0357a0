// Drafts that a person has not saved: told where they come by, with the way back to them.

import { ask } from "./askfor.js";
import { h } from "./dom.js";
import { fullTime } from "./zone.js";

const root = document.documentElement.dataset.root ?? "";
/** @typedef {{draft_id: string, dashboard_id: string|null, title: string, url: string, updated_at: number}} Unsaved */

/** One's own drafts that have changes; none where they are not to be had. @returns {Promise<Unsaved[]>} */
export function unsavedDrafts() {
  return ask("GET", "drafts").then((found) => found.items, () => []);
}

/** What is told of one, with what can be done. @param {Unsaved} draft @param {string} words @param {() => void} gone */
export function unsavedLine(draft, words, gone) {
  const discard = h("button", { class: "btn sm", type: "button", "aria-label": `Discard the draft of ${draft.title}`, onclick: async () => {
    discard.toggleAttribute("disabled", true);
    await ask("DELETE", `drafts/${draft.draft_id}`).then(gone, () => discard.toggleAttribute("disabled", false));
  } }, "Discard");
  return h("div", { class: "unsaved" }, h("span", { class: "dirty changed grow" }, h("span", { class: "cut" }, words), h("span", { class: "muted cut" }, fullTime(draft.updated_at))),
    discard, h("a", { class: "btn sm primary", href: root + draft.url, "aria-label": `Continue with ${draft.title}` }, "Continue"));
}

/** Say on the page of a dashboard that there is a draft of it. @param {string} dashboardId */
export async function tellUnsaved(dashboardId) {
  const draft = (await unsavedDrafts()).find((one) => one.dashboard_id === dashboardId);
  const main = document.querySelector("main");
  if (!draft || !main) return;
  const place = h("div", { class: "notice-line", role: "status" }, unsavedLine(draft, "You have unsaved changes", () => place.remove()));
  main.prepend(place);
}

/** List all of them on the home page. @param {HTMLElement} before what they stand above */
export async function listUnsaved(before) {
  const drafts = await unsavedDrafts();
  if (!drafts.length) return;
  const section = h("section", { "aria-label": "Unsaved" }, h("h2", { class: "over-list" }, "Unsaved"));
  for (const draft of drafts) {
    const line = unsavedLine(draft, draft.dashboard_id ? draft.title : `${draft.title} (new)`, () => {
      line.remove();
      if (!section.querySelector(".unsaved")) section.remove();
    });
    section.append(line);
  }
  before.before(section);
}
