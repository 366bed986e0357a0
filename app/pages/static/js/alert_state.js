// What a state of an alert looks like.

import { h, icon } from "./dom.js";

/** @type {Record<string, {level: string, icon: Parameters<typeof icon>[0]}>} */
export const STATES = {
  Firing: { level: "bad", icon: "alarm" }, Pending: { level: "warn", icon: "clock" }, NoData: { level: "", icon: "minus" },
  Error: { level: "warn", icon: "warning" }, Normal: { level: "ok", icon: "check" },
};

/** @param {string} state @param {Record<string, string>} [attributes] */
export function stateMark(state, attributes = {}) {
  const { level, icon: name } = STATES[state] ?? STATES.NoData;
  return h("span", { class: `state ${level}`, ...attributes }, icon(name), state === "NoData" ? "No data" : state);
}
