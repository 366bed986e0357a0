// Widgets of values that have parts: objects, maps, words, pairs, unions; and JSON for what has no form.

import { h, icon } from "../dom.js";
import { later, parsed } from "./form_inputs.js";
import { PendingStore } from "./form_store.js";

/** @typedef {import("./form_field.js").Field} Field */
/** @typedef {import("./form_field.js").Widget} Widget */
/** @typedef {import("./schema.js").Schema} Schema */

/** Fields within a field; one that may be absent is switched on first. @param {Field} field @returns {Widget} */
export function object(field) {
  const body = h("div", { class: "nested" });
  const optional = field.schema.nullable;
  /** @type {import("./form.js").Form|null} */
  let form = null;
  /** @type {PendingStore|null} */
  let pending = null;
  const onoff = h("button", { type: "button", role: "switch", class: "onoff", "aria-label": field.title });
  const there = () => (pending !== null && !pending.isTaken) || !optional || (field.value !== undefined && field.value !== null);
  const drop = () => {
    form?.unmount();
    form = null;
    pending = null;
  };
  const refresh = () => {
    if (pending?.busy) return;
    onoff.setAttribute("aria-checked", String(there()));
    if (!there()) drop();
    else if (form) form.refresh();
    else form = field.form.part(body, { schema: field.schema, path: field.path, store: pending ?? field.form.store });
  };
  onoff.addEventListener("click", async () => {
    if (there()) {
      const was = pending !== null && !pending.isTaken;
      drop();
      return was ? (field.say(""), refresh()) : field.clear();
    }
    const taken = () => field.form.root.refresh();
    pending = new PendingStore(field.form.store, field.path, field.form.declared.fresh({ ...field.schema, nullable: false, default: undefined, ...withoutDefault(field.schema) }), taken);
    await pending.set(field.path, pending.value);
    refresh();
  });
  return { element: h("div", { class: "part" }, optional ? onoff : null, body), control: null, refresh, unmount: drop };
}

/** @param {Schema} schema */
function withoutDefault({ default: _default, nullable: _nullable, ...rest }) {
  return rest;
}

/** Values by names that people give. @param {Field} field @returns {Widget} */
export function map(field) {
  const rows = h("div", { class: "keyed" });
  const inner = field.form.declared.read(field.schema.additionalProperties);
  /** @type {Map<string, import("./form.js").Form>} */
  const forms = new Map();
  const name = /** @type {HTMLInputElement} */ (h("input", { placeholder: "Name", "aria-label": `New name in ${field.title}`, autocomplete: "off" }));
  /** @type {Map<string, PendingStore>} names whose text is not written yet: an empty one would be taken for a value */
  const pending = new Map();
  const add = () => {
    const key = name.value.trim();
    if (!key || keys().includes(key)) return name.focus();
    name.value = "";
    const fresh = field.form.declared.fresh(field.schema.additionalProperties);
    if (fresh === "") {
      pending.set(key, new PendingStore(field.form.store, [...field.path, key], fresh, () => (pending.delete(key), field.form.root.refresh())));
      refresh();
    } else field.set({ ...(field.shown ?? {}), [key]: fresh });
    /** @type {HTMLElement|null} */ (rows.querySelector(`[data-key="${CSS.escape(key)}"] :is(input, textarea)`))?.focus();
  };
  const keys = () => [...new Set([...Object.keys(field.shown ?? {}), ...pending.keys()])];
  const drop = (/** @type {string} */ key) => pending.delete(key) ? refresh() : field.set(Object.fromEntries(Object.entries(field.shown).filter(([each]) => each !== key)));
  name.addEventListener("keydown", (event) => event.key === "Enter" && (event.preventDefault(), add()));
  const row = (/** @type {string} */ key) => {
    const box = h("div", { class: "row-of" });
    const remove = h("button", { type: "button", class: "btn bare sm icon", "aria-label": `Remove ${key}`, onclick: () => drop(key) }, icon("close"));
    const schema = { title: field.title, properties: { [key]: { ...field.schema.additionalProperties, title: key, description: inner.description ?? field.schema.description } }, required: [key] };
    forms.set(key, field.form.part(box, { schema, path: field.path, store: pending.get(key) ?? field.form.store }));
    return h("div", { class: "row", "data-key": key }, box, remove);
  };
  const refresh = () => {
    const now = keys();
    if (now.length === forms.size && now.every((key) => forms.has(key))) return forms.forEach((one) => one.refresh());
    forms.forEach((one) => one.unmount());
    forms.clear();
    rows.replaceChildren(...now.map(row));
  };
  const adder = h("div", { class: "adder" }, h("span", { class: "field" }, name), h("button", { type: "button", class: "btn sm", onclick: add }, icon("plus"), "Add"));
  return { element: h("div", { class: "part" }, rows, adder), control: null, refresh };
}

/** Words or numbers, each with a button that takes it out. @param {Field} field @returns {Widget} */
export function words(field) {
  const items = field.form.declared.read(field.schema.items);
  const chips = h("span", { class: "chips" });
  const input = /** @type {HTMLInputElement} */ (h("input", { autocomplete: "off", placeholder: "Add, then Enter" }));
  const all = () => /** @type {any[]} */ (field.shown ?? []);
  const add = () => {
    const text = input.value.trim();
    if (!text) return;
    const value = items.type === "string" ? text : Number(text.replace(",", "."));
    if (typeof value === "number" && !Number.isFinite(value)) return field.say("A number");
    input.value = "";
    field.set([...all().filter((one) => one !== value), value]);
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || (event.key === "," && items.type !== "string")) event.preventDefault(), add();
    else if (event.key === "Backspace" && !input.value && all().length) field.set(all().slice(0, -1));
  });
  input.addEventListener("change", add);
  const refresh = () => {
    chips.replaceChildren(...all().map((value) => h("span", { class: "word" }, String(value), h("button", { type: "button", "aria-label": `Remove ${value}`, onclick: () => field.set(all().filter((one) => one !== value)) }, icon("close")))));
  };
  return { element: h("span", { class: "field words" }, chips, input), control: input, refresh };
}

