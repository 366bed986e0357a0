// What a query is written in: a text in the language of its source, or the form of a structured query.

import { h } from "../dom.js";
import { CodeEditor } from "./code_editor.js";
import { completed } from "./completions.js";
import { Form } from "../editor/form.js";
import { searched } from "../editor/form_choices.js";
import { Lookups } from "./lookups.js";
import { PromqlBuilder } from "./promql_builder.js";
import * as promql from "./promql_model.js";
import { begun, shown } from "./shown_document.js";
import { SqlBuilder } from "./sql_builder.js";
import * as sql from "./sql_model.js";

/** @typedef {import("./writer.js").Writer} Writer */
/**
 * @typedef {object} Body
 * @property {HTMLElement} element
 * @property {HTMLElement[]} modes the buttons that choose another way to write it
 * @property {() => void} refresh
 * @property {(detail: string) => void} fault
 * @property {() => void} unmount
 */

/** Whether a kind of source is asked by documents, a text being what is left over; else by texts, with a form for what most ask. @param {any} kind */
export function isDocumented(kind) {
  return Boolean(kind?.query) && kind.language !== "sql";
}

/** @param {Writer} writer @param {any} kind @param {boolean} structured @returns {Body} */
export function bodyOf(writer, kind, structured) {
  if (kind?.kind === "__expr__") return expressed(writer, structured);
  if (isDocumented(kind)) return documented(writer, kind, structured);
  if (kind?.query) return mixed(writer, kind, structured);
  if (structured) return written(writer, []);
  if (kind?.language === "promql") return built(writer, "PromQL", promql.modelOf, (uid, buttons) => new PromqlBuilder(writer, uid, buttons));
  if (kind?.has_tables) return built(writer, "SQL", sql.modelOf, (uid, buttons) => new SqlBuilder(writer, uid, buttons, kind.language));
  return written(writer, []);
}

/** A text of SQL, or the form of what most ask, which the page may have as a text too. @param {Writer} writer @param {any} kind @param {boolean} structured @returns {Body} */
function mixed(writer, kind, structured) {
  const { host } = writer;
  const shows = structured && (writer.wantsBuilder || !host.text);
  const form = () => {
    const read = typeof writer.query === "string" ? null : shown(host.declared, kind, writer.query);
    if (read && "cannot" in read) return host.say(`The form cannot show ${read.cannot}. The text stays as it is.`);
    writer.wantsBuilder = true;
    if (read) writer.rebuild();
    else writer.turn(begun(kind));
  };
  const text = () => {
    if (!host.text) return writer.turn("");
    writer.wantsBuilder = false;
    writer.rebuild();
  };
  const modes = [mode("Form", shows, form), mode(host.text ? "Text" : "SQL", !shows, text)];
  return shows ? formed(writer, kind.query, modes) : written(writer, modes);
}

/** An expression over other queries in its form; one of arithmetic as its formula too. @param {Writer} writer @param {boolean} structured @returns {Body} */
function expressed(writer, structured) {
  const { query } = writer;
  const formula = structured ? (query.type === "math" ? query.expression : null) : String(query ?? "");
  const modes = formula === null ? [] : [mode("Form", structured, () => writer.host.write({ type: "math", expression: formula })), mode("Formula", !structured, () => writer.host.write(formula))];
  return structured ? formed(writer, expressionSchema(writer), modes) : written(writer, modes);
}

/**
 * A text in a builder where one can show it, which is said where it cannot.
 * @param {Writer} writer @param {string} language @param {(text: string) => {model: any}|{cannot: string}} modelOf @param {(uid: string, modes: HTMLElement[]) => Body} builder
 * @returns {Body}
 */
function built(writer, language, modelOf, builder) {
  const isShown = () => modelOf(String(writer.query ?? ""));
  const { uid } = writer;
  const shows = writer.wantsBuilder && "model" in isShown() && uid !== "";
  const choose = (/** @type {boolean} */ builder) => {
    const read = isShown();
    writer.wantsBuilder = builder;
    writer.rebuild();
    if (builder && "cannot" in read) writer.host.say(`The builder cannot show ${read.cannot}. The text stays as it is.`);
  };
  const modes = [mode("Builder", shows, () => choose(true)), mode(language, !shows, () => choose(false))];
  return shows ? builder(uid, modes) : written(writer, modes);
}

