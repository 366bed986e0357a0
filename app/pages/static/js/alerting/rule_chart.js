// What a rule would have done, drawn: its lines with the thresholds as bands, and the states of each instance below them.

import { h, svg } from "../dom.js";
import { axisTime, fullTime, timeTicks } from "../zone.js";

// The names of the lanes stand left of LEFT, so that what is drawn above and below each other is of one time.
const HEIGHT = 220, LEFT = 92, RIGHT = 8, TOP = 8, BOTTOM = 20, LEAST_WIDTH = 280, TICK_WIDTH = 96;
const LANE = 22, MOST_LANES = 12, COLOURS = 10;
/** @type {Record<string, string>} */
const LEVELS = { Normal: "ok", Pending: "warn", Firing: "bad", Error: "warn", NoData: "nodata" };

/** @typedef {{labels: Record<string, string>, data: [number, number|null][]}} Line */
/** @typedef {{labels: Record<string, string>, changes: {at: number, state: string, value: number|null}[]}} Instance */

/** @param {any} found what the preview answered @param {any} rule @param {[number, number]} range @param {number} room px @returns {HTMLElement} */
export function ruleChart(found, rule, range, room) {
  const condition = rule.condition, width = Math.max(room, LEAST_WIDTH);
  const x = (/** @type {number} */ ms) => LEFT + ((ms - range[0]) / (range[1] - range[0])) * (width - LEFT - RIGHT);
  const [low, high] = bounds(found.lines, condition);
  const y = (/** @type {number} */ value) => TOP + ((high - value) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": sentence(found), class: "rule-chart" },
    ...bands(condition, low, high, y, width), ...grid(low, high, y, width), ...times(range, x, width), ...found.lines.map((/** @type {Line} */ line, /** @type {number} */ index) => path(line, index, x, y)));
  return h("div", {}, drawing, lanes(found.instances, range, Object.keys(rule.labels ?? {})));
}

/** @param {any} found */
export function sentence(found) {
  const firing = found.instances.filter((/** @type {Instance} */ one) => one.changes.some((change) => change.state === "Firing")).length;
  const by = found.series > 1 ? `, by ${firing} of ${found.series} series` : "";
  return found.fired ? `This would have fired ${found.fired === 1 ? "once" : `${found.fired} times`}${by}` : "This would not have fired";
}

/** How long after its breaches began a rule would have fired. @param {Instance[]} instances @returns {string} */
export function delay(instances) {
  const waits = instances.flatMap(({ changes }) => changes.flatMap((one, index) => (one.state === "Firing" && changes[index - 1]?.state === "Pending" ? [one.at - changes[index - 1].at] : [])));
  const least = Math.min(...waits), most = Math.max(...waits);
  if (!waits.length || !most) return "";
  return `fires ${least === most ? lasting(most) : `${lasting(least)} to ${lasting(most)}`} after the breach begins`;
}

/** @param {number} ms */
function lasting(ms) {
  const minutes = ms / 60e3;
  return minutes < 1 ? `${Math.round(ms / 1000)} s` : minutes < 60 ? `${Number(minutes.toFixed(1))} min` : `${Number((minutes / 60).toFixed(1))} h`;
}

/** The numbers of a bound. @param {any} bound @returns {number[]} */
function limits(bound) {
  return Object.values(bound ?? {}).flat().filter((one) => typeof one === "number");
}

/** @param {Line[]} lines @param {any} condition @returns {[number, number]} */
function bounds(lines, condition) {
  const values = [...lines.flatMap((line) => line.data.map((one) => one[1])), ...limits(condition?.fires), ...limits(condition?.resolves)].filter((one) => one !== null && Number.isFinite(one));
  const low = values.reduce((/** @type {number} */ least, one) => Math.min(least, Number(one)), Infinity), high = values.reduce((/** @type {number} */ most, one) => Math.max(most, Number(one)), -Infinity);
  if (low > high) return [0, 1];
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return [low - room, high + room];
}

/** The values that fire, in red; those between the two thresholds in amber. @param {any} condition @param {number} low @param {number} high @param {(value: number) => number} y @param {number} width */
function bands(condition, low, high, y, width) {
  const fires = regions(condition?.fires, low, high);
  const resolves = condition?.resolves ? regions(condition.resolves, low, high) : null;
  const edges = [...new Set([low, high, ...limits(condition?.fires), ...limits(condition?.resolves)])].filter((one) => one >= low && one <= high).sort((one, other) => one - other);
  const within = (/** @type {[number, number][]} */ all, /** @type {number} */ value) => all.some(([from, to]) => value > from && value < to);
  const found = edges.slice(1).map((to, index) => {
    const from = edges[index], middle = (from + to) / 2;
    const level = within(fires, middle) ? "bad" : resolves && !within(resolves, middle) ? "warn" : "";
    return level ? svg("rect", { x: LEFT, width: width - LEFT - RIGHT, y: y(to), height: y(from) - y(to), class: `band ${level}` }) : null;
  });
  const lines = [...limits(condition?.fires).map((one) => [one, "bad"]), ...limits(condition?.resolves).map((one) => [one, "warn"])];
  return [...found.filter((one) => one !== null), ...lines.map(([at, level]) => svg("line", { x1: LEFT, x2: width - RIGHT, y1: y(Number(at)), y2: y(Number(at)), class: `limit ${level}` }))];
}

