// A list of tabs: one is chosen, and arrows go from one to the next.

import { h } from "./dom.js";

/**
 * @param {string[]} names @param {(index: number) => void} chosen shows the page of a tab @param {Record<string, any>} [attributes] of the list
 * @returns {{list: HTMLElement, choose: (index: number) => void}} none is chosen yet
 */
export function tabList(names, chosen, attributes = {}) {
  const tabs = names.map((name, index) => h("button", { type: "button", role: "tab", onclick: () => choose(index) }, name));
  const list = h("div", { class: "tabs", role: "tablist", ...attributes }, ...tabs);
  const choose = (/** @type {number} */ index) => {
    tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(at === index));
      tab.setAttribute("tabindex", at === index ? "0" : "-1");
    });
    chosen(index);
  };
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(/** @type {HTMLElement} */ (event.target));
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by || at < 0) return;
    const next = (at + by + tabs.length) % tabs.length;
    choose(next);
    tabs[next].focus();
  });
  return { list, choose };
}
