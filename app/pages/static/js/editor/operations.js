// What a person does with panels and rows, as patches of the document.

import { COLUMNS, boxesOf, compact, inOrder, moves, placed, room, rowMoved, settled } from "./grid.js";

/** @typedef {import("./patch.js").Operation} Operation */

/** An id that no panel has. @param {any} document */
export function freshId(document) {
  return 1 + Math.max(0, ...(document.panels ?? []).map((/** @type {any} */ one) => one.panel_id));
}

/** One more panel, where there is room. @param {any} document @param {any} panel its id and its place are found here @returns {{id: number, patch: Operation[]}} */
export function added(document, panel) {
  const id = freshId(document);
  const { w, h } = panel.position ?? {};
  const value = { ...panel, panel_id: id, position: room(boxesOf(document), w, h) };
  return { id, patch: [...listed(document), ...settled(document), { op: "add", path: "/panels/-", value }] };
}

/** A panel once more, below itself. @param {any} document @param {number} id @returns {{id: number, patch: Operation[]}} */
export function duplicated(document, id) {
  const panel = find(document, id);
  const copy = { ...structuredClone(panel), panel_id: freshId(document) };
  const boxes = boxesOf({ panels: [...document.panels, copy] });
  const box = boxes[boxes.length - 1];
  const wanted = placed(boxes, { ...box, y: box.y + box.h });
  const { x, y, w, h } = wanted[wanted.length - 1];
  return { id: copy.panel_id, patch: [...shifted(document, wanted), { op: "add", path: "/panels/-", value: { ...copy, position: { x, y, w, h } } }] };
}

/** Panels less; what is below them rises. @param {any} document @param {number[]} ids @returns {Operation[]} */
export function removed(document, ids) {
  const left = compact(boxesOf(document).filter((one) => !ids.includes(one.id)).sort(inOrder));
  const places = ids.map((id) => document.panels.findIndex((/** @type {any} */ one) => one.panel_id === id)).filter((index) => index >= 0).sort((a, b) => b - a);
  return [...shifted(document, left), ...places.map((index) => ({ op: "remove", path: `/panels/${index}` }))];
}

/** A row below all that is there. @param {any} document @returns {{id: number, patch: Operation[]}} */
export function rowAdded(document) {
  const id = freshId(document);
  const y = Math.max(0, ...boxesOf(document).map((one) => one.y + one.h));
  return { id, patch: [...listed(document), ...settled(document), { op: "add", path: "/panels/-", value: { panel_id: id, title: "New row", type: "row", position: { x: 0, y, w: COLUMNS, h: 1 } } }] };
}

/** The panels below a row, up to the next. @param {any} document @param {number} id @returns {number[]} */
export function membersOf(document, id) {
  const boxes = boxesOf(document).sort(inOrder);
  const at = boxes.findIndex((one) => one.id === id);
  const next = boxes.findIndex((one, index) => index > at && one.row);
  return at < 0 ? [] : boxes.slice(at + 1, next < 0 ? undefined : next).map((one) => one.id);
}

/** A row with its panels above or below its neighbour. @param {any} document @param {number} id @param {-1|1} by @returns {Operation[]} */
export function rowStepped(document, id, by) {
  return moves(document, rowMoved(boxesOf(document), id, by));
}

/** What puts panels where boxes say as another comes or goes: those that do not move stay too. @param {any} document @param {import("./grid.js").Box[]} boxes @returns {Operation[]} */
function shifted(document, boxes) {
  const moved = moves(document, boxes);
  return moved.length ? moved : settled(document);
}

/** @param {any} document @param {number} id */
export function find(document, id) {
  return (document.panels ?? []).find((/** @type {any} */ one) => one.panel_id === id);
}

/** A document has a list of panels before one is added to it. @param {any} document @returns {Operation[]} */
function listed(document) {
  return Array.isArray(document.panels) ? [] : [{ op: "add", path: "/panels", value: [] }];
}