/** Where a bound holds. @param {any} bound @param {number} low @param {number} high @returns {[number, number][]} */
function regions(bound, low, high) {
  if (!bound || !limits(bound).length) return bound ? [[low, high]] : [];
  if (bound.outside) return [[-Infinity, bound.outside[0]], [bound.outside[1], Infinity]];
  if (typeof bound.not_equal === "number") return [[-Infinity, bound.not_equal], [bound.not_equal, Infinity]];
  if (typeof bound.equal === "number") return [];
  return [[bound.above ?? bound.from ?? -Infinity, bound.below ?? bound.to ?? Infinity]];
}

/** @param {number} low @param {number} high @param {(value: number) => number} y @param {number} width */
function grid(low, high, y, width) {
  const raw = (high - low) / 4, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw) ?? raw;
  const ticks = [];
  for (let at = Math.ceil(low / step) * step; at <= high; at += step) ticks.push(Number(at.toPrecision(12)));
  return ticks.flatMap((at) => {
    const text = svg("text", { x: LEFT - 6, y: y(at) + 3.5, "text-anchor": "end" });
    text.textContent = Math.abs(at) >= 1e5 || (at && Math.abs(at) < 1e-3) ? at.toExponential(0) : String(at);
    return [svg("line", { x1: LEFT, x2: width - RIGHT, y1: y(at), y2: y(at), class: "gl" }), text];
  });
}

/** @param {[number, number]} range @param {(ms: number) => number} x @param {number} width */
function times(range, x, width) {
  const ticks = timeTicks(range[0], range[1], Math.max(2, Math.floor((width - LEFT) / TICK_WIDTH)));
  return ticks.map((/** @type {number} */ ms, /** @type {number} */ index) => {
    const text = svg("text", { x: x(ms), y: HEIGHT - 5, "text-anchor": "middle" });
    text.textContent = axisTime(ms, ticks, index);
    return text;
  });
}

/** @param {Line} line @param {number} index @param {(ms: number) => number} x @param {(value: number) => number} y */
function path(line, index, x, y) {
  let pen = "M", d = "";
  for (const [ms, value] of line.data) {
    if (value === null) {
      pen = "M";
      continue;
    }
    d += `${pen}${x(ms).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
  }
  const drawn = svg("path", { d, class: "line", style: `--c: var(--series-${(index % COLOURS) + 1})` });
  const name = svg("title");
  name.textContent = Object.entries(line.labels).map(([key, text]) => `${key}=${text}`).join(", ") || "value";
  drawn.append(name);
  return drawn;
}

/** What tells an instance from the others: its labels but those that the rule gives to all. @param {Instance} instance @param {string[]} given */
function nameOf(instance, given) {
  const own = Object.entries(instance.labels).filter(([key]) => key !== "alertname" && !given.includes(key));
  return own.map(([, text]) => text).join(" ") || "value";
}

/** @param {Instance[]} instances @param {[number, number]} range @param {string[]} given the labels of the rule */
function lanes(instances, range, given) {
  const span = range[1] - range[0];
  const rows = instances.slice(0, MOST_LANES).map((one) => {
    const steps = [{ at: range[0], state: "Normal", value: null }, ...one.changes];
    const bars = steps.map((step, index) => {
      const from = Math.max(step.at, range[0]), to = steps[index + 1]?.at ?? range[1];
      return to <= from ? null : h("i", { class: LEVELS[step.state] ?? "", style: `left:${((from - range[0]) / span) * 100}%;width:${((to - from) / span) * 100}%`, title: `${step.state} from ${fullTime(from)}` });
    });
    const { alertname: _name, ...labels } = one.labels;
    return h("div", { class: "lane-of" }, h("span", { class: "cut", title: Object.entries(labels).map(([key, text]) => `${key}=${text}`).join(", ") }, nameOf(one, given)), h("div", { class: "bars-of" }, ...bars));
  });
  const more = instances.length - MOST_LANES;
  return h("div", { class: "lanes-of", style: `--lane: ${LANE}px` }, ...rows, more > 0 ? h("p", { class: "muted" }, `and ${more} more`) : null);
}
