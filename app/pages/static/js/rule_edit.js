// The editor of an alert rule: a form of what rules declare, and beside it what the rule would have done over the past.

import { declared } from "./alerting/declared.js";
import { sure } from "./alerting/parts.js";
import { delay, ruleChart, sentence } from "./alerting/rule_chart.js";
import * as links from "./alerting/rule_links.js";
import * as asking from "./alerting/rule_query.js";
import * as widgets from "./alerting/rule_widgets.js";
import { conflict } from "./alerting/rule_conflict.js";
import { call, faultsOf } from "./api.js";
import { h, icon } from "./dom.js";
import { Form } from "./editor/form.js";
import { LocalStore, pathOf } from "./editor/form_store.js";
import { declarations } from "./editor/declarations.js";
import { styled } from "./editor/sheet.js";
import { frame } from "./frame.js";
import { Sources } from "./query/sources.js";
import { carriedOver } from "./query/shown_document.js";

const AFTER_MS = 700;
const HOUR_MS = 3600e3;
/** What its button says, its ms, and how a sentence says it. @type {[string, number, string][]} */
const RANGES = [["1 h", HOUR_MS, "hour"], ["6 h", 6 * HOUR_MS, "6 hours"], ["24 h", 24 * HOUR_MS, "24 hours"], ["7 d", 168 * HOUR_MS, "7 days"]];
/** @type {{title: string, fields: string[]}[]} */
const GROUPS = [
  { title: "Name and folder", fields: ["title", "folder"] },
  { title: "Query", fields: ["targets"] },
  { title: "Condition", fields: ["condition", "for", "keep_firing_for"] },
  { title: "Labels and annotations", fields: ["labels", "annotations"] },
  { title: "Evaluation", fields: ["interval", "group", "no_data", "error", "missing_after", "strict_for", "paused"] },
  { title: "Linked dashboard and panel", fields: ["dashboard_id", "panel_id"] },
];
const ENVELOPE = ["kind", "origin", "created_by", "updated_by", "created_at", "updated_at"];
const BLANK = { title: "", targets: [{ ref: "A", datasource: "", query: "" }], condition: { of: "A", reducer: "last", fires: { above: 0 } }, for: "1m", labels: { severity: "warn" }, annotations: { summary: "" } };

const root = document.documentElement.dataset.root ?? "";
const main = /** @type {HTMLElement} */ (document.getElementById("main"));

