// What ranges of time are called, in the words that people of Grafana know.

const UNITS = { s: "second", m: "minute", h: "hour", d: "day", w: "week", M: "month", Q: "quarter", y: "year", fQ: "fiscal quarter", fy: "fiscal year" };
const DAYS = new Map([[0, "Today"], [1, "Yesterday"], [2, "Day before yesterday"], [7, "This day last week"]]);
const STEP = /^now(?:([-+])(\d+)(fQ|fy|[smhdwMQy]))?(?:\/(fQ|fy|[smhdwMQy]))?$/;

/** @typedef {{ahead: boolean, count: number, unit: string, round: boolean, same: boolean}} Parts of one step; `same`: it is rounded by what it steps by */

/** An expression of one step at most, such as now-6h, now/d and now-1Q/fQ. @param {string} text @returns {Parts|null} */
function partsOf(text) {
  const found = STEP.exec(text);
  if (!found) return null;
  const [, sign, count, by, round] = found;
  const unit = UNITS[/** @type {keyof typeof UNITS} */ (round ?? by)] ?? "";
  return { ahead: sign === "+", count: Number(count ?? 0), unit, round: round !== undefined, same: !by || !round || round === by || round === `f${by}` };
}

/** @param {string} text @param {string} which @param {number} count */
const counted = (which, count, text) => `${which} ${count} ${text}${count === 1 ? "" : "s"}`;

/** `Last 13 hours`, `Today`, `Previous week`, `Start of the previous hour to the end of this hour`; undefined where there are no words. @param {string} from @param {string} to */
export function spoken(from, to) {
  const [start, end] = [partsOf(from), partsOf(to)];
  if (!start || !end) return undefined;
  if (from === "now") return end.ahead && end.count && !end.round ? counted("Next", end.count, end.unit) : undefined;
  if (start.ahead || end.ahead) return undefined;
  if (to === "now" && start.count && !start.round) return counted("Last", start.count, start.unit);
  if (!start.round || !start.same || !end.same) return undefined;
  if (to === "now" && !start.count) return start.unit === "day" ? "Today so far" : `This ${start.unit} so far`;
  if (from === to) return start.unit === "day" ? DAYS.get(start.count) : [`This ${start.unit}`, `Previous ${start.unit}`][start.count];
  if (start.count > 1 || end.count > 1) return undefined;
  const side = (/** @type {Parts} */ one) => (one.count ? `the previous ${one.unit}` : `this ${one.unit}`);
  return `Start of ${side(start)} to ${to === "now" ? "now" : `the end of ${side(end)}`}`;
}
