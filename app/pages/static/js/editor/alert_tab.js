// The alert rules that a panel is shown by, and the way to a new one of it.

import { stateMark } from "../alert_state.js";
import { call } from "../api.js";
import { h, icon } from "../dom.js";
import { rulesNow } from "../rules_now.js";
import { valueAt } from "./form_store.js";
import { askedBy } from "./view_of.js";

/** @typedef {{rule_id: string, title: string, paused?: boolean, for?: string, group: string}} Rule */

const root = document.documentElement.dataset.root ?? "";

export class AlertTab {
  /** @param {any} draft @param {() => (string|number)[]|null} base @param {HTMLElement} into */
  constructor(draft, base, into) {
    this.draft = draft;
    this.base = base;
    this.element = into;
    this.asked = "";
    this.said = h("p", { class: "muted", role: "status" });
    this.list = h("div", { class: "rows-of" });
    this.make = h("a", { class: "btn sm bare" }, icon("plus"), "New alert rule");
    into.append(this.said, this.list, h("div", { class: "adders" }, this.make));
  }

  get panelId() {
    const base = this.base();
    return base === null ? 0 : Number(valueAt(this.draft.document, base)?.panel_id ?? 0);
  }

  refresh() {
    const dashboard = this.draft.dashboardId ?? "";
    if (this.element.hidden) return void (this.asked = "");
    const asked = `${dashboard}/${this.panelId}`;
    if (asked === this.asked) return;
    this.asked = asked;
    this.make.hidden = !dashboard;
    if (!dashboard) return this.say("A rule is made of a panel that is saved: save the dashboard first.");
    this.make.setAttribute("href", `${root}/alerts/new?${this.query(dashboard)}`);
    this.load(dashboard, asked);
  }

  /** As the menu of a panel asks, with the variables as they are. @param {string} dashboard */
  query(dashboard) {
    const query = new URLSearchParams({ dashboard, panel: String(this.panelId) });
    for (const [name, values] of Object.entries(askedBy(this.draft.document).variables)) for (const value of [values].flat()) query.append(`var-${name}`, value);
    return query;
  }

  /** @param {string} dashboard @param {string} asked */
  async load(dashboard, asked) {
    const [rules, states] = await Promise.all([call("GET", `rules?${new URLSearchParams({ dashboard_id: dashboard, panel_id: String(this.panelId) })}`), statesNow()]);
    if (asked !== this.asked) return; // another panel is chosen by now
    if (!rules.ok) return this.say(rules.body.detail ?? rules.body.title);
    /** @type {Rule[]} */
    const items = rules.body.items;
    this.list.replaceChildren(...items.map((one) => this.row(one, states.get(one.rule_id) ?? "")));
    this.said.hidden = items.length > 0;
    this.said.textContent = "No alert rule is linked to this panel. A new one takes its queries as they are saved.";
  }

  /** @param {string} text */
  say(text) {
    this.list.replaceChildren();
    this.said.hidden = false;
    this.said.textContent = text;
  }

  /** @param {Rule} rule @param {string} state */
  row(rule, state) {
    const about = [rule.group, rule.for && rule.for !== "0s" ? `for ${rule.for}` : ""].filter(Boolean).join(" · ");
    return h("div", { class: "row-of" }, rule.paused ? h("span", { class: "state" }, icon("minus"), "Paused") : state ? stateMark(state) : null,
      h("a", { class: "cut", href: `${root}/alerts/${rule.rule_id}` }, rule.title), h("span", { class: "muted cut grow" }, about), h("a", { class: "btn bare sm", href: `${root}/alerts/${rule.rule_id}/edit`, "aria-label": `Edit ${rule.title}` }, "Edit"));
  }

  unmount() {
    this.element.replaceChildren();
  }
}

/** @returns {Promise<Map<string, string>>} the state of each rule; none where nothing tells it */
async function statesNow() {
  const { known } = await rulesNow()();
  return new Map((known?.groups ?? []).flatMap((/** @type {any} */ group) => group.rules.map((/** @type {any} */ rule) => [rule.rule_id, rule.state])));
}
