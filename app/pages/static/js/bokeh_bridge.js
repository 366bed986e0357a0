// What is taken from BokehJS beyond its promised API, in one place. Held by a browser test; pinned to Bokeh 3.9.

import { axisText, axisTexts } from "./numbers.js";
import { hideColumns, installPaint, setUnfinished } from "./paint.js";
import { axisTime, isMidnight, timeTicks } from "./zone.js";

/** @typedef {{doc: any, root: any, views: any, source: (name: string) => any, room_px?: number}} Drawing room_px: of its axis of time, until it is drawn */

const RETRY_MS = 500, LONGEST_WAIT_MS = 15e3;
const TIME_PX = 46, SECONDS_PX = 64, MINUTE_MS = 60e3; // of labels such as 14:00 and 14:00:30 with room around them
const GUTTERS_PX = 72; // beside a plot
const MOST_LABELS = 4, LABEL_PX = 26, TIME_LABELS_PX = 30; // of an axis of values; below it stand those of time
const CHAR_PX = 6.2, BETWEEN_PX = 4; // of a label, about, and between two
const EDGE_SHARE = 0.03; // of an axis of time at its end: a label there would stand beyond the panel
/** @type {any} */
let Bokeh = null;

/** Once BokehJS is there: the page begins without it, and draws with it. */
export const loaded = new Promise((/** @type {(value: void) => void} */ resolve) => load(resolve, RETRY_MS));

/** The script that the page fetches ahead; asked for again where the server was away. @param {() => void} done @param {number} wait_ms before the next try */
function load(done, wait_ms) {
  const begin = () => {
    Bokeh = /** @type {any} */ (window).Bokeh;
    installFormats();
    done();
  };
  if ("Bokeh" in window) return begin(); // a file has it within
  const script = document.createElement("script");
  script.src = /** @type {HTMLLinkElement|null} */ (document.querySelector("link[data-bokeh]"))?.href ?? "";
  script.addEventListener("load", begin);
  script.addEventListener("error", () => {
    script.remove();
    setTimeout(() => load(done, Math.min(2 * wait_ms, LONGEST_WAIT_MS)), wait_ms * (0.5 + Math.random()));
  });
  document.head.append(script);
}

/** @type {WeakMap<object, Drawing>} by the ticker of an axis of time, and by the formatter of any axis below */
const drawings = new WeakMap();
/** @type {WeakMap<object, string[]>} by the formatter of an axis of names */
const names = new WeakMap();
/** @type {WeakMap<object, (unit: string) => void>} by the formatter of an axis whose unit stands elsewhere */
const units = new WeakMap();

/**
 * Axis labels in the viewer's zone and in the units of panels: two overrides, done once.
 */
function installFormats() {
  const { DatetimeTicker } = Bokeh.require("models/tickers/datetime_ticker");
  const { DatetimeTickFormatter } = Bokeh.require("models/formatters/datetime_tick_formatter");
  const { BasicTickFormatter } = Bokeh.require("models/formatters/basic_tick_formatter");
  DatetimeTicker.prototype.get_ticks = function (/** @type {number} */ low, /** @type {number} */ high) {
    const last = high - (high - low) * EDGE_SHARE;
    const drawing = drawings.get(this);
    const width = frame(drawing)?.width || drawing?.room_px || Infinity;
    const fitting = (/** @type {number} */ px) => timeTicks(low, high, Math.min(this.desired_num_ticks, Math.max(2, Math.floor(width / px))));
    const ticks = fitting(TIME_PX);
    return { major: (ticks[1] - ticks[0] < MINUTE_MS ? fitting(SECONDS_PX) : ticks).filter((tick) => tick <= last), minor: [] };
  };
  DatetimeTickFormatter.prototype.doFormat = function (/** @type {number[]} */ ticks) {
    return ticks.map((tick, index) => axisTime(tick, ticks, index));
  };
  const labels = DatetimeTickFormatter.prototype.format_graphics;
  DatetimeTickFormatter.prototype.format_graphics = function (/** @type {number[]} */ ticks, /** @type {any} */ opts) {
    return labels.call(this, ticks, opts).map((/** @type {any} */ box, /** @type {number} */ index) => (isMidnight(ticks[index], ticks) ? bold(box) : box));
  };
  installPaint(Bokeh.require);
  const plain = BasicTickFormatter.prototype.doFormat;
  BasicTickFormatter.prototype.doFormat = function (/** @type {number[]} */ ticks, /** @type {any} */ opts) {
    const [kind, unit, decimals] = this.tags ?? [];
    if (kind === "names") return ticks.map((tick) => names.get(this)?.[tick] ?? "");
    if (kind !== "unit") return plain.call(this, ticks, opts);
    const told = units.get(this);
    const labels = axisTexts(ticks, unit, decimals);
    const texts = !told && labels.unit ? ticks.map((tick) => axisText(tick, unit, decimals)) : labels.texts;
    told?.(labels.unit);
    return whole(drawings.get(this), ticks, texts);
  };
}

