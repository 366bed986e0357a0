// What a panel is about: the description behind its ⓘ, which mouse, keys and fingers open alike.

import { popover } from "./menus.js";

/** @param {HTMLElement} grid */
export function installAbouts(grid) {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (grid.querySelectorAll("[data-about]"))) {
    popover(button, /** @type {HTMLElement} */ (button.nextElementSibling));
  }
}
