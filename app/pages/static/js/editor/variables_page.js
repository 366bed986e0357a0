// The variables of a dashboard: their forms, the values that they have by now, and where each is used.

import { call } from "../api.js";
import { h } from "../dom.js";
import { Form } from "./form.js";
import { later } from "./form_inputs.js";
import { list, partForm } from "./form_list.js";
import { askedBy } from "./view_of.js";

const MOST_VALUES = 30;
const ASKS = ["query", "datasource", "custom", "interval"];

/** @typedef {Record<string, {values?: string[], count?: number, error?: string}>} Known what each variable offers, or why nothing */

/** @param {import("./schema.js").Declarations} declared @param {any} draft @param {import("./form_store.js").Store} store @param {HTMLElement} into @param {import("./form.js").Widgets} extra */
export function variablesPage(declared, draft, store, into, extra) {
  /** @type {Known} */
  let known = {};
  /** @type {Set<() => void>} what tells of each variable that has a form */
  const tells = new Set();
  const about = (/** @type {import("./form_field.js").Field} */ field, /** @type {import("./schema.js").Path} */ path, /** @type {HTMLElement} */ box, /** @type {import("./form_store.js").Store} */ own) => {
    const part = partForm(field, path, box, own);
    const told = h("div", {});
    box.append(told);
    const tell = telling(told, () => own.get(path), () => known, draft);
    tells.add(tell);
    tell();
    return { refresh: () => (part.refresh(), tell()), unmount: () => (tells.delete(tell), part.unmount()) };
  };
  const schema = declared.document.dashboard;
  const widgets = { ...extra, [`${declared.read(schema).title}.variables`]: (/** @type {import("./form_field.js").Field} */ field) => list(field, about) };
  const form = new Form({ declared, schema, store, into, only: ["variables"], extra: widgets, flat: true });
  let asked = "";
  const wait = later(async () => {
    known = (await valuesOf(draft.document)) ?? known;
    for (const tell of tells) tell();
  });
  const refresh = () => {
    form.refresh();
    const now = JSON.stringify(draft.document);
    if (now !== asked) wait.soon();
    asked = now;
  };
  refresh();
  return { refresh, unmount: () => (wait.stop(), form.unmount()) };
}

/** Says below the form of a variable what it offers and where it is used, anew where that is another. @param {HTMLElement} into @param {() => any} variable @param {() => Known} known @param {any} draft */
function telling(into, variable, known, draft) {
  let drawn = "";
  return () => {
    const one = variable();
    const { variables = [], ...rest } = draft.document;
    const found = one?.name ? [one.name, one.type, known()[one.name] ?? {}, usesOf(rest, variables, one.name)] : [];
    if (JSON.stringify(found) === drawn) return;
    drawn = JSON.stringify(found);
    into.replaceChildren(...(found.length ? [described(one, known()[one.name], /** @type {string[]} */ (found[3]))] : []));
  };
}

/** @param {any} variable @param {Known[string]|undefined} found @param {string[]} uses */
function described(variable, found, uses) {
  const values = found?.values ?? [];
  const more = (found?.count ?? 0) - MOST_VALUES; // the server tells a part of many
  const shown = found?.error ? h("p", { class: "err" }, found.error) : h("p", { class: "chips" }, ...values.slice(0, MOST_VALUES).map((one) => h("span", { class: "word plain" }, one)), more > 0 ? h("span", { class: "muted" }, `and ${more.toLocaleString("en")} more`) : null);
  const said = uses.length ? `Used in ${uses.join(", ")}.` : "Used nowhere.";
  return h("section", { class: "about-variable", "data-about": variable.name, "aria-label": `What ${variable.name} offers` }, ...(ASKS.includes(variable.type) ? [h("h4", {}, "Offers now"), shown] : []), h("p", { class: "help" }, said));
}

/** Where a variable is used, in words. @param {any} board @param {any[]} variables @param {string} name @returns {string[]} */
export function usesOf(board, variables, name) {
  const reference = new RegExp(String.raw`\$${name}\b|\$\{${name}[}:.]|\[\[${name}[\]:]`);
  const has = (/** @type {any} */ value) => reference.test(JSON.stringify(value ?? null));
  const { panels = [], annotations = [], ...rest } = board;
  const repeats = (/** @type {any} */ one) => one.repeat?.variable === name;
  return [
    ...panels.filter((/** @type {any} */ one) => has(one) || repeats(one)).map((/** @type {any} */ one) => `panel ${one.title || one.panel_id}`),
    ...variables.filter((one) => one.name !== name && has(one)).map((one) => `variable ${one.name}`),
    ...annotations.filter(has).map((/** @type {any} */ one) => `annotation ${one.name}`),
    ...(has(rest) ? ["the dashboard itself"] : []),
  ];
}

/** What the variables of a document offer; null where the server does not say. @param {any} board @returns {Promise<Known|null>} */
async function valuesOf(board) {
  const { from, to, variables } = askedBy(board);
  const { ok, body } = await call("POST", "variables/preview", { variables: board.variables ?? [], values: variables, from, to });
  return ok ? Object.fromEntries(body.items.map((/** @type {any} */ one) => [one.name, one.error ? { error: one.error } : { values: one.values, count: one.count }])) : null;
}
