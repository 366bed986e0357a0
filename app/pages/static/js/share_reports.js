// Reports: the dashboard on paper, sent by mail at certain times; they are changed, paused, and sent now.

import { ask } from "./askfor.js";
import { h } from "./dom.js";
import { makingPage, viewOf } from "./share_made.js";
import { browserZone, fullTime, timeIn } from "./zone.js";

/** @type {[string, string][]} what cron says, in words */
const SCHEDULES = [
  ["0 8 * * *", "Every day at 08:00"], ["0 8 * * 1-5", "Monday to Friday at 08:00"], ["0 8 * * 1", "Mondays at 08:00"],
  ["0 8 1 * *", "The first of the month at 08:00"], ["", "Custom (cron)"],
];
const EMAIL = "email";
const LOOK_MS = 2000; // while one is being sent

/** @param {import("./share.js").Shared} shared @returns {Node[]} */
export function reportsPage({ boot }) {
  return new ReportForm(boot).page();
}

class ReportForm {
  /** @param {any} boot */
  constructor(boot) {
    this.boot = boot;
    /** @type {any} the report that is being changed; null: a new one */
    this.kept = null;
    this.name = /** @type {HTMLInputElement} */ (h("input", { maxlength: "200", autocomplete: "off", placeholder: boot.title }));
    this.to = /** @type {HTMLSelectElement} */ (h("select", { required: true }));
    this.often = /** @type {HTMLSelectElement} */ (h("select", {}, ...SCHEDULES.map(([value, words]) => h("option", { value }, words))));
    this.cron = /** @type {HTMLInputElement} */ (h("input", { maxlength: "100", autocomplete: "off", class: "mono", placeholder: "minute hour day month weekday" }));
    this.zone = /** @type {HTMLInputElement} */ (h("input", { maxlength: "64", required: true }));
    this.written = h("label", { class: "lab", hidden: true }, "Schedule", h("span", { class: "field" }, this.cron));
    this.anew = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox" }));
    this.words = h("span");
    this.view = h("label", { class: "tick", hidden: true }, this.anew, "With the values and the range as they are chosen now");
    this.go = h("button", { class: "btn primary" });
    this.stop = h("button", { class: "btn", type: "button", hidden: true, onclick: () => this.fill(null) }, "Cancel");
    this.often.addEventListener("change", () => this.often.value || this.cron.focus());
    this.often.addEventListener("change", () => this.asWritten());
    this.fill(null);
  }

  /** @returns {Node[]} */
  page() {
    const none = h("p", { class: "muted", hidden: true }, "There is no contact point of type E-mail: admins make them at Alerts, Contact points.");
    const named = ask("GET", "contact-points").then(({ items }) => {
      const mails = items.filter((/** @type {any} */ one) => one.type === EMAIL);
      this.to.replaceChildren(...mails.map((/** @type {any} */ one) => h("option", { value: one.contact_point_id }, one.name)));
      none.hidden = mails.length > 0;
      return new Map(mails.map((/** @type {any} */ one) => [one.contact_point_id, one.name]));
    }).catch(() => new Map());
    const path = `dashboards/${encodeURIComponent(this.boot.dashboard_id)}/reports`;
    return makingPage({
      path, key: "report_id", action: this.go, beside: this.stop,
      words: this.words,
      fields: [h("div", { class: "half" }, lab("Name", this.name), lab("To", this.to)), none,
        h("div", { class: "half" }, lab("When", this.often), lab("Time zone", this.zone)), this.written, this.view],
      body: () => this.body(), asks: () => (this.kept ? ["PUT", `reports/${this.kept.report_id}`] : ["POST", path]),
      told: () => this.saved(),
      line: (one, changed, failed) => line(one, changed, failed, { change: () => this.fill(one), named }),
    });
  }

