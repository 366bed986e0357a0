// Evaluations that did not happen: since when rules wait for the next one, and those that the shown rule has missed.

import { again } from "../again.js";
import { call } from "../api.js";
import { h, icon } from "../dom.js";
import { fullTime } from "../zone.js";
import { when } from "./parts.js";

const EVERY_MS = 30e3;
const MOST = 1000; // gaps that are read
const late = /** @type {HTMLElement|null} */ (document.querySelector("[data-late]"));
const place = /** @type {HTMLElement|null} */ (document.querySelector("[data-missed]"));

/** Say that rules are not evaluated. @param {number|null} since_ms null: they are */
export function lateness(since_ms) {
  if (!late) return;
  late.hidden = since_ms === null;
  if (since_ms !== null) late.replaceChildren(icon("warning"), h("span", { class: "grow" }, "Rules are not evaluated: the last time was ", when(since_ms), "."));
}

async function show() {
  if (!place) return;
  const said = await call("GET", `alerts/missed?${new URLSearchParams({ rule_id: place.dataset.missed ?? "", from: "now-24h", limit: String(MOST) })}`);
  if (!said.ok) return;
  /** @type {{from: number, to: number, missed: number}[]} the newest first */
  const gaps = said.body.items;
  const count = gaps.reduce((sum, one) => sum + one.missed, 0);
  place.hidden = !count;
  if (!count) return;
  const times = gaps.slice(0, 20).map((one) => `${one.missed} between ${fullTime(one.from)} and ${fullTime(one.to)}`);
  place.querySelector("dd")?.replaceChildren(h("span", { title: times.join("\n") }, gaps.length === MOST ? `more than ${count}` : String(count), ", last ", when(gaps[0].to)));
}

/** Begin, on the page of a rule. */
export function installMissed() {
  if (place) again(show, EVERY_MS);
}
