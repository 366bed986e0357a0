// Sharing what one looks at: its address, links that need no login, frames of other pages, files, snapshots.

import { h } from "./dom.js";
import { dialog } from "./menus.js";
import { filesPage } from "./share_files.js";
import { linkPage } from "./share_link.js";
import { publicPage } from "./share_public.js";
import { snapshotPage } from "./share_snapshot.js";

/**
 * @typedef {object} Shared what is shared
 * @property {string} title @property {[number, number]} range what is shown now, ms @property {number|null} panelId null: all
 * @property {any} boot of the view @property {string} name of the dialog
 */

/** @param {string} title @param {[number, number]} range what is shown now, ms @param {number|null} panelId @param {any} boot */
export function share(title, range, panelId, boot) {
  /** @type {Shared} */
  const shared = { title, range, panelId, boot, name: panelId === null ? "Share this dashboard" : `Share ${title}` };
  /** @type {[string, (shared: Shared) => Node[]][]} */
  const pages = [["Link", linkPage], ["Files", filesPage]];
  if (boot.can_edit) pages.splice(1, 0, ["Public links", publicPage], ["Snapshots", snapshotPage]);
  const body = h("div", { class: "form", role: "tabpanel" });
  const tabs = h("div", { class: "tabs", role: "tablist" });
  const choose = (/** @type {number} */ index) => {
    [...tabs.children].forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === index));
      tab.setAttribute("tabindex", i === index ? "0" : "-1");
    });
    body.setAttribute("aria-label", pages[index][0]);
    body.replaceChildren(...pages[index][1](shared));
  };
  tabs.append(...pages.map(([name], index) => h("button", { type: "button", role: "tab", onclick: () => choose(index) }, name)));
  tabs.addEventListener("keydown", (event) => {
    const at = [...tabs.children].indexOf(/** @type {Element} */ (document.activeElement));
    const next = { ArrowRight: (at + 1) % pages.length, ArrowLeft: (at + pages.length - 1) % pages.length }[event.key];
    if (next === undefined) return;
    choose(next);
    /** @type {HTMLElement} */ (tabs.children[next]).focus();
  });
  const box = dialog("sheet-dialog", shared.name, [tabs, body]);
  choose(0);
  /** @type {HTMLInputElement|null} */ (body.querySelector("input[readonly]"))?.select();
  return box;
}
