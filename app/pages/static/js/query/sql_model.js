// SQL that a builder can show: columns of one table, aggregated, by buckets of time, filtered. Pure; what it cannot show it says.

import { Reading, Unshown, shown } from "../editor/reading.js";
import { isName, plain, words } from "./sql_words.js";

/** @typedef {{kind: "column", column: string, alias: string}} Column */
/** @typedef {{kind: "bucket", macro: string, column: string, width: string, alias: string}} Bucket of time; `width`: the step where there is none */
/** @typedef {{kind: "aggregate", name: string, distinct: boolean, column: string, alias: string}} Aggregate */
/** @typedef {Column|Bucket|Aggregate} Item */
/** @typedef {{column: string, op: string, values: string[]}} Filter `op` may be a macro of `RANGES`, whose column is a time; values as SQL writes them */
/** @typedef {{by: string, direction: ""|"ASC"|"DESC"}} Order */
/** @typedef {{table: string, items: Item[], filters: Filter[], groups: string[], order: Order[], limit: string}} Model `groups`, `by`: names, places or expressions of items, as they are written */

export const AGGREGATIONS = ["avg", "sum", "min", "max", "count", "count distinct"];
export const RANGES = ["$__timeFilter"];
export const BUCKETS = ["$__timeGroup", "$__bucket"];
const ALIASED = "$__timeGroupAlias";
const FUNCTIONS = ["avg", "sum", "min", "max", "count", "stddev", "variance", "stddev_pop", "stddev_samp", "median", "any", "uniq"];
const COMPARED = ["=", "!=", "<>", "<", "<=", ">", ">="];
/** How a column is compared; those of one word take a value, `IN` several, `IS NULL` none. */
export const OPS = ["=", "!=", "<", "<=", ">", ">=", "IN", "NOT IN", "LIKE", "NOT LIKE", "ILIKE", "NOT ILIKE", "IS NULL", "IS NOT NULL"];
const KEYWORDS = new Set("SELECT DISTINCT AS FROM WHERE AND IN NOT LIKE ILIKE IS NULL GROUP BY ORDER ASC DESC LIMIT TRUE FALSE".split(" "));
const ENDS = new Set("FROM WHERE GROUP ORDER LIMIT AND OR AS ASC DESC HAVING UNION JOIN ON".split(" "));

/** @returns {Model} */
export const nothing = () => ({ table: "", items: [], filters: [], groups: [], order: [], limit: "" });

/** What a builder shows of a text, or why it shows none. @param {string} text @returns {{model: Model}|{cannot: string}} */
export function modelOf(text) {
  return shown(text, { words, nothing, read, textOf, plain: (tokens) => plain(tokens, KEYWORDS) });
}

/** @param {string[]} tokens @returns {[Model, Reading]} */
function read(tokens) {
  const reader = new Reader(tokens);
  return [reader.select(), reader];
}

class Reader extends Reading {
  /** @returns {never} */
  stop() {
    throw new Unshown(this.next === undefined ? "an end before it is whole" : `“${this.rest}”`);
  }

  /** @param {string[]} expected keywords or marks, all of which come @returns {boolean} */
  skips(...expected) {
    const found = expected.every((one, index) => this.tokens[this.at + index]?.toUpperCase() === one);
    if (found) this.at += expected.length;
    return found;
  }

  /** @param {string[]} expected */
  expect(...expected) {
    if (!this.skips(...expected)) this.stop();
  }

  take() {
    return this.tokens[this.at++] ?? this.stop();
  }

  /** @template T @param {() => T} one @returns {T[]} what commas part */
  list(one) {
    const found = [one()];
    while (this.skips(",")) found.push(one());
    return found;
  }

  /** `column`, `table.column`, in quotes where they have them. */
  name() {
    if (!isName(this.next) || ENDS.has((this.next ?? "").toUpperCase())) this.stop();
    const parts = [this.take()];
    while (this.skips(".")) parts.push(isName(this.next) ? this.take() : this.stop());
    return parts.join(".");
  }

