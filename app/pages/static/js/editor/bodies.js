// What a query is written in: a text in the language of its source, or the form of a structured query.

import { h } from "../dom.js";
import { CodeEditor } from "./code_editor.js";
import { completed } from "./completions.js";
import { Form } from "./form.js";
import { searched } from "./form_choices.js";
import { Lookups } from "./lookups.js";
import { PromqlBuilder } from "./promql_builder.js";
import * as promql from "./promql_model.js";
import { begun, shown } from "./shown_document.js";
import { SqlBuilder } from "./sql_builder.js";
import * as sql from "./sql_model.js";

/** @typedef {import("./target_card.js").TargetCard} TargetCard */
/**
 * @typedef {object} Body
 * @property {HTMLElement} element
 * @property {HTMLElement[]} modes the buttons that choose another way to write it
 * @property {() => void} refresh
 * @property {(detail: string) => void} fault
 * @property {() => void} unmount
 */

/** @param {TargetCard} card @param {any} kind @param {boolean} structured @returns {Body} */
export function bodyOf(card, kind, structured) {
  if (kind?.kind === "__expr__") return formed(card, expressionSchema(card), []);
  const texts = !kind?.query || kind.language === "sql";
  const modes = kind?.query && texts ? [mode("Form", structured, () => card.change({ query: begun(kind) })), mode("SQL", !structured, () => card.change({ query: "" }))] : [];
  if (structured && kind?.query) return formed(card, kind.query, modes);
  if (kind?.language === "promql" && !structured) return built(card, "PromQL", promql.modelOf, (uid, buttons) => new PromqlBuilder(card, uid, buttons));
  if (kind?.has_tables && !structured) return built(card, "SQL", sql.modelOf, (uid, buttons) => new SqlBuilder(card, uid, buttons, kind.language));
  if (kind?.query && !texts) return documented(card, kind);
  return written(card, modes);
}

/**
 * A text in a builder where one can show it, which is said where it cannot.
 * @param {TargetCard} card @param {string} language @param {(text: string) => {model: any}|{cannot: string}} modelOf @param {(uid: string, modes: HTMLElement[]) => Body} builder
 * @returns {Body}
 */
function built(card, language, modelOf, builder) {
  const read = modelOf(String(card.target?.query ?? ""));
  const uid = card.tab.sources.find(card.source)?.uid ?? "";
  const shows = card.wantsBuilder && "model" in read && uid !== "";
  const choose = (/** @type {boolean} */ builder) => {
    card.wantsBuilder = builder;
    card.rebuild();
    if (builder && "cannot" in read) card.say(`The builder cannot show ${read.cannot}. The text stays as it is.`);
  };
  const modes = [mode("Builder", shows, () => choose(true)), mode(language, !shows, () => choose(false))];
  return shows ? builder(uid, modes) : written(card, modes);
}

/** A structured query in its form, or as the text of its document. @param {TargetCard} card @param {any} kind @returns {Body} */
function documented(card, kind) {
  const isText = typeof card.target?.query === "string";
  const read = shown(card.tab.declared, kind, card.target?.query);
  const shows = card.wantsBuilder && !isText && "query" in read;
  const choose = (/** @type {boolean} */ builder) => {
    card.wantsBuilder = builder;
    if (builder && isText && "query" in read) card.change({ query: read.query });
    card.rebuild();
    if (builder && "cannot" in read) card.say(`The builder cannot show ${read.cannot}. The text stays as it is.`);
  };
  const modes = [mode("Builder", shows, () => choose(true)), mode("JSON", !shows, () => choose(false))];
  return shows ? formed(card, kind.query, modes) : written(card, modes);
}

/** @param {string} title @param {boolean} chosen @param {() => void} choose */
export function mode(title, chosen, choose) {
  return h("button", { type: "button", "aria-pressed": String(chosen), onclick: () => !chosen && choose() }, title);
}

/** @param {TargetCard} card */
function expressionSchema(card) {
  const { types } = card.tab.declared.document.expressions;
  const mapping = Object.fromEntries(types.map((/** @type {any} */ one) => [one.type, one.schema.$ref]));
  return { oneOf: types.map((/** @type {any} */ one) => one.schema), discriminator: { propertyName: "type", mapping }, title: "Expression", description: "What is done with the answers of other queries." };
}

/** A text. @param {TargetCard} card @param {HTMLElement[]} modes @returns {Body} */
export function written(card, modes) {
  const isJson = () => card.target?.query !== null && typeof card.target?.query === "object";
  const source = card.tab.sources.find(card.source);
  const lookups = new Lookups(source?.uid ?? "", card.tab.draft);
  const editor = new CodeEditor(`Query ${card.ref}`, (text) => {
    if (!isJson()) return card.change({ query: text });
    try {
      card.change({ query: JSON.parse(text) });
    } catch (error) {
      card.say(`Not JSON: ${/** @type {Error} */ (error).message}`);
    }
  }, async (text, caret) => (source ? completed(source.type, source.language, lookups, text, caret) : null));
  const refresh = () => {
    const query = card.target?.query ?? "";
    editor.show(typeof query === "string" ? query : JSON.stringify(query, null, 1));
  };
  return { element: editor.element, modes, refresh, fault: (detail) => editor.fault(detail), unmount: () => editor.unmount() };
}

/** Widgets of what exists in the source: metrics, and fields of documents. @param {TargetCard} card @returns {import("./form.js").Widgets} */
function pickers(card) {
  const lookups = new Lookups(card.tab.sources.find(card.source)?.uid ?? "", card.tab.draft);
  const own = (/** @type {string} */ text) => ({ value: text, title: text });
  const title = (/** @type {any} */ value) => String(value || "Choose");
  const metrics = async () => (await lookups.metrics()).map((one) => ({ value: one.name, title: one.name, help: one.type, about: one.help }));
  const fields = async () => {
    const index = card.target?.query?.index;
    return (await lookups.values(JSON.stringify({ find: "fields", ...(index ? { index } : {}) }))).map(own);
  };
  const indices = async () => (await lookups.values(JSON.stringify({ find: "indices" }))).map(own);
  const index = (/** @type {any} */ value) => String(value || "That of the source");
  return { metric: (field) => searched(field, metrics, title, own), field: (field) => searched(field, fields, title, own), index: (field) => searched(field, async () => [{ value: "", title: index("") }, ...(await indices())], index, own) };
}

/** The form of a structured query. @param {TargetCard} card @param {any} schema @param {HTMLElement[]} modes @returns {Body} */
function formed(card, schema, modes) {
  const element = h("div", { class: "query-form" });
  const shared = { declared: card.tab.declared, store: card.store, into: element, flat: true, extra: pickers(card) };
  const form = schema.discriminator
    ? new Form({ ...shared, schema: { title: "Target", properties: { query: schema }, required: ["query"] } })
    : new Form({ ...shared, schema, path: ["query"] });
  return { element, modes, refresh: () => form.refresh(), fault: () => {}, unmount: () => form.unmount() };
}
