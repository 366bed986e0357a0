// Somebody saved a rule meanwhile: what differs, theirs beside ours, and the two ways to go on.

import { h } from "../dom.js";

/** @param {any} value */
const written = (value) => (value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value, null, 1));

/**
 * @param {number} version theirs @param {any} mine @param {any} theirs @param {() => void} over @param {() => void} take
 * @returns {HTMLElement[]}
 */
export function conflict(version, mine, theirs, over, take) {
  const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])].filter((one) => written(mine[one]) !== written(theirs[one]));
  const rows = names.map((one) => h("tr", {}, h("th", { scope: "row" }, one), h("td", {}, h("pre", {}, written(mine[one]))), h("td", {}, h("pre", {}, written(theirs[one])))));
  return [
    h("p", {}, h("strong", {}, `Someone else saved version ${version} in the meantime. `), names.length ? "Your changes are kept. These fields differ:" : "It is identical to yours."),
    h("table", { class: "both" }, h("thead", {}, h("tr", {}, h("th", {}, "Field"), h("th", {}, "Yours"), h("th", {}, "Theirs"))), h("tbody", {}, ...rows)),
    h("div", { class: "bar" }, h("button", { class: "btn", type: "button", onclick: over }, "Overwrite with mine"), h("button", { class: "btn", type: "button", onclick: take }, "Take theirs")),
  ];
}
