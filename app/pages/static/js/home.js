// The list of dashboards: searched as one types, more fetched as one scrolls, with who watches; starred and recent ones from this browser.

import { again } from "./again.js";
import { call } from "./api.js";
import { h, icon } from "./dom.js";
import { keep, list as kept } from "./kept.js";
import { installFolders } from "./folders.js";
import { frame } from "./frame.js";
import { installImport } from "./import.js";
import { listUnsaved } from "./unsaved.js";
import { spark } from "./sparks.js";
import { isStarred, known, learnStars, starred, switchStar } from "./stars.js";
import { deleted, deletedRow } from "./trash.js";

const TILES = 8;
const FIRST_ORDER = "changed"; // that of the page as it comes
const COUNT_EVERY_MS = 10e3;
const html = document.documentElement;
const root = html.dataset.root ?? "";
const search = /** @type {HTMLInputElement} */ (document.getElementById("search"));
const list = /** @type {HTMLElement} */ (document.getElementById("dashboards"));
const more = /** @type {HTMLElement} */ (document.getElementById("more"));
const none = /** @type {HTMLElement} */ (document.getElementById("none"));
const tiles = /** @type {HTMLElement} */ (document.getElementById("starred"));
const heading = /** @type {HTMLElement} */ (document.getElementById("heading"));
const title = heading.textContent ?? "";
const order = /** @type {HTMLSelectElement} */ (document.getElementById("order"));
const number = /** @type {HTMLElement} */ (document.getElementById("number"));
const total = number.textContent ?? "";
/** @type {Record<string, number>|null} viewers by dashboard, once they are known */
let viewers = null;
let cursor = list.dataset.next ?? "";
let asked = 0;

/** @typedef {import("./stars.js").Known} Known */

/** @param {boolean} anew */
async function load(anew) {
  const ticket = ++asked;
  const query = new URLSearchParams({ limit: "50", tag: argument("tag"), folder: argument("folder"), order: order.value, ...typed() });
  if (!anew && cursor) query.set("cursor", cursor);
  const { ok, body: page } = await call("GET", `dashboards?${query}`);
  if (ticket !== asked || !ok) return;
  if (anew) list.replaceChildren();
  list.append(...page.items.map((/** @type {any} */ item) => row({ ...item, id: item.dashboard_id })));
  cursor = page.next ?? "";
  shown();
}

/** What is searched for: words, and behind `source:`, `tag:` and `folder:` what narrows them down. @returns {Record<string, string>} */
function typed() {
  /** @type {Record<string, string>} */
  const found = {};
  const rest = search.value.replace(/(?:^|\s)(source|tag|folder):(?:"([^"]*)"|(\S+))/g, (_all, name, quoted, plain) => {
    found[name === "source" ? "datasource" : name] = quoted ?? plain;
    return " ";
  });
  return { ...found, query: rest.trim() };
}

/** @param {string} name */
function argument(name) {
  return new URLSearchParams(location.search).get(name) ?? "";
}

const [noneSaid, noneHelp] = ["h2", "p"].map((one) => [...(none.querySelector(one)?.childNodes ?? [])]);
/** @type {Record<string, [string, string]>} what is said where a list of one's own is empty */
const EMPTY = {
  deleted: ["Nothing was deleted in the last 30 days", ""],
  recent: ["Nothing was opened here yet", "What you open in this browser stands here."],
  starred: ["No dashboard is starred yet", "A click on the star before a title keeps it here."],
};

function shown() {
  none.hidden = list.children.length > 0;
  const own = EMPTY[which()];
  none.querySelector("h2")?.replaceChildren(...(own ? [own[0]] : noneSaid));
  none.querySelector("p")?.replaceChildren(...(own ? [own[1]] : noneHelp));
  /** @type {HTMLElement|null} */ (none.querySelector(".bar"))?.toggleAttribute("hidden", Boolean(own) || search.value !== "");
  more.hidden = !cursor;
  const all = !search.value && !which();
  number.textContent = all ? total : `${list.children.length}${cursor ? "+" : ""}`;
  tell();
}

