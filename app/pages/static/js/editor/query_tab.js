// The queries of a panel: a card each, what they answered, and what is added.

import { h, icon } from "../dom.js";
import { later } from "./form_inputs.js";
import { previewing, summary } from "./preview.js";
import { begun } from "../query/shown_document.js";
import { Sources } from "../query/sources.js";
import { TargetCard } from "./target_card.js";
import { Targets } from "./targets.js";

const AFTER_MS = 500; // of no more changes: the panel itself asks first, and what it is told here is a question more

/** @typedef {import("./preview.js").Answer} Answer */

export class QueryTab {
  /** @param {import("./schema.js").Declarations} declared @param {any} draft @param {() => (string|number)[]|null} base @param {HTMLElement} into @param {HTMLElement} said where the inspector's line goes @param {(answers: Answer[]) => void} answered */
  constructor(declared, draft, base, into, said, answered) {
    this.answered = answered;
    this.declared = declared;
    this.draft = draft;
    this.targets = new Targets(draft, base);
    this.sources = new Sources(declared);
    this.said = said;
    this.element = into;
    this.cards = h("div", { class: "targets" });
    /** @type {TargetCard[]} */
    this.all = [];
    this.asked = "";
    this.ask = previewing(draft);
    this.wait = later(() => this.run(), AFTER_MS);
    const add = h("button", { type: "button", class: "btn sm bare", onclick: () => this.addQuery() }, icon("plus"), "Add query");
    const express = h("button", { type: "button", class: "btn sm bare", onclick: () => this.add({ datasource: declared.document.expressions.datasource, query: { type: "math", expression: `$${this.targets.all[0]?.ref ?? "A"}` } }) }, icon("plus"), "Add expression");
    into.append(this.cards, h("div", { class: "adders" }, add, express));
    this.sources.load().then(() => this.refresh());
  }

  /** One more query, of the source that the last one asks; where that has a form, it begins with its example. */
  addQuery() {
    const kind = this.sources.kind(this.targets.source(this.last ?? {}));
    this.add({ query: kind?.query ? begun(kind) : "" });
  }

  /** The last query that asks a source. */
  get last() {
    return this.targets.all.filter((one) => one.datasource !== this.declared.document.expressions.datasource).at(-1);
  }

  /** @param {import("./targets.js").Target} target */
  add(target) {
    const { last } = this;
    this.targets.put([...this.targets.all, { ref: this.targets.free, ...(last?.datasource && !target.datasource ? { datasource: last.datasource } : {}), ...target }]);
  }

  refresh() {
    const { all } = this.targets;
    const drawn = this.all.map((one) => one.ref).join();
    if (drawn !== all.map((one) => one.ref ?? "A").join()) {
      for (const card of this.all) card.unmount();
      this.all = all.map((one) => new TargetCard(this, one.ref ?? "A"));
      this.cards.replaceChildren(...this.all.map((one) => one.element));
    }
    for (const card of this.all) card.refresh();
    const asks = JSON.stringify([all, this.targets.panel?.datasource, this.draft.document.variables]);
    if (asks !== this.asked) this.wait.soon();
    this.asked = asks;
  }

  async run() {
    const answers = await this.ask(this.targets);
    if (answers === null) return;
    this.said.textContent = summary(answers);
    for (const card of this.all) card.answered(answers.find((one) => one.ref === card.ref) ?? null);
    this.answered(answers);
  }

  unmount() {
    this.wait.stop();
    for (const card of this.all) card.unmount();
  }
}
