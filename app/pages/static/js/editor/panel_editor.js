// What stands around a dashboard while one of its panels is edited: options beside it, queries, transformations and alert rules below.

import { h } from "../dom.js";
import { tabList } from "../tabs.js";
import { AlertTab } from "./alert_tab.js";
import { mounted } from "./mounted.js";
import { OptionsPane } from "./options_pane.js";
import { QueryTab } from "./query_tab.js";
import { declarations } from "./declarations.js";
import { suggested } from "./suggestions.js";
import { TransformTab } from "./transform_tab.js";

/**
 * Mount the editor of a panel; its parts come once the declarations are there.
 * @param {{draft: any, panelId: number, options: HTMLElement, below: HTMLElement}} made `options`: the element beside, `below`: the one with the tabs
 * @returns {{unmount: () => void}}
 */
export function mountPanelEditor({ draft, panelId, options, below }) {
  const base = () => {
    const at = (draft.document.panels ?? []).findIndex((/** @type {any} */ one) => one.panel_id === panelId);
    return at < 0 ? null : ["panels", at];
  };
  return mounted(draft, options, declarations, (declared) => {
    const pane = new OptionsPane(declared, draft, base, options);
    return [pane, tabs(declared, draft, base, below, (answers) => pane.suggest(suggested(answers)))];
  });
}

/** Queries, transformations and alert rules, one of them shown. @param {any} declared @param {any} draft @param {() => (string|number)[]|null} base @param {HTMLElement} into @param {(answers: import("./preview.js").Answer[]) => void} answered @returns {import("./mounted.js").Part} */
function tabs(declared, draft, base, into, answered) {
  const said = h("span", { class: "said muted", role: "status" });
  const names = ["Query", "Transform", "Alert"];
  const pages = names.map((name) => h("div", { role: "tabpanel", "aria-label": name }));
  /** @type {import("./mounted.js").Part[]} */
  let parts = [];
  const refresh = () => parts.forEach((one) => one.refresh());
  const { list, choose } = tabList(names, (chosen) => {
    pages.forEach((page, index) => (page.hidden = index !== chosen));
    refresh();
  }, { class: "tablist", "aria-label": "Panel" });
  const element = h("div", { class: "query-pane" }, h("div", { class: "tabs" }, list, h("span", { class: "grow" }), said), ...pages);
  into.append(element);
  choose(0);
  parts = [new QueryTab(declared, draft, base, pages[0], said, answered), new TransformTab(declared, draft, base, pages[1]), new AlertTab(draft, base, pages[2])];
  return { refresh, unmount: () => (parts.forEach((one) => one.unmount()), element.remove()) };
}
