// The data sources that queries may ask, with their kinds.

import { call } from "../api.js";
import { searched } from "../editor/form_choices.js";

const EXPRESSION = { kind: "__expr__", title: "Expression", language: "", example: "", query: null, target: null };

/** @typedef {{uid: string, name: string, type: string, language: string, example: string, default: boolean}} Source */

/** The widget of a field that names a data source: one of them, or a variable that holds one. @param {Sources} sources */
export function sourceWidget(sources) {
  const title = (/** @type {any} */ value) => (value ? sources.find(value)?.name ?? String(value) : "Built-in store");
  const choices = () => sources.choices.filter((one) => one.value !== EXPRESSION.kind);
  return (/** @type {import("../editor/form_field.js").Field} */ field) => searched(field, choices, title, (text) => ({ value: text, title: text }));
}

export class Sources {
  /** @param {import("../editor/schema.js").Declarations} declared */
  constructor(declared) {
    this.declared = declared;
    /** @type {Source[]} */
    this.all = [];
  }

  async load() {
    const { ok, body } = await call("GET", "datasources");
    if (ok) this.all = body.items;
  }

  /** As the server chooses it: by uid, name, the default of a type; empty for the built-in store. @param {string} name @returns {Source|undefined} */
  find(name) {
    const of = (/** @type {(one: Source) => boolean} */ test) => this.all.find(test);
    return of((one) => one.uid === (name || "store")) ?? of((one) => one.name === name) ?? of((one) => one.type === name && one.default) ?? of((one) => one.type === name);
  }

  /** Whether that is no source, but an expression over the answers of others. @param {string} name */
  isExpression(name) {
    return name === this.declared.document.expressions.datasource;
  }

  /** What a kind says of itself. @param {string} name of a source @returns {any} */
  kind(name) {
    if (this.isExpression(name)) return EXPRESSION;
    const type = this.find(name)?.type;
    return this.declared.document.sources.find((/** @type {any} */ one) => one.kind === type || one.aliases.includes(type)) ?? null;
  }

  /** @returns {import("../editor/schema.js").Choice[]} */
  get choices() {
    const { expressions, sources } = this.declared.document;
    const title = (/** @type {string} */ type) => sources.find((/** @type {any} */ one) => one.kind === type || one.aliases.includes(type))?.title ?? type;
    return [...this.all.map((one) => ({ value: one.uid, title: one.name, help: title(one.type) })), { value: expressions.datasource, title: EXPRESSION.title, help: "over other queries" }];
  }
}
