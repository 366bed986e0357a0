// What was told to whom and what came back; dead letters are sent again.

import { again } from "../again.js";
import { call } from "../api.js";
import { h, icon } from "../dom.js";
import { badge, blank, failed, labelTags, may, pills, when } from "./parts.js";

const EVERY_MS = 10e3;
/** @type {[string, string][]} */
const STATES = [["", "All"], ["pending", "Pending"], ["delivered", "Delivered"], ["dead", "Failed"]];
/** @type {Record<string, [string, Parameters<typeof icon>[0], string]>} */
const BADGES = { pending: ["warn", "clock", "Pending"], delivered: ["ok", "check", "Delivered"], dead: ["bad", "warning", "Failed"] };
const root = document.documentElement.dataset.root ?? "";

/** A list that looks again now and then; those of one rule where it is named. */
export class Told {
  /** @param {HTMLElement} into @param {{rule?: string, limit?: number}} [of] */
  constructor(into, of = {}) {
    this.of = of;
    this.state = new URLSearchParams(location.search).get("state") ?? "";
    this.list = h("ul", { class: "entries" });
    this.head = h("div", { class: "bar" });
    this.more = h("div", { class: "bar" });
    /** @type {any[]} */
    this.older = [];
    this.said = h("p", { class: "fault", role: "alert", hidden: true });
    into.replaceChildren(...(of.rule ? [] : [this.head]), this.said, this.list, this.more);
    this.choose(of.rule ? "" : this.state);
    again(() => this.read(), EVERY_MS, EVERY_MS);
  }

  /** @param {string} state */
  choose(state) {
    this.state = state;
    this.older = [];
    this.head.replaceChildren(pills(STATES, state, (one) => this.choose(one), "Filter by state"));
    this.read();
  }

  /** @param {string} [cursor] @returns {Promise<any>} */
  ask(cursor = "") {
    const params = new URLSearchParams({ state: this.state, rule_id: this.of.rule ?? "", limit: String(this.of.limit ?? 50), cursor });
    return call("GET", `notifications?${params}`);
  }

  async read() {
    const state = this.state;
    const said = await this.ask();
    if (state !== this.state) return;
    if (!said.ok) return this.list.replaceChildren(h("li", {}, failed(said.body, () => this.read())));
    this.newest = said.body.items;
    if (!this.older.length) this.next = said.body.next;
    this.draw();
  }

  draw() {
    const known = new Set();
    const items = [...(this.newest ?? []), ...this.older].filter((one) => !known.has(one.id) && known.add(one.id));
    const open = new Set([...this.list.querySelectorAll("details[open]")].map((one) => /** @type {HTMLElement} */ (one).dataset.id));
    this.list.replaceChildren(...items.map((one) => this.line(one, open.has(String(one.id)))));
    if (!items.length) this.list.replaceChildren(h("li", {}, this.of.rule ? h("p", { class: "muted none" }, "No notifications sent for this rule yet.") : blank("No notifications", this.state ? "No notification is in this state." : "Once an alert fires, the notifications sent for it are listed here.")));
    const more = this.next ? [h("span", { class: "grow" }), h("button", { class: "btn", type: "button", onclick: () => this.follow() }, "Show older"), h("span", { class: "grow" })] : [];
    this.more.replaceChildren(...more);
  }

  async follow() {
    const said = await this.ask(this.next);
    if (!said.ok) return;
    this.older = [...this.older, ...said.body.items];
    this.next = said.body.next;
    this.draw();
  }

  /** @param {any} one @param {boolean} open */
  line(one, open) {
    const [level, sign, text] = BADGES[one.state];
    const counts = [one.firing && `${one.firing} firing`, one.resolved && `${one.resolved} resolved`].filter(Boolean).join(", ");
    const named = [...new Set(one.rules.map((/** @type {string} */ id) => one.titles[id]).filter(Boolean))].join(", ") || one.group.alertname || one.contact_name;
    const tries = one.tries > 1 ? `${one.tries} attempts` : "";
    const back = [one.message, one.answer && one.answer !== one.message && `“${one.answer}”`].filter(Boolean).join(" ");
    const about = h("dl", { class: "pairs" },
      ...[["Group", h("span", { class: "tags" }, ...(Object.keys(one.group).length ? labelTags(one.group) : [h("span", { class: "muted" }, "all alerts")]))], ["Rules", h("span", {}, ...one.rules.flatMap((/** @type {string} */ id, /** @type {number} */ index) => [index ? ", " : "", one.gone.includes(id) ? h("span", { class: "muted", title: id }, one.titles[id] || id) : h("a", { class: "link", href: `${root}/alerts/${id}` }, one.titles[id] || id)]))], ["Contact point", one.contact_name],
        ["Response", back || "none yet"], ["Attempts", [String(one.tries), one.next_try_at ? " · next " : "", one.next_try_at ? when(one.next_try_at) : ""]], ["Key", h("code", {}, one.key)]].map(([name, value]) => h("div", {}, h("dt", {}, String(name)), h("dd", {}, ...[value].flat()))));
    const resend = one.state === "dead" && may("editor") ? h("button", { class: "btn sm", type: "button", onclick: () => this.again(one.id) }, icon("retry"), "Send again") : null;
    return h("li", {}, h("details", { "data-id": String(one.id), open },
      h("summary", {}, badge(level, sign, text), h("span", { class: "what" }, h("strong", { class: "cut" }, this.of.rule ? one.contact_name : named), h("span", { class: "muted cut" }, [counts, this.of.rule ? "" : `to ${one.contact_name}`, tries, one.state === "delivered" ? "" : one.message].filter(Boolean).join(" · "))), when(one.ended_at ?? one.created_at)), about), resend);
  }

  /** @param {number} id */
  async again(id) {
    const said = await call("POST", `notifications/${id}/resend`);
    this.said.hidden = said.ok;
    this.said.textContent = said.ok ? "" : said.body.detail ?? said.body.title;
    await this.read();
  }
}
