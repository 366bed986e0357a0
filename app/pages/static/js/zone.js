// Times in the viewer's zone: ticks on round local times, labels that say no more than they must.

const FARTHEST = 8.64e15 - 86400e3; // ms: a day within what Date can be
const MINUTE = 60e3, HOUR = 3600e3, DAY = 86400e3;
const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 4 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 91 * DAY, 365 * DAY,
];

/** @type {string|undefined} undefined is the browser's own zone */
let zone;
const FURTHEST_MS = 8.64e15; // of a Date: beyond it there is no day to name
/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();
const QUARTER = 15 * MINUTE, EVEN_SINCE_MS = 631152e6; // 1990: since then zones have changed at quarters of an hour alone
const MOST_OFFSETS = 5000;
const LOCAL_SINCE_MS = Date.UTC(200, 0, 1); // zones are those of places since long before; and Intl counts years of two eras
/** @type {Map<number, number>} the zone's offsets, ms, by quarter of an hour */
const offsets = new Map();

/** @param {string} name an IANA name, `utc`, or `browser` */
export function setZone(name) {
  zone = name === "browser" || !name ? undefined : name === "utc" ? "UTC" : name;
  formats.clear();
  offsets.clear();
}

/** The zone that somebody chose in the place of the browser's own; empty for none. */
export function chosenZone() {
  return zone ?? "";
}

/** The zone that this browser is in. */
export function browserZone() {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Whether an instant has a day; what has none is written as its number. @param {number} ms */
function dated(ms) {
  return Math.abs(ms) <= FURTHEST_MS - 86400e3;
}

/** In UTC, as ISO 8601 has it. @param {number} ms */
export function isoTime(ms) {
  return dated(ms) ? new Date(ms).toISOString() : String(ms);
}

/** @param {string} key @param {Intl.DateTimeFormatOptions} options */
function format(key, options) {
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone, hourCycle: "h23" });
    formats.set(key, made);
  }
  return made;
}

/** The zone's offset at an instant, in ms. @param {number} ms */
export function offset(ms) {
  if (!dated(ms)) return 0;
  if (ms < EVEN_SINCE_MS) return offsetAt(ms);
  const quarter = Math.floor(ms / QUARTER);
  let known = offsets.get(quarter);
  if (known === undefined) {
    if (offsets.size >= MOST_OFFSETS) offsets.clear();
    known = offsetAt(quarter * QUARTER);
    offsets.set(quarter, known);
  }
  return known;
}

