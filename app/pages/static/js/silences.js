// Why alerts of the rule that is shown are not told: silences, inhibitions, mute timings; and a form for a silence.

import { again } from "./again.js";
import { silenceForm } from "./alerting/silence_form.js";
import { call } from "./api.js";
import { h, icon } from "./dom.js";
import { fullTime } from "./zone.js";

const EVERY_MS = 15e3;
const MOST_ALERTS = 200; // of which one may be chosen to be silenced
const root = document.documentElement.dataset.root ?? "";
const place = /** @type {HTMLElement|null} */ (document.querySelector("[data-silences]"));
const way = /** @type {HTMLElement|null} */ (document.querySelector("[data-goes]"));
const button = /** @type {HTMLButtonElement|null} */ (document.querySelector("[data-silence]"));

/** What keeps alerts of the rule from being told. */
async function show() {
  if (!place) return;
  const { ok, body: alerts } = await call("GET", `alerts?${new URLSearchParams({ rule_id: place.dataset.silences ?? "" })}`);
  if (!ok) return;
  /** @type {Set<number>} */
  const ids = new Set(alerts.items.flatMap((/** @type {any} */ one) => one.silenced_by));
  const known = ids.size ? (await call("GET", "silences?state=active")).body : { items: [] };
  if (!known.items) return;
  const told = (/** @type {"inhibited_by"|"muted_by"} */ by) => [...new Set(alerts.items.flatMap((/** @type {any} */ one) => one[by]))];
  place.replaceChildren(
    ...known.items.filter((/** @type {any} */ one) => ids.has(one.id)).map(line),
    ...told("inhibited_by").map((id) => quiet("Inhibited by ", h("a", { class: "link", href: `${root}/alerts/${id}` }, String(id)))),
    ...told("muted_by").map((name) => quiet(`Muted by ${name}`)));
}

/** @param {...(Node|string)} words */
function quiet(...words) {
  return h("p", { class: "silenced" }, icon("mute"), h("span", { class: "grow" }, ...words));
}

/** @param {any} one */
function line(one) {
  const until = one.ends_at ? `until ${fullTime(one.ends_at)}` : "until it resolves";
  const end = button ? h("button", { class: "btn sm", type: "button", onclick: () => call("DELETE", `silences/${one.id}`).then(show) }, "Expire") : null;
  return h("p", { class: "silenced" }, icon("mute"), h("span", { class: "grow" }, ["Silenced", until, one.comment && `· ${one.comment}`].filter(Boolean).join(" ")), end);
}

/** Where its alerts go, by the labels that all of them have. */
async function showWay() {
  if (!way) return;
  const [said, contacts] = await Promise.all([call("POST", "notification-policy/preview", { labels: JSON.parse(way.dataset.goes ?? "{}") }), call("GET", "contact-points")]);
  if (!said.ok || !contacts.ok) return;
  const names = new Map(contacts.body.items.map((/** @type {any} */ one) => [one.contact_point_id, one.name]));
  const points = [...new Set(said.body.items.map((/** @type {any} */ one) => names.get(one.contact_point) ?? one.contact_point))];
  way.querySelector("dd")?.replaceChildren(h("a", { class: "link", href: `${root}/notifications/policy` }, points.join(", ")));
  way.hidden = !points.length;
}

/** A silence of the rule, or of one of its alerts. */
function ask() {
  silenceForm([`alertname=${JSON.stringify(button?.dataset.silence ?? "")}`], show, null, named());
}

/** The alerts of the rule that may be chosen from, called by what tells them apart; none where there is but one. */
async function named() {
  const said = await call("GET", `alerts?${new URLSearchParams({ rule_id: place?.dataset.silences ?? "" })}`);
  /** @type {any[]} */
  const alerts = said.ok ? said.body.items : [];
  const shared = (/** @type {string} */ name) => alerts.every((one) => one.labels[name] === alerts[0].labels[name]);
  const found = alerts.slice(0, MOST_ALERTS).map(({ labels }) => ({ labels, name: Object.entries(labels).filter(([name]) => !shared(name)).map(([name, text]) => `${name}=${text}`).join(", ") || labels.alertname }));
  return found.length > 1 ? found : [];
}

/** Begin, on the page of a rule. */
export function installSilences() {
  button?.addEventListener("click", ask);
  if (place) again(show, EVERY_MS);
  showWay();
}