class RuleEditor {
  /** @param {any} rule @param {string[]} notes @param {any} context */
  constructor(rule, notes, context) {
    this.id = main.dataset.ruleId ?? "";
    this.turn = 0;
    this.timer = 0;
    this.span = 24 * HOUR_MS;
    this.chosen = false; // by a person: it stays, whatever is said of it
    this.store = new LocalStore({}, () => this.edited());
    this.take(rule);
    this.known = declared();
    this.status = h("span", { class: "dirty", role: "status" });
    this.fault = h("div", { class: "faults", role: "alert", hidden: true });
    this.result = h("div", { class: "would", role: "status" });
    this.ranges = h("div", { class: "seg2", role: "group", "aria-label": "Over the last" }, ...RANGES.map(([text, ms]) => h("button", { type: "button", "data-ms": String(ms), onclick: () => this.over(ms) }, text)));
    const fields = h("div", { class: "fields-of" });
    const save = h("button", { class: "btn primary" }, "Save");
    const remove = this.id ? [h("button", { class: "btn", type: "button", onclick: () => this.remove() }, icon("bin"), "Delete")] : [];
    const bar = h("div", { class: "bar" }, this.status, h("span", { class: "grow" }), ...remove, h("a", { class: "btn", href: this.id ? `${root}/alerts/${this.id}` : `${root}/alerts` }, "Cancel"), save);
    const told = notes.length ? [h("ul", { class: "notes" }, ...notes.map((one) => h("li", {}, one)))] : [];
    const form = /** @type {HTMLFormElement} */ (h("form", { class: "rule-form", novalidate: true }, bar, this.fault, h("div", { class: "editor-of" }, h("div", { class: "card-of" }, h("h2", { class: "vh" }, "The rule"), ...told, fields),
      h("section", { class: "card-of preview-of", "aria-label": "Preview" }, h("div", { class: "bar" }, h("h2", { class: "grow" }, "Preview"), this.ranges), this.result))));
    main.replaceChildren(form);
    styled();
    this.form = new Form({ declared: this.known, schema: { ...this.known.read(this.known.document.rule), "x-groups": GROUPS }, store: this.store, into: fields, context, extra: {
      "Rule.folder": widgets.folder, "RuleTarget.datasource": asking.source, "RuleTarget.query": asking.query, "Condition.of": widgets.reference,
      "Condition.fires": widgets.fires, "Condition.resolves": widgets.resolves, "Rule.labels": widgets.texts(["severity", "team"]), "Rule.dashboard_id": links.dashboard, "Rule.panel_id": links.panel, "Rule.annotations": widgets.texts(["summary", "description", "runbook_url"]),
    } });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    addEventListener("beforeunload", (event) => this.changed && !this.gone && event.preventDefault());
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== "s") return;
      event.preventDefault();
      this.save();
    });
    this.show();
    this.preview();
  }

  /** @param {any} rule */
  take(rule) {
    const { version = 0, ...value } = Object.fromEntries(Object.entries(rule).filter(([name]) => !ENVELOPE.includes(name)));
    this.version = version;
    this.saved = this.id ? JSON.stringify(value) : "";
    this.store.value = value;
  }

  get rule() {
    return this.store.value;
  }

  get changed() {
    return JSON.stringify(this.rule) !== this.saved;
  }

  edited() {
    this.show();
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.preview(), AFTER_MS);
  }

  show() {
    this.status.classList.toggle("changed", this.changed);
    this.status.textContent = !this.version ? "Not saved yet" : this.changed ? "Unsaved changes" : `Version ${this.version}`;
    for (const one of /** @type {NodeListOf<HTMLElement>} */ (this.ranges.querySelectorAll("button"))) one.setAttribute("aria-pressed", String(Number(one.dataset.ms) === this.span));
  }

  /** Replay another range. @param {number} span ms */
  over(span) {
    [this.span, this.chosen] = [span, true];
    this.show();
    this.preview();
  }

  /** Replay it as it stands; what is wrong with it is said beside its fields. */
  async preview() {
    const turn = (this.turn += 1);
    const rule = this.rule;
    if (!rule.targets?.some((/** @type {any} */ one) => one.query && Object.keys(one.query).length)) return this.result.replaceChildren(h("p", { class: "muted" }, "Add a query to see what the rule would have done in the last 24 hours."));
    this.result.classList.add("is-asking");
    const to = Date.now();
    const said = await this.replayed(rule, to);
    if (turn !== this.turn) return;
    this.result.classList.remove("is-asking");
    this.show();
    if (!said.ok) return this.refused(said.body);
    this.form?.told([]);
    this.say();
    const found = said.body;
    const level = found.fired ? "bad" : "ok";
    const span = RANGES.find(([, ms]) => ms === this.span)?.[2];
    const more = [delay(found.instances), `${found.evaluations} evaluations`, found.errors ? `${found.errors} would have failed` : "", found.series > found.lines.length ? `showing the ${found.lines.length} series that breach most` : ""].filter(Boolean).join(" · ");
    this.result.replaceChildren(h("p", { class: `verdict ${level}` }, icon(found.fired ? "alarm" : "check"), `${sentence(found)} in the last ${span}.`), found.series ? ruleChart(found, rule, [to - this.span, to], this.result.clientWidth) : h("p", { class: "muted" }, "The query returns no data in this range."), h("p", { class: "muted" }, more), ...texts(found.texts));
  }

  /** What the server says of it. A range that is too long for the rule gives way to a shorter one. @param {any} rule @param {number} to ms */
  async replayed(rule, to) {
    for (;;) {
      const said = await call("POST", "rules/preview", { rule: { ...rule, title: rule.title || "Alert" }, from: to - this.span, to });
      const shorter = RANGES.filter(([, ms]) => ms < this.span).at(-1)?.[1];
      if (said.ok || this.chosen || !shorter || !faultsOf(said.body).some((one) => one.path === "$.from")) return said;
      this.span = shorter;
    }
  }

  /** @param {any} problem */
  refused(problem) {
    const faults = faultsOf(problem);
    const ours = faults.filter((one) => one.path.startsWith("$.rule"));
    this.form?.told(ours.map((one) => ({ path: pathOf(one.path).slice(1), detail: one.detail })));
    const rest = faults.filter((one) => !one.path.startsWith("$.rule"));
    const words = ours.length ? "Fix the fields in red to see the preview." : rest.map((one) => one.detail).join(" ") || problem.detail || problem.title;
    this.result.replaceChildren(h("p", { class: "muted" }, words));
  }

  /** @param {...Node} content */
  say(...content) {
    this.fault.replaceChildren(...content);
    this.fault.hidden = !content.length;
    if (content.length) this.fault.scrollIntoView({ block: "nearest" });
  }

  async save() {
    const said = await call(this.id ? "PUT" : "POST", this.id ? `rules/${this.id}` : "rules", this.id ? { ...this.rule, version: this.version } : this.rule);
    if (said.ok) {
      this.gone = true;
      location.assign(`${root}/alerts/${said.body.rule_id}`);
      return;
    }
    if (said.status === 409 && this.id) return this.lost();
    const faults = faultsOf(said.body);
    this.form?.told(faults.map((one) => ({ path: pathOf(one.path), detail: one.detail })));
    const words = faults.length ? faults.map((one) => h("li", {}, h("code", {}, one.path.replace(/^\$\./, "")), ` ${one.detail}`)) : [h("li", {}, said.body.detail ?? said.body.title)];
    this.say(h("strong", {}, "Not saved"), h("ul", {}, ...words));
    /** @type {HTMLElement|null} */ (main.querySelector("[aria-invalid=true]"))?.focus();
  }

  /** Somebody saved it meanwhile: both are shown, and one goes on with either. */
  async lost() {
    const said = await call("GET", `rules/${this.id}`);
    if (!said.ok) return this.say(h("p", {}, said.body.detail ?? said.body.title));
    const { version, ...theirs } = Object.fromEntries(Object.entries(said.body).filter(([name]) => !ENVELOPE.includes(name)));
    this.say(...conflict(version, this.rule, theirs, () => {
      this.version = version;
      this.save();
    }, () => {
      this.take({ ...theirs, version });
      this.say();
      this.form?.refresh();
      this.edited();
    }));
  }

  remove() {
    sure(`Delete ${this.rule.title}?`, "Its firing alerts are resolved, and a resolved notification goes to everyone who was notified of them.", `rules/${this.id}`, () => {
      this.gone = true;
      location.assign(`${root}/alerts`);
    });
  }
}

