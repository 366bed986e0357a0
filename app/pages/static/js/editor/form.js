// Forms out of declarations. How one is used, for dashboards, rules, contact points and data sources alike:
//
//   const form = new Form({ declared, schema, store, into });      // `declared`: await declarations() of declarations.js
//   form.search("unit"); form.refresh(); form.told(faults); form.unmount();
//
// `schema` is an object's JSON schema (`{"$ref": "#/$defs/Panel"}` too). `store` (form_store.js) is a DraftStore over the
// draft, or a LocalStore over a value that is sent as a whole: then `told` shows what the server said of it, each fault
// beside its field. `path` is where the object stands in the store; `only` names the fields that are shown. A field has
// its label, help, error and the mark of a change with a way back to its default; what draws it is a widget by kind.
// `extra` has widgets of your own by name. Groups are headings that open and close, each with the count of its changes.

import { h, icon } from "../dom.js";
import { Field } from "./form_field.js";
import { WIDGETS } from "./form_kinds.js";

/** @typedef {import("./schema.js").Schema} Schema */
/** @typedef {import("./schema.js").Path} Path */
/** @typedef {import("./form_store.js").Store} Store */
/** @typedef {import("./form_store.js").Fault} Fault */
/** @typedef {import("./form_field.js").Widget} Widget */
/** @typedef {Record<string, (field: Field) => Widget>} Widgets */
/**
 * @typedef {object} Made
 * @property {import("./schema.js").Declarations} declared
 * @property {Schema} schema
 * @property {Store} store
 * @property {HTMLElement} into
 * @property {Path} [path]
 * @property {Form} [parent] the form that this one is a part of: it finds the fields of both
 * @property {string[]} [only] the fields that are shown, in this order
 * @property {string[]} [without] the fields that are not
 * @property {string[]} [shut] groups that begin closed
 * @property {boolean} [flat] without headings of groups
 * @property {Widgets} [extra]
 * @property {any} [context] what widgets of one's own want to know
 */

export class Form {
  /** @param {Made} made */
  constructor(made) {
    this.made = made;
    this.declared = made.declared;
    this.schema = made.declared.read(made.schema);
    this.store = made.store;
    this.path = made.path ?? [];
    /** @type {Form} */
    this.root = made.parent?.root ?? this;
    /** @type {Set<Field>} all fields of the root form and of its parts */
    this.all = made.parent ? this.root.all : new Set();
    this.context = made.context ?? made.parent?.context;
    /** @type {Widgets} */
    this.extra = made.extra ?? made.parent?.extra ?? {};
    /** @type {Field[]} */
    this.fields = [];
    /** @type {{title: string, section: HTMLElement, count: HTMLElement, fields: Field[], open: (shown: boolean) => void}[]} */
    this.groups = [];
    this.way = () => /** @type {string[]} */ ([]);
    this.element = h("div", { class: "form-groups" });
    this.build();
    made.into.append(this.element);
    this.refresh();
  }

  build() {
    const { only, without = [], flat } = this.made;
    for (const group of this.declared.groups(this.schema)) {
      const shown = group.fields.filter(([name, schema]) => (only ? only.includes(name) : !without.includes(name)) && this.declared.widget(schema) !== "constant");
      if (!shown.length) continue;
      if (only) shown.sort(([one], [other]) => only.indexOf(one) - only.indexOf(other));
      const fields = shown.map(([name, schema]) => this.field(name, schema));
      const ways = this.schema["x-one-of"] && group.fields.some(([name]) => fieldsOf(this.schema["x-one-of"]).includes(name));
      const body = h("div", { class: "form" }, ways ? this.ways() : null, ...fields.map((one) => one.element));
      if (flat || !group.title) this.element.append(body);
      else this.element.append(this.section(group.title, body, fields));
    }
  }

  /** @param {string} name @param {Schema} schema */
  field(name, schema) {
    const kind = this.declared.widget(schema);
    const make = this.extra[`${this.schema.title}.${name}`] ?? this.extra[kind] ?? WIDGETS[kind] ?? WIDGETS.json;
    const field = new Field(this, [...this.path, name], schema, kind, make, (this.schema.required ?? []).includes(name));
    this.fields.push(field);
    return field;
  }

