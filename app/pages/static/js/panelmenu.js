// The menu of a panel: one menu for all, made when it is opened.

import { h, icon } from "./dom.js";
import { close, show } from "./menus.js";

/** @typedef {{text: string, icon: string, key: string, run: (id: number) => void, when?: (id: number) => boolean, rule?: boolean}} Action */

/** @param {HTMLElement} grid @param {Action[]} actions */
export function installPanelMenu(grid, actions) {
  grid.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement|null} */ (/** @type {Element} */ (event.target).closest(".kebab"));
    if (!button) return;
    const id = Number(/** @type {HTMLElement} */ (button.closest("section")).dataset.panelId);
    const box = h("div", { class: "pop right menu pop-menu", role: "menu", "aria-label": button.getAttribute("aria-label") ?? "Menu", hidden: true },
      ...actions.filter((one) => one.when?.(id) ?? true).flatMap((one) => [one.rule ? h("div", { class: "rule", role: "separator" }) : null, item(one, id)]).filter((one) => one !== null));
    if (button.getAttribute("aria-expanded") === "true") close();
    else {
      button.after(box);
      show(button, box, { closed: () => box.remove() });
    }
  });
}

/** @param {Action} action @param {number} id */
function item(action, id) {
  const onclick = () => {
    close(true);
    action.run(id);
  };
  return h("button", { class: "item", type: "button", role: "menuitem", onclick }, icon(/** @type {any} */ (action.icon)), h("span", {}, action.text), h("kbd", { "aria-hidden": "true" }, action.key));
}
