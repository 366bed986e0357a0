// Data links: addresses that a person may be sent to, of this server, of the web, of mail; nothing that runs.

import { h, icon } from "../dom.js";
import { show } from "../menus.js";

/** @typedef {{href: string, title: string, tab: boolean}} Link */

const SCHEMES = new Set(["http:", "https:", "mailto:"]);
const MENU_PX = 240;

/** The address, or an empty text where it is none to be followed. @param {string|null|undefined} url */
export function safeLink(url) {
  if (!url) return "";
  try {
    const parsed = new URL(ofThisTab(url), location.href);
    return SCHEMES.has(parsed.protocol) ? parsed.href : "";
  } catch {
    return "";
  }
}

/** What an address says of the tab itself: its range, its variables. @param {string} url */
function ofThisTab(url) {
  if (!url.includes("${__")) return url;
  return url.replaceAll("${__url_time_range}", () => timeArguments()).replaceAll("${__all_variables}", () => variableArguments());
}

function boot() {
  return JSON.parse(document.getElementById("boot")?.textContent || "{}");
}

function timeArguments() {
  const query = new URLSearchParams(location.search);
  const range = boot().range ?? {};
  const [from, to] = [query.get("from") ?? range.from, query.get("to") ?? range.to];
  return from && to ? String(new URLSearchParams({ from, to })) : "";
}

function variableArguments() {
  const query = new URLSearchParams();
  for (const { name, current } of boot().variables ?? []) for (const value of current) query.append(`var-${name}`, value);
  return String(query);
}

/** A link with the value that was chosen. @param {Link} link @param {{raw: any, text: string, time: number}} value @returns {Link} */
export function ofValue(link, { raw, text, time }) {
  const known = /** @type {Record<string, any>} */ ({ raw, numeric: raw, text, time });
  const fill = (/** @type {string} */ template, /** @type {(text: string) => string} */ write) =>
    template.replace(/\$\{__value\.(raw|numeric|text|time)(:raw)?\}/g, (_, name, plain) => (plain ? String(known[name]) : write(String(known[name]))));
  return { ...link, href: fill(link.href, encodeURIComponent), title: fill(link.title, (one) => one) };
}

/** An anchor; null where its address is none to be followed. @param {Link} link @param {Record<string, any>} attributes @param {...(Node|string)} children */
export function anchor(link, attributes, ...children) {
  const href = safeLink(link.href);
  if (!href) return null;
  const fresh = () => element.setAttribute("href", safeLink(link.href)); // the tab may have been zoomed since
  const element = h("a", { href, title: link.title || null, target: link.tab ? "_blank" : null, rel: "noopener noreferrer", onpointerdown: fresh, onclick: fresh, ...attributes }, ...children);
  return element;
}

/** What leads to the links of a value: the one itself, or a button with a menu of them; null without any. @param {Link[]|undefined} links @param {string} kind its class @param {string} name of the value @param {...Node} children */
export function way(links, kind, name, ...children) {
  const good = (links ?? []).filter((link) => safeLink(link.href));
  if (!good.length) return null;
  if (good.length === 1) return anchor(good[0], { class: kind, "aria-label": [name, good[0].title].filter(Boolean).join(": ") }, ...children);
  const label = [name, `${good.length} links`].filter(Boolean).join(": ");
  const button = h("button", { class: kind, type: "button", "aria-label": label, "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => openMenu(button, good, button.getBoundingClientRect()) }, ...children);
  return button;
}

/** Keep the way to the links of a value in its place; the same one, or one that has the focus, stays. @param {HTMLElement} place @param {Link[]|undefined} links of which values are to be filled in @param {{raw: any, text: string, time: number}} value @param {string} name of the value */
export function lead(place, links, value, name) {
  const made = (links ?? []).map((link) => ofValue(link, value));
  const key = JSON.stringify([name, made]);
  if (place.dataset.key === key || place.contains(document.activeElement)) return;
  place.dataset.key = key;
  const one = way(made, "out", name, icon("link"));
  place.replaceChildren(...(one ? [one] : []));
}

/** Follow the link of something that was clicked, or ask which. @param {HTMLElement} from @param {Link[]} links @param {MouseEvent} event */
export function follow(from, links, event) {
  const good = links.filter((link) => safeLink(link.href));
  if (good.length === 1) anchor(good[0], {})?.click();
  else if (good.length) openMenu(from, good, new DOMRect(event.clientX, event.clientY, 0, 0));
}

/** @param {HTMLElement} button @param {Link[]} links @param {DOMRect} beside */
function openMenu(button, links, beside) {
  const items = links.map((link) => anchor(link, { class: "item", role: "menuitem" }, icon("link"), h("span", { class: "cut" }, link.title))).filter((one) => one !== null);
  const left = Math.max(4, Math.min(beside.left, innerWidth - MENU_PX - 8));
  const box = h("div", { class: "pop menu pop-links", role: "menu", hidden: true, style: `left:${left}px;top:${beside.bottom + 4}px` }, ...items);
  document.body.append(box);
  show(button, box, { closed: () => box.remove() });
  const { bottom, height } = box.getBoundingClientRect();
  if (bottom > innerHeight) box.style.top = `${Math.max(4, beside.top - height - 4)}px`;
}

/** Lay a way to its links over a box, or take it off; one that is the same keeps the focus. @param {HTMLElement} box @param {Link[]|undefined} links @param {string} name */
export function cover(box, links, name) {
  const key = links?.length ? JSON.stringify([name, links]) : "";
  if ((box.dataset.links ?? "") === key) return;
  box.dataset.links = key;
  const before = box.querySelector(":scope > .cover");
  const made = way(links, "cover", name);
  const focused = before !== null && before === document.activeElement;
  before?.remove();
  if (made) box.append(made);
  if (focused) made?.focus();
}
