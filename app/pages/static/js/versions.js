// The versions of a dashboard: who saved what and why, what two of them differ in, and the way back to one.

import { ask } from "./askfor.js";
import { h } from "./dom.js";
import { changeList, changesOf } from "./editor/changes.js";
import { dialog } from "./menus.js";
import { fullTime } from "./zone.js";

const root = document.documentElement.dataset.root ?? "";
/** @typedef {{version: number, updated_at: number, updated_by_name: string, message: string}} Version */

/** @param {string} id of a dashboard */
const pathOf = (id) => `dashboards/${encodeURIComponent(id)}`;

/** @param {{dashboard_id: string, title: string, version: number}} dashboard */
export async function versionsDialog(dashboard) {
  const id = dashboard.dashboard_id;
  const list = h("ul", { class: "versions" }, h("li", { class: "muted" }, "Reading"));
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  const compare = /** @type {HTMLButtonElement} */ (h("button", { class: "btn", type: "button", disabled: true }, "Compare two"));
  const found = h("div", { class: "compared", "aria-live": "polite" });
  dialog("sheet-dialog", "Versions", [h("div", { class: "form" }, fault, list, h("div", { class: "bar" }, h("p", { class: "muted grow" }, "Select two versions to compare."), compare), found)]);
  const failed = (/** @type {Error} */ error) => {
    fault.textContent = error.message;
    fault.hidden = false;
  };
  const ticked = () => /** @type {HTMLInputElement[]} */ ([...list.querySelectorAll("input:checked")]).map((one) => Number(one.value)).sort((a, b) => a - b);
  list.addEventListener("change", () => (compare.disabled = ticked().length !== 2));
  compare.addEventListener("click", async () => {
    const [before, after] = ticked();
    const documents = await Promise.all([before, after].map((version) => documentOf(id, version))).catch(failed);
    if (documents) found.replaceChildren(h("h3", {}, `From version ${before} to ${after}`), changeList(changesOf(documents[0], documents[1])));
  });
  try {
    const { items } = await ask("GET", `${pathOf(id)}/versions`);
    const stands = items[0].version;
    list.replaceChildren(...items.map((/** @type {Version} */ one) => line(one, stands, () => restore(id, one.version, stands).catch(failed))));
  } catch (error) {
    list.replaceChildren();
    failed(/** @type {Error} */ (error));
  }
}

/** @param {Version} one @param {number} stands @param {() => void} restored */
function line(one, stands, restored) {
  const who = [fullTime(one.updated_at), one.updated_by_name].filter(Boolean).join(" · ");
  return h("li", {}, h("label", { class: "tick" }, h("input", { type: "checkbox", value: one.version, "aria-label": `Compare version ${one.version}` }), h("strong", {}, `Version ${one.version}`)),
    h("span", { class: "grow said" }, one.message ? h("span", { class: "cut" }, one.message) : null, h("span", { class: "muted cut" }, who)),
    one.version === stands ? h("span", { class: "muted" }, "Current")
      : h("button", { class: "btn sm", type: "button", "aria-label": `Restore version ${one.version}`, onclick: restored }, "Restore"));
}

/** Make what a version said the next one. @param {string} id @param {number} version @param {number} stands */
async function restore(id, version, stands) {
  const document_ = await documentOf(id, version);
  const saved = await ask("PUT", pathOf(id), { ...document_, version: stands, message: `Version ${version} again` });
  location.assign(root + saved.url + (document.documentElement.dataset.editing === undefined ? location.search : ""));
}

/** What a dashboard said in a version. @param {string} dashboardId @param {number} version */
export async function documentOf(dashboardId, version) {
  const { version: _version, dashboard_id: _id, ...found } = await ask("GET", `${pathOf(dashboardId)}/versions/${version}`);
  return found;
}
