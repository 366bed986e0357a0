// How lines, steps and areas are painted: over gaps or not, with dots where they stand alone, fading towards zero.

import { falls, lowerBound } from "./lines.js";

/** @type {WeakMap<object, Set<string>>} the columns of a source that nobody wants to see: stacks leave them out */
const hidden = new WeakMap();

/** @type {WeakMap<object, number>} by a glyph: from which time on (ms) its points are unfinished */
const unfinished = new WeakMap();

const DASHES = [3, 4]; // of a line into a bucket that is not over
const PALER = 0.45; // what is below such a line, and such a bar
const DOT_PX = 2;
const DOTS_BELOW = 60;
const ROOM_PX = 14;

/** @param {object} source @param {Set<string>} columns */
export function hideColumns(source, columns) {
  hidden.set(source, columns);
}

/** @param {object} glyph @param {number|undefined} from_ms of its first point that more may come to */
export function setUnfinished(glyph, from_ms) {
  if (from_ms === undefined) unfinished.delete(glyph);
  else unfinished.set(glyph, from_ms);
}

/** Teach the glyphs of BokehJS the rules that stand in tags. @param {(path: string) => any} model */
export function installPaint(model) {
  const { LineView } = model("models/glyphs/line");
  const { StepView } = model("models/glyphs/step");
  const { VAreaView } = model("models/glyphs/varea");
  const { VBarView } = model("models/glyphs/vbar");
  const { VAreaStepView } = model("models/glyphs/varea_step");
  const { Stack } = model("models/expressions/stack");
  const { CanvasLayer } = model("core/util/canvas");
  CanvasLayer.prototype.clear = clearWhole;
  for (const View of [LineView, StepView]) replace(View, paintLine);
  for (const View of [VAreaView, VAreaStepView]) replace(View, paintArea);
  installBars(VBarView);
  const plain = Stack.prototype._v_compute;
  Stack.prototype._v_compute = function (/** @type {any} */ source) {
    return this.tags?.[0] === "stack" ? stack(this, source) : plain.call(this, source);
  };
}

/** All of a canvas. BokehJS is half a pixel in by then, and leaves half a pixel at the left and the top: in the colours of a theme that was switched. @this {any} */
function clearWhole() {
  this.undo_transform((/** @type {any} */ ctx) => ctx.clearRect(0, 0, this.target.width, this.target.height));
}

/** @param {any} View @param {Function} paint */
function replace(View, paint) {
  const plain = View.prototype._paint;
  View.prototype._paint = function (/** @type {any} */ ctx, /** @type {any} */ indices, /** @type {any} */ data) {
    if (this.model.tags?.[0] === "line") paint(this, ctx, { sx: this.sx, sy: this.sy, sy1: this.sy1, sy2: this.sy2, ...data });
    else plain.call(this, ctx, indices, data);
  };
}

/** Bars that are not over are paler. @param {any} View */
function installBars(View) {
  const plain = View.prototype._paint;
  View.prototype._paint = function (/** @type {any} */ ctx, /** @type {Iterable<number>} */ indices, /** @type {any} */ data) {
    const from_ms = unfinished.get(this.model);
    if (from_ms === undefined) return plain.call(this, ctx, indices, data);
    const all = [...indices];
    plain.call(this, ctx, all.filter((i) => this.x[i] < from_ms), data);
    paler(ctx, () => plain.call(this, ctx, all.filter((i) => this.x[i] >= from_ms), data));
  };
}

/** @param {CanvasRenderingContext2D} ctx @param {() => void} paint */
function paler(ctx, paint) {
  ctx.save();
  ctx.globalAlpha *= PALER;
  paint();
  ctx.restore();
}

/** Runs of points up to the unfinished ones, and those with them from the point before on. @param {number[][]} found @param {ArrayLike<number>} x @param {number|undefined} from_ms */
function parted(found, x, from_ms) {
  if (from_ms === undefined) return { over: found, open: [] };
  /** @type {number[][]} */
  const over = [], /** @type {number[][]} */ open = [];
  for (const run of found) {
    const at = run.findIndex((i) => x[i] >= from_ms);
    if (at < 0) over.push(run);
    else {
      if (at > 0) over.push(run.slice(0, at));
      open.push(run.slice(Math.max(at - 1, 0)));
    }
  }
  return { over, open };
}

/** The points that can be seen, and one more at each side: the first index, and the one after the last. @param {any} view @param {ArrayLike<number>} sx ascending */
function seen(view, sx) {
  const { left, right } = view.parent.plot_view.frame.bbox;
  return [Math.max(0, lowerBound(sx, left) - 1), Math.min(sx.length, lowerBound(sx, right) + 1)];
}

/** The runs of points that are joined: up to `reach` ms over missing values, -1 always. @param {ArrayLike<number>} sums @param {ArrayLike<number>} x @param {number} reach @param {number[]} within */
function runs(sums, x, reach, [first, end]) {
  /** @type {number[][]} */
  const found = [];
  let last = -1;
  for (let i = first; i < end; i += 1) {
    if (!Number.isFinite(sums[i])) continue;
    const joined = last >= 0 && (last === i - 1 || reach < 0 || x[i] - x[last] <= reach);
    if (joined) found[found.length - 1].push(i);
    else found.push([i]);
    last = i;
  }
  return found;
}

