// Lists of objects: items are added, moved and removed; a new one stays here until it is whole enough to be taken.

import { h, icon } from "../dom.js";
import { DefaultedStore, PendingStore, same } from "./form_store.js";

/** @typedef {import("./form_field.js").Field} Field */
/** @typedef {import("./form_field.js").Widget} Widget */
/** @typedef {import("./schema.js").Schema} Schema */

/** @typedef {(field: Field, path: import("./schema.js").Path, into: HTMLElement, store: import("./form_store.js").Store) => {refresh: () => void, unmount: () => void}} Part */

/** @param {Field} field @param {Part} [part] what draws an item @returns {Widget} */
export function list(field, part = partForm) {
  return new ItemList(field, part);
}

class ItemList {
  /** @param {Field} field @param {Part} part */
  constructor(field, part) {
    this.field = field;
    this.part = part;
    const { default: usual } = field.schema;
    this.store = Array.isArray(usual) && usual.length ? new DefaultedStore(field.form.store, field.path, usual) : field.form.store;
    /** @type {HTMLElement|null} */
    this.control = null;
    this.rows = h("div", { class: "items" });
    /** @type {ReturnType<Part>[]} */
    this.forms = [];
    /** @type {{name: HTMLElement, up: HTMLElement, down: HTMLElement}[]} what stands above each item */
    this.heads = [];
    /** @type {PendingStore|null} */
    this.pending = null;
    /** @type {any} what it began as: nobody has written that */
    this.begun = null;
    this.drawn = -1;
    this.adding = false;
    const add = h("button", { type: "button", class: "btn sm", onclick: () => this.add() }, icon("plus"), `Add ${singular(field.title)}`);
    this.element = h("div", { class: "part" }, this.rows, add);
  }

  /** @returns {any[]} */
  get items() {
    return this.field.shown ?? [];
  }

  async add() {
    if (this.pending || this.adding) return;
    const { field } = this;
    const at = [...field.path, this.items.length];
    const value = this.fresh();
    const pending = new PendingStore(this.store, at, value, () => this.taken());
    this.adding = true;
    const faults = await pending.set(at, value);
    this.adding = false;
    this.pending = faults.length ? pending : null;
    this.begun = value;
    this.drawn = -1;
    this.refresh();
    const first = this.rows.lastElementChild?.querySelector(".nested :is(input, select, textarea, button.field)");
    /** @type {HTMLElement|null|undefined} */ (first)?.focus();
  }

  /** What a new item begins as. */
  fresh() {
    return this.field.form.declared.fresh(this.field.schema.items);
  }

  /** What is being written in it stays: its form goes on with the item that is there now. */
  taken() {
    if (!this.pending) return;
    this.pending = null;
    this.drawn = this.items.length;
    this.field.form.root.refresh();
  }

  /** @param {number} from @param {number} by */
  move(from, by) {
    const items = [...this.items];
    items.splice(from + by, 0, ...items.splice(from, 1));
    this.drawn = -1;
    this.field.set(items);
  }

  /** @param {number} at */
  remove(at) {
    this.drawn = -1;
    if (this.pending && at === this.items.length) {
      this.pending = null;
      this.field.form.root.refresh();
    } else this.field.set(this.items.filter((_, index) => index !== at));
  }

  refresh() {
    this.field.form.root.store.doubt?.(this, this.pending !== null && !same(this.pending.value, this.begun));
    if (this.adding || this.pending?.busy) return;
    const count = this.items.length + Number(Boolean(this.pending));
    if (count === this.drawn) {
      this.forms.forEach((one) => one.refresh());
      this.heads.forEach((_, index) => this.tell(index));
      return;
    }
    this.clear();
    this.drawn = count;
    this.rows.replaceChildren(...Array.from({ length: count }, (_, index) => this.row(index)));
  }

  /** Above an item stand its own name, else its number, and where it can go; one that is not whole yet goes nowhere. @param {number} index */
  tell(index) {
    const { name, up, down } = this.heads[index];
    const item = this.items[index] ?? {};
    const number = this.numbered(index);
    name.textContent = [item.name, item.title, item.label].find((one) => typeof one === "string" && one) ?? number[0].toUpperCase() + number.slice(1);
    const last = this.items.length - 1;
    up.toggleAttribute("disabled", index === 0 || index > last);
    down.toggleAttribute("disabled", index >= last);
  }

  /** @param {number} index */
  numbered(index) {
    return `${singular(this.field.title)} ${index + 1}`;
  }

  /** @param {number} index */
  row(index) {
    const { field } = this;
    const body = h("div", { class: "nested" });
    const store = index === this.items.length && this.pending ? this.pending : this.store;
    const tool = (/** @type {"down"|"close"} */ sign, /** @type {string} */ label, /** @type {() => void} */ run, kind = "") => h("button", { type: "button", class: `btn bare sm icon ${kind}`, "aria-label": `${label} ${this.numbered(index)}`, onclick: run }, icon(sign));
    const head = { name: h("b", {}), up: tool("down", "Move up", () => this.move(index, -1), "up"), down: tool("down", "Move down", () => this.move(index, 1)) };
    this.heads[index] = head;
    this.tell(index);
    const tools = h("div", { class: "tools" }, head.name, h("span", { class: "grow" }), head.up, head.down, tool("close", "Remove", () => this.remove(index)));
    this.forms.push(this.part(field, [...field.path, index], body, store));
    return h("div", { class: "item-of", "data-item": String(index) }, tools, body);
  }

  unmount() {
    this.clear();
    this.field.form.root.store.doubt?.(this, false);
  }

  clear() {
    for (const form of this.forms) form.unmount();
    [this.forms, this.heads] = [[], []];
    this.drawn = -1;
  }
}

/** The form of an item: of a union, a field that is the item as a whole. @param {Field} field @param {import("./schema.js").Path} path @param {HTMLElement} into @param {import("./form_store.js").Store} store */
export function partForm(field, path, into, store) {
  const { declared } = field.form;
  const items = declared.read(field.schema.items);
  if (items.type === "object" && items.properties) return field.form.part(into, { schema: field.schema.items, store, path });
  const name = String(path.at(-1));
  const schema = { title: field.title, properties: { [name]: { ...field.schema.items, title: "Kind", description: field.schema.description } }, required: [name] };
  return field.form.part(into, { schema, store, path: path.slice(0, -1) });
}

/** @param {string} title */
export function singular(title) {
  const word = title.toLowerCase();
  return word.endsWith("ies") ? `${word.slice(0, -3)}y` : word.endsWith("ss") || !word.endsWith("s") ? word : word.slice(0, -1);
}
