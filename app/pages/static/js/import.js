// Bringing a dashboard of Grafana: its file is read, what would not be as it was is said, and then it is saved.

import { h } from "./dom.js";
import { ask, askFor } from "./askfor.js";

const SHOWN = 200; // notes
const root = document.documentElement.dataset.root ?? "";

/** @typedef {{panel_id: number|null, panel: string, field: string, detail: string}} Note */
/** @typedef {{title: string, url: string|null, panels: {whole: number, noted: number, left_out: number}, notes: Note[]}} Brought */

/** Let the buttons at home do what they say. */
export function installImport() {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-import]"))) button.addEventListener("click", () => open(button.dataset.import || null));
}

/** @param {string|null} folder the uid of the folder that it goes to */
function open(folder) {
  const file = /** @type {HTMLInputElement} */ (h("input", { type: "file", accept: ".json,application/json", required: true }));
  const replace = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox" }));
  const told = h("div", { class: "brought", role: "status" });
  /** @param {boolean} dry */
  const send = async (dry) => {
    const body = { dashboard: await read(file), folder, overwrite: replace.checked, dry_run: dry };
    return /** @type {Promise<Brought>} */ (ask("POST", "dashboards/import", body));
  };
  let turn = 0;
  file.addEventListener("change", async () => {
    const mine = ++turn;
    told.replaceChildren();
    if (!file.files?.length) return;
    const said = await send(true).then(summary, (/** @type {Error} */ error) => [h("p", { class: "fault", role: "alert" }, error.message)]);
    if (mine === turn) told.replaceChildren(...said);
  });
  askFor("Import from Grafana", [
    h("label", { class: "lab" }, "Its file: dashboard.json", h("span", { class: "field file" }, file)),
    told,
    h("label", { class: "tick" }, replace, "Replace the dashboard that has its id"),
  ], "Import", async () => location.assign(`${root}${(await send(false)).url}`));
}

/** The document of the chosen file; Error with what a person can read. @param {HTMLInputElement} input */
async function read(input) {
  const text = await input.files?.[0]?.text();
  try {
    return JSON.parse(text ?? "");
  } catch {
    throw new Error("The file is not JSON");
  }
}

/** What would be, in words. @param {Brought} brought @returns {HTMLElement[]} */
function summary({ title, panels, notes }) {
  const counts = [[panels.whole, "as they were"], [panels.noted, "with notes"], [panels.left_out, "left out"]];
  const words = counts.filter(([count]) => count).map(([count, how]) => `${count} ${how}`).join(", ");
  const head = h("p", {}, h("strong", {}, title), ` Panels: ${words || "none"}.`);
  if (!notes.length) return [head];
  const more = notes.length > SHOWN ? [h("li", {}, `and ${notes.length - SHOWN} more`)] : [];
  return [head, h("ul", { class: "changes", tabindex: "0", "aria-label": "What is not as it was" }, ...notes.slice(0, SHOWN).map(line), ...more)];
}

/** @param {Note} note */
function line(note) {
  const of = note.panel_id === null ? "The dashboard" : note.panel || `Panel ${note.panel_id}`;
  return h("li", {}, h("strong", {}, of), h("p", {}, note.detail), h("code", {}, note.field));
}
