// Lengths of time and instants as texts: the rules of components/durations.py and components/moments.py.

import { written } from "./moment.js";
import { toFixed } from "./units_digits.js";
import { chosenZone, offset } from "./zone.js";

export const INVALID = "Invalid date";
const MAX_DATE_MS = 8.64e15;
/** @type {Record<string, [number, number, string][]>} */
const STEPS = {
  "ns": [[1e3, 1, " ns"], [1e6, 1e3, " µs"], [1e9, 1e6, " ms"], [6e10, 1e9, " s"], [3.6e12, 6e10, " min"],
    [8.64e13, 3.6e12, " hour"], [Infinity, 8.64e13, " day"]],
  "µs": [[1e3, 1, " µs"], [1e6, 1e3, " ms"], [Infinity, 1e6, " s"]],
  "ms": [[1e3, 1, " ms"], [6e4, 1e3, " s"], [3.6e6, 6e4, " min"], [8.64e7, 3.6e6, " hour"], [3.1536e10, 8.64e7, " day"],
    [Infinity, 3.1536e10, " year"]],
  "s": [[1e-6, 1e-9, " ns"], [1e-3, 1e-6, " µs"], [1, 1e-3, " ms"], [60, 1, " s"], [3600, 60, " min"], [86400, 3600, " hour"],
    [604800, 86400, " day"], [31536000, 604800, " week"], [Infinity, 3.15569e7, " year"]],
  "m": [[60, 1, " min"], [1440, 60, " hour"], [10080, 1440, " day"], [604800, 10080, " week"], [Infinity, 5.25948e5, " year"]],
  "h": [[24, 1, " hour"], [168, 24, " day"], [8760, 168, " week"], [Infinity, 8760, " year"]],
  "d": [[7, 1, " day"], [365, 7, " week"], [Infinity, 365, " year"]],
};
const WITHOUT_PLURAL = ["m", "h"]; // minutes counted in minutes, and hours in hours, have none
const HAVE_PLURALS = [" min", " hour", " day", " week", " year"];
/** @type {[string, number][]} */
const WORDS = [
  ["year", 31536e6], ["month", 2592e6], ["week", 6048e5], ["day", 864e5], ["hour", 36e5], ["minute", 6e4], ["second", 1e3],
  ["millisecond", 1],
];
/** @type {[number, number, string, string][]} */
const AGES = [
  [44, 1e3, "a few seconds", "a few seconds"], [44, 6e4, "a minute", "# minutes"], [21, 36e5, "an hour", "# hours"],
  [25, 864e5, "a day", "# days"], [10, 2629746e3, "a month", "# months"], [Infinity, 31556952e3, "a year", "# years"],
];

/** @param {number} value @param {string} unit @param {number|null} decimals @returns {[string, string]} */
export function inLargestUnit(value, unit, decimals) {
  if (value === 0 && unit === "s") return ["0", " s"];
  const steps = STEPS[unit];
  const [, length, name] = steps.find(([below]) => Math.abs(value) < below) ?? steps[steps.length - 1];
  const size = length < 1 ? value * Math.round(1 / length) : value / length;
  const many = HAVE_PLURALS.includes(name) && Math.abs(size) > 1 && !(length === 1 && WITHOUT_PLURAL.includes(unit));
  return [toFixed(size, decimals), many ? `${name}s` : name];
}

/** The largest unit and `decimals` more, in words. @param {number} value @param {string} unit @param {number|null} decimals @returns {[string, string]} */
export function inWords(value, unit, decimals) {
  if (value === 0) return ["0", ` ${unit}s`];
  if (value < 0) return [inWords(-value, unit, decimals)[0], " ago"];
  let rest = value * (unit === "second" ? 1000 : 1);
  const parts = [];
  for (const [name, length] of WORDS) {
    const count = rest / length;
    if (!(count >= 1 || parts.length)) continue;
    const whole = Math.floor(count);
    parts.push(`${whole} ${name}${whole === 1 ? "" : "s"}`);
    rest %= length;
    if (parts.length > (decimals ?? 0)) break;
  }
  return [parts.join(", "), ""];
}

/** @param {number} value */
const twoDigits = (value) => (value >= 10 ? "" : "0") + Math.floor(value);

/** `25:01:01` @param {number} seconds @returns {[string, string]} */
export function asHours(seconds) {
  if (seconds < 0) return [asHours(-seconds)[0], " ago"];
  const rest = seconds % 3600;
  return [[seconds / 3600, rest / 60, rest % 60].map(twoDigits).join(":"), ""];
}

/** `1 d 00:00:00` @param {number} seconds @returns {[string, string]} */
export function asDays(seconds) {
  if (seconds < 0) return [asDays(-seconds)[0], " ago"];
  const days = Math.floor(seconds / 86400);
  return [(days > 0 ? `${days} d ` : "") + asHours(seconds - days * 86400)[0], ""];
}

/** @param {number} value @param {number} modulus */
const mod = (value, modulus) => ((value % modulus) + modulus) % modulus;
/** @param {number} value @param {number} width */
const pad = (value, width) => String(value).padStart(width, "0");
/** @param {number} ms */
const isDate = (ms) => Number.isFinite(ms) && Math.abs(ms) <= MAX_DATE_MS;

/** `16m:40s:000ms` @param {number} ms @param {number|null} decimals */
export function asClock(ms, decimals) {
  const shown = isDate(ms) ? Math.trunc(ms) : null;
  if (ms < 1000) return shown === null ? INVALID : `${pad(mod(shown, 1000), 3)}ms`;
  const places = decimals ?? 3;
  const hours = `${Math.floor(ms / 3.6e6)}h`;
  if (shown === null) return hours + (places === 0 ? "" : `:${INVALID}`);
  const units = [
    `${pad(Math.floor(shown / 6e4) % 60, 2)}m`, `${pad(Math.floor(shown / 1e3) % 60, 2)}s`, `${pad(shown % 1000, 3)}ms`,
  ];
  if (ms < 6e4) return places === 0 ? units[1] : units.slice(1).join(":");
  if (ms < 3.6e6) return (places > 1 ? units : units.slice(0, places + 1)).join(":");
  return [hours, ...units.slice(0, Math.max(places, 0))].join(":");
}

/** An instant after a pattern of Moment's tokens, in the viewer's zone. @param {number} ms @param {string} pattern */
export function writeMoment(ms, pattern) {
  const whole = Math.trunc(ms);
  return isDate(ms) ? written(whole, pattern, offset(whole), chosenZone()) : INVALID;
}

/** @param {number} one @param {number} other */
export const sameDay = (one, other) => writeMoment(one, "YYYY-MM-DD") === writeMoment(other, "YYYY-MM-DD");

/** `2 hours ago`, `in a day` @param {number} ms @param {number} now */
export function fromNow(ms, now) {
  if (!Number.isFinite(ms)) return INVALID;
  const age = Math.abs(now - ms);
  for (const [most, length, one, several] of AGES) {
    const count = Math.round(age / length);
    if (count > most) continue;
    const text = count <= 1 ? one : several.replace("#", String(count));
    return ms > now ? `in ${text}` : `${text} ago`;
  }
  return INVALID;
}
