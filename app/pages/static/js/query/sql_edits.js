// What becomes of a query when a part of it is changed: its groups and its order follow its columns. Pure.

import { expressionText, nothing } from "./sql_model.js";

/** @typedef {import("./sql_model.js").Model} Model */
/** @typedef {import("./sql_model.js").Item} Item */
/** @typedef {{name: string, type: string}} ColumnOf a column that a table has, with its type */

const TIMES = /^(timestamp|date|smalldate)/i; // at the beginning of a type's name
const NUMBERS = /int|float|double|real|numeric|decimal|money|number/i;
const WRAPPED = /^(?:Nullable|LowCardinality)\((.*)\)$/i; // types of ClickHouse around another
const NAMES_OF_TIME = ["time", "t", "ts", "timestamp"]; // by which a column of an answer is taken as its time
const FIRST_ROWS = "100";

/** @param {string} type */
export const isTime = (type) => TIMES.test(type.replace(WRAPPED, "$1"));
/** @param {string} type */
export const isNumber = (type) => NUMBERS.test(type.replace(WRAPPED, "$1"));

/** A first query of a table: its first number over time, or its rows where there is no time. @param {string} table @param {ColumnOf[]} columns @returns {Model} */
export function begun(table, columns) {
  const time = columns.find((one) => isTime(one.type)) ?? columns.find((one) => NAMES_OF_TIME.includes(one.name.toLowerCase()));
  if (!time) return { ...nothing(), table, items: [{ kind: "column", column: "*", alias: "" }], limit: FIRST_ROWS };
  const number = columns.find((one) => one !== time && isNumber(one.type) && !/(^|_)id$/i.test(one.name));
  const bucket = bucketOf(time.name, columns);
  /** @type {Item} */
  const value = number ? { kind: "aggregate", name: "avg", distinct: false, column: number.name, alias: "" } : { kind: "aggregate", name: "count", distinct: false, column: "*", alias: "" };
  const by = expressionText(bucket);
  return { ...nothing(), table, items: [bucket, value], filters: [{ column: time.name, op: "$__timeFilter", values: [] }], groups: [by], order: [{ by, direction: "" }] };
}

/** A time in buckets of a step, under a name that no column has: what is called as a column hides it. @param {string} column @param {ColumnOf[]} columns @returns {Item} */
export function bucketOf(column, columns) {
  const taken = columns.map((one) => one.name.toLowerCase());
  return { kind: "bucket", macro: "$__bucket", column, width: "", alias: NAMES_OF_TIME.find((one) => !taken.includes(one)) ?? "" };
}

/** Other columns in the place of all. @param {Model} model @param {Item[]} items @param {(at: number) => number} was where an item stood before, -1 if it did not @returns {Model} */
export function withItems(model, items, was) {
  const now = (/** @type {number} */ old) => items.findIndex((_, at) => was(at) === old);
  const moved = (/** @type {string} */ text) => {
    const at = placeOf(model, text);
    if (at < 0) return text;
    const to = now(at);
    return to < 0 ? null : referred(items[to], to, model.items[at], text);
  };
  const order = model.order.flatMap((one) => {
    const by = moved(one.by);
    return by === null ? [] : [{ ...one, by }];
  });
  return { ...model, items, order, groups: groupsOf(model, items, was, moved) };
}

/** All that is no aggregate is grouped by, where anything is one. @param {Model} model @param {Item[]} items @param {(at: number) => number} was @param {(text: string) => string|null} moved @returns {string[]} */
function groupsOf(model, items, was, moved) {
  const aggregates = (/** @type {Item[]} */ all) => all.some((one) => one.kind === "aggregate");
  if (!aggregates(items)) return aggregates(model.items) ? [] : model.groups.flatMap((one) => moved(one) ?? []);
  const before = new Map(model.groups.map((one) => [placeOf(model, one), one]));
  const kept = model.groups.filter((one) => placeOf(model, one) < 0);
  const needed = items.flatMap((item, at) => {
    if (item.kind === "aggregate" || (item.kind === "column" && item.column === "*")) return [];
    const old = before.get(was(at));
    return [old === undefined ? expressionText(item) : referred(item, at, model.items[was(at)], old)];
  });
  return [...kept, ...needed];
}

/** Which item a group or an order means: by its place, its name, or as it is written; -1 for none. @param {Model} model @param {string} text */
export function placeOf(model, text) {
  if (/^\d+$/.test(text)) return Number(text) <= model.items.length ? Number(text) - 1 : -1;
  const named = model.items.findIndex((one) => one.alias === text);
  return named >= 0 ? named : model.items.findIndex((one) => expressionText(one) === text);
}

/** As it was referred to before. @param {Item} item @param {number} at @param {Item} old @param {string} text */
function referred(item, at, old, text) {
  if (/^\d+$/.test(text)) return String(at + 1);
  return old.alias === text && item.alias ? item.alias : expressionText(item);
}