// -- who watches ---------------------------------------------------------------------------------------------------

/** Ask how many viewers each dashboard has; what is hidden asks when it is seen again. */
async function count() {
  const { ok, body } = await call("GET", "watching");
  if (!ok) return;
  viewers = body.watching;
  tell();
}

/** Write the numbers of viewers beside their dashboards. */
function tell() {
  if (!viewers) return;
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-watch]"))) {
    const many = viewers[place.dataset.watch ?? ""] ?? 0;
    if (place.dataset.many === String(many)) continue;
    place.dataset.many = String(many);
    const words = many ? `${many.toLocaleString("en")} watching` : place.closest(".tile") ? "nobody watching" : "nobody";
    place.replaceChildren(...(place.closest(".tile") ? [] : [h("i", { class: many ? "pip" : "pip off", "aria-hidden": "true" })]), words);
    place.title = `${many === 1 ? "1 tab" : `${many} tabs`} on this server`;
  }
}

/** @param {any} item */
function row(item) {
  const tags = (item.tags ?? []).filter((/** @type {string} */ tag) => tag.trim()).map((/** @type {string} */ tag) => h("a", { class: "tag", href: `${root}/?tag=${encodeURIComponent(tag)}` }, tag));
  const when = item.updated_at ? h("time", { class: "cut", datetime: new Date(item.updated_at).toISOString() }, said(item)) : h("span", {});
  const about = [item.folder?.title, item.description].filter(Boolean).map((text) => h("span", {}, text));
  if (item.panel) about.push(h("span", {}, hit(item)));
  const what = h("span", { class: "what" }, h("a", { class: "name cut", href: `${root}${item.url}` }, item.title), about.length ? h("span", { class: "about cut" }, ...about) : null);
  return h("li", {}, star(item), what, h("span", { class: "tags" }, ...tags), h("span", { class: "watching", "data-watch": item.id }), when);
}

/** A link to the panel that holds what was searched for. @param {any} item */
function hit(item) {
  return h("a", { class: "hit", href: `${root}${item.url}?viewPanel=${item.panel.panel_id}` }, `in ${item.panel.title || "a panel without a title"}`);
}

/** @param {any} item */
function said(item) {
  return [ago(item.updated_at), item.updated_by_name].filter(Boolean).join(" · ");
}

/** @param {Known} item */
function star(item) {
  const own = { id: item.id, title: item.title, url: item.url, folder: item.folder && { title: item.folder.title } };
  const press = async () => {
    const switched = switchStar(own);
    drawStars(); // at once, and again where the server says no
    await switched;
    drawStars();
  };
  return h("button", { class: "star", type: "button", "data-star-of": item.id, "aria-pressed": String(isStarred(item.id)), "aria-label": `Star ${item.title}`, onclick: press }, icon("star"));
}

function drawStars() {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("[data-star-of]"))) {
    button.setAttribute("aria-pressed", String(isStarred(button.dataset.starOf ?? "")));
  }
  drawTiles();
}

function drawTiles() {
  const own = starred();
  document.querySelector("[data-count=starred]")?.replaceChildren(String(own.length || ""));
  tiles.hidden = !own.length || Boolean(which()) || Boolean(search.value);
  tiles.querySelector(".tiles")?.replaceChildren(...own.slice(0, TILES).map(tile));
  tell();
}

/** @param {Known} one */
function tile(one) {
  const folder = typeof one.folder?.title === "string" ? [h("span", {}, one.folder.title)] : [];
  return h("a", { class: "tile", href: `${root}${one.url}` },
    icon("star"), h("span", { class: "cut", title: one.title }, one.title), h("span", { class: "about cut" }, ...folder, h("span", { "data-watch": one.id })), spark(one.id));
}

/** What the address chooses beside all: starred, recent or deleted ones. */
function which() {
  return /^#(starred|recent|deleted)$/.exec(location.hash)?.[1] ?? "";
}

