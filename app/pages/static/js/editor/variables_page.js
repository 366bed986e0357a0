// The variables of a dashboard: their forms, the values that they have by now, and where each is used.

import { h } from "../dom.js";
import { Form } from "./form.js";
import { later } from "./form_inputs.js";
import { askedBy } from "./view_of.js";

const MOST_VALUES = 30;
const ASKS = ["query", "datasource", "custom", "interval"];

/** @param {import("./schema.js").Declarations} declared @param {any} draft @param {import("./form_store.js").Store} store @param {HTMLElement} into @param {import("./form.js").Widgets} extra */
export function variablesPage(declared, draft, store, into, extra) {
  const form = new Form({ declared, schema: declared.document.dashboard, store, into, only: ["variables"], extra, flat: true });
  const about = h("div", { class: "about-variables" });
  into.append(about);
  let asked = "";
  const tell = async () => {
    const { variables = [], ...rest } = draft.document;
    /** @type {Awaited<ReturnType<typeof valuesOf>>} */
    const values = await valuesOf(draft.document).catch(() => ({}));
    about.replaceChildren(...variables.map((/** @type {any} */ one) => described(one, values[one.name], usesOf(rest, variables, one.name))));
  };
  const wait = later(tell);
  const refresh = () => {
    form.refresh();
    const now = JSON.stringify(draft.document);
    if (now !== asked) wait.soon();
    asked = now;
  };
  refresh();
  return { refresh, unmount: () => (wait.stop(), form.unmount()) };
}

/** @param {any} variable @param {{values?: string[], error?: string}|undefined} found @param {string[]} uses */
function described(variable, found, uses) {
  const values = found?.values ?? [];
  const more = values.length - MOST_VALUES;
  const shown = found?.error ? [h("p", { class: "err" }, found.error)] : [h("p", { class: "chips" }, ...values.slice(0, MOST_VALUES).map((one) => h("span", { class: "word plain" }, one)), more > 0 ? h("span", { class: "muted" }, `and ${more} more`) : null)];
  const said = uses.length ? `Used in ${uses.join(", ")}.` : "Used nowhere.";
  return h("section", { "data-about": variable.name }, h("h4", {}, `$${variable.name}`), ...(ASKS.includes(variable.type) ? shown : []), h("p", { class: "help" }, said));
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

/** What the variables of a document offer, each with its values or why there are none. @param {any} board @returns {Promise<Record<string, {values?: string[], error?: string}>>} */
async function valuesOf(board) {
  const root = document.documentElement.dataset.root ?? "";
  const { from, to, variables } = askedBy(board);
  const answer = await fetch(`${root}/api/v1/variables/preview`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ variables: board.variables ?? [], values: variables, from, to }) });
  if (!answer.ok) return {};
  const { items } = await answer.json();
  return Object.fromEntries(items.map((/** @type {any} */ one) => [one.name, one.error ? { error: one.error } : { values: one.values }]));
}