/** Labels and annotations as they would be written. @param {{labels: Record<string, string>, annotations: Record<string, string>}|null} found */
function texts(found) {
  const all = found ? Object.entries(found.annotations).filter(([, text]) => text) : [];
  if (!all.length) return [];
  return [h("div", { class: "would-say" }, h("h3", {}, "Annotations"), h("dl", { class: "pairs" }, ...all.map(([name, text]) => h("div", {}, h("dt", {}, name), h("dd", {}, text)))))];
}

/** The rule that the address names, that of a panel, or a blank one. @returns {Promise<{rule: any, notes: string[]}|{problem: any}>} */
async function begun() {
  const id = main.dataset.ruleId;
  if (id) {
    const said = await call("GET", `rules/${id}`);
    return said.ok ? { rule: said.body, notes: [] } : { problem: said.body };
  }
  const asked = new URLSearchParams(location.search);
  if (!asked.get("dashboard")) return { rule: { ...BLANK, folder: asked.get("folder") ?? "" }, notes: [] };
  /** @type {Record<string, string[]>} */
  const variables = {};
  for (const [name, value] of asked) if (name.startsWith("var-")) (variables[name.slice(4)] ??= []).push(value);
  const said = await call("POST", "rules/from-panel", { dashboard_id: asked.get("dashboard"), panel_id: Number(asked.get("panel")), variables });
  if (!said.ok) return { problem: said.body };
  const { labels, annotations, ...rest } = BLANK;
  return { rule: { ...rest, labels, annotations: { summary: "" }, ...said.body.rule }, notes: said.body.notes };
}

/** What a form of a rule knows beside it. */
async function known() {
  const [declared, folders] = await Promise.all([declarations(), call("GET", "folders")]);
  const sources = new Sources(declared);
  await sources.load();
  return { declared, sources, folders: folders.ok ? folders.body.items : [] };
}

/** A target that asks nothing yet asks the usual source. @param {any} target @param {Sources} sources */
function asks(target, sources) {
  const usual = sources.all.find((one) => one.default) ?? sources.all[0];
  return target.query === "" && !target.datasource && usual ? { ...target, datasource: usual.uid, query: carriedOver(null, sources.kind(usual.uid), "") } : target;
}

async function start() {
  const fail = (/** @type {any} */ problem) => main.replaceChildren(h("p", { class: "fault", role: "alert" }, problem.detail ?? problem.title));
  const context = await known().catch((error) => void fail({ detail: error.message }));
  const found = context && (await begun());
  if (!context || !found) return;
  if ("problem" in found) return fail(found.problem);
  new RuleEditor({ ...found.rule, targets: found.rule.targets.map((/** @type {any} */ one) => asks(one, context.sources)) }, found.notes, context);
}

frame();
start();
