// What keeps alerts from being told: mute timings that nodes of the policy name, and inhibitions with what they would hide.

import { call, faultsOf } from "../api.js";
import { h, icon } from "../dom.js";
import { Form } from "../editor/form.js";
import { LocalStore, pathOf } from "../editor/form_store.js";
import { styled } from "../editor/sheet.js";
import { dialog } from "../menus.js";
import { declared } from "./declared.js";
import { badge, failed, labelTags, may, sure } from "./parts.js";

const root = document.documentElement.dataset.root ?? "";
const AFTER_MS = 300;

/** @param {HTMLElement} into */
export function mutingPage(into) {
  styled();
  const known = declared();
  const timings = h("section", { class: "card-of", "aria-label": "Mute timings" }), inhibitions = h("section", { class: "card-of", "aria-label": "Inhibitions" });
  into.replaceChildren(h("div", { class: "halves-of even" }, timings, inhibitions));
  showTimings(timings, known);
  new Inhibitions(inhibitions, known).read();
}

/** @param {HTMLElement} into @param {import("../editor/schema.js").Declarations} known */
function showTimings(into, known) {
  const list = h("ul", { class: "entries" });
  const make = h("button", { class: "btn sm", type: "button", onclick: () => timingForm(known, null, read) }, icon("plus"), "New mute timing");
  into.replaceChildren(h("div", { class: "bar" }, h("h2", { class: "grow" }, "Mute timings"), ...(may("admin") ? [make] : [])), h("p", { class: "muted" }, "While a mute timing is active, the policies that use it send no notifications."), list);
  async function read() {
    const said = await call("GET", "mute-timings");
    if (!said.ok) return list.replaceChildren(h("li", {}, failed(said.body, read)));
    list.replaceChildren(...said.body.items.map((/** @type {any} */ one) => {
      const acts = may("admin") ? [h("button", { class: "btn sm", type: "button", onclick: () => timingForm(known, one, read) }, "Edit"), h("button", { class: "btn sm bare icon", type: "button", "aria-label": `Delete ${one.name}`, onclick: () => sure(`Delete ${one.name}?`, "It cannot be deleted while a policy uses it.", `mute-timings/${one.name}`, read) }, icon("bin"))] : [];
      return h("li", { class: "flat" }, one.mutes_now ? badge("warn", "mute", "Active now") : badge("", "clock", "Not active"), h("span", { class: "what" }, h("strong", {}, one.name), h("span", { class: "muted" }, one.intervals.map(words).join("; "))), h("span", { class: "acts-of" }, ...acts));
    }));
    if (!said.body.items.length) list.replaceChildren(h("li", { class: "none muted" }, "No mute timings yet."));
  }
  read();
}

/** An interval in words. @param {any} one */
function words(one) {
  const parts = [one.times?.map((/** @type {any} */ time) => `${time.start_time} to ${time.end_time}`).join(", "), one.weekdays?.join(", "), one.days_of_month?.length && `days ${one.days_of_month.join(", ")}`, one.months?.join(", "), one.years?.join(", "), one.location];
  return parts.filter(Boolean).join(" · ") || "always";
}

/** @param {import("../editor/schema.js").Declarations} known @param {any} kept @param {() => void} done */
function timingForm(known, kept, done) {
  const { version, updated_by: _by, updated_at: _at, mutes_now: _now, ...value } = kept ?? { name: "", intervals: [{ times: [{ start_time: "22:00", end_time: "24:00" }] }] };
  const store = new LocalStore(structuredClone(value));
  const into = h("div", {}), fault = h("p", { class: "fault", role: "alert", hidden: true });
  const element = /** @type {HTMLFormElement} */ (h("form", { class: "form wide" }, into, fault, h("div", { class: "bar" }, h("span", { class: "grow" }), h("button", { class: "btn primary" }, "Save"))));
  const box = dialog("drawer", kept ? kept.name : "New mute timing", [element]);
  box.classList.add("contact-box");
  const form = new Form({ declared: known, schema: known.document.timing, store, into, without: kept ? ["name"] : [] });
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = await call(kept ? "PUT" : "POST", kept ? `mute-timings/${kept.name}` : "mute-timings", { ...store.value, ...(kept ? { version } : {}) });
    if (said.ok) {
      box.close();
      done();
      return;
    }
    const faults = faultsOf(said.body);
    form.told(faults.map((one) => ({ path: pathOf(one.path), detail: one.detail })));
    fault.textContent = said.status === 409 ? said.body.detail ?? "Someone else has changed it in the meantime: close this and open it again." : faults.length ? "" : said.body.detail ?? said.body.title;
    fault.hidden = !fault.textContent;
  });
}

