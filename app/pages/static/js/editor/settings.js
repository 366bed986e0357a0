// Settings of a dashboard: what it is called and opens with, its variables with their values, annotations.

import { h } from "../dom.js";
import { tabList } from "../tabs.js";
import { Form } from "./form.js";
import { DraftStore } from "./form_store.js";
import { mounted } from "./mounted.js";
import { declarations } from "./declarations.js";
import { queryField } from "../query/query_field.js";
import { Sources, sourceWidget } from "../query/sources.js";
import { variablesPage } from "./variables_page.js";

const PAGES = {
  General: ["title", "description", "tags", "time", "refresh", "timezone", "graph_tooltip", "pinned"],
  Variables: ["variables"],
  Annotations: ["annotations"],
};

/**
 * @param {{draft: any, into: HTMLElement}} made
 * @returns {{unmount: () => void}}
 */
export function mountSettings({ draft, into }) {
  const element = h("div", { class: "settings" });
  into.append(element);
  const load = async () => {
    const declared = await declarations();
    const sources = new Sources(declared);
    await sources.load();
    return { declared, extra: { datasource: sourceWidget(sources), "AnnotationQuery.query": queryField({ declared, sources, board: draft }) } };
  };
  const { unmount } = mounted(draft, element, load, ({ declared, extra }) => build(declared, draft, element, extra));
  return { unmount: () => (unmount(), element.remove()) };
}

/** @param {import("./schema.js").Declarations} declared @param {any} draft @param {HTMLElement} into @param {import("./form.js").Widgets} extra */
function build(declared, draft, into, extra) {
  const store = new DraftStore(draft, () => []);
  const names = Object.keys(PAGES);
  const pages = names.map((name) => h("div", { role: "tabpanel", "aria-label": name }));
  const { list, choose } = tabList(names, (at) => pages.forEach((page, index) => (page.hidden = index !== at)), { "aria-label": "Settings" });
  into.append(list, ...pages);
  choose(0);
  return names.map((name, index) => {
    const only = PAGES[/** @type {keyof typeof PAGES} */ (name)];
    if (name === "Variables") return variablesPage(declared, draft, store, pages[index], extra);
    return new Form({ declared, schema: declared.document.dashboard, store, into: pages[index], only, extra, flat: true });
  });
}
