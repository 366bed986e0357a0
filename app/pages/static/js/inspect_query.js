// How what a panel shows came about: its queries as written and as sent, where the time went, what failed, who shares it.

import { h } from "./dom.js";
import { highlighted } from "./highlight.js";
import { fullTime, zoneName } from "./zone.js";

const LEAST_MS = 0.05; // what a stage takes that is worth a line

/** @typedef {{ref: string, source: string, written: string, sent: string, cache: string, age_s: number|null, stages_ms: Record<string, number>, points_fetched: number, points_returned: number, step_s: number, warnings: string[], partial: boolean, stale_age_s: number|null, error: any}} Asked */
/** @typedef {{window: [number, number], viewers: number|null, targets: Asked[]}} Seen */

/** @param {Seen} seen */
export function queries(seen) {
  if (!seen.targets.length) return [h("p", { class: "muted" }, "This panel asks no data source.")];
  const shared = seen.viewers === null ? [] : [["Shared by", `${seen.viewers === 1 ? "1 viewer" : `${seen.viewers} viewers`} of this server, ${seen.targets.length === 1 ? "1 query" : `${seen.targets.length} queries`}`]];
  const asked = h("section", {}, h("h3", {}, "What was asked"), facts([["From", fullTime(seen.window[0])], ["To", fullTime(seen.window[1])], ["Time zone", zoneName()], ...shared]));
  return [...seen.targets.map(target), asked];
}

/** @param {Asked} asked */
function target(asked) {
  const head = h("h3", { class: "of" }, h("span", {}, `Target ${asked.ref}`), asked.source ? h("span", { class: "tag" }, asked.source) : null, h("span", { class: "grow" }), asked.step_s ? h("span", { class: "muted" }, `step ${stepText(asked.step_s)}`) : null);
  const sent = asked.sent && asked.sent.trim() !== asked.written.trim() ? [h("details", {}, h("summary", {}, "As it was sent"), highlighted(asked.sent))] : [];
  if (asked.error) return h("section", {}, head, fault(asked.error), highlighted(asked.written), ...sent);
  const stages = Object.entries(asked.stages_ms);
  const took = stages.reduce((sum, [, ms]) => sum + Number(ms), 0);
  const figures = [["Took", `${took.toFixed(1)} ms`], ["Cache", cached(asked)], ["Fetched", points(asked.points_fetched)], ["Drawn", points(asked.points_returned)]];
  const numbers = h("dl", { class: "facts" }, ...figures.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
  const notes = [...asked.warnings, ...(asked.partial ? ["The answer is partial"] : []), ...(asked.stale_age_s === null ? [] : [`The source does not answer: this is from ${asked.stale_age_s} s ago`])];
  return h("section", {}, head, numbers, highlighted(asked.written), ...sent, ...notes.map((note) => h("p", { class: "muted" }, note)), bars(stages, took));
}

/** @param {any} error */
function fault(error) {
  return h("div", { class: "fault", role: "alert" }, h("strong", {}, error.title ?? "It failed"), h("p", { class: "whole" }, error.detail ?? ""), error.code ? h("code", {}, error.code) : null);
}

/** @param {number} count */
const points = (count) => `${count.toLocaleString("en")} pts`;

/** @param {Asked} asked the cache's result, and how old what it had is */
function cached(asked) {
  return asked.cache !== "miss" && asked.age_s !== null ? `${asked.cache}, ${asked.age_s.toFixed(1)} s` : asked.cache;
}

/** @param {number} seconds */
function stepText(seconds) {
  const [size, unit] = seconds >= 86400 ? [86400, "d"] : seconds >= 3600 ? [3600, "h"] : seconds >= 60 ? [60, "m"] : seconds >= 1 ? [1, "s"] : [0.001, "ms"];
  return `${Number((seconds / size).toFixed(2))} ${unit}`;
}

/** In the order in which a query passes them. @param {[string, any][]} stages @param {number} took */
function bars(stages, took) {
  let before = 0;
  const rows = stages.filter(([, ms]) => Number(ms) >= LEAST_MS).reverse().map(([name, ms]) => {
    const style = `left:${(100 * before) / (took || 1)}%;width:${Math.max(0.5, (100 * ms) / (took || 1))}%`;
    before += Number(ms);
    return h("div", {}, h("span", { class: "muted" }, name.replaceAll("_", " ")), h("span", { class: "t" }, h("i", { style })), h("span", { class: "num" }, `${Number(ms).toFixed(1)} ms`));
  });
  return rows.length ? h("div", { class: "stages" }, h("h4", {}, "Where the time went"), ...rows) : h("p", { class: "muted" }, "It was at hand: nothing took time.");
}

/** @param {string[][]} pairs */
function facts(pairs) {
  return h("table", { class: "tbl pairs" }, h("tbody", {}, ...pairs.map(([name, value]) => h("tr", {}, h("th", { scope: "row", class: "muted" }, name), h("td", { class: "num" }, value)))));
}
