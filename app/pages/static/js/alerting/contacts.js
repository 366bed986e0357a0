// Contact points: who is told. Made of what each kind declares; secrets go in and never come out; a test says the real answer.

import { call, faultsOf } from "../api.js";
import { h, icon } from "../dom.js";
import { Form } from "../editor/form.js";
import { LocalStore, pathOf } from "../editor/form_store.js";
import { styled } from "../editor/sheet.js";
import { dialog } from "../menus.js";
import { declared } from "./declared.js";
import { badge, failed, may, sure } from "./parts.js";

/** @typedef {{type: string, title: string, url: string, secrets: string[], schema: any}} Kind */

/** @param {HTMLElement} into */
export function contactsPage(into) {
  styled();
  const known = declared();
  /** @type {Kind[]} */
  const kinds = known.document.contacts;
  const list = h("ul", { class: "entries" });
  const make = h("button", { class: "btn primary", type: "button", onclick: () => edit(null) }, icon("plus"), "New contact point");
  const head = h("div", { class: "bar" }, h("p", { class: "muted grow" }, "The notification policy routes alerts to contact points."), ...(may("admin") ? [make] : []));
  into.replaceChildren(head, list);
  const edit = (/** @type {any} */ one) => new ContactForm(known, kinds, one, read);

  async function read() {
    const [said, policy] = await Promise.all([call("GET", "contact-points"), call("GET", "notification-policy")]);
    if (!said.ok) return list.replaceChildren(h("li", {}, failed(said.body, read)));
    const uses = policy.ok ? usesOf(policy.body) : new Map();
    list.replaceChildren(...said.body.items.map((/** @type {any} */ one) => line(one, uses.get(one.contact_point_id) ?? [])));
  }

  /** @param {any} one @param {string[]} uses */
  function line(one, uses) {
    const kind = kinds.find((each) => each.type === one.type);
    const answer = h("p", { class: "answer", role: "status", hidden: true });
    const test = h("button", { class: "btn sm", type: "button", onclick: () => tried(one, test, answer) }, "Test");
    const acts = one.built_in || !may("admin") ? [] : [
      h("button", { class: "btn sm", type: "button", onclick: () => edit(one) }, "Edit"),
      h("button", { class: "btn sm icon bare", type: "button", "aria-label": `Delete ${one.name}`, onclick: () => remove(one, uses) }, icon("bin")),
    ];
    const told = uses.length ? `used by ${uses.length === 1 ? "1 policy" : `${uses.length} policies`}` : "not used by any policy";
    return h("li", { class: "flat" }, badge("", null, kind?.title ?? one.type),
      h("span", { class: "what" }, h("strong", {}, one.name), h("span", { class: "muted cut" }, [one.url || (one.secrets.length ? "URL is secret" : ""), told].filter(Boolean).join(" · ")), answer),
      h("span", { class: "acts-of" }, test, ...acts));
  }

  /** @param {any} one @param {string[]} uses */
  function remove(one, uses) {
    const text = uses.length ? `The notification policy uses it at ${uses.join(", ")}: choose another contact point there first.` : "No policy uses it. Notifications still pending for it fail.";
    sure(`Delete ${one.name}?`, text, `contact-points/${one.contact_point_id}`, read);
  }
  read();
}

/** The places of the policy that name each contact point. @param {any} node @param {string} [path] @param {Map<string, string[]>} [found] @returns {Map<string, string[]>} */
function usesOf(node, path = "$", found = new Map()) {
  if (node.contact_point) found.set(node.contact_point, [...(found.get(node.contact_point) ?? []), path]);
  (node.routes ?? []).forEach((/** @type {any} */ one, /** @type {number} */ index) => usesOf(one, `${path}.routes[${index}]`, found));
  return found;
}

/** Tell it of an example, and show what its receiver really said. @param {any} one @param {HTMLElement} button @param {HTMLElement} answer */
async function tried(one, button, answer) {
  button.toggleAttribute("disabled", true);
  answer.hidden = false;
  answer.className = "answer muted";
  answer.textContent = "Sending…";
  const said = await call("POST", `contact-points/${one.contact_point_id}/test`, {});
  const { ok, message, answer: back, latency_ms: ms, retryable } = said.ok ? said.body : { ok: false, message: said.body.detail ?? said.body.title, answer: "", latency_ms: null, retryable: false };
  answer.className = `answer ${ok ? "ok" : "bad"}`;
  answer.textContent = [message, back && `“${back}”`, ms !== null && `${Math.round(ms)} ms`, !ok && retryable && "This error may be temporary."].filter(Boolean).join(" · ");
  button.toggleAttribute("disabled", false);
}

