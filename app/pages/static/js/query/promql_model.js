// PromQL that a builder can show: a metric with filters, then one operation after the other. Pure; what it cannot show it says.

import { plain, unquoted, words } from "./promql_words.js";
import { Reading, Unshown, shown } from "../editor/reading.js";

/** @typedef {{label: string, op: string, value: string}} Filter */
/** @typedef {{kind: "range", name: string, window: string}} RangeCall */
/** @typedef {{kind: "aggregate", name: string, param: string, by: string[], without: boolean, grouped: boolean, behind?: boolean}} Aggregation `behind`: its labels are written after it */
/** @typedef {{kind: "call", name: string, before: string[], after: string[]}} Call */
/** @typedef {{kind: "math", op: string, value: string}} Arithmetic */
/** @typedef {RangeCall|Aggregation|Call|Arithmetic} Operation */
/** @typedef {{metric: string, filters: Filter[], operations: Operation[]}} Model */

export const RANGES = ["rate", "irate", "increase", "delta", "idelta", "deriv", "changes", "resets", "avg_over_time", "min_over_time", "max_over_time", "sum_over_time", "count_over_time", "last_over_time", "stddev_over_time", "present_over_time"];
export const AGGREGATIONS = ["sum", "avg", "min", "max", "count", "group", "stddev", "topk", "bottomk", "quantile"];
export const CALLS = ["histogram_quantile", "abs", "ceil", "floor", "round", "sqrt", "exp", "ln", "log2", "log10", "sort", "sort_desc", "clamp_min", "clamp_max", "absent", "time"];
export const MATHS = ["+", "-", "*", "/", "%", "^", ">", "<", ">=", "<=", "==", "!="];
const WITH_PARAM = ["topk", "bottomk", "quantile"];
const FIRST_ARGUMENT = ["histogram_quantile"]; // of which a number stands before the vector

/** What a builder shows of a text, or why it shows none. @param {string} text @returns {{model: Model}|{cannot: string}} */
export function modelOf(text) {
  return shown(text, { words, nothing, read, textOf, plain });
}

/** @returns {Model} */
export const nothing = () => ({ metric: "", filters: [], operations: [] });

/** @param {string[]} tokens @returns {[Model, Reading]} */
function read(tokens) {
  const reader = new Reader(tokens);
  return [reader.expression(), reader];
}

class Reader extends Reading {
  take() {
    return this.tokens[this.at++];
  }

  /** @param {string} token */
  expect(token) {
    if (this.next !== token) throw new Unshown(this.next === undefined ? `an end where “${token}” belongs` : `“${this.rest}”`);
    this.at += 1;
  }

  /** @param {string} token */
  closes(token) {
    return this.next === token;
  }

  /** @param {string} token */
  skips(token) {
    const found = this.next === token;
    if (found) this.at += 1;
    return found;
  }

  /** @returns {Model} */
  expression() {
    const model = this.term();
    while (MATHS.includes(this.next)) {
      const op = this.take();
      model.operations.push({ kind: "math", op, value: this.number() });
    }
    return model;
  }

