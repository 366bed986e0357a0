// A query of PromQL put together: metric, filters, operations; its text stands below.

import { h, icon } from "../dom.js";
import { labelled, picking, remover, written } from "./builder_parts.js";
import { Lookups } from "./lookups.js";
import { AGGREGATIONS, CALLS, MATHS, RANGES, begun, hints, modelOf, nothing, textOf } from "./promql_model.js";
import { TextBuilder } from "./text_builder.js";

/** @typedef {import("./promql_model.js").Model} Model */
/** @typedef {import("./promql_model.js").Operation} Operation */
/** @typedef {import("../editor/schema.js").Choice} Choice */

const OPS = ["=", "!=", "=~", "!~"];
/** @type {Choice[]} */
const OPERATIONS = [
  ...RANGES.map((value) => ({ value, title: value, group: "Over a range" })),
  ...AGGREGATIONS.map((value) => ({ value, title: value, group: "Aggregations" })),
  ...CALLS.map((value) => ({ value, title: value, group: "Functions" })),
  ...MATHS.map((value) => ({ value, title: `${value} a number`, group: "Arithmetic" })),
];

/** @extends {TextBuilder<Model>} */
export class PromqlBuilder extends TextBuilder {
  /** @param {import("./writer.js").Writer} writer @param {string} uid @param {HTMLElement[]} modes */
  constructor(writer, uid, modes) {
    super(writer, nothing(), modelOf, textOf);
    this.modes = modes;
    this.lookups = new Lookups(uid, writer.host.board);
    /** @type {import("./lookups.js").Metric[]} */
    this.metrics = [];
    this.hint = h("div", { class: "hint", hidden: true });
    this.element = h("div", {}, this.line, this.preview, this.hint);
    this.lookups.metrics().then((found) => {
      this.metrics = found;
      this.tell();
    }, () => {}); // hints need them; a list that is opened says why there are none
  }

  fill() {
    const { metric, filters, operations } = this.model;
    const pick = picking("Metric", metric || "Choose a metric", () => this.choices(), (value) => this.change({ metric: value }), "field metric-pick");
    this.line.replaceChildren(
      labelled("Metric", pick),
      labelled("Filters", ...filters.map((one, index) => this.filter(one, index)), picking("Add a filter", "", () => this.labels(), (value) => this.change({ filters: [...filters, { label: value, op: "=", value: "" }] }), "btn icon")),
      labelled("Then", ...operations.map((one, index) => this.operation(one, index)), picking("Add an operation", "", async () => OPERATIONS, (value) => this.change({ operations: RANGES.includes(value) ? [begun(value), ...operations.filter((one) => one.kind !== "range")] : [...operations, begun(value)] }), "btn icon")),
    );
    this.tell();
  }

  tell() {
    const metric = this.metrics.find((one) => one.name === this.model.metric);
    const [found] = hints(this.model, metric?.type ?? "");
    this.hint.hidden = !found;
    if (found) this.hint.replaceChildren(icon("info"), h("span", {}, found.text), h("button", { type: "button", class: "btn sm", onclick: () => this.change(found.better) }, "Do so"));
  }

  /** @returns {Promise<Choice[]>} */
  async choices() {
    this.metrics = await this.lookups.metrics();
    return this.metrics.map((one) => ({ value: one.name, title: one.name, help: [one.type, one.unit].filter(Boolean).join(" · "), about: one.help }));
  }

  /** The series that are meant so far, without one filter. @param {number} [without] */
  selector(without = -1) {
    return textOf({ metric: this.model.metric, filters: this.model.filters.filter((one, index) => index !== without && one.value), operations: [] }) || '{__name__!=""}';
  }

  /** @returns {Promise<Choice[]>} */
  async labels() {
    return (await this.lookups.values(`label_names(${this.selector()})`)).map((value) => ({ value, title: value }));
  }

  /** @param {import("./promql_model.js").Filter} one @param {number} index */
  filter(one, index) {
    const put = (/** @type {Partial<typeof one>} */ what) => this.change({ filters: this.model.filters.map((each, at) => (at === index ? { ...each, ...what } : each)) });
    const values = async () => {
      const found = await this.lookups.values(`label_values(${this.selector(index)}, ${one.label})`);
      const variables = (this.writer.host.board.document.variables ?? []).map((/** @type {any} */ each) => `$${each.name}`);
      return [...variables.map((/** @type {string} */ value) => ({ value, title: value, group: "Variables" })), ...found.map((value) => ({ value, title: value || "(empty)", group: "Values" }))];
    };
    const op = /** @type {HTMLSelectElement} */ (h("select", { class: "op", "aria-label": `Comparison of ${one.label}`, onchange: () => put({ op: op.value }) }, ...OPS.map((each) => h("option", { selected: each === one.op }, each))));
    return h("span", { class: "chip" }, h("span", {}, one.label), op, picking(`Value of ${one.label}`, one.value || "…", values, (value) => put({ value }), "mono", (text) => ({ value: text, title: `“${text}”` })), remover(`Remove the filter ${one.label}`, () => this.change({ filters: this.model.filters.filter((_, at) => at !== index) })));
  }

  /** @param {Operation} one @param {number} index */
  operation(one, index) {
    const put = (/** @type {any} */ what) => this.change({ operations: this.model.operations.map((each, at) => (at === index ? { ...each, ...what } : each)) });
    const name = one.kind === "math" ? one.op : one.name;
    const text = (/** @type {string} */ label, /** @type {string} */ value, /** @type {(text: string) => void} */ taken) => written(`${label} of ${name}`, value, taken);
    const parts = {
      range: () => [text("Window", /** @type {any} */ (one).window, (window) => put({ window }))],
      math: () => [text("Number", /** @type {any} */ (one).value, (value) => put({ value }))],
      call: () => [.../** @type {any} */ (one).before.map((/** @type {string} */ value) => text("Argument", value, (each) => put({ before: [each] }))), .../** @type {any} */ (one).after.map((/** @type {string} */ value) => text("Argument", value, (each) => put({ after: [each] })))],
      aggregate: () => this.grouping(/** @type {import("./promql_model.js").Aggregation} */ (one), put, text),
    }[one.kind]();
    return h("span", { class: "chip" }, h("span", { class: "fn" }, name), ...parts, remover(`Remove ${name}`, () => this.change({ operations: this.model.operations.filter((_, at) => at !== index) })));
  }

  /** @param {import("./promql_model.js").Aggregation} one @param {(what: any) => void} put @param {(label: string, value: string, taken: (text: string) => void) => HTMLElement} text */
  grouping(one, put, text) {
    const way = /** @type {HTMLSelectElement} */ (h("select", { class: "op", "aria-label": `Labels of ${one.name}`, onchange: () => put({ grouped: way.value !== "all", without: way.value === "without", by: way.value === "all" ? [] : one.by }) }, ...["all", "by", "without"].map((each) => h("option", { value: each, selected: each === (one.grouped ? (one.without ? "without" : "by") : "all") }, each))));
    const param = one.param ? [text("Number", one.param, (value) => put({ param: value }))] : [];
    const labels = one.by.map((each) => h("button", { type: "button", class: "mono", "aria-label": `Remove ${each} from ${one.name}`, onclick: () => put({ by: one.by.filter((label) => label !== each) }) }, each, icon("close")));
    const add = one.grouped ? [picking(`Add a label to ${one.name}`, "", () => this.labels(), (value) => put({ by: [...new Set([...one.by, value])] }), "x")] : [];
    return [...param, way, ...labels, ...add];
  }

  fault() {}

  unmount() {
    this.element.remove();
  }
}
