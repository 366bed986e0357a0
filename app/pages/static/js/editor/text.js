// The document as text, whole or the chosen panel's: what is no JSON says its line, what is no dashboard its path.

import { h } from "../dom.js";
import { panelPath } from "./draft.js";
import { faultAt } from "./json_fault.js";

const LINE_PX = 20;
let places = 0;

/**
 * Put the text of a part into a place, with a way to take it over.
 * @param {import("./draft.js").Draft} draft @param {HTMLElement} into @param {() => number} panelId the chosen one, 0 for none
 * @param {number} [scope] what is shown first: a panel, 0 for the whole
 */
export function mountText(draft, into, panelId, scope = 0) {
  const id = `json-${++places}`;
  const area = /** @type {HTMLTextAreaElement} */ (h("textarea", { class: "mono", id, spellcheck: "false", autocomplete: "off", wrap: "off" }));
  const faults = h("div", { class: "faults", role: "alert", hidden: true });
  const apply = /** @type {HTMLButtonElement} */ (h("button", { class: "btn primary", type: "button" }, "Apply"));
  const whole = h("button", { class: "btn sm", type: "button", onclick: () => choose(0) }, "Dashboard");
  const one = h("button", { class: "btn sm", type: "button", onclick: () => choose(panelId()) }, "Panel");
  const written = { element: area };
  let shown = "";

  const say = (/** @type {(Node|string)[]} */ ...content) => {
    faults.replaceChildren(...content);
    faults.hidden = !content.length;
  };
  const path = () => (scope ? panelPath(draft.document, scope) : "");
  const write = () => {
    const value = scope ? draft.document.panels.find((/** @type {any} */ panel) => panel.panel_id === scope) : draft.document;
    shown = JSON.stringify(value ?? null, null, 2);
    area.value = shown;
    apply.disabled = true;
    draft.doubt(written, false);
    whole.setAttribute("aria-pressed", String(!scope));
    one.setAttribute("aria-pressed", String(Boolean(scope)));
    one.toggleAttribute("disabled", !panelId());
    say();
  };
  const choose = (/** @type {number} */ chosen) => {
    scope = chosen;
    write();
  };
  const mark = (/** @type {number} */ at) => {
    area.focus();
    area.setSelectionRange(at, at + 1);
    area.scrollTop = (area.value.slice(0, at).split("\n").length - 4) * LINE_PX;
  };
  const take = async () => {
    let value;
    try {
      value = JSON.parse(area.value);
    } catch (error) {
      const message = /** @type {Error} */ (error).message;
      const at = faultAt(area.value);
      say(h("p", {}, h("strong", {}, "This is no JSON. "), at < 0 ? message : `Line ${area.value.slice(0, at).split("\n").length}: ${message}`));
      if (at >= 0) mark(at);
      return;
    }
    for (const name of scope ? [] : ["dashboard_id", "version", "url", "created_by", "created_at", "updated_by", "updated_at"]) delete value[name];
    draft.doubt(written, false); // it is on its way
    const applied = await draft.apply([{ op: "replace", path: path(), value }]);
    if (applied.ok) return write();
    draft.doubt(written, area.isConnected);
    say(h("strong", {}, applied.faults.length === 1 ? "One fault" : `${applied.faults.length} faults`),
      h("ul", {}, ...applied.faults.map((fault) => h("li", {}, h("code", {}, fault.path), ` ${fault.detail}`))));
  };
  apply.addEventListener("click", take);
  area.addEventListener("input", () => {
    apply.disabled = area.value === shown;
    draft.doubt(written, area.value !== shown);
  });
  area.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") take();
  });
  const ends = draft.on("edited", () => area.value === shown && write());
  write();
  into.replaceChildren(h("div", { class: "astext" },
    h("div", { class: "bar" }, h("span", { class: "group", role: "group", "aria-label": "What is shown" }, whole, one), h("span", { class: "grow" }), apply),
    faults, h("label", { class: "vh", for: id }, "As JSON"), h("span", { class: "field tall" }, area)));
  return () => (ends(), draft.doubt(written, false));
}