/** @param {any} view @param {CanvasRenderingContext2D} ctx @param {any} data */
function paintLine(view, ctx, { sx, sy }) {
  const [, reach, dots] = view.model.tags;
  const found = runs(sy, view.x, reach, seen(view, sx));
  const { over, open } = parted(found, view.x, unfinished.get(view.model));
  const stroke = (/** @type {number[][]} */ part) => {
    ctx.beginPath();
    for (const run of part) trace(ctx, run, sx, sy, view.model.mode, true);
    ctx.stroke();
  };
  view.visuals.line.set_value(ctx);
  stroke(over);
  if (open.length) {
    ctx.setLineDash(DASHES);
    stroke(open);
  }
  if (dots !== "never") paintDots(ctx, found, sx, sy, dots === "always");
}

/** @param {CanvasRenderingContext2D} ctx @param {number[]} run @param {ArrayLike<number>} sx @param {ArrayLike<number>} sy @param {string|undefined} mode @param {boolean} start */
function trace(ctx, run, sx, sy, mode, start) {
  run.forEach((i, at) => {
    if (at === 0 && start) ctx.moveTo(sx[i], sy[i]);
    else {
      if (at > 0 && mode === "after") ctx.lineTo(sx[i], sy[run[at - 1]]);
      if (at > 0 && mode === "before") ctx.lineTo(sx[run[at - 1]], sy[i]);
      ctx.lineTo(sx[i], sy[i]);
    }
  });
}

/** @param {CanvasRenderingContext2D} ctx @param {number[][]} found @param {ArrayLike<number>} sx @param {ArrayLike<number>} sy @param {boolean} always */
function paintDots(ctx, found, sx, sy, always) {
  const count = found.reduce((sum, run) => sum + run.length, 0);
  const [first, last] = [found[0]?.[0] ?? 0, found.at(-1)?.at(-1) ?? 0];
  const roomy = count < DOTS_BELOW && count > 1 && (sx[last] - sx[first]) / (count - 1) >= ROOM_PX;
  ctx.beginPath();
  for (const run of found) {
    if (!always && !roomy && run.length > 1) continue;
    for (const i of run) {
      ctx.moveTo(sx[i] + DOT_PX, sy[i]);
      ctx.arc(sx[i], sy[i], DOT_PX, 0, 2 * Math.PI);
    }
  }
  ctx.fillStyle = ctx.strokeStyle;
  ctx.fill();
}

/** @param {any} view @param {CanvasRenderingContext2D} ctx @param {any} data */
function paintArea(view, ctx, { sx, sy1, sy2 }) {
  const [, reach, how] = view.model.tags;
  const mode = view.model.step_mode;
  const sums = Float64Array.from(sy1, (/** @type {number} */ y, /** @type {number} */ i) => y + sy2[i]);
  const found = runs(sums, view.x, reach, seen(view, sx));
  const { over, open } = parted(found, view.x, unfinished.get(view.model));
  const fill = (/** @type {number[][]} */ part) => {
    ctx.beginPath();
    for (const run of part) {
      trace(ctx, run, sx, sy2, mode, true);
      trace(ctx, [...run].reverse(), sx, sy1, mode && (mode === "after" ? "before" : "after"), false);
      ctx.closePath();
    }
    ctx.fill();
  };
  view.visuals.fill.set_value(ctx);
  if (how === "fade") fade(ctx, found, sy1, sy2);
  fill(over);
  if (open.length) paler(ctx, () => fill(open));
}

/** Let what is filled fade towards zero. @param {CanvasRenderingContext2D} ctx @param {number[][]} found @param {ArrayLike<number>} sy1 where it begins @param {ArrayLike<number>} sy2 */
function fade(ctx, found, sy1, sy2) {
  let high = Infinity, low = -Infinity;
  for (const run of found) for (const i of run) [high, low] = [Math.min(high, sy1[i], sy2[i]), Math.max(low, sy1[i], sy2[i])];
  if (!(low > high)) return;
  const base = Math.min(Math.max(sy1[0], high), low);
  const faded = ctx.createLinearGradient(0, base < (high + low) / 2 ? low : high, 0, base);
  faded.addColorStop(0, String(ctx.fillStyle));
  faded.addColorStop(1, clear(String(ctx.fillStyle)));
  ctx.fillStyle = faded;
}

/** The same colour without any of it. @param {string} color as a canvas gives it back: `rgba(…)` or `#rrggbb` */
function clear(color) {
  return color.startsWith("rgba") ? color.replace(/[\d.]+\)$/, "0)") : `${color}00`;
}

/**
 * The sum of a series and those below it that stack in its direction: unknown where it is itself, without the hidden, as
 * shares of all of that direction in percent.
 * @param {any} expression its tags: "stack", the mode, its column, all columns @param {any} source
 */
function stack({ fields, tags }, source) {
  const [, mode, own, ...every] = tags;
  const skipped = hidden.get(source);
  const column = (/** @type {string} */ name) => (source.data instanceof Map ? source.data.get(name) : source.data[name]);
  const down = falls(column(own));
  const shown = (/** @type {string[]} */ names) => names.filter((name) => !skipped?.has(name)).map(column).filter((one) => one && falls(one) === down);
  const result = sum(shown(fields), source.get_length() ?? 0);
  if (mode === "percent") {
    const total = sum(shown(every), result.length);
    for (let i = 0; i < result.length; i += 1) result[i] = total[i] ? result[i] / Math.abs(total[i]) : 0;
  }
  const values = column(own);
  if (fields.includes(own)) for (let i = 0; i < result.length; i += 1) if (Number.isNaN(values?.[i])) result[i] = NaN;
  return result;
}

/** @param {ArrayLike<number>[]} columns @param {number} length */
function sum(columns, length) {
  const result = new Float64Array(length);
  for (const values of columns) for (let i = 0; i < length; i += 1) if (Number.isFinite(values[i])) result[i] += values[i];
  return result;
}
