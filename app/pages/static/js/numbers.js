// Numbers in units, as texts: the table comes with the page, the rules are in units.js.

import { formatValue } from "./units.js";

const element = document.getElementById("units");
/** @type {Record<string, any>} */
const TABLE = element ? JSON.parse(element.textContent ?? "{}") : {};

/** @param {number|null|undefined} value @param {string} unit @param {number|null} [decimals] */
export function text(value, unit, decimals = null) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const { prefix, text: digits, suffix } = formatValue(value, unit, decimals, TABLE);
  return prefix + digits + suffix;
}

/** A label of an axis: no digits that all labels share as zeros. @param {number} value @param {string} unit @param {number|null} decimals */
export function axisText(value, unit, decimals) {
  if (value === 0) return "0";
  const { prefix, text: digits, suffix } = formatValue(value, unit, decimals, TABLE);
  return prefix + (digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits) + suffix;
}
