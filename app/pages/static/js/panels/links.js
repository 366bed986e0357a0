// Data links: addresses that a person may be sent to, of this server, of the web, of mail; nothing that runs.

import { h, icon } from "../dom.js";
import { show } from "../menus.js";
import { written } from "../moment.js";
import { zoneName } from "../zone.js";

/** @typedef {{href: string, title: string, tab: boolean}} Link */

const SCHEMES = new Set(["http:", "https:", "mailto:"]);
const MENU_PX = 240;

/** The address, or an empty text where it is none to be followed. @param {string|null|undefined} url */
export function safeLink(url) {
  if (!url) return "";
  try {
    const parsed = new URL(ofThisTab(url), document.baseURI);
    return SCHEMES.has(parsed.protocol) ? parsed.href : "";
  } catch {
    return "";
  }
}

/** What an address says of the tab itself: its address, range, variables, zone, and who looks. @param {string} url */
function ofThisTab(url) {
  return filled(url, (name) => OF_TAB.get(name));
}

/** Words with who looks filled in, and the organisation. @param {string} text */
export function ofPersonIn(text) {
  const asWords = (/** @type {string} */ name) => (/** @type {string} */ path, /** @type {string} */ spec) => OF_TAB.get(name)?.(path, spec === "percentencode" ? spec : "raw");
  return filled(text, (name) => (name === "__user" || name === "__org" ? asWords(name) : undefined));
}

/** @param {string} text @param {(name: string) => ((path: string, spec: string) => string|undefined)|undefined} known */
function filled(text, known) {
  if (!text.includes("$")) return text;
  return text.replace(/\$\{(__\w+)((?:\.\w+)*)(?::([^}]+))?\}|\$(__\w+)/g, (whole, name, path, spec, plain) => {
    const found = known(name ?? plain)?.((path ?? "").slice(1), spec ?? "");
    return found === undefined ? whole : found;
  });
}

/** What stands for a reference, by its name: what a path and a format make of it. @type {Map<string, (path: string, spec: string) => string|undefined>} */
const OF_TAB = new Map(Object.entries(/** @type {Record<string, (path: string, spec: string) => string|undefined>} */ ({
  __url_time_range: () => timeArguments(),
  __all_variables: () => variableArguments(),
  __timezone: () => encodeURIComponent(zoneName()),
  __from: (_, spec) => format(String(boundsOfTab()[0]), spec),
  __to: (_, spec) => format(String(boundsOfTab()[1]), spec),
  __user: (path, spec) => format(ofPerson(path || "id"), spec),
  __org: (path, spec) => format(path === "name" ? "Main Org." : ofPerson("org"), spec),
  __url: (path, spec) => addressPart(path, spec),
})));

/** @param {string} name */
function ofPerson(name) {
  return String(boot().user?.[name] ?? "");
}

/** `${__url}`, `${__url.path}`, `${__url.params}`, `${__url.params:exclude:a,b}`. @param {string} path @param {string} spec */
function addressPart(path, spec) {
  if (path === "path") return location.pathname;
  if (path === "") return location.pathname + location.search;
  if (path !== "params") return undefined;
  const [how, names = ""] = spec.split(":");
  const query = new URLSearchParams(location.search);
  const wanted = names.split(",");
  for (const key of [...new Set(query.keys())]) if ((how === "include" && !wanted.includes(key)) || (how === "exclude" && wanted.includes(key))) query.delete(key);
  return String(query) && `?${query}`;
}

/** The bounds of what is shown, in ms. @returns {[number, number]} */
function boundsOfTab() {
  return /** @type {any} */ (window).heliograph?.range?.() ?? boot().window ?? [NaN, NaN];
}

/**
 * A text in a format of an address: percent-encoded where none or `percentencode` is asked for, as it is for `raw`, a
 * time in ms by `date`. The same as the server's (tests/data/link_values.json). @param {string} text @param {string} spec
 */
export function format(text, spec) {
  const [kind, ...rest] = spec.split(":");
  if (kind === "raw") return text;
  if (kind === "date") return encodeURIComponent(dated(text, rest.join(":") || "iso")).replaceAll("%3A", ":");
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A time in ms as ISO 8601, in seconds or ms, or after a pattern of Moment's, in UTC. @param {string} text @param {string} pattern */
function dated(text, pattern) {
  const number = /^\s*([+-]?[0-9]+)/.exec(text);
  if (!number) return "NaN";
  if (pattern === "ms") return text;
  const ms = Number(number[1]);
  if (pattern === "seconds") return String(Math.floor((ms + 500) / 1000));
  const at = new Date(ms);
  if (Number.isNaN(at.getTime())) return "Invalid date";
  if (pattern === "iso") return at.toISOString();
  return written(ms, pattern, 0, "UTC");
}

function boot() {
  return JSON.parse(document.getElementById("boot")?.textContent || "{}");
}

function timeArguments() {
  const query = new URLSearchParams(location.search);
  const range = boot().range ?? {};
  const [from, to] = [query.get("from") ?? range.from, query.get("to") ?? range.to];
  const zone = query.get("tz") ?? query.get("timezone");
  return from && to ? String(new URLSearchParams({ from, to, ...(zone && { tz: zone }) })) : "";
}

function variableArguments() {
  const query = new URLSearchParams();
  for (const { name, current } of boot().variables ?? []) for (const value of current) query.append(`var-${name}`, value);
  return String(query);
}

/** A link with the value that was chosen. @param {Link} link @param {{raw: any, text: string, time: number}} value @returns {Link} */
export function ofValue(link, { raw, text, time }) {
  const known = /** @type {Record<string, any>} */ ({ raw, numeric: raw, text, time });
  const fill = (/** @type {string} */ template, /** @type {(text: string, spec: string) => string} */ write) =>
    template.replace(/\$\{__value(?:\.(raw|numeric|text|time))?(?::([^}]+))?\}|\$__value\b/g, (_, name, spec) => write(String(known[name ?? "text"]), spec ?? ""));
  return { ...link, href: fill(link.href, format), title: fill(link.title, (one, spec) => (spec ? decodeURIComponent(format(one, spec)) : one)) };
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