/** Labels of values below a plot without those that would be cut at the edge of its panel, or stand over another. @param {Drawing|undefined} drawing @param {number[]} ticks @param {string[]} texts */
function whole(drawing, ticks, texts) {
  const width = frame(drawing)?.width || drawing?.room_px;
  if (!drawing || !width) return texts;
  const { x_range, x_scale, min_border_right } = drawing.root;
  const place = x_scale.type === "LogScale" ? Math.log : Number;
  const [start, end] = [place(x_range.start), place(x_range.end)];
  let free_px = -Infinity; // where the last label ended
  return texts.map((text, index) => {
    const at_px = ((place(ticks[index]) - start) / (end - start)) * width, half_px = (text.length * CHAR_PX) / 2;
    if (at_px + half_px > width + (min_border_right ?? 0) || at_px - half_px < free_px) return "";
    free_px = at_px + half_px + BETWEEN_PX;
    return text;
  });
}

/** A label in bold, whatever font its axis gives it. @param {any} box */
function bold(box) {
  const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(box), "visuals")?.set;
  if (setter) Object.defineProperty(box, "visuals", { set(value) { setter.call(box, { ...value, font_style: "bold" }); } });
  return box;
}

/**
 * A document from a snapshot; not drawn yet.
 * @param {object} json @param {Map<string, ArrayBuffer>} buffers @returns {Drawing}
 */
export function read(json, buffers) {
  const { Document } = Bokeh.require("document/document");
  const doc = Document.from_json(json, [], buffers);
  const root = doc.roots()[0];
  return { doc, root, views: null, source: (name) => doc.get_model_by_name(name) };
}

/** Draw a document into an element. @param {Drawing} drawing @param {HTMLElement} element */
export async function draw(drawing, element) {
  drawing.room_px = element.clientWidth - GUTTERS_PX;
  for (const { ticker, formatter } of drawing.root.below ?? []) for (const one of [ticker, formatter]) drawings.set(one, drawing);
  fitLabels(drawing, element);
  new ResizeObserver(() => fitLabels(drawing, element)).observe(element);
  drawing.views = await Bokeh.embed.add_document_standalone(drawing.doc, element, [element]);
  drawing.views.get(drawing.root)?.canvas_view?.events_el.removeAttribute("tabindex"); // it has no keys, and no name
}

/** Draw a document that is somebody's own as it is. @param {Drawing} drawing @param {HTMLElement} element */
export async function drawOwn(drawing, element) {
  drawing.views = await Bokeh.embed.add_document_standalone(drawing.doc, element, [element]);
}

/** As many labels on axes of values as stand above each other without touching. @param {Drawing} drawing @param {HTMLElement} element */
function fitLabels(drawing, element) {
  const most = Math.max(1, Math.min(MOST_LABELS, Math.floor((element.clientHeight - TIME_LABELS_PX) / LABEL_PX)));
  for (const { ticker } of [...(drawing.root.left ?? []), ...(drawing.root.right ?? [])]) {
    if (ticker?.desired_num_ticks && ticker.desired_num_ticks !== most) ticker.setv({ desired_num_ticks: most }, { sync: false });
  }
}