  /** Which one of several ways is said: the fields of the others are not shown, and nothing stands in them. */
  ways() {
    /** @type {{title: string, fields: string[]}[]} */
    const ways = this.schema["x-one-of"];
    const said = () => ways.findIndex((one) => one.fields.some((name) => this.store.get([...this.path, name]) !== undefined));
    let chosen = Math.max(0, said());
    const list = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "By" }, ...ways.map((one) => h("option", {}, one.title))));
    list.addEventListener("change", async () => {
      chosen = list.selectedIndex;
      const others = ways.filter((_, index) => index !== chosen).flatMap((one) => one.fields);
      const { properties } = this.schema;
      const kept = Object.entries(this.store.get(this.path) ?? {}).filter(([name]) => !others.includes(name));
      const begun = ways[chosen].fields.map((name) => [name, this.declared.fresh(withoutDefault(properties[name]))]);
      this.told(await this.store.set(this.path, Object.fromEntries([...begun, ...kept])));
    });
    this.way = () => {
      const now = said();
      if (now >= 0) chosen = now;
      list.selectedIndex = chosen;
      return ways[chosen].fields;
    };
    return h("div", { class: "option k-way" }, h("span", { class: "field" }, list));
  }

  /** @param {string} title @param {HTMLElement} body @param {Field[]} fields */
  section(title, body, fields) {
    const count = h("span", { class: "n" });
    const button = h("button", { type: "button", "aria-expanded": "true", onclick: () => open(button.getAttribute("aria-expanded") !== "true") }, icon("down"), title, count);
    const open = (/** @type {boolean} */ shown) => {
      button.setAttribute("aria-expanded", String(shown));
      body.hidden = !shown;
    };
    const section = h("section", { class: "sec", "data-group": title }, h("h3", {}, button), body);
    this.groups.push({ title, section, count, fields, open });
    if (this.made.shut?.includes(title)) open(false);
    return section;
  }

  /** How many fields there are, for the words of a search. */
  get size() {
    return this.fields.length;
  }

  /** What stands in the store is shown again; a wrong text that somebody wrote stays. */
  refresh() {
    for (const field of this.fields) {
      field.element.hidden = !this.wanted(field);
      field.refresh();
    }
    this.count();
  }

  /** Whether a field means something beside what the others are. @param {Field} field */
  wanted(field) {
    const ways = this.schema["x-one-of"];
    if (ways && fieldsOf(ways).includes(field.name)) return this.way().includes(field.name);
    const when = field.schema["x-when"];
    if (!when || field.changed) return true;
    return Object.entries(when).every(([name, values]) => {
      const other = this.fields.find((one) => one.name === name);
      return other === undefined || values.includes(other.shown);
    });
  }

  count() {
    for (const { count, fields } of this.groups) {
      const changed = fields.filter((one) => one.changed).length;
      count.textContent = changed ? `${changed} changed` : "";
    }
  }

  /** Only fields whose title, help or choices have all the words. @param {string} text @returns {number} how many */
  search(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const field of this.fields) {
      const fits = words.every((word) => field.words.includes(word));
      field.element.classList.toggle("is-out", !fits);
      found += Number(fits);
    }
    for (const { section, fields, open, title } of this.groups) {
      section.hidden = words.length > 0 && fields.every((one) => one.element.classList.contains("is-out"));
      if (words.length) open(true);
      else if (this.made.shut?.includes(title)) open(false);
    }
    return found;
  }

  /**
   * Faults beside their fields: each at the one that it names, or that is nearest above it; of an item, at what was edited in it.
   * @param {Fault[]} faults @param {Field} [edited] the field whose change they are of
   */
  told(faults, edited) {
    for (const field of this.all) if (!edited || field.isWithin(edited) || field.isJudgedBy(edited)) field.say("");
    for (const fault of faults) {
      const found = [...this.all].filter((one) => one.covers(fault.path)).sort((one, other) => other.path.length - one.path.length)[0] ?? edited;
      const of = edited && found && found.path.length < fault.path.length && within(edited.path, fault.path) ? edited : found;
      of?.say(fault.detail, edited);
    }
    this.root.refresh();
  }

  /** The form of a part of this one. @param {HTMLElement} into @param {Partial<Made> & {schema: Schema}} made */
  part(into, made) {
    return new Form({ declared: this.declared, store: this.store, parent: this, flat: true, into, ...made });
  }

  unmount() {
    for (const field of this.fields) field.unmount();
    this.element.remove();
  }
}

/** A value that begins: not none, though that may stand there. @param {Schema} schema @returns {Schema} */
function withoutDefault({ default: _, anyOf, ...rest }) {
  return anyOf ? { ...anyOf[0], ...rest } : rest;
}

/** @param {Path} path @param {Path} whole */
function within(path, whole) {
  return whole.every((part, index) => String(part) === String(path[index]));
}

/** @param {{fields: string[]}[]} ways */
function fieldsOf(ways) {
  return ways.flatMap((one) => one.fields);
}