/** A structured query in its form, or as the text of its document. @param {Writer} writer @param {any} kind @param {boolean} structured @returns {Body} */
function documented(writer, kind, structured) {
  const isShown = () => shown(writer.host.declared, kind, writer.query);
  const shows = writer.wantsBuilder && structured && "query" in isShown();
  const choose = (/** @type {boolean} */ builder) => {
    const read = isShown();
    writer.wantsBuilder = builder;
    if (builder && "query" in read && typeof writer.query === "string") writer.host.write(read.query);
    writer.rebuild();
    if (builder && "cannot" in read) writer.host.say(`The builder cannot show ${read.cannot}. The text stays as it is.`);
  };
  const modes = [mode("Builder", shows, () => choose(true)), mode("JSON", !shows, () => choose(false))];
  return shows ? formed(writer, kind.query, modes) : written(writer, modes);
}

/** @param {string} title @param {boolean} chosen @param {() => void} choose */
export function mode(title, chosen, choose) {
  return h("button", { type: "button", "aria-pressed": String(chosen), onclick: () => !chosen && choose() }, title);
}

/** @param {Writer} writer */
function expressionSchema(writer) {
  const { types } = writer.host.declared.document.expressions;
  const mapping = Object.fromEntries(types.map((/** @type {any} */ one) => [one.type, one.schema.$ref]));
  return { oneOf: types.map((/** @type {any} */ one) => one.schema), discriminator: { propertyName: "type", mapping }, title: "Expression", description: "What is done with the answers of other queries." };
}

/** A text. @param {Writer} writer @param {HTMLElement[]} modes @returns {Body} */
export function written(writer, modes) {
  if (writer.host.text) return writer.host.text(modes);
  const source = writer.host.sources.find(writer.host.source);
  const kind = writer.host.sources.kind(writer.host.source);
  const lookups = new Lookups(source?.uid ?? "", writer.host.board);
  const isJson = (/** @type {string} */ text) => (writer.query !== null && typeof writer.query === "object") || (isDocumented(kind) && text.trimStart().startsWith("{"));
  const editor = new CodeEditor(`Query ${writer.host.ref}`, (text) => {
    if (!isJson(text)) return writer.host.write(text);
    try {
      writer.host.write(JSON.parse(text));
    } catch (error) {
      writer.host.say(`Not JSON: ${/** @type {Error} */ (error).message}`);
    }
  }, async (text, caret) => (source ? completed(source.type, source.language, lookups, text, caret) : null));
  const refresh = () => {
    const query = writer.query ?? "";
    editor.show(typeof query === "string" ? query : JSON.stringify(query, null, 1));
  };
  return { element: editor.element, modes, refresh, fault: (detail) => editor.fault(detail), unmount: () => editor.unmount() };
}

/** Widgets of what exists in the source: metrics, and fields of documents. @param {Writer} writer @returns {import("../editor/form.js").Widgets} */
function pickers(writer) {
  const lookups = new Lookups(writer.uid, writer.host.board);
  const own = (/** @type {string} */ text) => ({ value: text, title: text });
  const title = (/** @type {any} */ value) => String(value || "Choose");
  const metrics = async () => (await lookups.metrics()).map((one) => ({ value: one.name, title: one.name, help: one.type, about: one.help }));
  const fields = async () => {
    const index = writer.query?.index;
    return (await lookups.values(JSON.stringify({ find: "fields", ...(index ? { index } : {}) }))).map(own);
  };
  const indices = async () => (await lookups.values(JSON.stringify({ find: "indices" }))).map(own);
  const index = (/** @type {any} */ value) => String(value || "That of the source");
  return { metric: (field) => searched(field, metrics, title, own), field: (field) => searched(field, fields, title, own), index: (field) => searched(field, async () => [{ value: "", title: index("") }, ...(await indices())], index, own) };
}

/** The form of a structured query. @param {Writer} writer @param {any} schema @param {HTMLElement[]} modes @returns {Body} */
function formed(writer, schema, modes) {
  const element = h("div", { class: "query-form" });
  const shared = { declared: writer.host.declared, store: writer.host.store, into: element, flat: true, extra: pickers(writer) };
  const form = schema.discriminator
    ? new Form({ ...shared, schema: { title: "Target", properties: { query: schema }, required: ["query"] } })
    : new Form({ ...shared, schema, path: ["query"] });
  return { element, modes, refresh: () => form.refresh(), fault: () => {}, unmount: () => form.unmount() };
}
