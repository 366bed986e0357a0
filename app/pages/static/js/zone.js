// Times in the viewer's zone: ticks on round local times, labels that say no more than they must.

const MINUTE = 60e3, HOUR = 3600e3, DAY = 86400e3;
const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 4 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 91 * DAY, 365 * DAY,
];

/** @type {string|undefined} undefined is the browser's own zone */
let zone;
/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {string} name an IANA name, `utc`, or `browser` */
export function setZone(name) {
  zone = name === "browser" || !name ? undefined : name === "utc" ? "UTC" : name;
  formats.clear();
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
  const whole = Math.floor(ms / 1000) * 1000;
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
  if (!(high > low)) return [];
  const step = STEPS.find((one) => one >= (high - low) / Math.max(wanted, 1)) ?? STEPS[STEPS.length - 1];
  const shift = offset((low + high) / 2);
  const ticks = [];
  for (let local = Math.ceil((low + shift) / step) * step; local - shift <= high; local += step) {
    // Around a change of the clock the offset differs from that of the middle.
    const instant = step >= HOUR ? local - offset(local - shift) : local - shift;
    if (instant >= low && instant <= high) ticks.push(instant);
  }
  return ticks;
}

/** The label of one tick among its neighbours. @param {number} ms @param {number[]} ticks @param {number} index */
export function axisTime(ms, ticks, index) {
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : HOUR;
  const local = ms + offset(ms);
  if (step >= 28 * DAY) return format("month", { month: "short", year: "2-digit" }).format(ms);
  if (step >= DAY || local % DAY === 0) return format("day", { day: "numeric", month: "short" }).format(ms);
  if (step >= MINUTE || (step >= 1e3 && local % MINUTE === 0 && index > 0)) {
    return format("minute", { hour: "2-digit", minute: "2-digit" }).format(ms);
  }
  const text = format("second", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms);
  return step >= 1e3 ? text : `${text.slice(-2)}.${String(Math.round(((ms % 1000) + 1000) % 1000)).padStart(3, "0")}`;
}

/** Whether a label of the axis is a day among times. @param {number} ms @param {number[]} ticks */
export function isMidnight(ms, ticks) {
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : HOUR;
  return step < DAY && (ms + offset(ms)) % DAY === 0;
}

/** `Mon 23 Nov, 12:11:50` @param {number} ms */
export function fullTime(ms) {
  const day = format("weekday", { weekday: "short", day: "numeric", month: "short" }).format(ms);
  return `${day}, ${clock(ms)}`;
}

/** `23 Nov` @param {number} ms */
export function dayOf(ms) {
  return format("day", { day: "numeric", month: "short" }).format(ms);
}

/** `12:11:50` @param {number} ms */
export function clock(ms) {
  return format("second", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms);
}

/** The name of the zone that times are shown in. */
export function zoneName() {
  return zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `2026-03-14 04:00:00` in the viewer's zone @param {number} ms */
export function localText(ms) {
  return new Date(ms + offset(ms)).toISOString().slice(0, 19).replace("T", " ");
}

/** The instant of such a text; null where it is none. @param {string} text */
export function fromLocal(text) {
  const found = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text.trim());
  if (!found) return null;
  const [year, month, day, hour, minute, second] = found.slice(1).map((part) => Number(part ?? 0));
  const utc = Date.UTC(year, month - 1, day, hour, minute, second);
  return Number.isNaN(utc) ? null : utc - offset(utc - offset(utc));
}
