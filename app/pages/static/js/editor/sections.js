// What stands on the grid while a dashboard is edited: a section for each panel, a line for each row, with handles.

import { h, icon, svg } from "../dom.js";

const EDGES = ["n", "ne", "e", "se", "s", "sw", "w", "nw"];
const DOTS = "M8 3.5v.01M8 8v.01M8 12.5v.01";

/** A panel without anything in it, as the page of a dashboard has it. @param {number} id @param {string} type @returns {HTMLElement} */
export function panelSection(id, type) {
  const kebab = h("button", { class: "kebab", type: "button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": "Menu of this panel" },
    /** @type {any} */ (svg("svg", { class: "ic", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: DOTS }))));
  return h("section", { class: "panel", "data-panel-id": id, "data-panel-type": type, "data-panel-state": "loading", tabindex: "0" },
    h("header", {}, h("h2", { class: "cut" }), h("span", { class: "unit" }), h("span", { class: "gap" }), h("span", { class: "badge" }), h("span", { class: "anchor" }, kebab)),
    h("div", { class: "body" }), handles());
}

/** A row: a line with a title over the panels below it. @param {number} id @param {() => void} menu @returns {HTMLElement} */
export function rowLine(id, menu) {
  return h("div", { class: "rowline", "data-row-id": id, tabindex: "0", role: "group" },
    h("h2", { class: "cut" }), h("span", { class: "n muted" }), h("span", { class: "grow" }),
    h("span", { class: "anchor" }, h("button", { class: "btn bare icon sm", type: "button", "aria-haspopup": "menu", "aria-label": "Menu of this row", onclick: menu }, icon("down"))));
}

/** What a panel is pulled at; keys do the same on the panel itself. */
function handles() {
  return h("span", { class: "handles", "aria-hidden": "true" }, ...EDGES.map((edge) => h("i", { "data-edge": edge })));
}

/** @param {HTMLElement} element @param {{x: number, y: number, w: number, h: number}} box */
export function put(element, box) {
  for (const name of /** @type {("x"|"y"|"w"|"h")[]} */ (["x", "y", "w", "h"])) element.style.setProperty(`--${name}`, String(box[name]));
}

/** @param {HTMLElement} section @param {string} title @param {string} told more of it, such as that it repeats */
export function entitle(section, title, told) {
  const heading = /** @type {HTMLElement} */ (section.querySelector("h2"));
  if (heading.textContent !== title) heading.textContent = title;
  heading.title = told ? `${title} (${told})` : title;
  section.classList.toggle("untitled", !title);
  section.setAttribute("aria-label", title || "Panel");
  section.querySelector(".kebab")?.setAttribute("aria-label", `Menu of ${title || "this panel"}`);
}
