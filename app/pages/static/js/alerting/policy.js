// The notification policy: the tree, a form for each node, and where an alert of some labels would go by it, saved or not.

import { call, faultsOf } from "../api.js";
import { h, icon } from "../dom.js";
import { Form } from "../editor/form.js";
import { LocalStore, changedAt, pathOf, valueAt } from "../editor/form_store.js";
import { styled } from "../editor/sheet.js";
import { dialog } from "../menus.js";
import { declared } from "./declared.js";
import { failed, may } from "./parts.js";
import { chosen } from "./rule_widgets.js";
import { Way } from "./way.js";

/** @typedef {import("../editor/schema.js").Path} Path */

const ROOT = ["contact_point", "group_by", "group_wait", "group_interval", "repeat_interval"];
const NODE = ["matchers", ...ROOT, "mute_timings", "continue"];

/** @param {HTMLElement} into */
export async function policyPage(into) {
  styled();
  const [policy, contacts, timings] = await Promise.all(["notification-policy", "contact-points", "mute-timings"].map((path) => call("GET", path)));
  const bad = [policy, contacts, timings].find((one) => !one.ok);
  if (bad) return into.replaceChildren(failed(bad.body, () => policyPage(into)));
  const names = { contacts: new Map(contacts.body.items.map((/** @type {any} */ one) => [one.contact_point_id, one.name])), timings: timings.body.items.map((/** @type {any} */ one) => one.name) };
  new PolicyTree(into, policy.body, names);
}

class PolicyTree {
  /** @param {HTMLElement} into @param {any} policy @param {{contacts: Map<string, string>, timings: string[]}} names contact points by their ids */
  constructor(into, policy, names) {
    this.into = into;
    this.names = names;
    this.known = declared();
    this.take(policy);
    this.tree = h("div", { class: "tree" });
    this.status = h("span", { class: "dirty", role: "status" });
    this.fault = h("div", { class: "faults", role: "alert", hidden: true });
    this.save = h("button", { class: "btn primary", type: "button", onclick: () => this.send() }, "Save");
    this.way = new Way(() => this.tree_, names.contacts, (paths) => this.lit(paths));
    into.replaceChildren(h("div", { class: "halves-of" },
      h("section", { "aria-label": "Notification policies" }, h("div", { class: "bar" }, this.status, h("span", { class: "grow" }), ...(may("admin") ? [this.save] : [])), this.fault, this.tree),
      this.way.element));
    this.draw();
    addEventListener("beforeunload", (event) => this.changed && event.preventDefault());
  }

  /** @param {any} policy */
  take({ version, updated_by: _by, updated_at: _at, ...tree }) {
    this.version = version;
    this.tree_ = tree;
    this.saved = JSON.stringify(tree);
  }

  get changed() {
    return JSON.stringify(this.tree_) !== this.saved;
  }

  draw() {
    this.tree.replaceChildren(this.node(this.tree_, []));
    this.status.classList.toggle("changed", this.changed);
    this.status.textContent = this.changed ? "Unsaved changes" : this.version ? `Version ${this.version}` : "Never changed";
    this.way.again();
  }

  /** @param {any} node @param {Path} path @param {string} [above] the contact point of the node above it @returns {HTMLElement} */
  node(node, path, above = "") {
    const routes = node.routes ?? [];
    const title = path.length ? h("span", { class: "tags" }, ...(node.matchers?.length ? node.matchers : ["any alert"]).map((/** @type {string} */ one) => h("code", { class: "tag" }, one))) : h("strong", {}, "Default policy");
    const to = this.names.contacts.get(node.contact_point) ?? node.contact_point ?? "";
    const by = node.group_by?.includes("...") ? "all labels" : node.group_by?.join(", ");
    const told = [to ? `→ ${to}` : above && `→ ${above}, as above`, by && `grouped by ${by}`, node.group_wait && `wait ${node.group_wait}`, node.group_interval && `interval ${node.group_interval}`,
      node.repeat_interval && `repeat ${node.repeat_interval}`, node.mute_timings?.length && `muted during ${node.mute_timings.join(", ")}`, node.continue && "continues matching"].filter(Boolean).join(" · ");
    const at = Number(path.at(-1));
    const count = path.length ? (valueAt(this.tree_, path.slice(0, -1)) ?? []).length : 1;
    const tool = (/** @type {Parameters<typeof icon>[0]} */ sign, /** @type {string} */ label, /** @type {() => void} */ run, off = false, kind = "") => h("button", { class: `btn bare sm icon ${kind}`, type: "button", "aria-label": `${label}: ${path.length ? (node.matchers ?? []).join(" ") || "any alert" : "default policy"}`, title: label, disabled: off, onclick: run }, icon(sign));
    const tools = may("admin") ? [tool("pencil", "Edit", () => this.edit(node, path)), tool("plus", "Add nested policy", () => this.add(path)),
      ...(path.length ? [tool("down", "Move up", () => this.move(path, -1), at === 0, "up"), tool("down", "Move down", () => this.move(path, 1), at === count - 1), tool("bin", "Delete", () => this.put(path, undefined))] : [])] : [];
    const card = h("div", { class: "node-card" }, h("div", { class: "what" }, title, h("span", { class: "muted" }, told)), h("span", { class: "acts-of" }, ...tools));
    return h("div", { class: "node", "data-path": placed(path) }, card,
      ...(routes.length ? [h("div", { class: "below" }, ...routes.map((/** @type {any} */ one, /** @type {number} */ index) => this.node(one, [...path, "routes", index], to || above)))] : []));
  }

