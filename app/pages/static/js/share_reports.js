// Reports: the dashboard on paper, sent by mail at certain times.

import { ask } from "./askfor.js";
import { h } from "./dom.js";
import { makingPage, viewOf } from "./share_made.js";
import { browserZone, fullTime } from "./zone.js";

/** @type {[string, string][]} what cron says, in words */
const SCHEDULES = [
  ["0 8 * * *", "Every day at 08:00"], ["0 8 * * 1-5", "Monday to Friday at 08:00"], ["0 8 * * 1", "Mondays at 08:00"],
  ["0 8 1 * *", "The first of the month at 08:00"], ["", "As cron has it …"],
];
const EMAIL = "email";
const LOOK_MS = 2000; // while one is being sent

/** @param {import("./share.js").Shared} shared @returns {Node[]} */
export function reportsPage({ boot }) {
  const name = /** @type {HTMLInputElement} */ (h("input", { maxlength: "200", autocomplete: "off", placeholder: boot.title }));
  const to = /** @type {HTMLSelectElement} */ (h("select", { required: true }));
  const often = /** @type {HTMLSelectElement} */ (h("select", {}, ...SCHEDULES.map(([value, words]) => h("option", { value }, words))));
  const cron = /** @type {HTMLInputElement} */ (h("input", { maxlength: "100", autocomplete: "off", class: "mono", placeholder: "minute hour day month weekday" }));
  const zone = /** @type {HTMLInputElement} */ (h("input", { maxlength: "64", required: true, value: boot.zone === "browser" ? browserZone() : boot.zone }));
  const written = h("label", { class: "lab", hidden: true }, "Schedule", h("span", { class: "field" }, cron));
  const none = h("p", { class: "muted", hidden: true }, "There is no contact point of type E-mail: admins make them at Alerts, Contact points.");
  often.addEventListener("change", () => {
    written.hidden = Boolean(often.value);
    cron.required = !often.value;
    if (cron.required) cron.focus();
  });
  ask("GET", "contact-points").then(({ items }) => {
    const mails = items.filter((/** @type {any} */ one) => one.type === EMAIL);
    to.replaceChildren(...mails.map((/** @type {any} */ one) => h("option", { value: one.contact_point_id }, one.name)));
    none.hidden = mails.length > 0;
  }, () => undefined);
  return makingPage({
    path: `dashboards/${encodeURIComponent(boot.dashboard_id)}/reports`, action: "Add a report",
    words: "A PDF with what you may see, with the values and the range as they are chosen now.",
    fields: [h("div", { class: "half" }, lab("Name", name), lab("To", to)), none, h("div", { class: "half" }, lab("When", often), lab("In the zone", zone)), written],
    body: () => ({ name: name.value.trim(), contact_point: to.value, schedule: often.value || cron.value.trim(), zone: zone.value.trim(), ...viewOf(boot), ...boot.range }),
    told: () => [], line,
  });
}

/** @param {string} text @param {HTMLElement} field */
function lab(text, field) {
  return h("label", { class: "lab" }, text, h("span", { class: "field" }, field));
}

/** @param {any} one @param {() => Promise<void>} changed @param {(error: unknown) => void} failed */
function line(one, changed, failed) {
  const name = one.name || `Report ${one.report_id}`;
  const words = SCHEDULES.find(([cron]) => cron === one.schedule)?.[1] ?? one.schedule;
  const facts = [`${words}, ${one.zone}`, `to ${one.contact_point}`, `next ${fullTime(one.due_at)}`];
  const remove = () => ask("DELETE", `reports/${one.report_id}`).then(changed, failed);
  const send = () => ask("POST", `reports/${one.report_id}/send`, {}).then(changed, failed);
  return h("li", { class: "report" },
    h("strong", { class: "cut" }, name), h("span", { class: "muted cut grow", title: one.created_by_name ? `Made by ${one.created_by_name}` : null }, facts.join(" · ")),
    h("button", { class: "btn sm", type: "button", "aria-label": `Send ${name} now`, onclick: send }, "Send now"),
    h("button", { class: "btn sm", type: "button", "aria-label": `Delete ${name}`, onclick: remove }, "Delete"),
    result(one, changed));
}

/** How it went last; looked at again while it is being sent. @param {any} one @param {() => Promise<void>} changed */
function result({ last, due_at: due }, changed) {
  if (due <= Date.now()) {
    const sending = h("span", { class: "muted last" }, "It is being sent …");
    setTimeout(() => sending.isConnected && changed(), LOOK_MS);
    return sending;
  }
  if (!last) return h("span", { class: "muted last" }, "Not sent yet");
  return h("span", { class: last.sent ? "muted last" : "fault last", title: last.message }, `${last.sent ? "Sent" : "Not sent"} ${fullTime(last.at)}: ${last.message}`);
}
