// Why alerts of the rule that is shown are not told: silences, inhibitions, mute timings; and a form for a silence.

import { h, icon } from "./dom.js";
import { dialog } from "./menus.js";
import { fullTime } from "./zone.js";

const EVERY_MS = 15e3;
const MINUTE_MS = 60e3, HOUR_MS = 60 * MINUTE_MS;
/** @type {[string, number][]} */
const SPANS = [["30 minutes", 30 * MINUTE_MS], ["1 hour", HOUR_MS], ["4 hours", 4 * HOUR_MS], ["1 day", 24 * HOUR_MS], ["1 week", 168 * HOUR_MS]];
const UNTIL_OVER = "over";

const root = document.documentElement.dataset.root ?? "";
const place = /** @type {HTMLElement|null} */ (document.querySelector("[data-silences]"));
const button = /** @type {HTMLButtonElement|null} */ (document.querySelector("[data-silence]"));

/** @param {string} path @param {RequestInit} [how] */
async function api(path, how) {
  const answer = await fetch(`${root}/api/v1/${path}`, how).catch(() => null);
  return answer?.ok && answer.status !== 204 ? answer.json() : null;
}

/** What keeps alerts of the rule from being told. */
async function show() {
  if (!place || document.hidden) return;
  const alerts = await api(`alerts?${new URLSearchParams({ rule_id: place.dataset.silences ?? "" })}`);
  /** @type {Set<number>} */
  const ids = new Set((alerts?.items ?? []).flatMap((/** @type {any} */ one) => one.silenced_by));
  const known = ids.size ? await api("silences?state=active") : { items: [] };
  if (!alerts || !known) return;
  const told = (/** @type {"inhibited_by"|"muted_by"} */ by) => [...new Set(alerts.items.flatMap((/** @type {any} */ one) => one[by]))];
  place.replaceChildren(
    ...known.items.filter((/** @type {any} */ one) => ids.has(one.id)).map(line),
    ...told("inhibited_by").map((id) => quiet("Not told while ", h("a", { class: "link", href: `${root}/alerts/${id}` }, String(id)), " fires")),
    ...told("muted_by").map((name) => quiet(`Not told at this time: ${name}`)));
}

/** @param {...(Node|string)} words */
function quiet(...words) {
  return h("p", { class: "silenced" }, icon("mute"), h("span", { class: "grow" }, ...words));
}

/** @param {any} one */
function line(one) {
  const until = one.ends_at ? `until ${fullTime(one.ends_at)}` : "until it is over";
  const end = button ? h("button", { class: "btn sm", type: "button", onclick: () => api(`silences/${one.id}`, { method: "DELETE" }).then(show) }, "End") : null;
  return h("p", { class: "silenced" }, icon("mute"), h("span", { class: "grow" }, ["Silenced", until, one.comment && `· ${one.comment}`].filter(Boolean).join(" ")), end);
}

function ask() {
  const spans = [...SPANS.map(([text, ms]) => h("option", { value: String(ms) }, text)), h("option", { value: UNTIL_OVER }, "Until the alert is over")];
  const span = /** @type {HTMLSelectElement} */ (h("select", { name: "span" }, ...spans));
  span.value = String(HOUR_MS);
  const matchers = /** @type {HTMLTextAreaElement} */ (h("textarea", { name: "matchers", rows: "3", spellcheck: "false" }));
  matchers.value = `alertname=${JSON.stringify(button?.dataset.silence ?? "")}`;
  const comment = /** @type {HTMLInputElement} */ (h("input", { name: "comment", maxlength: "2000", placeholder: "Why, and what is done about it" }));
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  const field = (/** @type {string} */ text, /** @type {HTMLElement} */ input) => h("label", { class: "lab" }, text, h("span", { class: "field tall" }, input));
  const form = /** @type {HTMLFormElement} */ (h("form", { class: "form" }, field("For", span), field("Alerts with these labels, one a line", matchers), field("Comment", comment), fault,
    h("div", { class: "bar" }, h("p", { class: "muted grow" }, "They go on being evaluated and shown."), h("button", { class: "btn primary" }, "Silence"))));
  const box = dialog("sheet-dialog", "Silence alerts", [form]);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const ends = span.value === UNTIL_OVER ? { ends_with_alert: true } : { ends_at: Date.now() + Number(span.value) };
    const body = JSON.stringify({ matchers: matchers.value.split("\n").map((one) => one.trim()).filter(Boolean), comment: comment.value, ...ends });
    const answer = await fetch(`${root}/api/v1/silences`, { method: "POST", headers: { "Content-Type": "application/json" }, body }).catch(() => null);
    if (answer?.ok) {
      box.close();
      await show();
      return;
    }
    const problem = await answer?.json().catch(() => null);
    fault.textContent = problem?.detail ?? "The server does not answer: nothing is silenced.";
    fault.hidden = false;
  });
}

/** Begin, on the page of a rule. */
export function installSilences() {
  button?.addEventListener("click", ask);
  const again = () => setTimeout(() => show().finally(again), EVERY_MS * (0.8 + Math.random() * 0.4));
  if (place) show().finally(again);
}
