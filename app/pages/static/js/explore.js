// Explore: a session of a Panel application, drawn by BokehJS over the socket of this page.

import { loaded } from "./bokeh_bridge.js";
import { h } from "./dom.js";
import { addToDashboard } from "./explore_add.js";
import { frame } from "./frame.js";
import { list, remember } from "./kept.js";
import { popover } from "./menus.js";

frame();

const LATER = 4503, LOGIN = 4401;
const RETRY_MS = 4000;
const KEPT = "heliograph-explore";
const MOST_KEPT = 30, LONGEST = 12_000;
const ENDED = {
  [LOGIN]: "You are logged out, or your rights have changed.",
  [LATER]: "This session has ended.",
};
const LOST = "The connection to this session is lost.";
const boot = JSON.parse(document.getElementById("boot")?.textContent ?? "{}");
const place = /** @type {HTMLElement} */ (document.getElementById("session"));
const ended = /** @type {HTMLElement} */ (document.querySelector(".ended"));
/** @type {any} */
let Bokeh = null;

/** Scripts one after the other: each needs those before it. @param {string[]} addresses */
function scripts(addresses) {
  return Promise.all(addresses.map((address) => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.async = false;
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error("a script could not be loaded")));
    document.head.append(script);
  })));
}

async function start() {
  await loaded;
  Bokeh = /** @type {any} */ (window).Bokeh;
  await scripts(boot.scripts);
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const { add_document_from_session } = Bokeh.require("embed/server");
  await add_document_from_session(`${scheme}//${location.host}${boot.path}/ws`, boot.token, place);
  place.removeAttribute("aria-busy");
  restore();
  place.querySelector("p.muted")?.remove();
  Bokeh.documents.at(-1).on_event("connection_lost", () => say(LOST));
}

/** Say why there is no session any more. @param {string} text */
function say(text) {
  ended.hidden = false;
  /** @type {HTMLElement} */ (ended.firstElementChild).textContent = text;
}

/** @param {unknown} error why the session did not begin */
function failed(error) {
  const code = /\b(\d{4}) \(/.exec(String(error))?.[1] ?? "";
  place.hidden = true;
  say(ENDED[/** @type {keyof typeof ENDED} */ (Number(code))] ?? LOST);
  if (Number(code) === LATER) setTimeout(() => location.reload(), RETRY_MS * (1 + Math.random()));
}

/** Colours on the page have changed: what is painted on a canvas is painted again. */
function repaint() {
  for (const root of Object.values(Bokeh?.index ?? {})) repaintBelow(root);
}

/** @param {any} view */
function repaintBelow(view) {
  view.request_repaint?.();
  for (const child of view.child_views ?? []) repaintBelow(child);
}

/** What is inside the widget of that class, in whichever shadow root it is. @param {ParentNode} root @param {string} widget @param {string} selector @returns {HTMLElement|null} */
function inside(root, widget, selector) {
  for (const element of root.querySelectorAll("*")) {
    if (!element.shadowRoot) continue;
    const found = /** @type {HTMLElement|null} */ (element.classList.contains(widget) ? element.shadowRoot.querySelector(selector) : inside(element.shadowRoot, widget, selector));
    if (found) return found;
  }
  return null;
}

/** The text of the query. */
function editor() {
  return /** @type {HTMLTextAreaElement|null} */ (inside(place, "query", "textarea"));
}

/** Begin another session with the text of this one. */
function again() {
  sessionStorage.setItem(KEPT, editor()?.value ?? "");
  location.reload();
}

/** The text that a session before this one ended with. */
function restore() {
  const [text, area] = [sessionStorage.getItem(KEPT), editor()];
  sessionStorage.removeItem(KEPT);
  if (!text || !area) return;
  area.value = text;
  area.dispatchEvent(new Event("input"));
}

// -- what was asked: in the address, and in this browser's history -------------------------------------------------

/** What the controls say, as the address has it. */
function asked() {
  const chosen = (/** @type {string} */ widget) => /** @type {HTMLSelectElement|null} */ (inside(place, widget, "select"))?.selectedOptions[0]?.textContent ?? "";
  return { source: chosen("source"), range: chosen("range"), query: editor()?.value ?? "" };
}

/** @param {{source: string, range: string, query: string}} what */
const addressOf = (what) => `${location.pathname}?${new URLSearchParams(what)}`;

function note() {
  const what = asked();
  if (!what.query.trim() || what.query.length > LONGEST) return;
  history.replaceState(null, "", addressOf(what));
  remember("explored", what, MOST_KEPT, (one) => `${one?.source} ${one?.query}`);
  offerHistory();
}

function offerHistory() {
  const button = /** @type {HTMLElement} */ (document.querySelector("[data-history]"));
  const box = /** @type {HTMLElement} */ (document.querySelector("[data-history-box]"));
  const known = list("explored").filter((one) => ["source", "range", "query"].every((name) => typeof one?.[name] === "string"));
  button.hidden = !known.length;
  box.replaceChildren(...known.map((one) => h("button", { class: "item", type: "button", role: "menuitem", title: one.query, onclick: () => location.assign(addressOf({ source: one.source, range: one.range, query: one.query })) },
    h("code", { class: "cut" }, one.query), h("span", { class: "count" }, one.source))));
}

/** Whether what was answered last is drawn as lines. */
const isLines = () => inside(place, "legend", "li") !== null;
document.querySelector("[data-add]")?.addEventListener("click", () => {
  const { source, query } = asked();
  if (query.trim()) addToDashboard({ source, query, isLines: isLines() });
  else editor()?.focus();
});
offerHistory();
popover(/** @type {HTMLElement} */ (document.querySelector("[data-history]")), /** @type {HTMLElement} */ (document.querySelector("[data-history-box]")));
document.addEventListener("click", (event) => {
  if (event.composedPath().some((one) => one instanceof Element && one.classList.contains("run"))) note();
}, true);
addEventListener("themechange", repaint);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
ended.querySelector("button")?.addEventListener("click", again);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  inside(place, "run", "button")?.click();
});
start().catch(failed);
