// What one annotation says, as a tooltip and as a box that stays: when, what, tags, where it is from; texts are never HTML.

import { removeAnnotation } from "./annotate.js";
import { h, icon } from "./dom.js";
import { close, show } from "./menus.js";
import { clock, dayOf, fullTime } from "./zone.js";

/** @typedef {import("./annotations.js").Annotation} Annotation */

const ADDRESS = /https?:\/\/[^\s<>"'`]+/g;
const AROUND_PX = 8, PHONE_PX = 720;

/** When it was, in the zone of the page. @param {Annotation} one */
export function span(one) {
  if (one.end <= one.time) return fullTime(one.time);
  return `${fullTime(one.time)} – ${dayOf(one.time) === dayOf(one.end) ? clock(one.end) : fullTime(one.end)}`;
}

/** It in one line, for those who do not see it. @param {Annotation} one */
export function label(one) {
  return `${one.query.name}, ${span(one)}: ${[one.title, one.text].filter(Boolean).join(". ").slice(0, 200)}`;
}

/** @param {Annotation} one @param {boolean} [linked] whether addresses in its text can be followed */
export function told(one, linked = false) {
  const tags = one.tags?.length ? [h("p", { class: "tags" }, ...one.tags.map((tag) => h("span", { class: "tag" }, tag)))] : [];
  const color = (one.color ?? one.query.color) ? `--c:${one.color ?? one.query.color}` : "--c:var(--mark-info)";
  return [
    h("time", {}, span(one)),
    ...(one.title ? [h("p", { class: "said title" }, one.title)] : []),
    ...(one.text ? [h("p", { class: "said" }, ...(linked ? linkified(one.text) : [one.text]))] : []),
    ...tags,
    h("p", { class: "muted from" }, h("i", { class: "sw sq", style: color }), one.query.name),
  ];
}

/** A text with its addresses of the web as links. @param {string} text @returns {(string|Node)[]} */
export function linkified(text) {
  const parts = [];
  let after = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(/[.,;:!?)\]}]+$/, "");
    if (!URL.canParse(address)) continue;
    parts.push(text.slice(after, match.index), h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, address));
    after = match.index + address.length;
  }
  return [...parts, text.slice(after)];
}

/** A box that stays at its mark until it is closed. @param {HTMLElement} foot @param {Annotation} one @param {import("./annotations.js").Annotations|undefined} annotations */
export function openNote(foot, one, annotations) {
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  const edit = () => {
    close(true);
    dispatchEvent(new CustomEvent("editannotation", { detail: one }));
  };
  const ways = annotations?.editable(one) ? [h("button", { class: "btn sm", type: "button", onclick: edit }, icon("pencil"), "Edit"), removal(one, fault)] : [];
  const rect = foot.getBoundingClientRect();
  openBox(foot, { x: rect.left + Math.min(rect.width / 2, 40), y: rect.bottom }, "Annotation", [...told(one, true), fault], ways);
}

/** Deleting takes two clicks: it does not come back. @param {Annotation} one @param {HTMLElement} fault */
function removal(one, fault) {
  const words = h("span", {}, "Delete");
  let sure = false;
  return h("button", { class: "btn sm", type: "button", onclick: async () => {
    if (!sure) {
      sure = true;
      words.textContent = "Delete for good";
      return;
    }
    const problem = await removeAnnotation(one.id ?? 0);
    if (!problem) return close(true);
    fault.textContent = problem;
    fault.hidden = false;
  } }, icon("bin"), words);
}

/**
 * A small box at a place of the page, which Escape and a click elsewhere close; focus returns to its button.
 * @param {HTMLElement} button @param {{x: number, y: number}} at @param {string} name @param {Node[]} content @param {Node[]} ways
 */
export function openBox(button, at, name, content, ways) {
  const closer = h("button", { class: "btn bare sm icon closer", type: "button", "aria-label": "Close", onclick: () => close(true) }, icon("close"));
  const box = h("div", { class: "pop pop-note", role: "dialog", "aria-label": name, hidden: true }, closer, h("div", { class: "words" }, ...content), ...(ways.length ? [h("div", { class: "foot" }, ...ways)] : []));
  document.body.append(box);
  const away = (/** @type {Event} */ event) => {
    if (!box.contains(/** @type {Node} */ (event.target))) close();
  };
  show(button, box, { closed: () => {
    box.remove();
    removeEventListener("scroll", away, true);
  } });
  if (innerWidth > PHONE_PX) place(box, at);
  addEventListener("scroll", away, true);
  return box;
}

/** Below the place, or above it where there is no room. @param {HTMLElement} box @param {{x: number, y: number}} at */
function place(box, { x, y }) {
  const { width, height } = box.getBoundingClientRect();
  const left = Math.min(Math.max(AROUND_PX, x - width / 2), innerWidth - width - AROUND_PX);
  const below = y + AROUND_PX + height < innerHeight;
  box.style.left = `${left}px`;
  box.style.top = `${below ? y + AROUND_PX : Math.max(AROUND_PX, y - height - 3 * AROUND_PX)}px`;
}
