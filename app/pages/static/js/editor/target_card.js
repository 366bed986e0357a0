// One query of a panel: its source, its text or form, its options, and what is wrong with its answer.

import { h, icon } from "../dom.js";
import { close, show } from "../menus.js";
import { Form } from "./form.js";
import { choosing, place } from "./form_choices.js";
import { carriedOver } from "../query/shown_document.js";
import { Writer } from "../query/writer.js";

/** @typedef {import("./query_tab.js").QueryTab} QueryTab */
/** @typedef {import("./targets.js").Target} Target */

const OPTIONS = ["legend", "interval", "resolution", "compare", "instant"];

export class TargetCard {
  /** @param {QueryTab} tab @param {string} ref */
  constructor(tab, ref) {
    this.tab = tab;
    this.ref = ref;
    this.declared = tab.declared;
    this.sources = tab.sources;
    this.board = tab.draft;
    this.store = tab.targets.one(() => this.at);
    this.writer = new Writer(this, (kind) => this.build(kind));
    /** @type {Form[]} */
    this.forms = [];
    this.picked = h("span", { class: "cut" });
    this.fault = h("p", { class: "err", role: "alert", hidden: true });
    this.more = h("details", { class: "more-of" }, h("summary", {}, "Options"));
    this.hide = this.tool("eye", "Hide", () => this.change({ hidden: !this.target?.hidden }));
    this.up = this.tool("down", "Move up", () => this.move(-1));
    this.down = this.tool("down", "Move down", () => this.move(1));
    this.element = h("article", { class: "target", "aria-label": `Query ${ref}`, "data-ref": ref }, this.head(), this.writer.element, this.fault, this.more);
  }

  get at() {
    return this.tab.targets.all.findIndex((one) => (one.ref ?? "A") === this.ref);
  }

  /** @returns {Target|undefined} */
  get target() {
    return this.tab.targets.all[this.at];
  }

  get source() {
    return this.target ? this.tab.targets.source(this.target) : "";
  }

  get query() {
    return this.target?.query;
  }

  head() {
    const box = h("div", { class: "pop pop-choose", hidden: true });
    const pick = h("button", { type: "button", class: "btn sm source-pick", "aria-label": `Data source of ${this.ref}`, "aria-haspopup": "listbox" }, this.picked, icon("down"));
    pick.addEventListener("click", () => {
      const finder = choosing(this.tab.sources.choices, this.tab.sources.find(this.source)?.uid, ({ value }) => (close(true), this.become(value)));
      box.replaceChildren(finder.element);
      show(pick, box, { opened: () => (place(box, pick), finder.focus()) });
    });
    this.up.classList.add("up");
    const copy = this.tool("copy", "Duplicate", () => this.duplicate());
    const remove = this.tool("bin", "Delete", () => this.tab.targets.put(this.tab.targets.all.filter((_, index) => index !== this.at)));
    return h("header", {}, h("span", { class: "ref" }, this.ref), h("span", { class: "anchor" }, pick, box), h("span", { class: "grow" }), this.writer.modes, h("span", { class: "tools-of" }, this.up, this.down, this.hide, copy, remove));
  }

  /** @param {"down"|"eye"|"copy"|"bin"} sign @param {string} label @param {() => void} run */
  tool(sign, label, run) {
    return h("button", { type: "button", class: "btn bare sm icon", "aria-label": `${label} ${this.ref}`, title: label, onclick: run }, icon(sign));
  }

  /** @param {Partial<Target>} what undefined takes a key out */
  async change(what) {
    const { at, target } = this;
    if (!target) return;
    const changed = Object.fromEntries(Object.entries({ ...target, ...what }).filter(([, value]) => value !== undefined));
    const faults = await this.tab.targets.put(this.tab.targets.all.map((one, index) => (index === at ? changed : one)));
    if (faults.length) this.say(faults.map((one) => one.detail).join(" ")); // else what the answer says stays, which may have come first
  }

  /** Another source; a query in another language begins anew. @param {string} uid */
  become(uid) {
    const { sources, declared } = this;
    const [before, after] = [sources.kind(this.source), sources.kind(uid)];
    if (uid === declared.document.expressions.datasource) {
      const other = this.tab.targets.all.find((one) => one.ref !== this.ref)?.ref ?? "A";
      return void this.change({ datasource: uid, options: undefined, query: { type: "math", expression: `$${other}` } });
    }
    const query = carriedOver(before, after, this.query);
    this.change({ datasource: uid, query, ...(query === this.query && before?.kind === after?.kind ? {} : { options: undefined }) });
  }

  /** @param {number} by */
  move(by) {
    const all = [...this.tab.targets.all];
    const to = this.at + by;
    if (to < 0 || to >= all.length) return;
    all.splice(to, 0, ...all.splice(this.at, 1));
    this.tab.targets.put(all);
  }

  duplicate() {
    const all = [...this.tab.targets.all];
    all.splice(this.at + 1, 0, { ...structuredClone(/** @type {Target} */ (this.target)), ref: this.tab.targets.free });
    this.tab.targets.put(all);
  }

  refresh() {
    const { target } = this;
    if (!target) return;
    const { source, sources } = this;
    const kind = sources.kind(source);
    this.picked.textContent = kind?.kind === "__expr__" ? kind.title : sources.find(source)?.name ?? (source || "Built-in store");
    this.element.classList.toggle("is-hidden", Boolean(target.hidden));
    this.hide.setAttribute("aria-pressed", String(Boolean(target.hidden)));
    this.up.toggleAttribute("disabled", this.at === 0);
    this.down.toggleAttribute("disabled", this.at === this.tab.targets.all.length - 1);
    this.writer.refresh();
    for (const form of this.forms) form.refresh();
  }

  /** @param {any} query */
  write(query) {
    this.change({ query });
  }

  /** The options of a query of that kind. @param {any} kind */
  build(kind) {
    for (const form of this.forms) form.unmount();
    const expression = kind?.kind === "__expr__";
    this.more.hidden = expression;
    if (expression) return void (this.forms = []);
    const { declared, store } = this;
    const shared = { declared, store, into: this.more, flat: true };
    this.forms = [new Form({ ...shared, schema: declared.document.target, only: OPTIONS }), ...(kind?.target ? [new Form({ ...shared, schema: kind.target, path: ["options"] })] : [])];
  }

  /** @param {import("./preview.js").Answer|null} answer */
  answered(answer) {
    this.say(answer?.error ?? "");
  }

  /** @param {string} detail */
  say(detail) {
    this.fault.textContent = detail;
    this.fault.hidden = !detail;
    this.writer.body?.fault(detail);
  }

  unmount() {
    this.writer.unmount();
    for (const form of this.forms) form.unmount();
    this.element.remove();
  }
}
