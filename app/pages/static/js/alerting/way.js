// "Where would this alert go?": labels that one writes, and the nodes, contact points, groups and mutes that they come to.

import { call } from "../api.js";
import { h } from "../dom.js";
import { labelTags } from "./parts.js";

const AFTER_MS = 250;
const LABEL = /^\s*([^=\s]+)\s*=\s*"?(.*?)"?\s*$/;

export class Way {
  /** @param {() => any} policy the tree as it stands on the page @param {Map<string, string>} names of contact points @param {(paths: string[]) => void} lit */
  constructor(policy, names, lit) {
    this.names = names;
    this.policy = policy;
    this.lit = lit;
    this.timer = 0;
    this.turn = 0;
    this.labels = /** @type {HTMLTextAreaElement} */ (h("textarea", { rows: "4", class: "mono", spellcheck: "false", "aria-label": "Labels, one per line" }));
    this.labels.value = "alertname=Error rate\nseverity=page";
    this.labels.addEventListener("input", () => this.again());
    this.found = h("div", { class: "ways-of", role: "status" });
    this.element = h("section", { class: "where card-of", "aria-label": "Where would this alert go?" }, h("h2", {}, "Where would this alert go?"),
      h("label", { class: "lab" }, "Labels, one per line", h("span", { class: "field tall" }, this.labels)), this.found);
  }

  /** Ask once nobody writes any more. */
  again() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.ask(), AFTER_MS);
  }

  async ask() {
    const turn = (this.turn += 1);
    const lines = this.labels.value.split("\n").filter((one) => one.trim());
    const pairs = lines.map((one) => LABEL.exec(one));
    const wrong = lines.find((_, index) => !pairs[index]);
    if (wrong !== undefined) return this.say(h("p", { class: "err" }, `Write labels as name=value: ${wrong}`));
    const labels = Object.fromEntries(pairs.map((one) => [one?.[1], one?.[2]]));
    const said = await call("POST", "notification-policy/preview", { labels, policy: this.policy() });
    if (turn !== this.turn) return;
    if (!said.ok) {
      this.lit([]);
      return this.say(h("p", { class: "err" }, said.body.detail ?? said.body.title));
    }
    const { items, silenced_by: silences } = said.body;
    this.lit(items.map((/** @type {any} */ one) => one.path));
    const hushed = silences.length ? [h("p", { class: "silenced" }, `Silenced by ${silences.length === 1 ? "silence" : "silences"} ${silences.join(", ")}`)] : [];
    this.say(...hushed, ...items.map((/** @type {any} */ one) => way(one, this.names.get(one.contact_point) ?? one.contact_point)));
  }

  /** @param {...Node} content */
  say(...content) {
    this.found.replaceChildren(...content);
  }
}

/** @param {any} one @param {string} contact */
function way(one, contact) {
  const seconds = (/** @type {number} */ ms) => (ms % 3600e3 === 0 && ms ? `${ms / 3600e3} h` : ms % 60e3 === 0 && ms ? `${ms / 60e3} min` : `${ms / 1000} s`);
  const group = Object.keys(one.group).length ? labelTags(one.group) : [h("span", { class: "muted" }, "all alerts in one group")];
  const muted = one.muted_by.length ? h("p", { class: "err" }, `Muted now by ${one.muted_by.join(", ")}`) : one.mute_timings.length ? h("p", { class: "muted" }, `Muted during ${one.mute_timings.join(", ")} (not active now)`) : null;
  return h("div", { class: "way" }, h("strong", {}, contact), h("span", { class: "tags" }, ...group),
    h("span", { class: "muted" }, `group wait ${seconds(one.group_wait_ms)} · group interval ${seconds(one.group_interval_ms)} · repeat interval ${seconds(one.repeat_interval_ms)}`), muted);
}
