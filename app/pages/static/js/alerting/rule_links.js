// Where a rule is drawn: the dashboard is found by search, the panel is one of it. Both are shown by their titles.

import { call } from "../api.js";
import { h, icon } from "../dom.js";
import { searched } from "../editor/form_choices.js";

/** @typedef {import("../editor/form_field.js").Field} Field */
/** @typedef {import("../editor/form_field.js").Widget} Widget */
/** @typedef {import("../editor/schema.js").Choice} Choice */
/** @typedef {{title: string, panels: {panel_id: number, title: string, type: string}[]}} Board */

const MOST = 50; // dashboards that a search lists
const NONE = { value: null, title: "None" };
const root = document.documentElement.dataset.root ?? "";
/** @type {Map<string, Promise<Board|null>>} by id; null where there is none that one may see */
const boards = new Map();

/** @param {string} id @returns {Promise<Board|null>} */
function board(id) {
  const known = boards.get(id) ?? read(id);
  boards.set(id, known);
  return known;
}

/** @param {string} id */
async function read(id) {
  const said = await call("GET", `dashboards/${encodeURIComponent(id)}`);
  return said.ok ? { title: said.body.title, panels: said.body.panels ?? [] } : null;
}

/** @param {string} query @returns {Promise<Choice[]>} */
async function found(query) {
  const said = await call("GET", `dashboards?${new URLSearchParams({ query, limit: String(MOST) })}`);
  /** @type {any[]} */
  const items = said.ok ? said.body.items : [];
  return [...(query ? [] : [NONE]), ...items.map((one) => ({ value: one.dashboard_id, title: one.title, help: one.folder?.title ?? "" }))];
}

/** @param {Field} field @param {string} name of a field beside it */
const beside = (field, name) => [...field.path.slice(0, -1), name];

/** The dashboard of a rule; a panel of another one is not its. @param {Field} field @returns {Widget} */
export function dashboard(field) {
  const open = h("a", { class: "btn icon", target: "_blank", rel: "noopener", "aria-label": "Open the dashboard", title: "Open the dashboard", hidden: true }, icon("link"));
  const title = async (/** @type {string|null|undefined} */ id) => (id ? (await board(id))?.title ?? `${id} (not there any more)` : "None");
  const take = async (/** @type {string|null} */ id) => {
    if (id !== field.shown) await field.form.store.remove(beside(field, "panel_id"));
    await (id === null ? field.clear() : field.set(id));
  };
  const widget = searched(field, () => found(""), title, undefined, { find: found, take });
  const refresh = () => {
    widget.refresh();
    open.hidden = !field.shown;
    open.setAttribute("href", `${root}/d/${field.shown}`);
  };
  return { ...widget, element: h("div", { class: "adder" }, widget.element, open), refresh };
}

/** The panel of that dashboard, below the title of its row. @param {Field} field @returns {Widget} */
export function panel(field) {
  const known = async () => {
    const id = field.form.store.get(beside(field, "dashboard_id"));
    return id ? board(id) : null;
  };
  const choices = async () => [NONE, ...placed((await known())?.panels ?? [])];
  const title = async (/** @type {number|null|undefined} */ number) => {
    const { panels } = (await known()) ?? { panels: [] };
    return number === null || number === undefined ? "None" : placed(panels).find((one) => one.value === number)?.title ?? `Panel ${number} (not there any more)`;
  };
  const widget = searched(field, choices, title, undefined, { take: (number) => (number === null ? field.clear() : field.set(number)) });
  const refresh = () => {
    widget.refresh();
    /** @type {HTMLButtonElement} */ (widget.control).disabled = !field.form.store.get(beside(field, "dashboard_id"));
  };
  return { ...widget, refresh };
}

/** @param {Board["panels"]} panels @returns {Choice[]} */
function placed(panels) {
  let group = "";
  return panels.flatMap((one) => {
    if (one.type === "row") group = one.title;
    return one.type === "row" ? [] : [{ value: one.panel_id, title: one.title || `Panel ${one.panel_id}`, help: one.type, group }];
  });
}