  /** @param {Path} path @param {any} value */
  put(path, value) {
    this.tree_ = path.length ? changedAt(this.tree_, path, value) : value;
    this.draw();
  }

  /** @param {Path} path */
  add(path) {
    const at = [...path, "routes", (valueAt(this.tree_, [...path, "routes"]) ?? []).length];
    this.edit({ matchers: [] }, at);
  }

  /** @param {Path} path @param {number} by */
  move(path, by) {
    const at = Number(path.at(-1)), list = path.slice(0, -1);
    const items = [...valueAt(this.tree_, list)];
    items.splice(at + by, 0, ...items.splice(at, 1));
    this.put(list, items);
  }

  /** The form of a node, without those below it. @param {any} node @param {Path} path */
  edit(node, path) {
    const { routes, ...own } = node;
    const store = new LocalStore(structuredClone(own));
    const into = h("div", {});
    const form = /** @type {HTMLFormElement} */ (h("form", { class: "form wide" }, into, h("div", { class: "bar" }, h("p", { class: "muted grow" }, "Takes effect once the policy is saved."), h("button", { class: "btn primary" }, "Apply"))));
    const box = dialog("drawer", path.length ? "Nested policy" : "Default policy", [form]);
    box.classList.add("contact-box");
    const read = this.known.read(path.length ? this.known.document.node : this.known.document.policy);
    const contact = (/** @type {import("../editor/form_field.js").Field} */ field) => chosen(field, () => [...(path.length ? [/** @type {[string, string]} */ (["", "Inherited from parent"])] : []), ...this.names.contacts.entries()]);
    const made = new Form({ declared: this.known, schema: { ...read, "x-groups": undefined }, store, into, only: path.length ? NODE : ROOT, extra: { "Policy.contact_point": contact, "PolicyTree.contact_point": contact } });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const unknown = (store.value.mute_timings ?? []).find((/** @type {string} */ one) => !this.names.timings.includes(one));
      if (unknown) return made.told([{ path: ["mute_timings"], detail: `there is no mute timing ${unknown}` }]);
      box.close();
      this.put(path, { ...store.value, ...(routes ? { routes } : {}) });
    });
  }

  async send() {
    const said = await call("PUT", "notification-policy", { ...this.tree_, version: this.version });
    if (said.ok) {
      this.take(said.body);
      this.say();
    } else if (said.status === 409) this.conflict(said.body.current_version);
    else this.say(h("ul", {}, ...(faultsOf(said.body).length ? faultsOf(said.body) : [{ path: "", detail: said.body.detail ?? said.body.title }]).map((one) => h("li", {}, one.path ? h("code", {}, one.path) : "", ` ${one.detail}`))));
    this.draw();
    this.lit(said.ok ? [] : faultsOf(said.body).map((one) => nodeOf(one.path)), "is-bad");
  }

  /** @param {...Node} content */
  say(...content) {
    this.fault.replaceChildren(...content);
    this.fault.hidden = !content.length;
  }

  /** @param {number} theirs */
  async conflict(theirs) {
    const { body } = await call("GET", "notification-policy");
    const mine = () => {
      this.version = theirs;
      this.send();
    };
    const take = () => {
      this.take(body);
      this.say();
      this.draw();
    };
    this.say(h("p", {}, h("strong", {}, `Someone else saved version ${theirs} in the meantime. `), "Yours is below; theirs:"), h("pre", { class: "mono" }, JSON.stringify({ ...body, version: undefined, updated_by: undefined, updated_at: undefined }, null, 2)),
      h("div", { class: "bar" }, h("button", { class: "btn", type: "button", onclick: mine }, "Overwrite with mine"), h("button", { class: "btn", type: "button", onclick: take }, "Take theirs")));
  }

  /** Mark nodes by their paths. @param {string[]} paths @param {string} [mark] */
  lit(paths, mark = "is-lit") {
    for (const one of /** @type {NodeListOf<HTMLElement>} */ (this.tree.querySelectorAll(".node"))) one.classList.toggle(mark, paths.includes(one.dataset.path ?? ""));
  }
}

/** A place as the server names it. @param {Path} path */
function placed(path) {
  return `$${path.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("")}`;
}

/** The node that a fault is in. @param {string} path */
function nodeOf(path) {
  const parts = pathOf(path);
  let depth = 0;
  while (parts[depth] === "routes" && typeof parts[depth + 1] === "number") depth += 2;
  return placed(parts.slice(0, depth));
}