/** @param {number} ms */
function offsetAt(ms) {
  if (zone === "UTC") return 0;
  const whole = Math.floor(Math.max(ms, LOCAL_SINCE_MS) / 1000) * 1000;
  const parts = format("parts", {
    year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(whole);
  /** @type {Record<string, number>} */
  const at = {};
  for (const part of parts) at[part.type] = Number(part.value);
  return Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second) - whole;
}

/** Round local times within a range, about so many. @param {number} low @param {number} high @param {number} wanted */
export function timeTicks(low, high, wanted) {
  if (!(high > low) || !dated(low) || !dated(high)) return [];
  const step = STEPS.find((one) => one >= (high - low) / Math.max(wanted, 1)) ?? STEPS[STEPS.length - 1];
  const shift = offset((low + high) / 2);
  const ticks = [];
  for (let local = Math.ceil((low + Math.min(shift, offset(low))) / step) * step; local - Math.max(shift, offset(high)) <= high; local += step) {
    const instant = step >= HOUR ? instantOf(local, step >= DAY) : local - shift;
    if (instant !== null && instant >= low && instant <= high) ticks.push(instant);
  }
  return ticks;
}

/**
 * When a wall clock shows this, the first time where it does so twice. Where the clock jumps over it: null, or the instant of the jump.
 * @param {number} local ms of that clock @param {boolean} nearest @returns {number|null}
 */
function instantOf(local, nearest = false) {
  const found = [local - offset(local - DAY), local - offset(local + DAY)].sort((a, b) => a - b);
  return found.find((one) => one + offset(one) === local) ?? (nearest ? found[1] : null);
}

/** The time between two labels of an axis, whatever the clock did in between. @param {number[]} ticks */
function stepOf(ticks) {
  let step = Infinity;
  for (let i = 1; i < ticks.length; i += 1) step = Math.min(step, ticks[i] - ticks[i - 1]);
  return step === Infinity ? HOUR : step;
}

/** The label of one tick among its neighbours. @param {number} ms @param {number[]} ticks @param {number} index */
export function axisTime(ms, ticks, index) {
  if (!dated(ms)) return String(ms);
  const step = stepOf(ticks);
  const local = ms + offset(ms);
  if (step >= 300 * DAY) return format("year", { year: "numeric" }).format(ms);
  if (step >= 28 * DAY) return ticks.every(isThisYear) ? format("month", { month: "short" }).format(ms) : format("monthyear", { month: "short", year: "numeric" }).format(ms);
  if (step >= 20 * HOUR || local % DAY === 0) return format("day", { day: "numeric", month: "short" }).format(ms);
  if (step >= MINUTE || (step >= 1e3 && local % MINUTE === 0 && index > 0)) {
    return format("minute", { hour: "2-digit", minute: "2-digit" }).format(ms);
  }
  const text = format("second", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms);
  return step >= 1e3 ? text : `${text.slice(-2)}.${String(Math.round(((ms % 1000) + 1000) % 1000)).padStart(3, "0")}`;
}

/** Whether a label of the axis is a day among times. @param {number} ms @param {number[]} ticks */
export function isMidnight(ms, ticks) {
  return stepOf(ticks) < 20 * HOUR && (ms + offset(ms)) % DAY === 0;
}

/** Whether a year need not be said. @param {number} ms */
function isThisYear(ms) {
  const year = format("year", { year: "numeric" });
  return year.format(ms) === year.format(Date.now());
}

/** `Mon 23 Nov, 12:11:50`, and `Thu 23 Nov 2023, 12:11:50` of another year @param {number} ms */
export function fullTime(ms) {
  if (!dated(ms)) return String(ms);
  const day = isThisYear(ms)
    ? format("weekday", { weekday: "short", day: "numeric", month: "short" }).format(ms)
    : format("weekdayyear", { weekday: "short", day: "numeric", month: "short", year: "numeric" }).format(ms).replace(",", "");
  return `${day}, ${clock(ms)}`;
}

/** `Mon 23 Nov, 08:00` as clocks of another zone say, and `Thu 23 Nov 2023, 08:00` of another year. @param {number} ms @param {string} name an IANA name */
export function timeIn(ms, name) {
  if (!dated(ms)) return String(ms);
  const own = (/** @type {Intl.DateTimeFormatOptions} */ options) => new Intl.DateTimeFormat("en-GB", { ...options, timeZone: name, hourCycle: "h23" });
  const year = own({ year: "numeric" });
  const other = year.format(ms) === year.format(Date.now()) ? {} : { year: /** @type {const} */ ("numeric") };
  const day = own({ weekday: "short", day: "numeric", month: "short", ...other }).format(ms).replace(",", "");
  return `${day}, ${own({ hour: "2-digit", minute: "2-digit" }).format(ms)}`;
}

/** `23 Nov`, and `23 Nov 2023` of another year @param {number} ms */
export function dayOf(ms) {
  if (!dated(ms)) return String(ms);
  return isThisYear(ms) ? format("day", { day: "numeric", month: "short" }).format(ms) : format("dayyear", { day: "numeric", month: "short", year: "numeric" }).format(ms);
}

/** `12:11:50` @param {number} ms */
export function clock(ms) {
  return dated(ms) ? format("second", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms) : String(ms);
}

/** The name of the zone that times are shown in. */
export function zoneName() {
  return zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `2026-03-14 04:00:00` in the viewer's zone @param {number} ms */
export function localText(ms) {
  return dated(ms) ? isoTime(ms + offset(ms)).slice(0, 19).replace("T", " ") : String(ms);
}

/** The same with the fraction of its second; empty beyond what a date can be. @param {number} ms */
export function momentText(ms) {
  if (!(Math.abs(ms) < FARTHEST)) return "";
  const text = localText(ms);
  const rest = ((Math.floor(ms) % 1000) + 1000) % 1000;
  return rest ? `${text}.${String(rest).padStart(3, "0")}` : text;
}

/** A time as people type it, in one digit or two after the year; and as others write it, with nothing between year, month and day. */
const TYPED = /^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:[T ,]\s*(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?)?$/;
const COMPACT = /^(\d{4})(\d\d)(\d\d)(?:[ T](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?)?$/;

/** The instant of such a text, `2026-03-14 04:00:00`, `2026/3/14 4:00` or `2026-03`; null where it is none. @param {string} text */
export function fromLocal(text) {
  const found = TYPED.exec(text.trim()) ?? COMPACT.exec(text.trim());
  if (!found || found[1] === "0000") return null;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part, at) => Number(part ?? (at === 2 ? 1 : 0)));
  const ms = Number(`${found[7] ?? ""}000`.slice(0, 3));
  const read = new Date(0); // of 13 months it makes another year, and Date.UTC of the year 50 makes 1950
  read.setUTCFullYear(year, month - 1, day);
  read.setUTCHours(hour, minute, second, ms);
  const local = read.getTime();
  const same = read.getUTCMonth() === month - 1 && read.getUTCDate() === day && read.getUTCHours() === hour && read.getUTCMinutes() === minute && read.getUTCSeconds() === second;
  return same ? instantOf(local, true) : null;
}

/** Times without what all of them share: the day, the time of day, seconds. @param {string[]} texts `2026-03-14 04:00:00` each */
export function apart(texts) {
  const [days, clocks] = [texts.map((one) => one.slice(0, 10)), texts.map((one) => one.slice(11))];
  const same = (/** @type {string[]} */ all) => all.every((one) => one === all[0]);
  if (!texts.every((one) => /^\d{4}-\d\d-\d\d \d\d:/.test(one)) || (same(days) && same(clocks))) return texts;
  if (same(clocks)) return days;
  const short = clocks.every((one) => one.endsWith(":00")) ? clocks.map((one) => one.slice(0, 5)) : clocks;
  return same(days) ? short : short.map((one, at) => (at && days[at] === days[at - 1] ? one : `${days[at].slice(5)} ${one}`));
}
