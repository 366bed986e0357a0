// The range of a y axis: padded, on round values; it may grow at once and shrinks only after a while.

import { falls, lowerBound } from "./lines.js";

/** @typedef {import("./lines.js").Line} Line */

const PADDING = 0.08;
const SHRINK_AFTER = 5;

export class YRange {
  /** @param {{min: number|null, max: number|null, zero: boolean, stack: boolean|string, log?: number, unit?: string}} axis */
  constructor(axis) {
    this.axis = axis;
    /** @type {[number, number]|null} */
    this.current = null;
    this.wouldShrink = 0;
  }

  /** Forget what was: the next range fits at once. */
  reset() {
    this.current = null;
  }

  /** The range to show, which shrinks only after a while. @param {Line[]} lines @param {number} from @param {number} to @returns {[number, number]} */
  of(lines, from, to) {
    return this.ofParts([lines], from, to);
  }

  /** The same of parts that have one axis, each with stacks of its own. @param {Line[][]} parts @param {number} from @param {number} to @returns {[number, number]} */
  ofParts(parts, from, to) {
    const known = parts.filter((lines) => lines.length);
    const fits = (known.length ? known : [[]]).map((lines) => this.fitting(lines, from, to));
    /** @type {[number, number]} */
    const wanted = [Math.min(...fits.map((one) => one[0])), Math.max(...fits.map((one) => one[1]))];
    const now = this.current;
    if (!now || wanted[0] < now[0] || wanted[1] > now[1]) {
      this.current = now ? [Math.min(now[0], wanted[0]), Math.max(now[1], wanted[1])] : wanted;
      this.wouldShrink = 0;
    } else if (wanted[0] > now[0] || wanted[1] < now[1]) {
      this.wouldShrink += 1;
      if (this.wouldShrink >= SHRINK_AFTER) [this.current, this.wouldShrink] = [wanted, 0];
    } else this.wouldShrink = 0;
    return /** @type {[number, number]} */ (this.current);
  }

  /** The range that fits the lines within two times. @param {Line[]} lines @param {number} from @param {number} to @returns {[number, number]} */
  fitting(lines, from, to) {
    const { stack, log, zero, min, max } = this.axis;
    if (stack === "percent") return [min ?? (lines.some(({ v }) => falls(v)) ? -1 : 0), max ?? (lines.length && lines.every(({ v }) => falls(v)) ? 0 : 1)];
    let [low, high] = stack && stack !== "none" ? stackedExtent(lines, from, to) : extent(lines, from, to, log ? 0 : -Infinity);
    if (log) return powers(low, high, log, min, max);
    if (low > high) [low, high] = [0, 1];
    if (zero) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
    if (low === high) [low, high] = low === 0 ? [0, 1] : [low - Math.abs(low) * 0.5, high + Math.abs(high) * 0.5];
    const pad = (high - low) * PADDING;
    const step = niceStep((high - low) / 4, this.axis.unit);
    const bottom = low >= 0 && low - pad < 0 ? 0 : Math.floor((low - (low === 0 ? 0 : pad)) / step) * step;
    const top = Math.ceil((high + (high === 0 ? 0 : pad)) / step) * step;
    return [min ?? bottom, max ?? top];
  }

  /** The same over columns by name. @param {Record<string, any>} columns @param {number} from @param {number} to @param {Set<number>} [_hidden] @returns {[number, number]} */
  wanted(columns, from, to, _hidden) {
    const names = Object.keys(columns).filter((name) => name !== "t");
    return this.fitting(names.map((name) => ({ t: columns.t, v: columns[name] })), from, to);
  }
}

/** @param {Line[]} lines @param {number} from @param {number} to @param {number} above only what is larger counts */
function extent(lines, from, to, above) {
  let low = Infinity, high = -Infinity;
  for (const { t, v } of lines) {
    const end = Math.min(lowerBound(t, to) + 1, t.length);
    for (let i = lowerBound(t, from); i < end; i += 1) {
      const value = v[i];
      if (!(value > above) || value === Infinity) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

/** @param {Line[]} lines of common times @param {number} from @param {number} to */
function stackedExtent(lines, from, to) {
  let low = Infinity, high = -Infinity;
  const t = lines[0]?.t ?? [];
  const down = lines.map(({ v }) => Number(falls(v))); // those that fall stack downwards of their own
  for (let i = lowerBound(t, from); i < t.length && t[i] <= to; i += 1) {
    const sums = [0, 0];
    lines.forEach(({ v }, at) => {
      const way = down[at];
      if (Number.isFinite(v[i])) sums[way] += v[i];
      if (sums[way] < low) low = sums[way];
      if (sums[way] > high) high = sums[way];
    });
  }
  return [low, high];
}

/** From a power of the base to another. @param {number} low @param {number} high @param {number} base @param {number|null} min @param {number|null} max @returns {[number, number]} */
function powers(low, high, base, min, max) {
  if (low > high) [low, high] = [1, base];
  const log = (/** @type {number} */ value) => Math.log(value) / Math.log(base);
  const bottom = min !== null && min > 0 ? min : base ** Math.floor(log(low) + 1e-9);
  const top = max !== null && max > 0 ? max : base ** Math.ceil(log(high) - 1e-9);
  return [bottom, top > bottom ? top : bottom * base];
}

/** @param {number} rough @param {string} [unit] */
function niceStep(rough, unit) {
  if (!(rough > 0)) return 1;
  if (unit && /bytes$|^bin/.test(unit) && !unit.startsWith("dec")) return 2 ** Math.floor(Math.log2(rough));
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((one) => one * power * 2 >= rough) ?? 5);
}