class ContactForm {
  /** @param {import("../editor/schema.js").Declarations} known @param {Kind[]} kinds @param {any} kept null: a new one @param {() => void} done */
  constructor(known, kinds, kept, done) {
    this.known = known;
    this.kinds = kinds;
    this.kept = kept;
    this.done = done;
    this.name = field("Name", h("input", { name: "name", maxlength: "200", value: kept?.name ?? "", autocomplete: "off" }));
    const type = /** @type {HTMLSelectElement} */ (h("select", { name: "type", disabled: Boolean(kept) }, ...kinds.map((one) => h("option", { value: one.type }, one.title))));
    type.value = kept?.type ?? "webhook";
    this.type = type;
    type.addEventListener("change", () => this.draw());
    this.fault = h("p", { class: "fault", role: "alert", hidden: true });
    this.body = h("div", { class: "contact" });
    const form = /** @type {HTMLFormElement} */ (h("form", { class: "form wide" }, this.name.element, h("label", { class: "lab" }, "Type", h("span", { class: "field" }, type)), this.body, this.fault,
      h("div", { class: "bar" }, h("span", { class: "grow" }), h("button", { class: "btn primary" }, "Save"))));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    this.box = dialog("drawer", kept ? kept.name : "New contact point", [form]);
    this.box.classList.add("contact-box");
    this.draw();
  }

  draw() {
    const kind = /** @type {Kind} */ (this.kinds.find((one) => one.type === this.type.value));
    this.kind = kind;
    this.url = kind.url ? field("URL", h("input", { name: "url", value: this.kept?.url ?? "", placeholder: kind.url, autocomplete: "off", spellcheck: "false" })) : null;
    this.secrets = kind.secrets.map((name) => {
      const set = this.kept?.secrets.includes(name);
      return { name, ...field(name === "url" ? "URL (secret)" : `${name[0].toUpperCase()}${name.slice(1).replaceAll("_", " ")}`, h("input", { name: `secret-${name}`, type: "password", autocomplete: "new-password", placeholder: set ? "Set; type to replace" : "None" })) };
    });
    this.store = new LocalStore(this.kept?.type === kind.type ? structuredClone(this.kept.options) : {});
    const options = h("div", {});
    this.body.replaceChildren(...(this.url ? [this.url.element] : []), ...this.secrets.map((one) => one.element), options);
    this.form = new Form({ declared: this.known, schema: kind.schema, store: this.store, into: options });
  }

  async save() {
    const secrets = Object.fromEntries((this.secrets ?? []).filter((one) => one.input.value).map((one) => [one.name, one.input.value]));
    const body = { name: this.name.input.value, type: this.type.value, url: this.url?.input.value.trim() ?? "", options: this.store?.value ?? {}, secrets, ...(this.kept ? { version: this.kept.version } : {}) };
    const uid = body.name.toLowerCase().replace(/[^a-z0-9_-]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 64);
    let said = await call(this.kept ? "PUT" : "POST", this.kept ? `contact-points/${this.kept.contact_point_id}` : "contact-points", this.kept || !uid ? body : { ...body, contact_point_id: uid });
    if (!this.kept && said.status === 409) said = await call("POST", "contact-points", body); // by a name that is another's id: the server makes one
    if (said.ok) {
      this.box.close();
      this.done();
      return;
    }
    this.tell(said);
  }

  /** @param {import("../api.js").Said} said */
  tell(said) {
    const faults = faultsOf(said.body);
    const own = [["$.name", this.name], ["$.url", this.url], ...(this.secrets ?? []).map((one) => [`$.secrets.${one.name}`, one])];
    for (const [, one] of own) /** @type {any} */ (one)?.say("");
    const left = faults.filter((fault) => {
      const at = /** @type {any} */ (own.find(([path, one]) => one && path === fault.path)?.[1]);
      at?.say(fault.detail);
      return !at && !fault.path.startsWith("$.options");
    });
    this.form?.told(faults.filter((one) => one.path.startsWith("$.options")).map((one) => ({ path: pathOf(one.path).slice(1), detail: one.detail })));
    const text = said.status === 409 ? "Someone else has changed it in the meantime: close this and open it again." : left.length ? left.map((one) => one.detail).join(" ") : faults.length ? "" : said.body.detail ?? said.body.title;
    this.fault.textContent = text;
    this.fault.hidden = !text;
  }
}

/** @param {string} title @param {HTMLElement} made */
function field(title, made) {
  const input = /** @type {HTMLInputElement} */ (made);
  const fault = h("span", { class: "err", role: "alert", hidden: true });
  const box = h("span", { class: "field" }, input);
  const say = (/** @type {string} */ text) => {
    fault.textContent = text;
    fault.hidden = !text;
    box.classList.toggle("bad", Boolean(text));
    input.setAttribute("aria-invalid", String(Boolean(text)));
  };
  return { input, say, element: h("label", { class: "lab" }, title, box, fault) };
}
