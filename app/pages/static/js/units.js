// What a number looks like in a unit: the rules of components/units.py over the same table, and the same texts.

import { asClock, asDays, asHours, fromNow, inLargestUnit, inWords, sameDay, writeMoment } from "./units_time.js";
import { toFixed } from "./units_digits.js";

/** @typedef {{prefix: string, text: string, suffix: string}} Formatted */
/** @typedef {[string, ...any[]]} Rule */

const SI = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const SI_ONE = SI.indexOf("");
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];
const COUNTS = ["", "K", "M", "B", "T"];
const FINANCIAL_DECIMALS = 1;

/** @param {string} text @param {string} [suffix] @param {string} [prefix] @returns {Formatted} */
const made = (text, suffix = "", prefix = "") => ({ prefix, text, suffix });

/** @param {number} value @param {number} factor @param {string[]} suffixes @param {number} offset @param {number|null} decimals */
function scaled(value, factor, suffixes, offset, decimals) {
  if (!Number.isFinite(value)) return made(toFixed(value, null));
  const last = suffixes.length - 1;
  let power = value ? Math.floor(Math.log10(Math.abs(value)) / Math.log10(factor)) : 0;
  const suffix = suffixes[Math.max(0, Math.min(offset + power, last))];
  power = Math.max(-offset, Math.min(power, last - offset));
  return made(toFixed(value / factor ** power, decimals), suffix);
}

/** @param {number} factor @param {string[]} prefixes @param {number} one */
const prefixed = (factor, prefixes, one) => (/** @type {number} */ value, /** @type {any[]} */ [unit, offset = 0], /** @type {number|null} */ decimals) =>
  scaled(value, factor, prefixes.map((prefix) => ` ${prefix}${unit}`), one + offset, decimals);

/** @param {number} value @param {any[]} rule @param {number|null} decimals */
function currency(value, [symbol, after], decimals) {
  const { text, suffix } = scaled(Math.abs(value), 1000, COUNTS, 0, decimals);
  const sign = value < 0 ? "-" : "";
  return after ? made(text, suffix + (Number.isFinite(value) ? symbol : ""), sign) : made(text, suffix, sign + symbol);
}

/** @param {number} value @param {any[]} rule @param {number|null} decimals */
function financial(value, [symbol, after], decimals) {
  const text = value.toLocaleString("en-US", {
    minimumFractionDigits: decimals ?? 0, maximumFractionDigits: decimals ?? FINANCIAL_DECIMALS,
  });
  return after ? made(text, symbol) : made(text, "", symbol);
}

/** @param {number} value @param {any[]} rule @param {number|null} decimals */
function hexadecimal(value, [prefix], decimals) {
  const digits = Number.parseFloat(toFixed(value, decimals)).toString(16).toUpperCase();
  return made(digits.startsWith("-") ? `-${prefix}${digits.slice(1)}` : prefix + digits);
}

/** @param {number} value @param {any[]} rule @param {number|null} _decimals @param {number} now */
function date(value, [pattern, today], _decimals, now) {
  return made(writeMoment(value, today && sameDay(value, now) ? today : pattern));
}

/** @param {[string, string]} texts */
const pair = ([text, suffix]) => made(text, suffix);

/** @type {Record<string, (value: number, rule: any[], decimals: number|null, now: number) => Formatted>} */
const RULES = {
  fixed: (value, [unit], decimals) => made(toFixed(value, decimals), unit ? ` ${unit}` : ""),
  prefix: (value, [unit], decimals) => made(toFixed(value, decimals), "", unit),
  percent: (value, [times], decimals) => made(toFixed(value * times, decimals), "%"),
  scaled: (value, suffixes, decimals) => scaled(value, 1000, suffixes, 0, decimals),
  si: prefixed(1000, SI, SI_ONE),
  binary: prefixed(1024, BINARY, 0),
  count: (value, [unit], decimals) => {
    const { text, suffix } = scaled(value, 1000, COUNTS, 0, decimals);
    // Grafana's own text for what is not finite, its slip included.
    return made(text, `${Number.isFinite(value) ? suffix : "undefined"} ${unit}`);
  },
  currency,
  financial,
  hex: hexadecimal,
  sci: (value, _rule, decimals) => made(value.toExponential(decimals ?? undefined)),
  locale: (value, _rule, decimals) => made(value.toLocaleString("en-US", { maximumFractionDigits: decimals ?? 3 })),
  string: (value) => made(String(value)),
  bool: (value, [yes, no]) => made(value ? yes : no),
  time: (value, [unit], decimals) => pair(inLargestUnit(value, unit, decimals)),
  ticks: (value, _rule, decimals) => pair(inLargestUnit(value / 100, "s", decimals)),
  duration: (value, [unit], decimals) => pair(inWords(value, unit, decimals)),
  hms: (value) => pair(asHours(value)),
  dhms: (value) => pair(asDays(value)),
  clock: (value, [times], decimals) => made(asClock(value * times, decimals)),
  date,
  fromnow: (value, _rule, _decimals, now) => made(fromNow(value, now)),
};

/** @type {Record<string, (text: string) => Rule>} */
const CUSTOM = {
  prefix: (text) => ["prefix", text],
  suffix: (text) => ["fixed", text],
  time: (text) => ["date", text || "YYYY-MM-DDTHH:mm:ssZ"],
  count: (text) => ["count", text],
  si: (text) => {
    const offset = SI.includes(text[0]) ? SI.indexOf(text[0]) - SI_ONE : 0;
    return ["si", offset ? text.slice(1) : text, offset];
  },
  currency: (text) => {
    const [first, symbol, ...rest] = text.split(":");
    return first === "financial" && symbol !== undefined ? ["financial", symbol, rest.join() === "suffix"] : ["currency", text];
  },
  bool: (text) => {
    const slash = text.indexOf("/");
    return slash < 0 ? ["bool", text, "-"] : ["bool", text.slice(0, slash), text.slice(slash + 1)];
  },
};

/** @param {string} unit @param {Record<string, Rule>} table @returns {Rule} */
export function ruleOf(unit, table) {
  if (Object.hasOwn(table, unit)) return table[unit];
  const colon = unit.indexOf(":");
  const kind = unit.slice(0, colon);
  return colon > 0 && Object.hasOwn(CUSTOM, kind) ? CUSTOM[kind](unit.slice(colon + 1)) : ["fixed", unit];
}

/** Whether values of the unit are instants, whose texts depend on the zone. @param {string} unit @param {Record<string, Rule>} table */
export const isTime = (unit, table) => ["date", "fromnow"].includes(ruleOf(unit, table)[0]);

/**
 * @param {number} value
 * @param {string} unit by Grafana's id
 * @param {number|null} decimals null: as many as make three significant digits
 * @param {Record<string, Rule>} table
 * @param {number} [now] ms; for units that say how long ago something was
 * @returns {Formatted}
 */
export function formatValue(value, unit, decimals, table, now = Date.now()) {
  const [kind, ...rule] = ruleOf(unit, table);
  return RULES[kind](value, rule, decimals, now);
}

export { toFixed };