  /** @returns {Model} */
  select() {
    const model = nothing();
    this.expect("SELECT");
    if (this.next?.toUpperCase() === "DISTINCT" || this.next?.toUpperCase() === "ALL") this.stop();
    model.items = this.list(() => this.item());
    this.expect("FROM");
    model.table = this.name();
    if (this.skips("WHERE")) {
      model.filters.push(this.filter());
      while (this.skips("AND")) model.filters.push(this.filter());
    }
    if (this.skips("GROUP", "BY")) model.groups = this.list(() => this.referred());
    if (this.skips("ORDER", "BY")) model.order = this.list(() => ({ by: this.referred(), direction: this.skips("ASC") ? "ASC" : this.skips("DESC") ? "DESC" : "" }));
    if (this.skips("LIMIT")) model.limit = this.next && /^(\d+$|\$|\[\[)/.test(this.next) ? this.take() : this.stop();
    return model;
  }

  /** @returns {Item} */
  item() {
    const item = this.expression();
    const alias = this.skips("AS");
    if (alias && item.kind === "bucket" && item.macro === ALIASED) this.stop();
    if (alias) item.alias = isName(this.next) ? this.take() : this.stop();
    return item;
  }

  /** A column, a bucket or an aggregate, without its alias. @returns {Item} */
  expression() {
    const word = this.next ?? this.stop();
    if (this.skips("*")) return { kind: "column", column: "*", alias: "" };
    if ([...BUCKETS, ALIASED].includes(word)) return this.bucket();
    if (this.tokens[this.at + 1] === "(") return this.aggregate();
    return { kind: "column", column: this.name(), alias: "" };
  }

  /** @returns {Bucket} */
  bucket() {
    const macro = this.take();
    this.expect("(");
    const column = this.name();
    const width = this.skips(",") ? (/^('|\$|\d)/.test(this.next ?? "") ? this.take() : this.stop()) : "";
    this.expect(")");
    return { kind: "bucket", macro, column, width, alias: "" };
  }

  /** @returns {Aggregate} */
  aggregate() {
    if (!FUNCTIONS.includes((this.next ?? "").toLowerCase())) throw new Unshown(`the function ${this.next}`);
    const name = this.take();
    this.expect("(");
    const distinct = this.skips("DISTINCT");
    const column = this.skips("*") ? "*" : this.next === ")" ? "" : this.name();
    this.expect(")");
    return { kind: "aggregate", name, distinct, column, alias: "" };
  }

  /** Of what there is a group or an order: a place, a name, an expression; as it is written. */
  referred() {
    return /^\d+$/.test(this.next ?? "") ? this.take() : expressionText(this.expression());
  }

  /** @returns {Filter} */
  filter() {
    if (RANGES.includes(this.next ?? "")) {
      const op = this.take();
      this.expect("(");
      const column = this.name();
      this.expect(")");
      return { column, op, values: [] };
    }
    const column = this.name();
    if (this.skips("IS", "NOT", "NULL")) return { column, op: "IS NOT NULL", values: [] };
    if (this.skips("IS", "NULL")) return { column, op: "IS NULL", values: [] };
    const not = this.skips("NOT") ? "NOT " : "";
    for (const op of ["LIKE", "ILIKE"]) if (this.skips(op)) return { column, op: not + op, values: [this.value()] };
    if (this.skips("IN")) return { column, op: `${not}IN`, values: this.values() };
    if (not || !COMPARED.includes(this.next ?? "")) this.stop();
    return { column, op: this.take(), values: [this.value()] };
  }

  values() {
    this.expect("(");
    const found = this.list(() => this.value());
    this.expect(")");
    return found;
  }

  /** A text, a number, a variable, as they are written. */
  value() {
    const sign = this.next === "-" ? this.take() : "";
    const good = sign ? /^[\d.]/ : /^('|\$|\[\[|\.?\d)/;
    const word = this.next ?? "";
    if (!good.test(word) && (sign || !/^(true|false)$/i.test(word))) throw new Unshown(word ? `“${this.rest}” as a value` : "an end where a value belongs");
    return sign + this.take();
  }
}

/** The text of a model. @param {Model} model @returns {string} none without a table or a column */
export function textOf({ table, items, filters, groups, order, limit }) {
  if (!table || !items.length) return "";
  const lines = [`SELECT ${items.map(itemText).join(", ")}`, `FROM ${table}`];
  if (filters.length) lines.push(`WHERE ${filters.map(filterText).join(" AND ")}`);
  if (groups.length) lines.push(`GROUP BY ${groups.join(", ")}`);
  if (order.length) lines.push(`ORDER BY ${order.map((one) => (one.direction ? `${one.by} ${one.direction}` : one.by)).join(", ")}`);
  if (limit) lines.push(`LIMIT ${limit}`);
  return lines.join("\n");
}

/** @param {Item} one */
export function expressionText(one) {
  if (one.kind === "column") return one.column;
  if (one.kind === "bucket") return `${one.macro}(${one.width ? `${one.column}, ${one.width}` : one.column})`;
  return `${one.name}(${one.distinct ? "DISTINCT " : ""}${one.column})`;
}

/** @param {Item} one */
function itemText(one) {
  return one.alias ? `${expressionText(one)} AS ${one.alias}` : expressionText(one);
}

/** @param {Filter} one */
function filterText({ column, op, values }) {
  if (RANGES.includes(op)) return `${op}(${column})`;
  if (op.startsWith("IS")) return `${column} ${op}`;
  return op.endsWith("IN") ? `${column} ${op} (${values.join(", ")})` : `${column} ${op} ${values[0]}`;
}
