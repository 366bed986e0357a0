// What is taken from BokehJS beyond its promised API, in one place. Held by a browser test; pinned to Bokeh 3.9.

import { axisTime, timeTicks } from "./zone.js";
import { axisText } from "./numbers.js";

/** @typedef {{doc: any, root: any, views: any, source: (name: string) => any}} Drawing */

const Bokeh = /** @type {any} */ (window).Bokeh;
const { Document } = Bokeh.require("document/document");

/**
 * Axis labels in the viewer's zone and in the units of panels: two overrides, done once.
 */
export function installFormats() {
  const { DatetimeTicker } = Bokeh.require("models/tickers/datetime_ticker");
  const { DatetimeTickFormatter } = Bokeh.require("models/formatters/datetime_tick_formatter");
  const { BasicTickFormatter } = Bokeh.require("models/formatters/basic_tick_formatter");
  DatetimeTicker.prototype.get_ticks = function (low, high, _range, _cross) {
    return { major: timeTicks(low, high, this.desired_num_ticks), minor: [] };
  };
  DatetimeTickFormatter.prototype.doFormat = function (ticks) {
    return ticks.map((tick, index) => axisTime(tick, ticks, index));
  };
  const { VAreaView } = Bokeh.require("models/glyphs/varea");
  VAreaView.prototype._paint = paintArea;
  const plain = BasicTickFormatter.prototype.doFormat;
  BasicTickFormatter.prototype.doFormat = function (ticks, opts) {
    const [kind, unit, decimals] = this.tags ?? [];
    return kind === "unit" ? ticks.map((tick) => axisText(tick, unit, decimals)) : plain.call(this, ticks, opts);
  };
}

/**
 * An area with its gaps left open: BokehJS draws one polygon over them.
 * @this {any} @param {CanvasRenderingContext2D} ctx @param {any} _indices @param {any} data
 */
function paintArea(ctx, _indices, data) {
  const { sx, sy1, sy2 } = { ...this, ...data };
  ctx.beginPath();
  let first = 0;
  for (let i = 0; i <= sx.length; i += 1) {
    if (i < sx.length && Number.isFinite(sx[i] + sy1[i] + sy2[i])) continue;
    for (let k = first; k < i; k += 1) k === first ? ctx.moveTo(sx[k], sy1[k]) : ctx.lineTo(sx[k], sy1[k]);
    for (let k = i - 1; k >= first; k -= 1) ctx.lineTo(sx[k], sy2[k]);
    if (i > first) ctx.closePath();
    first = i + 1;
  }
  this.visuals.fill.apply(ctx);
  this.visuals.hatch.apply(ctx);
}

/**
 * A document from a snapshot; not drawn yet.
 * @param {object} json @param {Map<string, ArrayBuffer>} buffers @returns {Drawing}
 */
export function read(json, buffers) {
  const doc = Document.from_json(json, [], buffers);
  const root = doc.roots()[0];
  return { doc, root, views: null, source: (name) => doc.get_model_by_name(name) };
}

/** Draw a document into an element. @param {Drawing} drawing @param {HTMLElement} element */
export async function draw(drawing, element) {
  drawing.views = await Bokeh.embed.add_document_standalone(drawing.doc, element, [element]);
}

/** Take a document off the page. @param {Drawing} drawing */
export function discard(drawing) {
  drawing.doc.clear();
  const index = Bokeh.documents.indexOf(drawing.doc);
  if (index >= 0) Bokeh.documents.splice(index, 1);
}

/** The plot's inner frame in CSS pixels, and its scale over time. @param {Drawing} drawing */
export function frame(drawing) {
  const view = drawing.views?.get(drawing.root);
  const inner = view?.frame;
  if (!inner) return null;
  const { left, top, width, height } = inner.bbox;
  return { left, top, width, height, x: inner.x_scale, y: inner.y_scale };
}

/** @param {Drawing} drawing @param {"x_range"|"y_range"} which @param {number} start @param {number} end */
export function setRange(drawing, which, start, end) {
  drawing.root[which]?.setv({ start, end }, { sync: false });
}

/** Paint again, after colours on the page have changed. @param {Drawing} drawing */
export function repaint(drawing) {
  drawing.views?.get(drawing.root)?.request_repaint?.();
}

/** @param {Drawing} drawing @param {string} name @param {(renderer: any) => void} change */
export function eachRenderer(drawing, name, change) {
  for (const renderer of drawing.root.renderers ?? []) if (renderer.name === name) change(renderer);
}

/**
 * What a tick does to one source: patch, then stream; or replace.
 * @param {any} source @param {{patch?: object, stream?: object, rollover?: number, replace?: object}} change
 */
export function applyChange(source, change) {
  if (change.replace) {
    source.data = mapColumns(change.replace, typed);
    return;
  }
  if (change.patch) source.patch(mapColumns(change.patch, (pairs) => pairs.map(([i, v]) => [i, v ?? NaN])), { sync: false });
  if (change.stream) source.stream(mapColumns(change.stream, typed), change.rollover, { sync: false });
}

/** @param {Record<string, any>} columns @param {(column: any[]) => any} change */
function mapColumns(columns, change) {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, change(column)]));
}

/** Numbers as a typed array, null as NaN; anything else as it is. @param {any[]} column */
function typed(column) {
  const numeric = column.every((value) => value === null || typeof value === "number");
  return numeric ? Float64Array.from(column, (value) => value ?? NaN) : column;
}
