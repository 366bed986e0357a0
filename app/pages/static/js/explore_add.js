// What was explored as a panel of a dashboard: it goes into one's draft of it, where it is gone on with.

import { ask, askFor, textField } from "./askfor.js";
import { h } from "./dom.js";
import { added } from "./editor/operations.js";
import { documentOf } from "./explored.js";

const root = document.documentElement.dataset.root ?? "";
const MOST = 200; // dashboards that are offered
const NEW = "";

/** @typedef {{source: string, query: string, isLines: boolean, current: boolean}} Explored `source`: what the list of sources says */

/** The panel of a query: lines where it was answered by lines, else a table. A text that is a JSON object is a structured query. @param {Explored} what @param {string} datasource @param {string} title */
export function panelOf({ query, isLines }, datasource, title) {
  return { title, type: isLines ? "timeseries" : "table", targets: [{ ref: "A", datasource, query: documentOf(query) ?? query }] };
}

/** Ask which query is added, and which dashboard it goes to. @param {Explored[]} asked one at least */
export async function addToDashboard(asked) {
  const which = /** @type {HTMLSelectElement} */ (h("select", {}, ...asked.map((one, index) => h("option", { value: String(index), selected: one.current }, one.query))));
  const queries = asked.length > 1 ? [h("label", { class: "lab" }, "Query", h("span", { class: "field" }, which))] : [];
  const boards = await ask("GET", `dashboards?limit=${MOST}`).then((found) => found.items, () => []);
  const list = /** @type {HTMLSelectElement} */ (h("select", {}, h("option", { value: NEW }, "A new dashboard"), ...boards.map((/** @type {any} */ one) => h("option", { value: one.dashboard_id }, one.title))));
  const [titled, title] = textField("Title of the panel", "Explored");
  const place = h("label", { class: "lab" }, "Dashboard", h("span", { class: "field" }, list));
  askFor("Add to a dashboard", [...queries, place, titled, h("p", { class: "muted" }, "It goes into your draft of it: nobody else sees it until you save.")], "Add", async () => {
    const what = asked[Math.max(0, which.selectedIndex)];
    const sources = (await ask("GET", "datasources")).items;
    const source = sources.find((/** @type {any} */ one) => one.name === what.source) ?? sources.find((/** @type {any} */ one) => one.uid === what.source);
    location.assign(root + await drafted(list.value, panelOf(what, source?.uid ?? what.source, title.value.trim())));
  });
}

/** Put a panel into the draft of a dashboard. @param {string} dashboardId none: of a new one @param {any} panel @returns {Promise<string>} where it is edited */
async function drafted(dashboardId, panel) {
  const draft = await ask("POST", dashboardId ? `dashboards/${encodeURIComponent(dashboardId)}/draft` : "drafts", dashboardId ? undefined : {});
  const { id, patch } = added(draft.document, panel);
  await ask("PATCH", `drafts/${draft.draft_id}`, { revision: draft.revision, patch });
  return `${draft.url}?editPanel=${id}`;
}
