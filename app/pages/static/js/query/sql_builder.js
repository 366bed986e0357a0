// A query of SQL put together: a table, its columns, what is asked of them; its text stands below.

import { h } from "../dom.js";
import { labelled, picking, remover, selecting, written } from "./builder_parts.js";
import { Lookups } from "./lookups.js";
import { begun, bucketOf, isTime, placeOf, withItems } from "./sql_edits.js";
import { AGGREGATIONS, OPS, RANGES, expressionText, modelOf, nothing, textOf } from "./sql_model.js";
import { literal } from "./sql_words.js";
import { TextBuilder } from "./text_builder.js";

/** @typedef {import("./sql_model.js").Model} Model */
/** @typedef {import("./sql_model.js").Item} Item */
/** @typedef {import("./sql_model.js").Filter} Filter */
/** @typedef {import("../editor/schema.js").Choice} Choice */

const VALUES_SHOWN = 200;
const ESCAPING = ["mysql", "sql"]; // languages in whose strings a backslash escapes

/** @extends {TextBuilder<Model>} */
export class SqlBuilder extends TextBuilder {
  /** @param {import("./writer.js").Writer} writer @param {string} uid @param {HTMLElement[]} modes @param {string} language */
  constructor(writer, uid, modes, language) {
    super(writer, nothing(), modelOf, textOf);
    this.modes = modes;
    this.language = language;
    this.lookups = new Lookups(uid, writer.host.board);
    this.element = h("div", {}, this.line, this.preview);
  }

  fill() {
    const { table, items, filters, order } = this.model;
    const from = picking("Table", table || "Choose a table", () => this.tables(), (value) => this.choose(value), "field metric-pick");
    const add = picking("Add a column", "", () => this.columns("*"), (column) => this.put(withItems(this.model, [...items, { kind: "column", column, alias: "" }], (at) => (at < items.length ? at : -1))), "btn icon");
    const filter = picking("Add a filter", "", () => this.columns(), (column) => this.narrow(column), "btn icon");
    const sort = picking("Add an order", "", async () => items.map((one) => ({ value: one.alias || expressionText(one), title: one.alias || expressionText(one) })), (by) => this.change({ order: [...order, { by, direction: "" }] }), "btn icon");
    this.line.replaceChildren(
      labelled("From", from),
      ...(table ? [
        labelled("Show", ...items.map((one, index) => this.item(one, index)), add),
        labelled("Where", ...filters.map((one, index) => this.filter(one, index)), filter),
        labelled("Order", ...order.map((one, index) => this.order(one, index)), sort),
        labelled("Limit", h("span", { class: "chip" }, written("Limit of rows", this.model.limit, (limit) => this.change({ limit: /^\d*$/.test(limit) ? limit : this.model.limit }), { may: true, placeholder: "none" }))),
      ] : []),
    );
  }

  /** @param {string} table */
  async choose(table) {
    this.put(begun(table, await this.described(table).catch(() => [])));
  }

  /** @returns {Promise<Choice[]>} */
  async tables() {
    return (await this.lookups.values("tables()")).map((value) => ({ value, title: value }));
  }

  /** @param {string} table @returns {Promise<import("./sql_edits.js").ColumnOf[]>} */
  async described(table) {
    return (await this.lookups.ask("values", { query: `columns(${table})` })).map((one) => ({ name: one.value, type: one.text }));
  }

  /** @param {string[]} more @returns {Promise<Choice[]>} */
  async columns(...more) {
    const found = await this.described(this.model.table);
    return [...more.map((value) => ({ value, title: value, help: "all" })), ...found.map((one) => ({ value: one.name, title: one.name, help: one.type }))];
  }

  /** A filter of a column: of a time, the range that is shown. @param {string} column */
  async narrow(column) {
    const type = (await this.described(this.model.table).catch(() => [])).find((one) => one.name === column)?.type ?? "";
    const ranged = isTime(type) && !this.model.filters.some((one) => RANGES.includes(one.op));
    this.change({ filters: [...this.model.filters, ranged ? { column, op: RANGES[0], values: [] } : { column, op: "=", values: ["''"] }] });
  }

  /** @param {Item} one @param {number} index */
  item(one, index) {
    const { items } = this.model;
    const put = (/** @type {Item} */ item) => this.put(withItems(this.model, items.map((each, at) => (at === index ? item : each)), (at) => at));
    const name = expressionText(one);
    const how = one.kind === "column" ? "" : one.kind === "bucket" ? "bucket" : one.distinct && /^count$/i.test(one.name) ? "count distinct" : one.name;
    const known = [...AGGREGATIONS, ...(one.kind === "aggregate" && !AGGREGATIONS.includes(how) ? [how] : [])];
    const way = selecting(`What is shown of ${one.column || name}`, [["", "as it is"], ["bucket", "by time"], ...known], how, (value) => this.become(one, value, put));
    const column = picking(`Column of ${name}`, one.column || "…", () => this.columns("*"), (value) => put({ ...one, column: value }), "mono");
    const width = one.kind === "bucket" ? [written(`Width of ${name}`, one.width, (value) => put({ ...one, width: value.trim(), macro: one.macro === "$__bucket" && value.trim() ? "$__timeGroup" : one.macro }), { may: true, placeholder: "step" })] : [];
    const alias = written(`Name of ${name}`, one.alias, (value) => put({ ...one, alias: this.name(value) }), { may: true, placeholder: "as …" });
    return h("span", { class: "chip" }, way, column, ...width, alias, remover(`Remove ${name}`, () => this.put(withItems(this.model, items.filter((_, at) => at !== index), (at) => (at < index ? at : at + 1)))));
  }

