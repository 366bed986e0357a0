// Beside a dashboard that is edited: the type of the panel, what all panels have, and the options of its type.

import { h, icon } from "../dom.js";
import { Form } from "./form.js";
import { DraftStore, pointerOf } from "./form_store.js";
import { carried, typeOf } from "./switching.js";
import { SHORT, picture } from "./type_pictures.js";

/** @typedef {import("./schema.js").Declarations} Declarations */

const FIRST_TYPES = ["timeseries", "bar", "stat", "gauge", "heatmap", "table", "pie", "statetimeline"];
const OWN = ["title", "description", "repeat"];
const SHUT = ["Legend", "Tooltip", "Many series", "Axis", "Value mappings", "Data links", "Overrides"];

export class OptionsPane {
  /** @param {Declarations} declared @param {any} draft @param {() => (string|number)[]|null} base where the panel stands in the draft @param {HTMLElement} into */
  constructor(declared, draft, base, into) {
    this.declared = declared;
    this.draft = draft;
    this.base = base;
    this.element = h("div", { class: "options-pane" });
    this.input = /** @type {HTMLInputElement} */ (h("input", { type: "search", "aria-label": "Search options" }));
    this.input.addEventListener("input", () => this.search());
    this.types = h("div", { class: "types", role: "group", "aria-label": "Panel type" });
    this.fits = h("div", { class: "fits", hidden: true });
    this.none = h("p", { class: "none", hidden: true }, "No option is called so.");
    this.all = false;
    this.element.append(h("div", { class: "stick" }, h("label", { class: "field" }, icon("search"), this.input), this.types, this.fits), this.none);
    into.append(this.element);
    /** @type {Form[]} */
    this.forms = [];
    this.type = "";
    this.refresh();
  }

  /** @returns {any} the panel as the draft has it */
  get panel() {
    const base = this.base();
    return base === null ? null : base.reduce((inner, part) => inner?.[part], this.draft.document);
  }

  refresh() {
    const { panel } = this;
    if (!panel) return;
    if (panel.type !== this.type) this.build(panel);
    else for (const form of this.forms) form.refresh();
  }

  /** @param {any} panel */
  build(panel) {
    for (const form of this.forms) form.unmount();
    this.type = panel.type;
    const { declared, draft, base } = this;
    const kind = typeOf(declared, panel.type);
    const shared = { declared, into: this.element };
    this.forms = [new Form({ ...shared, schema: declared.document.panel, store: new DraftStore(draft, base), only: OWN })];
    if (kind) {
      const within = () => (base() === null ? null : [.../** @type {(string|number)[]} */ (base()), "options"]);
      this.forms.push(new Form({ ...shared, schema: kind.schema, store: new DraftStore(draft, within), shut: SHUT, context: { perField: kind.per_field } }));
    }
    this.input.placeholder = `Search ${this.forms.reduce((sum, one) => sum + one.size, 0)} options`;
    this.draw();
    this.search();
  }

  draw() {
    const types = this.declared.document.panels;
    const shown = this.all || !FIRST_TYPES.includes(this.type) ? [...FIRST_TYPES, ...types.map((/** @type {any} */ one) => one.type).filter((/** @type {string} */ one) => !FIRST_TYPES.includes(one))] : FIRST_TYPES;
    const buttons = shown.map((type) => {
      const { title } = typeOf(this.declared, type);
      return h("button", { type: "button", "aria-pressed": String(type === this.type), title, "data-type": type, onclick: () => this.become(type) }, picture(type), h("span", { class: "cut" }, SHORT[/** @type {keyof typeof SHORT} */ (type)] ?? title));
    });
    const more = shown.length > FIRST_TYPES.length ? null : h("button", { type: "button", class: "more-types", onclick: () => ((this.all = true), this.draw()) }, `${types.length - FIRST_TYPES.length} more types`);
    this.types.replaceChildren(...buttons, ...(more ? [more] : []));
  }

  /** What fits the data of its queries, beside the type that it has. @param {string[]} types */
  suggest(types) {
    const others = types.filter((one) => one !== this.type && typeOf(this.declared, one));
    this.fits.hidden = !others.length;
    this.fits.replaceChildren(h("span", { class: "muted" }, "Fits the data"), ...others.map((type) => h("button", { type: "button", class: "btn sm", "data-fits": type, onclick: () => this.become(type) }, picture(type), typeOf(this.declared, type).title)));
  }

  /** Another type, in one step that can be undone; what the server refuses of the options is dropped, too. @param {string} type */
  async become(type) {
    const { panel } = this;
    const base = this.base();
    if (!panel || base === null || type === panel.type) return;
    const before = panel.options ?? {};
    let { options } = typeOf(this.declared, panel.type) ? carried(this.declared, before, panel.type, type) : { options: {} };
    for (const final of [false, true]) {
      const said = await this.draft.apply([{ op: "replace", path: pointerOf([...base, "type"]), value: type }, { op: "add", path: pointerOf([...base, "options"]), value: options }]);
      if (said.ok || final) break;
      const refused = said.faults.map((/** @type {{path: string}} */ one) => one.path.split(".options.")[1]?.split(/[.[]/)[0]);
      options = Object.fromEntries(Object.entries(options).filter(([name]) => !refused.includes(name)));
    }
    this.refresh();
  }

  search() {
    const found = this.forms.reduce((sum, form) => sum + form.search(this.input.value), 0);
    this.none.hidden = found > 0;
  }

  unmount() {
    for (const form of this.forms) form.unmount();
    this.element.remove();
  }
}
