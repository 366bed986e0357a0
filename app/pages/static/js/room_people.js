// People in a room: whose tab one is, and what stands for them. Names are only ever set as text.

import { h } from "./dom.js";

const COLORS = 10;

/** @typedef {{id: string, name: string, shares: boolean, follows: string}} Person a tab of somebody */

/** Whose tab it is. @param {{id: string}} one */
export function personOf(one) {
  return one.id.split(".")[0];
}

/** The same for a person in every browser. @param {Person} one */
export function colorOf(one) {
  return `var(--series-${(Number(personOf(one)) % COLORS) + 1})`;
}

/** @param {Person} one */
export function avatar(one) {
  const mark = one.shares ? " shares" : "";
  return h("span", { class: `face${mark}`, style: `--c:${colorOf(one)}`, title: one.name, "aria-hidden": "true" }, [...one.name].slice(0, 2).join("").toUpperCase());
}

/** The tabs of each person: one who shares stands for them, else the one that came last. @param {Person[]} tabs @returns {Person[]} */
export function onePerPerson(tabs) {
  /** @type {Map<string, Person>} */
  const found = new Map();
  for (const tab of tabs) if (!found.get(personOf(tab))?.shares) found.set(personOf(tab), tab);
  return [...found.values()];
}