/** Two numbers. @param {Field} field @returns {Widget} */
export function pair(field) {
  const inputs = ["From", "To"].map((label) => /** @type {HTMLInputElement} */ (h("input", { "aria-label": label, placeholder: label, autocomplete: "off" })));
  const wait = later(() => {
    const values = inputs.map((one) => one.value.trim());
    if (values.every((one) => !one)) return field.clear();
    const numbers = values.map((one) => Number(one.replace(",", ".")));
    return values.some((one) => !one) || numbers.some((one) => !Number.isFinite(one)) ? field.say("Two numbers") : field.set(numbers);
  });
  for (const input of inputs) input.addEventListener("input", wait.soon), input.addEventListener("change", wait.now);
  const refresh = () => inputs.forEach((input, index) => document.activeElement !== input && (input.value = String(field.shown?.[index] ?? "")));
  return { element: h("div", { class: "halves" }, ...inputs.map((one) => h("span", { class: "field" }, one))), control: null, refresh, unmount: wait.stop };
}

/** One of several kinds, told apart by a field of theirs. @param {Field} field @returns {Widget} */
export function tagged(field) {
  const { propertyName: tag, mapping } = field.schema.discriminator;
  const kinds = Object.keys(mapping);
  return switched(field, kinds, () => field.shown?.[tag], (kind) => ({ ...field.form.declared.fresh({ $ref: mapping[kind] }), [tag]: kind }), (kind) => ({ schema: { $ref: mapping[kind] }, without: [tag] }));
}

/** One of several kinds of value. @param {Field} field @returns {Widget} */
export function branches(field) {
  const kinds = field.schema.branches.map((/** @type {Schema} */ one) => one.title ?? { string: "Text", array: "List", object: "Parts" }[/** @type {string} */ (one.type)] ?? "Value");
  const current = () => {
    const { shown } = field;
    const is = shown === null || shown === undefined ? "null" : Array.isArray(shown) ? "array" : typeof shown;
    return kinds[field.schema.branches.findIndex((/** @type {Schema} */ one) => one.type === is)];
  };
  const branch = (/** @type {string} */ kind) => field.schema.branches[kinds.indexOf(kind)];
  return switched(field, kinds, current, (kind) => field.form.declared.fresh(branch(kind)), (kind) => ({ schema: branch(kind) }));
}

/**
 * A list of kinds above the form of the one that it is.
 * @param {Field} field @param {string[]} kinds @param {() => string|undefined} current @param {(kind: string) => any} fresh @param {(kind: string) => {schema: Schema, without?: string[]}} part
 * @returns {Widget}
 */
function switched(field, kinds, current, fresh, part) {
  const none = field.schema.nullable || !field.required ? [h("option", { value: "" }, "–")] : [];
  const list = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": `Kind of ${field.title}` }, ...none, ...kinds.map((one) => h("option", { value: one }, one.replaceAll("_", " ")))));
  const body = h("div", { class: "nested" });
  /** @type {import("./form.js").Form|null} */
  let form = null;
  let kind = "";
  list.addEventListener("change", () => (list.value ? field.set(fresh(list.value)) : field.clear()));
  const drop = () => (form?.unmount(), (form = null));
  const refresh = () => {
    const now = current() ?? "";
    list.value = now;
    if (now === kind && form) return form.refresh();
    drop();
    kind = now;
    if (!now) return;
    const { schema, without } = part(now);
    const read = field.form.declared.read(schema);
    if (read.type === "object") form = field.form.part(body, { schema, without, path: field.path });
    else form = field.form.part(body, { schema: { title: field.title, properties: { [field.name]: { ...schema, title: "Value", description: field.schema.description } }, required: [field.name] }, path: field.path.slice(0, -1) });
  };
  return { element: h("div", { class: "part" }, h("span", { class: "field" }, list), body), control: null, refresh, unmount: drop };
}

/** What has no form is written as JSON; a text that is none is a text where that may stand. @param {Field} field @returns {Widget} */
export function json(field) {
  const input = /** @type {HTMLTextAreaElement} */ (h("textarea", { rows: "2", class: "mono", spellcheck: "false" }));
  const any = field.schema.type === undefined;
  const wait = later(() => {
    const text = input.value.trim();
    if (!text) return field.clear();
    try {
      field.set(parsed(text));
    } catch (error) {
      if (any) field.set(text);
      else field.say(/** @type {Error} */ (error).message);
    }
  });
  input.addEventListener("input", wait.soon);
  input.addEventListener("change", wait.now);
  const refresh = () => {
    if (document.activeElement === input) return;
    const { shown } = field;
    input.value = shown === undefined || shown === null ? "" : any && typeof shown === "string" ? shown : JSON.stringify(shown, null, 1);
  };
  return { element: h("span", { class: "field tall" }, input), control: input, refresh, unmount: wait.stop };
}