  /** A name of one's own, in quotes where it needs them. @param {string} value */
  name(value) {
    const mark = ESCAPING.includes(this.language) ? "`" : '"';
    const text = value.trim();
    return text === "" || /^([A-Za-z_]\w*|"([^"\\]|"")*"|`([^`\\]|``)*`)$/.test(text) ? text : mark + text.replaceAll(mark, mark + mark) + mark;
  }

  /** @param {Item} one @param {string} how @param {(item: Item) => void} put */
  async become(one, how, put) {
    const { column, alias } = one;
    if (how === "") return put({ kind: "column", column: column || "*", alias: one.kind === "bucket" ? "" : alias });
    if (how === "bucket") return put(bucketOf(column, await this.described(this.model.table).catch(() => [])));
    const distinct = how === "count distinct";
    put({ kind: "aggregate", name: distinct ? "count" : how, distinct, column, alias: one.kind === "bucket" ? "" : alias });
  }

  /** @param {Filter} one @param {number} index */
  filter(one, index) {
    const put = (/** @type {Partial<Filter>} */ what) => this.change({ filters: this.model.filters.map((each, at) => (at === index ? { ...each, ...what } : each)) });
    const taken = (/** @type {string} */ text) => literal(text, ESCAPING.includes(this.language));
    const known = OPS.includes(one.op) || RANGES.includes(one.op) ? OPS : [...OPS, one.op];
    const compare = (/** @type {string} */ op) => put({ op, values: op.startsWith("IS") || RANGES.includes(op) ? [] : op.endsWith("IN") ? (one.values.length ? one.values : ["''"]) : [one.values[0] ?? "''"] });
    const op = selecting(`Comparison of ${one.column}`, [...RANGES.map((each) => /** @type {[string, string]} */ ([each, "within the time range"])), ...known], one.op, compare);
    const several = one.op.endsWith("IN");
    const value = (/** @type {string} */ each, /** @type {number} */ at) => [
      picking(`Value of ${one.column}`, each, () => this.values(one.column), (text) => put({ values: one.values.map((old, place) => (place === at ? taken(text) : old)) }), "mono", (text) => ({ value: text, title: taken(text) })),
      ...(several && one.values.length > 1 ? [remover(`Remove ${each}`, () => put({ values: one.values.filter((_, place) => place !== at) }))] : []),
    ];
    const more = several ? [picking(`Add a value of ${one.column}`, "", () => this.values(one.column), (text) => put({ values: [...one.values, taken(text)] }), "x", (text) => ({ value: text, title: taken(text) }))] : [];
    return h("span", { class: "chip" }, h("span", {}, one.column), op, ...one.values.flatMap(value), ...more, remover(`Remove the filter ${one.column}`, () => this.change({ filters: this.model.filters.filter((_, at) => at !== index) })));
  }

  /** @param {import("./sql_model.js").Order} one @param {number} index */
  order(one, index) {
    const { items, order } = this.model;
    const item = items[placeOf(this.model, one.by)];
    const way = selecting(`Direction of ${one.by}`, [["", "ascending"], ...(one.direction === "ASC" ? [/** @type {[string, string]} */ (["ASC", "ascending (ASC)"])] : []), ["DESC", "descending"]], one.direction, (direction) => this.change({ order: order.map((each, at) => (at === index ? { ...each, direction: /** @type {""|"ASC"|"DESC"} */ (direction) } : each)) }));
    return h("span", { class: "chip" }, h("span", { class: "mono" }, item ? item.alias || expressionText(item) : one.by), way, remover(`Remove the order by ${one.by}`, () => this.change({ order: order.filter((_, at) => at !== index) })));
  }

  /** @param {string} column @returns {Promise<Choice[]>} variables, and the values that there are within the time range */
  async values(column) {
    const range = this.model.filters.filter((one) => RANGES.includes(one.op)).map((one) => ` WHERE ${one.op}(${one.column})`)[0] ?? "";
    const found = await this.lookups.values(`SELECT DISTINCT ${column} AS value FROM ${this.model.table}${range} ORDER BY 1 LIMIT ${VALUES_SHOWN}`);
    const variables = (this.writer.host.board.document.variables ?? []).map((/** @type {any} */ each) => `$${each.name}`);
    return [...variables.map((/** @type {string} */ value) => ({ value, title: value, group: "Variables" })), ...found.map((value) => ({ value, title: value || "(empty)", group: "Values" }))];
  }

  fault() {}

  unmount() {
    this.element.remove();
  }
}
