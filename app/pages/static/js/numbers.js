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

const LARGE = 1e5, SMALL = 1e-3; // without a unit: beyond them labels are shorter with a prefix of the SI
const HUGE = 1e27; // beyond the prefixes
const MOST_DECIMALS = 12;
const ROUND = 4; // digits that a round label may have
const SHORT = 3; // characters of a unit that each label may carry

/**
 * The labels of an axis, all in one unit; it stands beside them where it is too long for each, as `MB/s` is.
 * @param {number[]} ticks @param {string} unit @param {number|null} decimals @returns {{texts: string[], unit: string}}
 */
export function axisTexts(ticks, unit, decimals) {
  const largest = ticks.reduce((most, tick) => Math.max(most, Math.abs(tick)), 0);
  const bare = !unit || unit === "none";
  if (bare && largest >= HUGE) return { texts: ticks.map((tick) => (tick ? Number(tick.toPrecision(4)).toExponential() : "0")), unit: "" };
  if (bare && (largest >= LARGE || (largest > 0 && largest < SMALL))) unit = "sishort";
  const { prefix, text: digits, suffix } = formatValue(largest, unit, 9, TABLE);
  const name = suffix.trim();
  const scale = largest / Number(digits);
  const long = name.length > SHORT || (name.includes("/") && name.length > 1);
  if (!long || prefix || !Number.isFinite(scale) || !scale) return { texts: apart(ticks, decimals, (tick, places) => axisText(tick, unit, places)), unit: "" };
  const scaled = ticks.map((tick) => String(Number((tick / scale).toPrecision(5))));
  // Ticks that are round in another unit, as 20, 40 and 60 s are of minutes, each say their own.
  if (scaled.some((label) => label.replace(/^-?(0\.0*)?/, "").replace(".", "").length > ROUND)) return { texts: apart(ticks, decimals, (tick, places) => axisText(tick, unit, places)), unit: "" };
  return { texts: scaled, unit: name };
}

/** Labels with as many decimals as tell ticks apart that are not the same. @param {number[]} ticks @param {number|null} decimals @param {(tick: number, decimals: number|null) => string} write */
function apart(ticks, decimals, write) {
  const count = new Set(ticks).size;
  let texts = ticks.map((tick) => write(tick, decimals));
  for (let places = decimals ?? 3; places <= MOST_DECIMALS && new Set(texts).size < count; places += 1) texts = ticks.map((tick) => write(tick, places));
  return texts;
}

/** A label of an axis: no digits that all labels share as zeros. @param {number} value @param {string} unit @param {number|null} decimals */
export function axisText(value, unit, decimals) {
  if (value === 0) return "0";
  const { prefix, text: digits, suffix } = formatValue(value, unit, decimals, TABLE);
  return prefix + (digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits) + suffix;
}
