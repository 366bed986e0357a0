// The descriptions of panels: a button in the head opens them, by mouse, touch and keys alike.

import { popover } from "./menus.js";

export function installExplanations() {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-explain]"))) {
    popover(button, /** @type {HTMLElement} */ (button.nextElementSibling));
  }
}
