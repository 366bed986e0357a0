// The list of silences: those that hold, that will, and that did; made, changed and ended by who may edit.

import { again } from "../again.js";
import { call } from "../api.js";
import { h, icon } from "../dom.js";
import { badge, blank, failed, may, pills, when } from "./parts.js";
import { silenceForm } from "./silence_form.js";

const EVERY_MS = 15e3;
/** @type {[string, string][]} */
const STATES = [["active", "Active"], ["pending", "Pending"], ["expired", "Expired"]];
/** @type {Record<string, [string, Parameters<typeof icon>[0], string]>} */
const BADGES = { active: ["warn", "mute", "Active"], pending: ["", "clock", "Pending"], expired: ["", "check", "Expired"] };

/** @param {HTMLElement} into */
export function silencesPage(into) {
  let state = "active";
  const head = h("div", { class: "bar" }), list = h("ul", { class: "entries" });
  const make = () => silenceForm([], read);
  const choose = (/** @type {string} */ wanted) => {
    state = wanted;
    head.replaceChildren(pills(STATES, state, choose, "Filter by state"), h("span", { class: "grow" }), ...(may("editor") ? [h("button", { class: "btn primary", type: "button", onclick: make }, icon("plus"), "New silence")] : []));
    read();
  };
  async function read() {
    const asked = state;
    const said = await call("GET", `silences?state=${asked}`);
    if (asked !== state) return;
    if (!said.ok) return list.replaceChildren(h("li", {}, failed(said.body, read)));
    const { items } = said.body;
    list.replaceChildren(...items.map((/** @type {any} */ one) => line(one, read)));
    if (!items.length) list.replaceChildren(h("li", {}, blank(`No ${state} silences`, "A silence stops notifications for the alerts that match it, for a while. Create one here or on the page of an alert rule.")));
  }
  into.replaceChildren(head, list);
  choose(state);
  again(read, EVERY_MS, EVERY_MS);
}

/** @param {any} one @param {() => void} read */
function line(one, read) {
  const [level, sign, text] = BADGES[one.state];
  const ends = one.ends_at ? when(one.ends_at, one.state === "expired" ? "ended" : "ends") : h("span", {}, "ends when its alert resolves");
  const open = one.state !== "expired" && may("editor");
  const acts = open ? [h("button", { class: "btn sm", type: "button", onclick: () => silenceForm(one.matchers, read, one) }, "Edit"), h("button", { class: "btn sm", type: "button", onclick: () => call("DELETE", `silences/${one.id}`).then(read) }, "Expire")] : [];
  return h("li", { class: "flat" }, badge(level, sign, text),
    h("span", { class: "what" }, h("span", { class: "tags" }, ...one.matchers.map((/** @type {string} */ matcher) => h("code", { class: "tag" }, matcher))), h("span", { class: "muted" }, [one.comment, one.created_by && `by ${one.created_by}`].filter(Boolean).join(" · "))),
    h("span", { class: "muted" }, one.state === "pending" ? when(one.starts_at, "starts") : ends), h("span", { class: "acts-of" }, ...acts));
}
