// The form of a silence, for alerts of some labels: from a rule's page, and from the list of silences.

import { call } from "../api.js";
import { h } from "../dom.js";
import { dialog } from "../menus.js";
import { fromLocal, zoneName } from "../zone.js";

const MINUTE_MS = 60e3, HOUR_MS = 60 * MINUTE_MS;
/** @type {[string, number][]} */
const SPANS = [["30 minutes", 30 * MINUTE_MS], ["1 hour", HOUR_MS], ["4 hours", 4 * HOUR_MS], ["1 day", 24 * HOUR_MS], ["1 week", 168 * HOUR_MS]];
const UNTIL_OVER = "over", AS_IT_IS = "same";

/** @param {string} text @param {HTMLElement} input */
function field(text, input) {
  return h("label", { class: "lab" }, text, h("span", { class: "field tall" }, input));
}

/** @typedef {{name: string, labels: Record<string, string>}} Alert one that fires, as it is told from others of its rule */

/** A matcher for each label of an alert: no other alert passes all. @param {Record<string, string>} labels */
function matching(labels) {
  const { alertname, ...others } = labels;
  const ordered = Object.entries(others).sort(([one], [other]) => (one < other ? -1 : 1));
  return [["alertname", alertname], ...ordered].map(([name, text]) => `${/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)}=${JSON.stringify(text)}`);
}

/** What is silenced: all that the matchers say, or one of the alerts. @param {Alert[]} alerts @param {string[]} matchers @param {HTMLTextAreaElement} area */
function choice(alerts, matchers, area) {
  const select = /** @type {HTMLSelectElement} */ (h("select", { name: "alert" }, h("option", { value: "" }, "All alerts of this rule"), ...alerts.map((one, index) => h("option", { value: String(index) }, one.name))));
  select.addEventListener("change", () => {
    area.value = (select.value ? matching(alerts[Number(select.value)].labels) : matchers).join("\n");
  });
  return field("Alerts", select);
}

/**
 * @param {string[]} matchers what stands there at first @param {() => void} done
 * @param {any} [kept] the silence that is changed; none: another one is made @param {Promise<Alert[]>} [alerts] of which one may be chosen, once they are known
 */
export function silenceForm(matchers, done, kept, alerts = Promise.resolve([])) {
  const spans = [...(kept ? [h("option", { value: AS_IT_IS }, "Keep its end")] : []), ...SPANS.map(([text, ms]) => h("option", { value: String(ms) }, text)), h("option", { value: UNTIL_OVER }, "Until the alert resolves")];
  const span = /** @type {HTMLSelectElement} */ (h("select", { name: "span" }, ...spans));
  span.value = kept ? AS_IT_IS : String(HOUR_MS);
  const area = /** @type {HTMLTextAreaElement} */ (h("textarea", { name: "matchers", rows: "3", spellcheck: "false" }));
  area.value = matchers.join("\n");
  const comment = /** @type {HTMLInputElement} */ (h("input", { name: "comment", maxlength: "2000", placeholder: "Reason for this silence", value: kept?.comment ?? "" }));
  const starts = /** @type {HTMLInputElement} */ (h("input", { name: "starts", type: "datetime-local" }));
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  const what = field("Matchers, one per line", area);
  alerts.then((all) => all.length && what.before(choice(all, matchers, area)));
  const form = /** @type {HTMLFormElement} */ (h("form", { class: "form" }, ...(kept ? [] : [field(`Starts, ${zoneName()} (empty: now)`, starts)]), field("Duration", span), what, field("Comment", comment), fault,
    h("div", { class: "bar" }, h("p", { class: "muted grow" }, "Rules are still evaluated and shown."), h("button", { class: "btn primary" }, kept ? "Save" : "Silence"))));
  const box = dialog("sheet-dialog", kept ? "Edit silence" : "New silence", [form]);
  const begins = () => (starts.value ? fromLocal(starts.value) : null);
  const ends = () => {
    if (span.value === AS_IT_IS) return { ends_at: kept.ends_at, ends_with_alert: kept.ends_with_alert };
    return span.value === UNTIL_OVER ? { ends_with_alert: true } : { ends_at: (begins() ?? Date.now()) + Number(span.value) };
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { matchers: area.value.split("\n").map((one) => one.trim()).filter(Boolean), comment: comment.value, ...(starts.value ? { starts_at: begins() } : {}), ...ends(), ...(kept ? { version: kept.version } : {}) };
    const said = await call(kept ? "PUT" : "POST", kept ? `silences/${kept.id}` : "silences", body);
    if (said.ok) {
      box.close();
      done();
      return;
    }
    fault.textContent = said.status === 409 ? "Someone else has changed it in the meantime: close this and open it again." : said.body.detail ?? said.body.title;
    fault.hidden = false;
  });
}