/** Take a document off the page. @param {Drawing} drawing */
export function discard(drawing) {
  drawing.doc.clear();
  const index = Bokeh.documents.indexOf(drawing.doc);
  if (index >= 0) Bokeh.documents.splice(index, 1);
}

/** The plot's inner frame in CSS pixels, and its scale over time. @param {Drawing|undefined} drawing */
export function frame(drawing) {
  const view = drawing?.views?.get(drawing.root);
  const inner = view?.frame;
  if (!inner) return null;
  const { left, top, width, height } = inner.bbox;
  return { left, top, width, height, x: inner.x_scale, y: inner.y_scale, right: inner.y_scales?.get("right") ?? null };
}

/** Say the unit of the left axis beside the title of a panel, where it is too long for its labels. @param {Drawing} drawing @param {HTMLElement} section */
export function tellUnit(drawing, section) {
  const place = section.querySelector(":scope > header .unit");
  const axis = drawing.root.left?.[0];
  if (axis && place) units.set(axis.formatter, (unit) => place.textContent !== unit && (place.textContent = unit));
}

const DECIMAL = { base: 10, mantissas: [1, 2, 5] };
const BINARY = { base: 1024, mantissas: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] };

/**
 * What the left axis is labelled in, where the data say it. @param {Drawing} drawing
 * @param {{unit: string, decimals: number|null, binary: boolean}} axis `binary`: whether its round values are powers of two
 */
export function setUnit(drawing, axis) {
  const { formatter, ticker } = drawing.root.left[0];
  const [kind, unit, decimals] = formatter.tags;
  if (kind !== "unit" || (unit === axis.unit && decimals === axis.decimals)) return;
  formatter.setv({ tags: ["unit", axis.unit, axis.decimals] }, { sync: false });
  if (ticker.type !== "LogTicker") ticker.setv(axis.binary ? BINARY : DECIMAL, { sync: false });
  repaint(drawing);
}

/** What the axis of names writes at 0, 1, 2, … @param {Drawing} drawing @param {string[]} texts */
export function setNames(drawing, texts) {
  for (const axis of [...drawing.root.below, ...drawing.root.left]) {
    if (axis.formatter?.tags?.[0] === "names") names.set(axis.formatter, texts);
  }
  repaint(drawing);
}

/** @param {Drawing} drawing @param {string} name a model's @param {Record<string, any>} values */
export function setModel(drawing, name, values) {
  drawing.doc.get_model_by_name(name)?.setv(values, { sync: false });
}

/**
 * Put an image of codes into a source, its first row lowest.
 * @param {Drawing} drawing @param {string} name @param {Uint8Array} codes @param {number} width @param {number} height
 * @param {{x: number, y: number, dw: number, dh: number}} box in the units of the axes
 */
export function setImage(drawing, name, codes, width, height, box) {
  const source = drawing.source(name);
  if (!source) return;
  const { ndarray } = Bokeh.require("core/util/ndarray");
  const image = ndarray(codes.slice().buffer, { dtype: "uint8", shape: [height, width] });
  source.data = { image: [image], x: [box.x], y: [box.y], dw: [box.dw], dh: [box.dh] };
}

/** Leave columns of a source out of its stacks. @param {Drawing} drawing @param {string} name @param {Set<string>} columns */
export function restack(drawing, name, columns) {
  const source = drawing.source(name);
  if (!source) return;
  hideColumns(source, columns);
  for (const { glyph } of drawing.root.renderers) {
    for (const spec of [glyph.y, glyph.y1, glyph.y2, glyph.top, glyph.bottom]) spec?.expr?._result.clear();
  }
  source.change.emit();
}

