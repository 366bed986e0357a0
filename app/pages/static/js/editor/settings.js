// Settings of a dashboard: what it is called and opens with, its variables with their values, annotations.

import { h } from "../dom.js";
import { Form } from "./form.js";
import { DraftStore } from "./form_store.js";
import { declarations } from "./schema.js";
import { styled } from "./sheet.js";
import { Sources, sourceWidget } from "./sources.js";
import { variablesPage } from "./variables_page.js";

const PAGES = {
  General: ["title", "description", "tags", "time", "refresh", "timezone", "pinned"],
  Variables: ["variables"],
  Annotations: ["annotations"],
};

/**
 * @param {{draft: any, into: HTMLElement}} made
 * @returns {{unmount: () => void}}
 */
export function mountSettings({ draft, into }) {
  styled();
  let gone = false;
  /** @type {{refresh: () => void, unmount: () => void}[]} */
  let parts = [];
  const refresh = () => parts.forEach((one) => one.refresh());
  const offs = [draft.on("edited", refresh), draft.on("changed", refresh)];
  const element = h("div", { class: "settings" });
  into.append(element);
  const begin = async () => {
    try {
      const declared = await declarations();
      const sources = new Sources(declared);
      await sources.load();
      if (!gone) parts = build(declared, draft, element, { datasource: sourceWidget(sources) });
    } catch (error) {
      element.append(h("p", { class: "fault", role: "alert" }, /** @type {Error} */ (error).message));
    }
  };
  begin();
  return {
    unmount: () => {
      gone = true;
      for (const off of offs) off?.();
      for (const one of parts) one.unmount();
      element.remove();
    },
  };
}

/** @param {import("./schema.js").Declarations} declared @param {any} draft @param {HTMLElement} into @param {import("./form.js").Widgets} extra */
function build(declared, draft, into, extra) {
  const store = new DraftStore(draft, () => []);
  const names = Object.keys(PAGES);
  const pages = names.map((name, index) => h("div", { role: "tabpanel", "aria-label": name, hidden: index > 0 }));
  const buttons = names.map((name, index) => h("button", { type: "button", role: "tab", "aria-selected": String(index === 0), onclick: () => choose(index) }, name));
  const choose = (/** @type {number} */ at) => {
    pages.forEach((page, index) => (page.hidden = index !== at));
    buttons.forEach((button, index) => button.setAttribute("aria-selected", String(index === at)));
  };
  into.append(h("div", { class: "tabs", role: "tablist", "aria-label": "Settings" }, ...buttons), ...pages);
  return names.map((name, index) => {
    const only = PAGES[/** @type {keyof typeof PAGES} */ (name)];
    if (name === "Variables") return variablesPage(declared, draft, store, pages[index], extra);
    return new Form({ declared, schema: declared.document.dashboard, store, into: pages[index], only, extra, flat: true });
  });
}
