// What stands around a dashboard while one of its panels is edited: options beside it, queries and transformations below.

import { h } from "../dom.js";
import { OptionsPane } from "./options_pane.js";
import { QueryTab } from "./query_tab.js";
import { declarations } from "./schema.js";
import { styled } from "./sheet.js";
import { suggested } from "./suggestions.js";
import { TransformTab } from "./transform_tab.js";

/** @typedef {{unmount: () => void, refresh: () => void, element: HTMLElement}} Part */

/**
 * Mount the editor of a panel; its parts come once the declarations are there.
 * @param {{draft: any, panelId: number, options: HTMLElement, below: HTMLElement}} made `options`: the element beside, `below`: the one with the tabs
 * @returns {{unmount: () => void}}
 */
export function mountPanelEditor({ draft, panelId, options, below }) {
  styled();
  /** @type {Part[]} */
  let parts = [];
  let gone = false;
  const base = () => {
    const at = (draft.document.panels ?? []).findIndex((/** @type {any} */ one) => one.panel_id === panelId);
    return at < 0 ? null : ["panels", at];
  };
  const refresh = () => parts.forEach((one) => one.refresh());
  const offs = [draft.on("edited", refresh), draft.on("changed", refresh)];
  const begin = async () => {
    try {
      const declared = await declarations();
      if (gone) return;
      const pane = new OptionsPane(declared, draft, base, options);
      parts = [pane, tabs(declared, draft, base, below, (answers) => pane.suggest(suggested(answers)))];
    } catch (error) {
      options.append(h("p", { class: "fault", role: "alert" }, /** @type {Error} */ (error).message));
    }
  };
  begin();
  return {
    unmount: () => {
      gone = true;
      for (const off of offs) off?.();
      for (const one of parts) one.unmount();
    },
  };
}

/** Query and transformations, one of them shown. @param {any} declared @param {any} draft @param {() => (string|number)[]|null} base @param {HTMLElement} into @param {(answers: import("./preview.js").Answer[]) => void} answered @returns {Part} */
function tabs(declared, draft, base, into, answered) {
  const said = h("span", { class: "said muted", role: "status" });
  const pages = { Query: h("div", { role: "tabpanel", "aria-label": "Query" }), Transform: h("div", { role: "tabpanel", "aria-label": "Transform", hidden: true }) };
  const buttons = Object.entries(pages).map(([name, page]) => h("button", { type: "button", role: "tab", "aria-selected": String(!page.hidden), onclick: () => choose(name) }, name));
  const bar = h("div", { class: "tabs" }, h("div", { class: "tablist", role: "tablist", "aria-label": "Panel" }, ...buttons), h("span", { class: "grow" }), said);
  const element = h("div", { class: "query-pane" }, bar, ...Object.values(pages));
  into.append(element);
  const parts = [new QueryTab(declared, draft, base, pages.Query, said, answered), new TransformTab(declared, draft, base, pages.Transform)];
  const choose = (/** @type {string} */ chosen) => {
    Object.entries(pages).forEach(([name, page], index) => {
      page.hidden = name !== chosen;
      buttons[index].setAttribute("aria-selected", String(name === chosen));
    });
    parts.forEach((one) => one.refresh());
  };
  bar.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = buttons.indexOf(/** @type {HTMLElement} */ (event.target));
    if (!by || at < 0) return;
    const next = buttons[(at + by + buttons.length) % buttons.length];
    next.focus();
    next.click();
  });
  return { element, refresh: () => parts.forEach((one) => one.refresh()), unmount: () => (parts.forEach((one) => one.unmount()), element.remove()) };
}
