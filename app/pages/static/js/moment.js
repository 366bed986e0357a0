// Moment's patterns of times: `YYYY-MM-DD HH:mm`, `dddd Do [at] LT`. The same as datasources/moment.py (tests/data/moments.json).

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const DAY = 864e5;
/** @type {Record<string, string>} */
const LONG = {
  LTS: "h:mm:ss A", LT: "h:mm A", LLLL: "dddd, MMMM D, YYYY h:mm A", LLL: "MMMM D, YYYY h:mm A", LL: "MMMM D, YYYY", L: "MM/DD/YYYY",
  llll: "ddd, MMM D, YYYY h:mm A", lll: "MMM D, YYYY h:mm A", ll: "MMM D, YYYY", l: "M/D/YYYY",
};
const LONG_TOKENS = /(\[[^[]*\])|\\?(LTS|LT|LL?L?L?|l{1,4})/g;
const TOKEN = /\[[^[]*\]|\\?(?:[Hh]mm(?:ss)?|Mo|MM?M?M?|Do|DDDo|DD?D?D?|ddd?d?|do?|wo|ww?|Wo|WW?|Qo?|YYYYYY|YYYYY|YYYY|YY|Y|gggg|gg|GGGG|GG|e|E|a|A|hh?|HH?|kk?|mm?|ss?|S{1,9}|x|X|zz?|ZZ?|[^])/gu;

/** @typedef {{at: Date, shift: number, ms: number, zone: string}} Local `at`: its UTC fields are those of the clock there; `shift` of the zone in ms */

/** @param {number} number @param {number} digits */
const padded = (number, digits) => (number < 0 ? "-" : "") + String(Math.abs(number)).padStart(digits, "0");
const two = (/** @type {number} */ number) => padded(number, 2);

/** @param {number} number */
function ordinal(number) {
  const teen = number % 100 > 10 && number % 100 < 14;
  return number + (teen ? "th" : ["th", "st", "nd", "rd"][number % 10] ?? "th");
}

/** @param {Local} local @param {string} separator */
function offsetText({ shift }, separator) {
  const minutes = Math.abs(Math.round(shift / 6e4));
  return `${shift < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}${separator}${two(minutes % 60)}`;
}

/** The beginning of a year, ms. @param {number} year */
function newYear(year) {
  const day = new Date(0); // Date.UTC of the year 50 makes 1950
  day.setUTCFullYear(year, 0, 1);
  return day.getTime();
}

const dayStart = (/** @type {Date} */ at) => Math.floor(at.getTime() / DAY) * DAY;
const dayOfYear = (/** @type {Date} */ at) => Math.floor((at.getTime() - newYear(at.getUTCFullYear())) / DAY) + 1;
const isoDay = (/** @type {Date} */ at) => at.getUTCDay() || 7;

/** Year and number of the week as English has it: weeks begin on Sunday, the first is that of 1 January. @param {Date} at @returns {[number, number]} */
function week(at) {
  const day = dayStart(at);
  const year = new Date(day + (6 - at.getUTCDay()) * DAY).getUTCFullYear();
  const first = newYear(year);
  return [year, Math.floor((day - (first - new Date(first).getUTCDay() * DAY)) / (7 * DAY)) + 1];
}

/** The same of ISO 8601: weeks begin on Monday, the first has a Thursday. @param {Date} at @returns {[number, number]} */
function isoWeek(at) {
  const thursday = dayStart(at) + (4 - isoDay(at)) * DAY;
  const year = new Date(thursday).getUTCFullYear();
  return [year, Math.floor((thursday - newYear(year)) / (7 * DAY)) + 1];
}

/** What a zone is called there and then. @param {Local} local */
function zoneText({ zone, ms }) {
  if (zone === "UTC") return "UTC";
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone || undefined, timeZoneName: "short" }).formatToParts(ms);
  return parts.find((one) => one.type === "timeZoneName")?.value ?? "";
}

const year = (/** @type {Local} */ local) => local.at.getUTCFullYear();
const hour = (/** @type {Local} */ local) => local.at.getUTCHours();
const hour12 = (/** @type {Local} */ local) => (hour(local) + 11) % 12 + 1;
const minute = (/** @type {Local} */ local) => two(local.at.getUTCMinutes());
const second = (/** @type {Local} */ local) => two(local.at.getUTCSeconds());
const short = (/** @type {number} */ number) => two(number % 100);

