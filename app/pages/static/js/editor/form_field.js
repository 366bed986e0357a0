// A field of a form: label, help, what is wrong, and the mark of a change around the widget that draws its value.

import { h, icon } from "../dom.js";
import { unfold } from "../menus.js";
import { PendingStore, same } from "./form_store.js";

/** @typedef {import("./form.js").Form} Form */
/** @typedef {import("./schema.js").Schema} Schema */
/** @typedef {import("./schema.js").Path} Path */
/**
 * @typedef {object} Widget
 * @property {HTMLElement} element
 * @property {() => void} refresh shows what the field's value is
 * @property {HTMLElement|null} control what the label is for, and what is told that it is wrong; null: the widget says its label itself
 * @property {() => void} [unmount]
 */

let made = 0;

export class Field {
  /** @param {Form} form @param {Path} path @param {Schema} schema @param {string} kind @param {(field: Field) => Widget} make @param {boolean} required */
  constructor(form, path, schema, kind, make, required) {
    this.form = form;
    this.path = path;
    this.schema = schema;
    this.kind = kind;
    this.required = required;
    this.id = `f${(made += 1)}`;
    this.wrong = "";
    /** @type {Field|null} the field whose change was refused for what is wrong here */
    this.edited = null;
    this.folded = () => {};
    this.turn = 0;
    this.sending = 0; // changes that are not judged yet: what was written stays as it is until they are
    this.fault = h("p", { class: "err", id: `${this.id}-fault`, role: "alert", hidden: true });
    this.help = h("p", { class: "help", id: `${this.id}-help` }, ...spelled(this.schema.description ?? ""));
    this.widget = make(this);
    this.element = this.framed();
    form.all.add(this);
  }

  get name() {
    return String(this.path.at(-1));
  }

  get title() {
    return this.schema.title ?? this.name;
  }

  get value() {
    return this.form.store.get(this.path);
  }

  /** The value, or what holds where there is none. */
  get shown() {
    const { value } = this;
    return value === undefined ? this.schema.default : value;
  }

  get changed() {
    const { value } = this;
    return value !== undefined && !this.required && !same(value, this.schema.default ?? (Array.isArray(value) ? [] : typeof value === "object" && value ? {} : undefined));
  }

  /** What a search looks in. */
  get words() {
    const choices = this.form.declared.choices(this.schema).slice(0, 12).map((one) => one.title);
    return [this.title, this.name, this.schema.description ?? "", ...choices].join(" ").toLowerCase();
  }

  framed() {
    const { control } = this.widget;
    control?.setAttribute("id", this.id);
    (control ?? this.widget.element).setAttribute("aria-describedby", `${this.id}-help ${this.id}-fault`);
    const label = h(control ? "label" : "span", control ? { for: this.id } : { id: `${this.id}-label` }, this.title);
    if (!control) {
      this.widget.element.setAttribute("role", "group");
      this.widget.element.setAttribute("aria-labelledby", `${this.id}-label`);
    }
    const about = h("button", { type: "button", class: "about", "aria-label": `What ${this.title} does`, "aria-expanded": "false", title: (this.schema.description ?? "").replaceAll("`", ""), onclick: () => this.explain(about) }, icon("info"));
    this.reset = h("button", { type: "button", class: "reset", "aria-label": `Reset ${this.title}`, title: "Back to the default", hidden: true, onclick: () => this.clear() }, icon("retry"));
    const inline = this.kind === "switch";
    this.help.classList.toggle("is-shut", !inline);
    const head = h("div", { class: "lab" }, label, inline ? null : about, h("span", { class: "grow" }), this.reset, inline ? this.widget.element : null);
    return h("div", { class: `option k-${this.kind}`, "data-field": this.name }, head, inline ? null : this.widget.element, this.help, this.fault);
  }

  /** @param {HTMLElement} button */
  explain(button) {
    const shut = this.help.classList.toggle("is-shut");
    button.setAttribute("aria-expanded", String(!shut));
    this.folded();
    this.folded = shut ? () => {} : unfold(this.help, () => (this.explain(button), button.focus()));
  }

  refresh() {
    if (this.reset) this.reset.hidden = !this.changed && !this.wrong;
    this.element.classList.toggle("is-changed", this.changed);
    if (!this.wrong && !this.sending) this.widget.refresh();
  }

  /** Take a value over; what is wrong with it is said here, and what was written stays. @param {any} value */
  async set(value) {
    const turn = (this.turn += 1);
    const judged = this.form.store.set(this.path, value);
    const isWritten = this.widget.control instanceof HTMLInputElement || this.widget.control instanceof HTMLTextAreaElement;
    if (!isWritten) this.widget.refresh(); // a draft has it at once
    this.sending += 1;
    const faults = await judged;
    this.sending -= 1;
    if (turn === this.turn) this.form.told(faults, this);
  }

  /** Back to the default. */
  async clear() {
    this.turn += 1;
    this.say("");
    this.form.told(await this.form.store.remove(this.path), this);
  }

  /** What is wrong with what was written; empty: nothing. @param {string} detail @param {Field|null} [edited] whose change was refused for it */
  say(detail, edited = null) {
    this.wrong = detail;
    this.edited = edited;
    this.form.root.store.doubt?.(this, Boolean(detail));
    this.fault.textContent = detail;
    this.fault.hidden = !detail;
    const marked = this.widget.control ?? this.widget.element;
    if (detail) marked.setAttribute("aria-invalid", "true");
    else marked.removeAttribute("aria-invalid");
    marked.closest(".field")?.classList.toggle("bad", Boolean(detail));
    if (this.reset && detail) this.reset.hidden = false;
  }

  /** Whether a fault of a path is one of this field. @param {Path} path */
  covers(path) {
    return this.path.length <= path.length && this.path.every((part, index) => String(part) === String(path[index]));
  }

  /** Whether what is wrong here is judged anew by a change of another field: the same change, or one of the same unfinished item. @param {Field} other */
  isJudgedBy(other) {
    const { store } = other.form;
    return this.edited === other || (store instanceof PendingStore && this.edited?.form.store === store);
  }

  /** @param {Field} other */
  isWithin(other) {
    return other.covers(this.path);
  }

  unmount() {
    this.folded();
    this.form.all.delete(this);
    this.form.root.store.doubt?.(this, false);
    this.widget.unmount?.();
  }
}

/** A text with what stands between backticks as code. @param {string} text */
function spelled(text) {
  return text.split("`").map((part, index) => (index % 2 ? h("code", {}, part) : part));
}