class Inhibitions {
  /** @param {HTMLElement} into @param {import("../editor/schema.js").Declarations} known */
  constructor(into, known) {
    this.known = known;
    this.timer = 0;
    this.form = h("div", {});
    this.hides = h("div", { class: "hides", role: "status" });
    this.fault = h("p", { class: "fault", role: "alert", hidden: true });
    const save = h("button", { class: "btn sm primary", type: "button", onclick: () => this.save() }, "Save");
    into.replaceChildren(h("div", { class: "bar" }, h("h2", { class: "grow" }, "Inhibitions"), ...(may("admin") ? [save] : [])), h("p", { class: "muted" }, "While a source alert fires, no notifications are sent for its target alerts."), this.fault, this.form, this.hides);
  }

  async read() {
    const said = await call("GET", "inhibitions");
    if (!said.ok) return this.form.replaceChildren(failed(said.body, () => this.read()));
    this.version = said.body.version;
    this.store = new LocalStore({ items: said.body.items }, () => this.soon());
    this.form.replaceChildren();
    const schema = { title: "Inhibitions", type: "object", properties: { items: { type: "array", items: this.known.document.inhibition, title: "Inhibitions", default: [] } } };
    this.made = may("admin") ? new Form({ declared: this.known, schema, store: this.store, into: this.form, flat: true }) : null;
    if (!this.made) this.form.replaceChildren(...said.body.items.map((/** @type {any} */ one) => h("p", {}, h("code", {}, one.source.join(", ")), " inhibits ", h("code", {}, one.target.join(", ")), one.equal.length ? ` with the same ${one.equal.join(", ")}` : "")));
    this.preview();
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.preview(), AFTER_MS);
  }

  /** What these would hide of what fires now. */
  async preview() {
    const begun = (this.store?.value.items ?? []).some((/** @type {any} */ one) => !one.source?.some(Boolean) || !one.target?.some(Boolean));
    if (begun) return this.hides.replaceChildren(); // it is not filled in yet
    const said = await call("POST", "inhibitions/preview", this.store?.value);
    if (!said.ok) return this.hides.replaceChildren();
    const { items, firing } = said.body;
    const head = !firing ? "No alerts are firing." : items.length ? `Of ${firing} firing ${firing === 1 ? "alert" : "alerts"}, these would be inhibited:` : `Of ${firing} firing ${firing === 1 ? "alert" : "alerts"}, none would be inhibited.`;
    this.hides.replaceChildren(h("p", { class: "muted" }, head), ...items.slice(0, 20).map((/** @type {any} */ one) => h("div", { class: "way" }, h("span", { class: "tags" }, ...labelTags(one.labels)), h("span", { class: "muted" }, "while ", h("a", { class: "link", href: `${root}/alerts/${one.by.rule_id}` }, one.by.labels.alertname ?? one.by.rule_id), " fires"))));
  }

  async save() {
    const said = await call("PUT", "inhibitions", { ...this.store?.value, version: this.version });
    const faults = said.ok ? [] : faultsOf(said.body);
    this.made?.told(faults.map((one) => ({ path: pathOf(one.path), detail: one.detail })));
    this.fault.textContent = said.ok ? "" : said.status === 409 ? "Someone else has changed them in the meantime: reload this page." : faults.length ? "" : said.body.detail ?? said.body.title;
    this.fault.hidden = !this.fault.textContent;
    if (said.ok) this.version = said.body.version;
  }
}
