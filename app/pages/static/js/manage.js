// What those who may edit do with a dashboard as a whole: rename, move, copy, versions, delete.

import { ask, askFor, textField } from "./askfor.js";
import { h, icon } from "./dom.js";
import { folderChoice } from "./folder_choice.js";
import { close, popover } from "./menus.js";
import { versionsDialog } from "./versions.js";

const root = document.documentElement.dataset.root ?? "";
/** @typedef {{dashboard_id: string, title: string, version: number}} Dashboard */

/** @param {Dashboard} dashboard */
const pathOf = (dashboard) => `dashboards/${encodeURIComponent(dashboard.dashboard_id)}`;

/** @param {Dashboard} dashboard */
function rename(dashboard) {
  const [field, input] = textField("Title", dashboard.title);
  askFor("Rename this dashboard", [field], "Rename", async () => {
    const stands = await ask("GET", pathOf(dashboard));
    const saved = await ask("PUT", pathOf(dashboard), { ...stands, title: input.value.trim() });
    location.assign(root + saved.url + location.search);
  });
}

/** @param {Dashboard} dashboard */
function copy(dashboard) {
  const [field, input] = textField("Title of the copy", `${dashboard.title} (copy)`);
  askFor("Copy this dashboard", [field], "Copy", async () => {
    const { dashboard_id: _id, version: _version, ...stands } = await ask("GET", pathOf(dashboard));
    const made = await ask("POST", "dashboards", { ...stands, title: input.value.trim(), folder: here() || null });
    location.assign(root + made.url);
  });
}

/** The uid of the folder that this dashboard lies in; empty for none. */
function here() {
  return /** @type {HTMLElement|null} */ (document.querySelector("[data-manage]"))?.dataset.folder ?? "";
}

/** @param {Dashboard} dashboard */
function move(dashboard) {
  const [field, chosen] = folderChoice(here());
  askFor("Move this dashboard", [field], "Move", async () => {
    await ask("PUT", `${pathOf(dashboard)}/folder`, { folder: chosen() });
    location.reload();
  });
}

/** @param {Dashboard} dashboard */
function remove(dashboard) {
  askFor("Delete this dashboard?", [h("p", {}, "It goes for everybody. For 30 days it can be brought back: Dashboards, Deleted.")], "Delete", async () => {
    await ask("DELETE", pathOf(dashboard));
    location.assign(`${root}/`);
  });
}

/** Begin with this dashboard from now on. @param {Dashboard} dashboard */
export function makeHome(dashboard) {
  askFor("Begin with this dashboard?", [h("p", {}, "It opens after signing in, and behind the sun in the corner. Your account has the way back.")], "Make it my home", async () => {
    await ask("PUT", "account/home", { dashboard_id: dashboard.dashboard_id });
  });
}

const WAYS = /** @type {const} */ ([
  ["Rename", "pencil", rename], ["Move to a folder", "folder", move], ["Copy", "copy", copy], ["Versions", "clock", versionsDialog], ["Delete", "bin", remove],
]);

/** The menu of the dashboard, where the page has its button. @param {() => Dashboard} dashboard what the page shows now */
export function installManage(dashboard) {
  const button = /** @type {HTMLElement|null} */ (document.querySelector("[data-manage]"));
  const box = /** @type {HTMLElement|null} */ (document.querySelector("[data-manage-box]"));
  if (!button || !box) return;
  const origin = button.dataset.origin ?? "";
  if (origin) box.append(h("p", { class: "of-file" }, h("strong", {}, "Provisioned by a file"), h("span", { class: "muted" }, origin)));
  box.append(...WAYS.filter(([text]) => !origin || text === "Copy").flatMap(([text, glyph, run]) => [
    text === "Delete" ? h("div", { class: "rule", role: "separator" }) : null,
    h("button", { class: "item", type: "button", role: "menuitem", onclick: () => {
      close(true);
      run(dashboard());
    } }, icon(glyph), h("span", {}, origin ? "Save a copy" : text)),
  ]).filter((one) => one !== null));
  popover(button, box);
}
