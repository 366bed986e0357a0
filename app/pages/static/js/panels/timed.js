// Times in the cells of tables.

import { text as valueText } from "../numbers.js";
import { momentText } from "../zone.js";

/**
 * The words of a time: those that the server has, else the instant in the viewer's zone. A column of which no cell has
 * words comes as numbers, none of which is one.
 * @param {any} words @param {number|null} ms @param {string} unit
 */
export function timed(words, ms, unit) {
  const text = ms === null || Number.isNaN(ms) ? "" : unit ? valueText(ms, unit, null) : momentText(ms);
  if (Array.isArray(words)) return words[0] === null ? [text, words[1], words[2] ?? {}] : words;
  return typeof words === "string" ? words : text;
}