  /** Write a report into the form; null: nothing of any. @param {any} kept */
  fill(kept) {
    const { boot } = this;
    this.kept = kept;
    this.name.value = kept?.name ?? "";
    if (kept) this.to.value = kept.contact_point;
    const known = !kept || SCHEDULES.some(([cron]) => cron === kept.schedule);
    this.often.value = kept ? (known ? kept.schedule : "") : SCHEDULES[0][0];
    this.cron.value = known ? "" : kept.schedule;
    this.zone.value = kept?.zone ?? (boot.zone === "browser" ? browserZone() : boot.zone);
    this.anew.checked = false;
    this.view.hidden = this.stop.hidden = !kept;
    this.words.textContent = kept ? "A PDF with what you may see." : "A PDF with what you may see, with the values and the range as they are chosen now.";
    this.go.textContent = kept ? "Save the report" : "Add a report";
    this.asWritten();
    if (kept) this.name.focus();
  }

  asWritten() {
    this.written.hidden = Boolean(this.often.value);
    this.cron.required = !this.often.value;
  }

  body() {
    const { boot, kept } = this;
    const own = { name: this.name.value.trim(), contact_point: this.to.value, schedule: this.often.value || this.cron.value.trim(), zone: this.zone.value.trim() };
    return !kept || this.anew.checked ? { ...(kept ? { version: kept.version, paused: kept.paused } : {}), ...own, ...viewOf(boot), ...boot.range } : { ...documentOf(kept), ...own };
  }

  /** @returns {Node[]} */
  saved() {
    this.fill(null);
    return [];
  }
}

/** A report as it is saved again. @param {any} one */
function documentOf({ name, contact_point, schedule, zone, values, from, to, tz, paused, version }) {
  return { name, contact_point, schedule, zone, values, from, to, tz, paused, version };
}

/** @param {string} text @param {HTMLElement} field */
function lab(text, field) {
  return h("label", { class: "lab" }, text, h("span", { class: "field" }, field));
}

/**
 * @param {any} one @param {() => Promise<void>} changed @param {(error: unknown) => void} failed
 * @param {{change: () => void, named: Promise<Map<string, string>>}} means `named`: the names of contact points
 */
function line(one, changed, failed, { change, named }) {
  const name = one.name || `Report ${one.report_id}`;
  const words = SCHEDULES.find(([cron]) => cron === one.schedule)?.[1] ?? one.schedule;
  const next = one.paused ? "paused" : `next ${timeIn(one.due_at, one.zone)}`;
  const facts = h("span", { class: "muted about", title: one.created_by_name ? `With what ${one.created_by_name} may see` : null });
  const tell = (/** @type {string} */ to) => (facts.textContent = [`${words}, ${one.zone}`, `to ${to}`, next].join(" · "));
  tell(one.contact_point);
  named.then((names) => tell(names.get(one.contact_point) ?? one.contact_point));
  const button = (/** @type {string} */ text, /** @type {string} */ label, /** @type {() => any} */ onclick) => h("button", { class: "btn sm", type: "button", "aria-label": label, onclick }, text);
  const remove = () => ask("DELETE", `reports/${one.report_id}`).then(changed, failed);
  const send = () => ask("POST", `reports/${one.report_id}/send`, {}).then(changed, failed);
  const pause = () => ask("PUT", `reports/${one.report_id}`, { ...documentOf(one), paused: !one.paused }).then(changed, failed);
  return h("li", { class: "report" }, h("strong", { class: "cut" }, name), facts, result(one, changed),
    h("div", { class: "does" }, button("Send now", `Send ${name} now`, send), button("Change", `Change ${name}`, change),
      button(one.paused ? "Resume" : "Pause", `${one.paused ? "Resume" : "Pause"} ${name}`, pause), button("Delete", `Delete ${name}`, remove)));
}

/** How it went last; looked at again while it is being sent. @param {any} one @param {() => Promise<void>} changed */
function result({ last, due_at: due }, changed) {
  if (due !== null && due <= Date.now()) {
    const sending = h("span", { class: "muted last" }, "It is being sent …");
    setTimeout(() => sending.isConnected && changed(), LOOK_MS);
    return sending;
  }
  if (!last) return h("span", { class: "muted last" }, "Not sent yet");
  return h("span", { class: last.sent ? "muted last" : "fault last", title: last.message }, `${last.sent ? "Sent" : "Not sent"} ${fullTime(last.at)}: ${last.message}`);
}
