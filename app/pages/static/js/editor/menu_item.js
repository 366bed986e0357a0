// An entry of a menu of the editor: a glyph and what it does, after which the menu is shut.

import { h, icon } from "../dom.js";
import { close } from "../menus.js";

/** @param {"chart"|"minus"|"copy"|"pencil"|"down"|"left"|"right"|"bin"} glyph @param {string} text @param {() => void} run */
export function item(glyph, text, run) {
  return h("button", { class: "item", type: "button", role: "menuitem", onclick: () => {
    close(true);
    run();
  } }, icon(glyph), h("span", {}, text));
}
