// Which series of a panel somebody looks at, and by which label it is split: the address says it, by their names.

import { note } from "./address.js";
import { naturally } from "./natural.js";

const LONGEST = 1500; // characters of names that an address takes of a panel

/** The indices of series that an address hides. @param {string} search @param {number} id of the panel @param {string[]} names @returns {Set<number>} */
export function hiddenOf(search, id, names) {
  const query = new URLSearchParams(search);
  const only = query.getAll(`only-${id}`).filter((one) => names.includes(one));
  const hide = query.getAll(`hide-${id}`);
  const isHidden = (/** @type {string} */ name) => (only.length ? !only.includes(name) : hide.includes(name));
  return new Set(names.flatMap((name, index) => (isHidden(name) ? [index] : [])));
}

/** What an address says of it, in the fewer names; nothing where they are too long. @param {number} id @param {string[]} names @param {Set<number>} hidden @returns {Record<string, string[]>} */
export function argumentsOf(id, names, hidden) {
  const [off, on] = [true, false].map((is) => [...new Set(names.filter((_, index) => hidden.has(index) === is))]);
  const isOnly = on.length > 0 && on.length < off.length;
  const fits = (isOnly ? on : off).join("").length <= LONGEST;
  return { [`hide-${id}`]: fits && !isOnly ? off : [], [`only-${id}`]: fits && isOnly ? on : [] };
}

/** @param {HTMLElement} section of the panel @param {any} texts */
const of = (section, texts) => ({ id: Number(section.dataset.panelId), names: (texts.series ?? []).map((/** @type {any} */ one) => String(one.name)) });

/** @param {HTMLElement} section @param {any} texts @returns {Set<number>} */
export function hiddenHere(section, texts) {
  const { id, names } = of(section, texts);
  return hiddenOf(location.search, id, names);
}

/** @param {HTMLElement} section @param {any} texts @param {Set<number>} hidden */
export function noteHidden(section, texts, hidden) {
  const { id, names } = of(section, texts);
  note(argumentsOf(id, names, hidden));
}

/** What is hidden once a series is clicked on: it `alone` is shown, or all again; otherwise it comes or goes. @param {Set<number>} hidden @param {number} count of series @param {number} index @param {boolean} alone @returns {Set<number>} */
export function toggled(hidden, count, index, alone) {
  const others = Array.from({ length: count }, (_, at) => at).filter((at) => at !== index);
  if (alone) return new Set(others.every((at) => hidden.has(at)) && !hidden.has(index) ? [] : others);
  const next = new Set(hidden);
  if (!next.delete(index)) next.add(index);
  return next;
}

// -- small multiples -----------------------------------------------------------------------------------------------

/** @typedef {{title: string, members: Set<number>}} Part the series of one value of a label */

/** The labels that a panel can be split by, with their values. @param {any} texts @returns {{label: string, values: string[]}[]} */
export function splitsOf(texts) {
  /** @type {any[]} */
  const series = texts?.series ?? [];
  return Object.keys(series[0]?.labels ?? {}).map((label) => ({ label, values: [...new Set(series.map((one) => one.labels?.[label] ?? ""))] }));
}

/** The parts that an address splits a panel into, by their names; none where it does not. @param {string} search @param {number} id of the panel @param {any} texts @returns {Part[]} */
export function partsOf(search, id, texts) {
  const label = new URLSearchParams(search).get(`split-${id}`) ?? "";
  const split = splitsOf(texts).find((one) => one.label === label);
  const parts = (split?.values ?? []).map((value) => ({
    title: value ? `${label} = ${value}` : `no ${label}`,
    members: new Set(texts.series.flatMap((/** @type {any} */ one, /** @type {number} */ index) => ((one.labels?.[label] ?? "") === value ? [index] : []))),
  }));
  return parts.sort((a, b) => naturally(a.title, b.title));
}

/** @param {HTMLElement} section @param {any} texts */
export function partsHere(section, texts) {
  return partsOf(location.search, Number(section.dataset.panelId), texts);
}

/** @param {number} id of a panel @param {string} label empty: none */
export function noteSplit(id, label) {
  note({ [`split-${id}`]: label });
}