/** @param {Drawing} drawing @param {"x_range"|"y_range"} which @param {number} start @param {number} end */
export function setRange(drawing, which, start, end) {
  drawing.root[which]?.setv({ start, end }, { sync: false });
}

/** The same for a second axis. @param {Drawing} drawing @param {string} name @param {number} start @param {number} end */
export function setExtraRange(drawing, name, start, end) {
  const ranges = drawing.root.extra_y_ranges;
  (ranges instanceof Map ? ranges.get(name) : ranges?.[name])?.setv({ start, end }, { sync: false });
}

/** The columns of a source by name. @param {any} source @returns {Record<string, any>} */
export function columns(source) {
  return source.data instanceof Map ? Object.fromEntries(source.data) : source.data;
}

/** What a page gives to parts of somebody's own figure that read no variables of styles, by their type. @type {Record<string, Record<string, string>>} */
const TINTS = {
  Legend: { background_fill_color: "--raised", border_line_color: "--line", label_text_color: "--text", title_text_color: "--text", inactive_fill_color: "--raised" },
  ColorBar: { major_label_text_color: "--muted", title_text_color: "--muted" },
  ContourColorBar: { major_label_text_color: "--muted", title_text_color: "--muted" },
};
/** @type {WeakMap<object, [string, string][]>} of each of them the colours that nobody chose, and the page's own for those */
const tinted = new WeakMap();

/** Legends and colour bars in the colours of the page, but for those that their figure chose. @param {Drawing} drawing @param {HTMLElement} element */
export function tint(drawing, element) {
  const style = getComputedStyle(element);
  for (const model of drawing.doc._all_models.values()) {
    if (!(model.type in TINTS)) continue;
    const free = tinted.get(model) ?? Object.entries(TINTS[model.type]).filter(([name]) => !model.properties[name]?.dirty);
    tinted.set(model, free);
    model.setv(Object.fromEntries(free.map(([name, token]) => [name, style.getPropertyValue(token).trim()])), { sync: false });
  }
}

/** Paint again, after colours on the page have changed. @param {Drawing} drawing */
export function repaint(drawing) {
  drawing.views?.get(drawing.root)?.request_repaint?.();
}

/** From which time on (ms) the points of each series are unfinished, by its column; all others are as they will be. @param {Drawing} drawing @param {Record<string, number>} times */
export function markUnfinished(drawing, times) {
  for (const { name, glyph } of drawing.root.renderers ?? []) setUnfinished(glyph, times[name]);
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
  if (change.patch) source.patch(mapColumns(change.patch, (pairs) => pairs.map(([i, v]) => [i, number(v)])), { sync: false });
  if (!change.stream) return;
  const fresh = mapColumns(change.stream, typed);
  // BokehJS keeps a tail of old values where the rollover is less than what there is.
  if ((source.get_length() ?? 0) > (change.rollover ?? Infinity)) source.data = appended(columns(source), fresh, change.rollover ?? 0);
  else source.stream(fresh, change.rollover, { sync: false });
}

/** The last values of columns with new ones behind them. @param {Record<string, any>} old @param {Record<string, any>} fresh @param {number} keep */
function appended(old, fresh, keep) {
  return Object.fromEntries(Object.entries(fresh).map(([name, column]) => {
    const all = [...old[name], ...column].slice(-keep);
    return [name, column instanceof Float64Array ? Float64Array.from(all) : all];
  }));
}

/** @param {Record<string, any>} columns @param {(column: any[]) => any} change */
function mapColumns(columns, change) {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, change(column)]));
}

const INFINITE = new Map([["∞", Infinity], ["-∞", -Infinity]]);

/** Numbers as a typed array, null as NaN, ∞ as what it says; anything else as it is. @param {any[]} column */
function typed(column) {
  const numeric = column.every((value) => value === null || typeof value === "number" || INFINITE.has(value));
  return numeric ? Float64Array.from(column, number) : column;
}

/** A number of a tick: JSON has none that is infinite. @param {any} value */
function number(value) {
  return value === null ? NaN : (INFINITE.get(value) ?? value);
}
