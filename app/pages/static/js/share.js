// Sharing what one looks at: its address, links that need no login, frames of other pages, files, snapshots.

import { h } from "./dom.js";
import { dialog } from "./menus.js";
import { filesPage } from "./share_files.js";
import { linkPage } from "./share_link.js";
import { publicPage } from "./share_public.js";
import { reportsPage } from "./share_reports.js";
import { snapshotPage } from "./share_snapshot.js";
import { tabList } from "./tabs.js";

/**
 * @typedef {object} Shared what is shared
 * @property {string} title @property {[number, number]} range what is shown now, ms @property {number|null} panelId null: all
 * @property {any} boot of the view
 */

/** @param {string} title @param {[number, number]} range what is shown now, ms @param {number|null} panelId @param {any} boot */
export function share(title, range, panelId, boot) {
  /** @type {Shared} */
  const shared = { title, range, panelId, boot };
  /** @type {[string, (shared: Shared) => Node[]][]} */
  const pages = [["Link", linkPage], ["Files", filesPage]];
  if (boot.can_edit) pages.splice(1, 0, ["Public links", publicPage], ["Snapshots", snapshotPage]);
  if (boot.can_edit && panelId === null) pages.push(["Reports", reportsPage]);
  const body = h("div", { class: "form", role: "tabpanel" });
  const { list, choose } = tabList(pages.map(([name]) => name), (index) => {
    body.setAttribute("aria-label", pages[index][0]);
    body.replaceChildren(...pages[index][1](shared));
  });
  const box = dialog("sheet-dialog", panelId === null ? "Share this dashboard" : `Share ${title}`, [list, body]);
  choose(0);
  /** @type {HTMLInputElement|null} */ (body.querySelector("input[readonly]"))?.select();
  return box;
}