/** The deleted ones, as the server has them now. */
async function showDeleted() {
  const ticket = asked;
  const admin = Boolean(document.querySelector(".account[data-role=admin]"));
  const items = await deleted().catch(() => []);
  if (ticket !== asked) return;
  list.replaceChildren(...items.map((one) => deletedRow(one, admin, showDeleted)));
  shown();
}

/** What the address chooses: all, starred, recent or deleted ones. */
function choose() {
  const chosen = which();
  for (const link of document.querySelectorAll(".side .main a")) {
    const here = argument("folder") ? `${root}/?folder=${encodeURIComponent(argument("folder"))}` : `${root}/`;
    const on = link.getAttribute("href") === (chosen ? `#${chosen}` : here) && !argument("tag");
    on ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  }
  heading.textContent = { starred: "Starred", recent: "Recent", deleted: "Deleted" }[chosen] ?? title;
  drawTiles();
  if (chosen) {
    asked += 1;
    cursor = "";
    list.replaceChildren(...(chosen === "starred" ? starred() : chosen === "recent" ? known(chosen) : []).map(row));
    if (chosen === "deleted") showDeleted();
    else shown();
  } else if (choose.before || order.value !== FIRST_ORDER) load(true);
  order.hidden = Boolean(chosen);
  choose.before = chosen;
  if (location.hash === "#search") search.focus();
}
choose.before = "";

/** @param {number} ms */
function ago(ms) {
  const minutes = Math.round((Date.now() - ms) / 60e3);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 1440) return `${Math.round(minutes / 60)} h ago`;
  const [then, now] = [new Date(ms), new Date()];
  if (new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1).toDateString() === then.toDateString()) return "yesterday";
  return then.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: then.getFullYear() === now.getFullYear() ? undefined : "numeric" });
}

/** Open the first that was found, once what was typed has been searched for. */
async function enter() {
  clearTimeout(typing);
  if (search.value) await load(true);
  /** @type {HTMLElement|null} */ (list.querySelector("a.name"))?.click();
}

let typing = 0;
if (kept("order")[0] === "title") order.value = "title";
order.addEventListener("change", () => {
  keep("order", [order.value]);
  load(true);
});
search.addEventListener("input", () => {
  clearTimeout(typing);
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  drawTiles();
  typing = setTimeout(() => load(true), 120);
});
frame(() => search.focus());
search.addEventListener("keydown", (event) => {
  const first = /** @type {HTMLElement|null} */ (list.querySelector("a.name"));
  if (event.key === "ArrowDown" && first) {
    event.preventDefault();
    first.focus();
  } else if (event.key === "Enter") enter();
});
list.addEventListener("keydown", (event) => {
  const names = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("a.name")]);
  const at = names.indexOf(/** @type {HTMLElement} */ (event.target));
  if (at < 0 || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  event.preventDefault();
  (event.key === "ArrowUp" && at === 0 ? search : names[at + (event.key === "ArrowDown" ? 1 : -1)])?.focus();
});
for (const item of list.querySelectorAll("li")) {
  const link = /** @type {HTMLAnchorElement} */ (item.querySelector("a.name"));
  const time = /** @type {HTMLElement} */ (item.querySelector("time"));
  item.querySelector(".star")?.replaceWith(star({ id: item.dataset.id ?? "", title: link.textContent ?? "", url: (link.getAttribute("href") ?? "").slice(root.length), folder: item.dataset.folder ? { title: item.dataset.folder } : null }));
  time.textContent = said({ updated_at: Number(time.dataset.ms), updated_by_name: time.dataset.by });
}
addEventListener("hashchange", choose);
choose();
installFolders();
installImport();
learnStars().then(() => (which() === "starred" ? choose() : drawStars()));
again(count, COUNT_EVERY_MS);
new IntersectionObserver((entries) => {
  if (entries.some((entry) => entry.isIntersecting) && cursor) load(false);
}, { rootMargin: "400px" }).observe(more);
if (document.querySelector("a[href*='/new']")) listUnsaved(tiles);
