// Which series of a panel somebody looks at: those that are hidden, or the only ones, stand in the address by their names.

import { note } from "./address.js";

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
