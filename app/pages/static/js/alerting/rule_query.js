// What a target of a rule asks: its source, and its query, written as those of panels are: in the builder of the source or as a text.

import { queryField } from "../query/query_field.js";
import { carriedOver } from "../query/shown_document.js";
import { chosen } from "./rule_widgets.js";

/** @typedef {import("../editor/form_field.js").Field} Field */
/** @typedef {import("../editor/form_field.js").Widget} Widget */

const BOARD = { document: { time: { from: "now-24h", to: "now" } } };

/** @param {Field} field whose form's context has the `declared` of panels and their `sources` @returns {Widget} */
export function query(field) {
  const { declared, sources } = field.form.context;
  return queryField({ declared, sources, board: BOARD })(field);
}

/** The data source of a target, or an expression over the other ones; a query in another language begins anew. @param {Field} field @returns {Widget} */
export function source(field) {
  const { sources } = field.form.context;
  const { store } = field.form;
  const target = field.path.slice(0, -1);
  const unnamed = () => (field.shown ? [] : [["", sources.find("")?.name ?? "Built-in store"]]);
  const choices = () => [...unnamed(), ...sources.choices.map((/** @type {any} */ one) => [one.value, one.title])];
  return chosen(field, choices, async (uid) => {
    const { datasource = "", query = "", ref, options, ...rest } = store.get(target) ?? {};
    const [before, after] = [sources.kind(datasource), sources.kind(uid)];
    const other = (store.get(["targets"]) ?? []).find((/** @type {any} */ one) => one.ref !== ref)?.ref ?? "A";
    const begun = after?.kind === "__expr__" ? { type: "math", expression: `$${other}` } : carriedOver(before, after, query);
    field.form.told(await store.set(target, { ref, ...rest, datasource: uid, query: begun, ...(options && begun === query ? { options } : {}) }));
  });
}
