// The rows of a table: which a filter leaves, and their order by a column. The same as components/rows.py (tests/data/table_rows.json).

import { compareKeys, naturalKey } from "../natural.js";

const COMPARISON = /^\s*(>=|<=|!=|=|>|<)\s*(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*$/;
const PLAIN = /^-?\d+(?:\.\d+)?$/;

/** @typedef {{negative: boolean, whole: bigint, fraction: string}} Digits of a number, however many */

/** Whether a filter leaves a value: a comparison of numbers, else a text within, whatever its case. @param {any} value @param {string} wanted @param {string|null} [exact] the digits of what no float holds */
export function fits(value, wanted, exact = null) {
  const comparison = COMPARISON.exec(wanted);
  if (comparison && typeof value === "number") {
    if (Number.isNaN(value)) return false;
    const order = value === Number(comparison[2]) ? compared(exact ?? String(value), comparison[2]) : value < Number(comparison[2]) ? -1 : 1;
    return { ">": order > 0, ">=": order >= 0, "<": order < 0, "<=": order <= 0, "=": order === 0, "!=": order !== 0 }[comparison[1]] ?? false;
  }
  if (missing(value)) return false;
  return String(exact ?? value).toLowerCase().includes(wanted.toLowerCase());
}

/** Rows by a column: missing ones last either way, texts naturally, long numbers by all their digits. @param {number[]} order @param {any} values @param {(string|null)[]|undefined} exact @param {number} sign */
export function sorted(order, values, exact, sign) {
  const known = order.filter((row) => !missing(values[row]));
  const isText = known.some((row) => typeof values[row] === "string");
  const keys = new Map(isText ? known.map((row) => [row, naturalKey(String(values[row]))]) : []);
  known.sort((a, b) => sign * (isText ? compareKeys(/** @type {any} */ (keys.get(a)), /** @type {any} */ (keys.get(b))) : byDigits(values, exact, a, b)));
  return [...known, ...order.filter((row) => missing(values[row]))];
}

/** @param {any} values @param {(string|null)[]|undefined} exact @param {number} a @param {number} b */
function byDigits(values, exact, a, b) {
  if (values[a] !== values[b] || !exact) return values[a] < values[b] ? -1 : Number(values[a] > values[b]);
  return compared(exact[a] ?? String(values[a]), exact[b] ?? String(values[b]));
}

/** The order of two numbers whose floats are one, by their digits. @param {string} first @param {string} second */
function compared(first, second) {
  const [one, two] = [digitsOf(first), digitsOf(second)];
  if (!one || !two) return 0;
  const size = one.whole === two.whole ? Number(one.fraction > two.fraction) - Number(one.fraction < two.fraction) : one.whole < two.whole ? -1 : 1;
  return one.negative ? -size : size;
}

/** Null for what is no number of digits, as infinite ones and days. @param {string} text @returns {Digits|null} */
function digitsOf(text) {
  if (!PLAIN.test(text)) return null;
  const [whole, fraction = ""] = text.replace("-", "").split(".");
  return { negative: text.startsWith("-"), whole: BigInt(whole), fraction: fraction.replace(/0+$/, "") };
}

/** @param {any} value */
function missing(value) {
  return value === null || value === undefined || Number.isNaN(value);
}
