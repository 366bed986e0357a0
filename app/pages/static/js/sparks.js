// The small lines of starred dashboards, as they stand now: the server works each out once for all who look.

import { call } from "./api.js";
import { h } from "./dom.js";
import { pathsOf, sparkDrawing } from "./sparkline.js";

/** @type {Map<string, Promise<any>>} by dashboard, for as long as the page is there */
const asked = new Map();

/** @param {string} id of a dashboard @returns {Promise<any>} null where there is none to be had */
async function ask(id) {
  const { ok, body } = await call("GET", `dashboards/${encodeURIComponent(id)}/spark`);
  return ok ? body : null;
}

/** A place for the line of a dashboard, which comes when it is known. @param {string} id @returns {HTMLElement} */
export function spark(id) {
  const place = h("span", { class: "spark", "aria-hidden": "true" });
  const answer = asked.get(id) ?? ask(id);
  asked.set(id, answer);
  answer.then((found) => {
    const points = found?.points ?? [];
    const [line, ground] = pathsOf(points.map((/** @type {any} */ one) => one[0]), points.map((/** @type {any} */ one) => one[1] ?? NaN), found?.from_ms, found?.to_ms);
    if (!line) return;
    const drawing = sparkDrawing();
    [ground, line].forEach((path, index) => drawing.children[index].setAttribute("d", path));
    place.append(drawing);
  });
  return place;
}
