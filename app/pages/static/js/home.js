// The list of dashboards: searched as one types, more fetched as one scrolls.

import { h, icon } from "./dom.js";
import "./theme.js";

const html = document.documentElement;
const root = html.dataset.root ?? "";
const search = /** @type {HTMLInputElement} */ (document.getElementById("search"));
const list = /** @type {HTMLElement} */ (document.getElementById("dashboards"));
const more = /** @type {HTMLElement} */ (document.getElementById("more"));
const none = /** @type {HTMLElement} */ (document.getElementById("none"));
let cursor = list.dataset.next ?? "";
let asked = 0;

/** @param {boolean} anew */
async function load(anew) {
  const ticket = ++asked;
  const query = new URLSearchParams({ query: search.value, limit: "50", tag: new URLSearchParams(location.search).get("tag") ?? "" });
  if (!anew && cursor) query.set("cursor", cursor);
  const answer = await fetch(`${root}/api/v1/dashboards?${query}`);
  if (ticket !== asked || !answer.ok) return;
  const page = await answer.json();
  if (anew) list.replaceChildren();
  list.append(...page.items.map(row));
  cursor = page.next ?? "";
  none.hidden = list.children.length > 0;
  more.hidden = !cursor;
}

/** @param {any} item */
function row(item) {
  const tags = item.tags.map((/** @type {string} */ tag) => h("a", { class: "tag", href: `${root}/?tag=${encodeURIComponent(tag)}` }, tag));
  const when = h("time", { datetime: new Date(item.updated_at).toISOString() }, ago(item.updated_at));
  return h("li", {}, icon("chart"), h("a", { class: "name cut", href: `${root}${item.url}` }, item.title), h("span", { class: "tags" }, ...tags), when);
}

/** @param {number} ms */
function ago(ms) {
  const minutes = Math.round((Date.now() - ms) / 60e3);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 1440) return `${Math.round(minutes / 60)} h ago`;
  return new Date(ms).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

let typing = 0;
search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => load(true), 120);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  }
});
for (const time of list.querySelectorAll("time")) time.textContent = ago(Number(/** @type {HTMLElement} */ (time).dataset.ms));
new IntersectionObserver((entries) => {
  if (entries.some((entry) => entry.isIntersecting) && cursor) load(false);
}, { rootMargin: "400px" }).observe(more);
