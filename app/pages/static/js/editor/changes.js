// What two documents of a dashboard differ in, panel by panel, as people read it.

import { h } from "../dom.js";
import { same } from "./patch.js";

const KEYS = /** @type {Record<string, string>} */ ({ panels: "panel_id", variables: "name", annotations: "name" });
const KINDS = /** @type {Record<string, string>} */ ({ panels: "Panel", variables: "Variable", annotations: "Annotation query" });
const MOST_FIELDS = 6, MOST_TEXT = 60, LED_BY = 12; // characters of a value; of them before what differs

/** @typedef {{part: string, name: string, how: "added"|"removed"|"changed", before: any, after: any, fields: string[]}} Change */

/** Each part that differs: panels, variables and annotation queries one by one, all else by its field. @param {any} before @param {any} after @returns {Change[]} */
export function changesOf(before, after) {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const [was, is] = [before[name], after[name]];
    if (same(was ?? null, is ?? null)) return [];
    if (!KEYS[name] || [was ?? [], is ?? []].some((one) => !Array.isArray(one))) return [change(name, titled(name), was, is)];
    return listChanges(name, was ?? [], is ?? []);
  });
}

/** @param {string} name @param {any[]} was @param {any[]} is @returns {Change[]} */
function listChanges(name, was, is) {
  const key = KEYS[name];
  const ids = [...new Set([...was, ...is].map((one) => one[key]))];
  const found = ids.flatMap((id) => {
    const [one, other] = [was, is].map((items) => items.find((item) => item[key] === id));
    return same(one ?? null, other ?? null) ? [] : [change(`${name}/${id}`, nameOf(name, other ?? one), one, other)];
  });
  const left = (/** @type {any[]} */ items) => items.map((item) => item[key]).filter((id) => [was, is].every((all) => all.some((item) => item[key] === id)));
  if (name !== "panels" && String(left(was)) !== String(left(is))) found.push({ part: name, name: `Order of ${name}`, how: "changed", before: was, after: is, fields: [] });
  return found;
}

/** How a part is called. @param {string} part @param {any} value */
export function nameOf(part, value) {
  const list = part.split("/")[0];
  if (!KINDS[list] || value === null || typeof value !== "object") return titled(part);
  const own = list === "panels" ? value.title || `${value.panel_id}` : value.name;
  return `${value.type === "row" ? "Row" : KINDS[list]} ${own}`;
}

/** @param {string} part @param {string} name @param {any} before @param {any} after @returns {Change} */
function change(part, name, before, after) {
  const how = before === undefined ? "added" : after === undefined ? "removed" : "changed";
  return { part, name, how, before, after, fields: how === "changed" ? fieldsOf(before, after) : [] };
}

/** The paths of what differs, the nearest to the root that say it. @param {any} before @param {any} after @param {string} [at] @returns {string[]} */
export function fieldsOf(before, after, at = "") {
  if (same(before ?? null, after ?? null)) return [];
  const holds = (/** @type {any} */ one) => typeof one === "object" && one !== null;
  const alike = holds(before) && holds(after) && Array.isArray(before) === Array.isArray(after);
  if (!alike || Array.isArray(before) && before.length !== after.length) return [at];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => fieldsOf(before[name], after[name], at ? `${at}.${name}` : name));
}

/** @param {any} value @param {string} path */
export function valueAt(value, path) {
  return path === "" ? value : path.split(".").reduce((found, name) => found?.[name], value);
}

/** Values that stand beside each other, each as a text; of long ones the part from which on they differ. @param {any[]} values @returns {string[]} */
export function told(values) {
  const plain = values.map((value) => (value === undefined ? "not set" : typeof value === "string" ? value || "empty" : JSON.stringify(value)));
  const mistaken = values.some((one, index) => values.some((other, place) => plain[index] === plain[place] && !same(one ?? null, other ?? null)));
  const texts = (mistaken ? values.map((value) => JSON.stringify(value) ?? "not set") : plain).map((text) => [...text]);
  const longest = Math.max(...texts.map((text) => text.length));
  const differs = Array.from({ length: longest }).findIndex((_, index) => texts.some((text) => text[index] !== texts[0][index]));
  const from = longest > MOST_TEXT ? Math.max(0, differs - LED_BY) : 0;
  return texts.map((text) => cut(text, from));
}

/** @param {string[]} letters @param {number} from */
function cut(letters, from) {
  const most = MOST_TEXT - (from ? 1 : 0);
  const rest = letters.slice(from);
  return `${from ? "…" : ""}${rest.length > most ? `${rest.slice(0, most - 1).join("")}…` : rest.join("")}`;
}

/** A list of changes, each with its fields, and what they were and are. @param {Change[]} changes @returns {HTMLElement} */
export function changeList(changes) {
  if (!changes.length) return h("p", { class: "muted" }, "Nothing differs.");
  return h("ul", { class: "changes" }, ...changes.map((one) => h("li", {},
    h("div", { class: "what" }, h("strong", { class: "cut" }, one.name), h("span", { class: `how ${one.how}` }, one.how)),
    one.fields.length && one.fields[0] !== "" || one.how === "changed" && !one.part.includes("/") ? fields(one) : null)));
}

/** @param {Change} one */
function fields(one) {
  const shown = one.fields.slice(0, MOST_FIELDS);
  const more = one.fields.length - shown.length;
  return h("dl", {}, ...shown.flatMap((path) => {
    const [was, is] = told([one.before, one.after].map((whole) => valueAt(whole, path)));
    return [h("dt", {}, path || "value"), h("dd", {}, h("del", {}, was), h("span", { "aria-hidden": "true" }, "→"), h("ins", {}, is))];
  }), more > 0 ? h("dd", { class: "muted" }, `and ${more} more`) : null);
}

/** @param {string} name */
function titled(name) {
  const words = name.replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}
