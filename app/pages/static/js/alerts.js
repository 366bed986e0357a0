// The list of alert rules: asked again every few seconds, filtered by state and words, arrows from one to the next.

import { again } from "./again.js";
import { STATES, stateMark } from "./alert_state.js";
import { installMissed, lateness } from "./alerting/missed.js";
import { Told } from "./alerting/told.js";
import { h, icon } from "./dom.js";
import { tellFiring } from "./firing.js";
import { rulesNow } from "./rules_now.js";
import { installSilences } from "./silences.js";
import { setZone } from "./zone.js";

const EVERY_MS = 5000;
const MINUTE_MS = 60e3, HOUR_MS = 3600e3, DAY_MS = 86400e3;
/** @type {Record<string, string>} what a mark of the last hours looks like */
const MARKS = { Firing: "bad", Error: "warn", Pending: "warn", NoData: "gone", Normal: "", "": "before" };

/** @typedef {{rule_id: string, title: string, state: string, paused: boolean, quiet: string, flapped: number, since: number, fault: string, detail: string, labels: string, marks: string[]}} Rule */
/** @typedef {{folder: string, group: string, interval: string, missed: number, rules: Rule[]}} Group */

const root = document.documentElement.dataset.root ?? "";
const place = /** @type {HTMLElement} */ (document.querySelector(".rules"));
const scroll = /** @type {HTMLElement} */ (place.querySelector(".scroll"));
const pills = /** @type {HTMLElement} */ (place.querySelector(".pills"));
const search = /** @type {HTMLInputElement} */ (document.getElementById("find-rules"));
/** @type {{counts: Record<string, number>, waits_since: number|null, groups: Group[]}|null} */
let known = null;
const rules = rulesNow();
let wanted = new URLSearchParams(location.search).get("state") ?? "";

async function ask() {
  const { status, known: found } = await rules();
  if (status === 401) location.reload();
  if (found === known) return;
  known = found;
  draw();
}

function draw() {
  if (!known) return;
  const focused = /** @type {HTMLElement|null} */ (document.activeElement)?.dataset.rule;
  const { counts } = known;
  const all = Object.values(counts).reduce((sum, one) => sum + one, 0);
  const pill = (/** @type {string} */ state, /** @type {(Node|string)[]} */ ...words) => h("button", {
    class: `pill ${STATES[state]?.level ?? ""}`, type: "button", "aria-pressed": String(wanted === state), onclick: () => choose(state),
  }, ...words);
  pills.replaceChildren(pill("", `All ${all}`), ...Object.keys(STATES).filter((state) => counts[state] || state === wanted)
    .map((state) => pill(state, h("b", {}, String(counts[state])), state === "NoData" ? "No data" : state)));
  const groups = known.groups.map((group) => ({ ...group, rules: group.rules.filter(isWanted) })).filter((group) => group.rules.length);
  scroll.replaceChildren(...(groups.length ? groups.flatMap((group) => [head(group), ...group.rules.map(row)]) : [h("p", { class: "none muted" }, "No rule matches.")]));
  if (focused) /** @type {HTMLElement|null} */ (scroll.querySelector(`[data-rule="${CSS.escape(focused)}"]`))?.focus();
  tellFiring(counts.Firing);
  lateness(known.waits_since);
  const current = known.groups.flatMap((group) => group.rules).find((rule) => rule.rule_id === place.dataset.current);
  for (const badge of document.querySelectorAll("[data-state-of]")) if (current) badge.replaceWith(state(current, place.dataset.current));
  for (const mark of document.querySelectorAll("[data-flaps]")) mark.replaceChildren(...(current?.flapped ? [flaps(current.flapped)] : []), ...(current?.fault ? [faulty(current.fault)] : []));
}

/** @param {Rule} rule */
function isWanted(rule) {
  const words = search.value.trim().toLowerCase();
  return (!wanted || rule.state === wanted) && `${rule.title} ${rule.detail} ${rule.labels}`.toLowerCase().includes(words);
}

/** @param {string} state */
function choose(state) {
  wanted = wanted === state ? "" : state;
  draw();
}

/** @param {Group} group */
function head(group) {
  const missed = group.missed ? h("b", { title: "Evaluations missed within the last hour" }, `${group.missed} missed`) : null;
  return h("div", { class: "grp" }, [group.folder, group.group].filter(Boolean).join(" · "), missed, h("span", {}, `every ${group.interval}`));
}

/** @param {Rule} rule */
function row(rule) {
  const marks = h("span", { class: "marks-row", "aria-hidden": "true" }, ...rule.marks.map((one) => h("i", { class: MARKS[one] ?? "" })));
  return h("a", { class: "rulerow", href: `${root}/alerts/${rule.rule_id}`, "data-rule": rule.rule_id, "aria-current": rule.rule_id === place.dataset.current ? "true" : null },
    state(rule), h("span", { class: "t cut" }, rule.title, rule.quiet ? hush(rule.quiet) : null, rule.flapped ? flaps(rule.flapped) : null, rule.fault && rule.state !== "Error" ? faulty(rule.fault) : null), h("span", { class: "w" }, span(Date.now() - rule.since)), h("span", { class: "d cut" }, rule.detail), marks);
}

/** That nothing of a rule is told. @param {string} why */
function hush(why) {
  return h("span", { class: "hush", title: `No notifications: ${why}` }, icon("mute"), h("span", { class: "vh" }, why));
}

/** That an alert comes and goes. @param {number} times */
function flaps(times) {
  return h("span", { class: "flaps", title: `Fired ${times} times in the last hour: a second threshold, or a longer “for”, calms it` }, "flapping");
}

/** That a rule cannot be evaluated. @param {string} why */
function faulty(why) {
  return h("span", { class: "flaps", title: why }, "cannot be evaluated");
}

/** @param {Rule} rule @param {string} [of] the rule of whose page it is the state */
function state(rule, of) {
  return stateMark(rule.state, of ? { "data-state-of": of } : {});
}

/** @param {number} ms */
function span(ms) {
  if (ms < MINUTE_MS) return "now";
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  return ms < DAY_MS ? `${Math.floor(ms / HOUR_MS)} h` : `${Math.floor(ms / DAY_MS)} d`;
}

// The script of the view goes out apart, with what it knows of the zone.
setZone(JSON.parse(document.getElementById("boot")?.textContent || "{}").zone ?? "browser");
installSilences();
installMissed();
const told = /** @type {HTMLElement|null} */ (document.querySelector("[data-told]"));
if (told) new Told(told, { rule: told.dataset.told, limit: 20 });
search.addEventListener("input", draw);
scroll.addEventListener("keydown", (event) => {
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!way) return;
  const rows = /** @type {HTMLElement[]} */ ([...scroll.querySelectorAll(".rulerow")]);
  rows[rows.indexOf(/** @type {HTMLElement} */ (document.activeElement)) + way]?.focus();
  event.preventDefault();
});
again(ask, EVERY_MS);
