// What is done with the answers before they are drawn: a list of transformations, each with its form.

import { h, icon } from "../dom.js";
import { close, show } from "../menus.js";
import { Form } from "./form.js";
import { choosing, place } from "./form_choices.js";
import { DraftStore, putting, valueAt } from "./form_store.js";
import { StepRows } from "./step_rows.js";

/** @typedef {{id: string, options?: any, disabled?: boolean|null}} Step */

export class TransformTab {
  /** @param {import("./schema.js").Declarations} declared @param {any} draft @param {() => (string|number)[]|null} base @param {HTMLElement} into */
  constructor(declared, draft, base, into) {
    this.declared = declared;
    this.draft = draft;
    this.base = base;
    this.element = into;
    this.list = h("div", { class: "targets" });
    this.fault = h("p", { class: "err", role: "alert", hidden: true });
    this.none = h("p", { class: "muted" }, "The answers are drawn as they come.");
    /** @type {(Form|StepRows)[]} */
    this.forms = [];
    this.drawn = "";
    const box = h("div", { class: "pop pop-choose", hidden: true });
    const add = h("button", { type: "button", class: "btn sm bare", "aria-haspopup": "listbox" }, icon("plus"), "Add transformation");
    add.addEventListener("click", () => {
      const choices = declared.document.transformations.map((/** @type {any} */ one) => ({ value: one.id, title: one.title, help: one.help }));
      const finder = choosing(choices, null, ({ value }) => (close(true), this.put([...this.steps, { id: value, options: declared.fresh(this.kind(value).schema) }])));
      finder.element.classList.add("is-wide");
      box.replaceChildren(finder.element);
      show(add, box, { opened: () => (place(box, add), finder.focus()) });
    });
    into.append(this.none, this.list, this.fault, h("div", { class: "adders" }, h("span", { class: "anchor" }, add, box)));
    this.refresh();
  }

  /** @param {string} id */
  kind(id) {
    return this.declared.document.transformations.find((/** @type {any} */ one) => one.id === id);
  }

  /** @returns {(string|number)[]|null} */
  get path() {
    const base = this.base();
    return base === null ? null : [...base, "transformations"];
  }

  /** @returns {Step[]} */
  get steps() {
    return (this.path && valueAt(this.draft.document, this.path)) ?? [];
  }

  /** Others in the place of all, in one step. @param {Step[]} steps */
  async put(steps) {
    if (!this.path) return;
    const said = await this.draft.apply([putting(this.draft.document, this.path, steps)]);
    this.fault.textContent = said.ok ? "" : said.faults.map((/** @type {any} */ one) => one.detail).join(" ");
    this.fault.hidden = said.ok;
  }

  refresh() {
    const drawn = this.steps.map((one) => one.id).join();
    this.none.hidden = this.steps.length > 0;
    if (drawn !== this.drawn) {
      this.unmount();
      this.drawn = drawn;
      this.list.replaceChildren(...this.steps.map((one, index) => this.card(one, index)));
    }
    this.steps.forEach((one, index) => this.list.children[index]?.classList.toggle("is-hidden", Boolean(one.disabled)));
    for (const form of this.forms) form.refresh();
  }

  /** @param {Step} step @param {number} index */
  card(step, index) {
    const { title, help, schema } = this.kind(step.id) ?? { title: step.id, help: "", schema: null };
    const steps = () => [...this.steps];
    const move = (/** @type {number} */ by) => {
      const all = steps();
      all.splice(index + by, 0, ...all.splice(index, 1));
      this.put(all);
    };
    const tool = (/** @type {"down"|"eye"|"bin"} */ sign, /** @type {string} */ label, /** @type {() => void} */ run, off = false, kind = "") => h("button", { type: "button", class: `btn bare sm icon ${kind}`, "aria-label": `${label} ${title}`, title: label, disabled: off, onclick: run }, icon(sign));
    const disable = () => this.put(steps().map((one, at) => (at === index ? { ...one, disabled: !one.disabled } : one)));
    const head = h("header", {}, h("span", { class: "ref" }, String(index + 1)), h("b", {}, title), h("span", { class: "muted cut" }, help), h("span", { class: "grow" }),
      h("span", { class: "tools-of" }, tool("down", "Move up", () => move(-1), index === 0, "up"), tool("down", "Move down", () => move(1), index === this.steps.length - 1), tool("eye", "Leave out", disable), tool("bin", "Delete", () => this.put(steps().filter((_, at) => at !== index)))));
    const body = h("div", { class: "query-form" });
    if (schema) this.forms.push(new Form({ declared: this.declared, schema, store: new DraftStore(this.draft, () => this.path), path: [index, "options"], into: body, flat: true }));
    const rows = new StepRows(this.draft, this.base, index);
    this.forms.push(rows);
    return h("article", { class: "target", "aria-label": `Transformation ${index + 1}` }, head, body, rows.element);
  }

  unmount() {
    for (const form of this.forms) form.unmount();
    this.forms = [];
    this.drawn = "";
    this.list.replaceChildren();
  }
}
