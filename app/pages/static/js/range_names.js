// What ranges of time are called, in the words that people of Grafana know.

const UNITS = { s: "second", m: "minute", h: "hour", d: "day", w: "week", M: "month", Q: "quarter", y: "year", fQ: "fiscal quarter", fy: "fiscal year" };
const DAYS = new Map([[0, "Today"], [1, "Yesterday"], [2, "Day before yesterday"], [7, "This day last week"]]);
const STEP = /^now(?:([-+])(\d+)(fQ|fy|[smhdwMQy]))?(?:\/(fQ|fy|[smhdwMQy]))?$/;

const STEPS = /^(?:[-+]\d{0,5}f?[yQMwdhms]|\/(?:0{0,4}1)?f?[yQMwdhms])*$/;

/** Whether the server knows an expression: now, and steps and roundings behind it. @param {string} text */
export function isExpression(text) {
  return text.startsWith("now") && text.length <= 100 && STEPS.test(text.slice(3).replace(/\s/g, ""));
}

/** @typedef {{ahead: boolean, count: number, by: string, unit: string, round: boolean, same: boolean}} Parts of one step, which counts in `by` and is rounded to `unit`; `same`: these two are one */

/** An expression of one step at most, such as now-6h, now/d and now-1Q/fQ. @param {string} text @returns {Parts|null} */
function partsOf(text) {
  const found = STEP.exec(text);
  if (!found) return null;
  const [, sign, count, by, round] = found;
  const named = (/** @type {string|undefined} */ one) => UNITS[/** @type {keyof typeof UNITS} */ (one)] ?? "";
  return { ahead: sign === "+", count: Number(count ?? 0), by: named(by), unit: named(round ?? by), round: round !== undefined, same: !by || !round || round === by || round === `f${by}` };
}

/** @param {string} text @param {string} which @param {number} count */
const counted = (which, count, text) => `${which} ${count} ${text}${count === 1 ? "" : "s"}`;

/** `Last 13 hours`, `Today`, `Previous week`, `Start of the previous hour to the end of this hour`; of other relative ranges their two ends; undefined of instants. @param {string} from @param {string} to */
export function spoken(from, to) {
  const [start, end] = [partsOf(from), partsOf(to)];
  if (start && end) return words(start, end, from, to) ?? `${from} to ${to}`;
  return from.startsWith("now") && to.startsWith("now") ? `${from} to ${to}` : undefined;
}

/** @param {Parts} start @param {Parts} end @param {string} from @param {string} to */
function words(start, end, from, to) {
  if (from === "now") return end.ahead && end.count && !end.round ? counted("Next", end.count, end.unit) : undefined;
  if (start.ahead || end.ahead) return undefined;
  if (to === "now" && start.count) return counted("Last", start.count, start.by);
  if (!start.round || !start.same || !end.same) return undefined;
  if (to === "now") return start.unit === "day" ? "Today so far" : `This ${start.unit} so far`;
  if (from === to) return start.unit === "day" ? DAYS.get(start.count) : [`This ${start.unit}`, `Previous ${start.unit}`][start.count];
  if (start.count > 1 || end.count > 1) return undefined;
  const side = (/** @type {Parts} */ one) => (one.count ? `the previous ${one.unit}` : `this ${one.unit}`);
  return `Start of ${side(start)} to the end of ${side(end)}`;
}
