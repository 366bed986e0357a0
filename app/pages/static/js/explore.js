// Explore: a session of a Panel application, drawn by BokehJS over the socket of this page.

import { loaded } from "./bokeh_bridge.js";
import { h } from "./dom.js";
import { addToDashboard } from "./explore_add.js";
import { completes } from "./explore_completes.js";
import { Panes } from "./explore_panes.js";
import { writes } from "./explore_writers.js";
import { addressOf } from "./explored.js";
import { frame } from "./frame.js";
import { list, remember } from "./kept.js";
import { popover } from "./menus.js";

/** @typedef {import("./explored.js").Explored} Explored */

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
const panes = new Panes(place);
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
  const session = Bokeh.documents.at(-1);
  session.on_event("connection_lost", () => say(LOST));
  await writes(panes, session).catch(() => {}); // without builders a query is a text
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

/** Begin another session with the texts of this one. */
function again() {
  sessionStorage.setItem(KEPT, JSON.stringify(panes.asked.panes.map((one) => one.query)));
  location.reload();
}

/** The texts that a session before this one ended with. */
function restore() {
  const kept = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  const texts = kept ? JSON.parse(kept) : [];
  panes.all.forEach((pane, index) => {
    const area = panes.editor(pane);
    if (!texts[index] || !area) return;
    area.value = texts[index];
    area.dispatchEvent(new Event("input"));
  });
}

// -- what is asked: in the address, and in this browser's history --------------------------------------------------

/** @param {Explored} what */
const placeOf = (what) => `${location.pathname}?${addressOf(what)}`;

/** Keep what is asked in the address. @param {Explored} what */
function address(what) {
  const fits = what.panes.every((one) => one.query.length <= LONGEST);
  if (fits && (what.panes.length > 1 || what.panes[0]?.query.trim())) history.replaceState(null, "", placeOf(what));
}

/** A pane runs what it asks. @param {number} index */
function note(index) {
  const { range, panes: all } = panes.asked;
  const { source, query } = all[index] ?? all[0];
  address({ range, panes: all });
  if (!query.trim() || query.length > LONGEST) return;
  remember("explored", { source, range, query }, MOST_KEPT, (one) => `${one?.source} ${one?.query}`);
  offerHistory();
}

/** What was asked before comes into the pane that one was in; another one stays, and the range is then that of both. @param {{source: string, range: string, query: string}} one */
function takeUp({ source, range, query }) {
  const now = panes.asked;
  const at = panes.last < now.panes.length ? panes.last : 0;
  location.assign(placeOf({ range: now.panes.length > 1 ? now.range : range, panes: now.panes.map((each, index) => (index === at ? { source, query } : each)) }));
}

function offerHistory() {
  const button = /** @type {HTMLElement} */ (document.querySelector("[data-history]"));
  const box = /** @type {HTMLElement} */ (document.querySelector("[data-history-box]"));
  const known = list("explored").filter((one) => ["source", "range", "query"].every((name) => typeof one?.[name] === "string"));
  button.hidden = !known.length;
  box.replaceChildren(...known.map((one) => h("button", { class: "item", type: "button", role: "menuitem", title: one.query, onclick: () => takeUp(one) },
    h("code", { class: "cut" }, one.query), h("span", { class: "count" }, one.source))));
}

document.querySelector("[data-add]")?.addEventListener("click", () => {
  const found = panes.all.map((pane, index) => ({ ...panes.asked.panes[index], isLines: panes.isLines(pane), current: pane === panes.current }));
  const asked = found.filter((one) => one.query.trim());
  if (asked.length) addToDashboard(asked);
  else panes.editor(panes.current)?.focus();
});
offerHistory();
popover(/** @type {HTMLElement} */ (document.querySelector("[data-history]")), /** @type {HTMLElement} */ (document.querySelector("[data-history-box]")));
place.addEventListener("click", (event) => {
  const at = panes.indexOf(event);
  const { range, panes: all } = panes.asked;
  if (Panes.from(event, "run")) note(at);
  else if (Panes.from(event, "split")) address({ range, panes: [...all, all[0]].slice(0, 2) });
  else if (Panes.from(event, "close")) address({ range, panes: all.filter((_, index) => index !== at) });
}, true);
place.addEventListener("input", (event) => Panes.from(event, "range") && address(panes.asked));
completes(panes, place);
addEventListener("themechange", repaint);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
ended.querySelector("button")?.addEventListener("click", again);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  if (event.target instanceof HTMLInputElement) event.target.dispatchEvent(new Event("change", { bubbles: true })); // what is written is taken first
  const at = panes.indexOf(event);
  panes.run(at < 0 ? panes.current : panes.all[at]);
});
start().catch(failed);