  /** A number, perhaps negative, or a variable that holds one. */
  number() {
    const sign = this.next === "-" ? this.take() : "";
    if (!/^(\d|\.\d|\$|\[\[)/.test(this.next ?? "")) throw new Unshown(`“${this.rest}”: two queries`);
    return sign + this.take();
  }

  /** @returns {Model} */
  term() {
    const name = this.next ?? "";
    const called = this.tokens[this.at + 1];
    if (AGGREGATIONS.includes(name) && ["(", "by", "without"].includes(called)) return this.aggregation();
    if (called === "(" && /^[a-z]/.test(name)) return RANGES.includes(name) ? this.range() : this.call();
    return this.selector();
  }

  /** @returns {Model} */
  aggregation() {
    const name = this.take();
    /** @type {Pick<Aggregation, "by"|"without"|"grouped"|"behind">} */
    const grouping = { by: [], without: false, grouped: false };
    const group = () => {
      grouping.grouped = true;
      grouping.without = this.take() === "without";
      grouping.by = this.list();
    };
    const before = ["by", "without"].includes(this.next);
    if (before) group();
    this.expect("(");
    const param = WITH_PARAM.includes(name) ? this.number() : "";
    if (param) this.expect(",");
    const model = this.expression();
    this.expect(")");
    if (!before && ["by", "without"].includes(this.next)) {
      group();
      grouping.behind = true;
    }
    model.operations.push({ kind: "aggregate", name, param, ...grouping });
    return model;
  }

  list() {
    const found = [];
    this.expect("(");
    while (this.next !== ")") {
      found.push(this.label());
      if (this.next === ",") this.take();
      else break;
    }
    this.expect(")");
    return found;
  }

  label() {
    if (!/^[A-Za-z_$]/.test(this.next ?? "")) throw new Unshown(`“${this.rest}”`);
    return this.take();
  }

  /** @returns {Model} */
  range() {
    const name = this.take();
    this.expect("(");
    const model = this.selector();
    this.expect("[");
    const window = this.take() ?? "";
    if (!/^(\d|\$|\[\[)/.test(window)) throw new Unshown(`“[${window}”`);
    this.expect("]");
    this.expect(")");
    model.operations.push({ kind: "range", name, window });
    return model;
  }

  /** @returns {Model} */
  call() {
    const name = this.take();
    if (!CALLS.includes(name)) throw new Unshown(`the function ${name}`);
    this.expect("(");
    const before = [];
    const after = [];
    if (FIRST_ARGUMENT.includes(name)) {
      before.push(this.number());
      this.expect(",");
    }
    const model = this.expression();
    while (this.next === ",") {
      this.take();
      after.push(this.number());
    }
    this.expect(")");
    model.operations.push({ kind: "call", name, before, after });
    return model;
  }

  /** @returns {Model} */
  selector() {
    const metric = /^[A-Za-z_:$]/.test(this.next ?? "") ? this.take() : "";
    const filters = [];
    const braces = this.next === "{";
    if (braces) {
      this.take();
      while (!this.closes("}")) {
        const label = this.label();
        const op = this.take() ?? "";
        if (!["=", "!=", "=~", "!~"].includes(op)) throw new Unshown(`“${label} ${op}”`);
        if (!/^["'`]/.test(this.next ?? "")) throw new Unshown(`“${this.rest}”`);
        filters.push({ label, op, value: unquoted(this.take()) });
        if (!this.skips(",")) break;
      }
      this.expect("}");
    } else if (!metric) throw new Unshown(`“${this.rest}”`);
    return { metric, filters, operations: [] };
  }
}

/** The text of a model. @param {Model} model @returns {string} */
export function textOf({ metric, filters, operations }) {
  const braces = filters.length || !metric ? `{${filters.map((one) => `${one.label}${one.op}${JSON.stringify(one.value)}`).join(", ")}}` : "";
  if (!metric && !filters.length) return "";
  return operations.reduce(applied, metric + braces);
}

/** @param {string} inner @param {Operation} one */
function applied(inner, one) {
  if (one.kind === "range") return `${one.name}(${inner}[${one.window}])`;
  if (one.kind === "math") return `${inner} ${one.op} ${one.value}`;
  if (one.kind === "call") return `${one.name}(${[...one.before, inner, ...one.after].join(", ")})`;
  const grouping = one.grouped ? ` ${one.without ? "without" : "by"} (${one.by.join(", ")})` : "";
  const group = `(${one.param ? `${one.param}, ` : ""}${inner})`;
  return one.behind ? one.name + group + grouping : `${one.name}${grouping}${grouping && " "}${group}`;
}

/** An operation as it begins. @param {string} name @returns {Operation} */
export function begun(name) {
  if (RANGES.includes(name)) return { kind: "range", name, window: "$__rate_interval" };
  if (AGGREGATIONS.includes(name)) return { kind: "aggregate", name, param: name === "quantile" ? "0.95" : WITH_PARAM.includes(name) ? "5" : "", by: [], without: false, grouped: false };
  if (MATHS.includes(name)) return { kind: "math", op: name, value: name === "/" || name === "*" ? "100" : "0" };
  return { kind: "call", name, before: FIRST_ARGUMENT.includes(name) ? ["0.95"] : [], after: ["round", "clamp_min", "clamp_max"].includes(name) ? [name === "round" ? "1" : "0"] : [] };
}

/**
 * What is worth saying of a model, with the model that would be better.
 * @param {Model} model @param {string} type of its metric: counter, gauge, histogram, … @returns {{text: string, better: Model}[]}
 */
export function hints(model, type) {
  const { metric, operations } = model;
  const ranges = operations.some((one) => one.kind === "range");
  const rate = { ...model, operations: [begun("rate"), ...operations] };
  if (!metric) return [];
  if ((type === "counter" || (!type && /_(total|count|sum)$/.test(metric))) && !ranges) return [{ text: `${metric} is a counter: rate shows how fast it grows`, better: rate }];
  if ((type === "histogram" || /_bucket$/.test(metric)) && !operations.some((one) => one.kind === "call" && one.name === "histogram_quantile")) {
    const quantile = [ranges ? [] : [begun("rate")], operations, [{ ...begun("sum"), by: ["le"], grouped: true }, begun("histogram_quantile")]].flat();
    return [{ text: `${metric} is a histogram: histogram_quantile shows the value that a share stays below`, better: { ...model, operations: /** @type {Operation[]} */ (quantile) } }];
  }
  if (type === "gauge" && operations.some((one) => one.kind === "range" && ["rate", "irate", "increase"].includes(one.name))) return [{ text: `${metric} is a gauge: rate is for counters`, better: { ...model, operations: operations.filter((one) => one.kind !== "range") } }];
  return [];
}