/** @type {Record<string, (local: Local) => string>} */
const WRITTEN = {
  Y: (local) => (year(local) <= 9999 ? padded(year(local), 4) : `+${year(local)}`), YY: (local) => short(year(local)),
  YYYY: (local) => padded(year(local), 4), YYYYY: (local) => padded(year(local), 5),
  YYYYYY: (local) => (year(local) < 0 ? "-" : "+") + padded(Math.abs(year(local)), 6),
  Q: ({ at }) => String(Math.floor(at.getUTCMonth() / 3) + 1), Qo: ({ at }) => ordinal(Math.floor(at.getUTCMonth() / 3) + 1),
  M: ({ at }) => String(at.getUTCMonth() + 1), Mo: ({ at }) => ordinal(at.getUTCMonth() + 1), MM: ({ at }) => two(at.getUTCMonth() + 1),
  MMM: ({ at }) => MONTHS[at.getUTCMonth()].slice(0, 3), MMMM: ({ at }) => MONTHS[at.getUTCMonth()],
  D: ({ at }) => String(at.getUTCDate()), Do: ({ at }) => ordinal(at.getUTCDate()), DD: ({ at }) => two(at.getUTCDate()),
  DDD: ({ at }) => String(dayOfYear(at)), DDDo: ({ at }) => ordinal(dayOfYear(at)), DDDD: ({ at }) => padded(dayOfYear(at), 3),
  d: ({ at }) => String(at.getUTCDay()), do: ({ at }) => ordinal(at.getUTCDay()), dd: ({ at }) => DAYS[at.getUTCDay()].slice(0, 2),
  ddd: ({ at }) => DAYS[at.getUTCDay()].slice(0, 3), dddd: ({ at }) => DAYS[at.getUTCDay()], e: ({ at }) => String(at.getUTCDay()), E: ({ at }) => String(isoDay(at)),
  w: ({ at }) => String(week(at)[1]), wo: ({ at }) => ordinal(week(at)[1]), ww: ({ at }) => two(week(at)[1]),
  W: ({ at }) => String(isoWeek(at)[1]), Wo: ({ at }) => ordinal(isoWeek(at)[1]), WW: ({ at }) => two(isoWeek(at)[1]),
  gg: ({ at }) => short(week(at)[0]), gggg: ({ at }) => padded(week(at)[0], 4), GG: ({ at }) => short(isoWeek(at)[0]), GGGG: ({ at }) => padded(isoWeek(at)[0], 4),
  H: (local) => String(hour(local)), HH: (local) => two(hour(local)), h: (local) => String(hour12(local)), hh: (local) => two(hour12(local)),
  k: (local) => String(hour(local) || 24), kk: (local) => two(hour(local) || 24),
  hmm: (local) => hour12(local) + minute(local), hmmss: (local) => hour12(local) + minute(local) + second(local),
  Hmm: (local) => hour(local) + minute(local), Hmmss: (local) => hour(local) + minute(local) + second(local),
  m: ({ at }) => String(at.getUTCMinutes()), mm: minute, s: ({ at }) => String(at.getUTCSeconds()), ss: second,
  A: (local) => (hour(local) < 12 ? "AM" : "PM"), a: (local) => (hour(local) < 12 ? "am" : "pm"),
  X: ({ ms }) => String(Math.floor(ms / 1000)), x: ({ ms }) => String(ms), z: zoneText, zz: zoneText,
  Z: (local) => offsetText(local, ":"), ZZ: (local) => offsetText(local, ""),
};

/** An instant that a date can be, in whole ms, after a pattern; `shift` of its zone there and then, ms. @param {number} ms @param {string} pattern @param {number} shift @param {string} zone its IANA name, empty for the browser's own */
export function written(ms, pattern, shift, zone) {
  const local = { at: new Date(ms + shift), shift, ms, zone };
  const spelled = pattern.replace(LONG_TOKENS, (whole, literal, long) => literal ?? (whole === long ? LONG[long] : whole));
  return spelled.replace(TOKEN, (token) => ofToken(local, token));
}

/** @param {Local} local @param {string} token */
function ofToken(local, token) {
  if (token[0] === "[" && token.length > 1) return token.slice(1, -1);
  if (token[0] === "\\") return token.slice(1);
  if (token[0] === "S") return padded(local.at.getUTCMilliseconds(), 3).padEnd(9, "0").slice(0, token.length);
  return Object.hasOwn(WRITTEN, token) ? WRITTEN[token](local) : token;
}
