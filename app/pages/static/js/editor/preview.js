// What the queries of a panel answer by now, for what stands beside them: points, time, cache, faults, columns.

import { call } from "../api.js";
import { askedBy } from "./view_of.js";

const ANSWER_WITHIN_MS = 35e3;
const POINTS = 1000;

/** @typedef {{ref: string, error: string, points: number, ms: number, cache: string, executed: string, columns: {name: string, type: string}[], rows: any[][], series: any[]}} Answer */

/**
 * Ask the targets of a draft's panel as an editor; a newer question takes the place of one under way.
 * @param {any} draft
 */
export function previewing(draft) {
  /** @type {AbortController|null} */
  let under = null;
  return async (/** @type {import("./targets.js").Targets} */ targets, /** @type {any[]} */ transformations = []) => {
    under?.abort();
    const own = (under = new AbortController());
    const queries = targets.all.filter((one) => one.query !== "" && one.query !== undefined).map((one) => queryOf(one, targets));
    if (!queries.length) return [];
    const body = { queries, ...askedBy(draft.document), inspect: true, max_points: POINTS, ...(transformations.length ? { transformations } : {}) };
    const said = await call("POST", "query", body, { signal: AbortSignal.any([own.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]) });
    if (own.signal.aborted) return null;
    if (!said.ok) return faulty(queries, said.body);
    return Object.entries(said.body.results).map(([ref, one]) => read(ref, one));
  };
}

/** @param {import("./targets.js").Target} one @param {import("./targets.js").Targets} targets */
function queryOf(one, targets) {
  const interval = one.interval && /^\d+(ms|s|m|h|d|w)$/.test(one.interval) ? { interval: one.interval } : {};
  return { ref: one.ref ?? "A", datasource: targets.source(one), query: one.query, legend: one.legend ?? "", instant: Boolean(one.instant), options: one.options ?? {}, ...interval };
}

/** A problem of all of them stands at the one that it names. @param {any[]} queries @param {any} problem @returns {Answer[]} */
function faulty(queries, problem) {
  const at = Number(/queries\[(\d+)\]/.exec(problem?.path ?? "")?.[1] ?? 0);
  return queries.map((one, index) => ({ ...read(one.ref, {}), error: index === at ? problem?.detail ?? "The server does not answer" : "" }));
}

/** @param {string} ref @param {any} one @returns {Answer} */
function read(ref, one) {
  const inspect = one.inspect ?? {};
  const ms = Object.values(inspect.stages_ms ?? {}).reduce((/** @type {number} */ sum, /** @type {any} */ each) => sum + each, 0);
  return { ref, error: one.error ? one.error.detail ?? one.error.title : "", points: inspect.points_returned ?? 0, ms, cache: inspect.cache ?? "", executed: inspect.query ?? "", columns: one.columns ?? [], rows: one.rows ?? [], series: one.series ?? [] };
}

/** @param {Answer[]} answers */
export function summary(answers) {
  const good = answers.filter((one) => !one.error);
  if (!good.length) return "";
  const points = good.reduce((sum, one) => sum + one.points, 0);
  const slowest = Math.max(...good.map((one) => one.ms));
  const caches = [...new Set(good.map((one) => one.cache).filter(Boolean))].join(", ");
  return [`${points.toLocaleString("en")} point${points === 1 ? "" : "s"}`, `${slowest.toFixed(slowest < 100 ? 1 : 0)} ms`, caches && `cache ${caches}`].filter(Boolean).join(", ");
}
