// The range of a y axis: padded, on round values; it may grow at once and shrinks only after a while.

const PADDING = 0.08;
const SHRINK_AFTER = 5;

export class YRange {
  /** @param {{min: number|null, max: number|null, zero: boolean, stack: boolean, log?: boolean, unit?: string}} axis */
  constructor(axis) {
    this.axis = axis;
    /** @type {[number, number]|null} */
    this.current = null;
    this.wouldShrink = 0;
  }

  /**
   * @param {Record<string, ArrayLike<number>>} columns @param {number} from @param {number} to @param {Set<number>} hidden
   * @returns {[number, number]}
   */
  of(columns, from, to, hidden) {
    const wanted = this.wanted(columns, from, to, hidden);
    const now = this.current;
    if (!now || wanted[0] < now[0] || wanted[1] > now[1]) {
      this.current = now && !hidden.size ? [Math.min(now[0], wanted[0]), Math.max(now[1], wanted[1])] : wanted;
      this.wouldShrink = 0;
    } else if (wanted[0] > now[0] || wanted[1] < now[1]) {
      this.wouldShrink += 1;
      if (this.wouldShrink >= SHRINK_AFTER || hidden.size) [this.current, this.wouldShrink] = [wanted, 0];
    } else this.wouldShrink = 0;
    return /** @type {[number, number]} */ (this.current);
  }

  /**
   * @param {Record<string, ArrayLike<number>>} columns @param {number} from @param {number} to @param {Set<number>} hidden
   * @returns {[number, number]}
   */
  wanted(columns, from, to, hidden) {
    let [low, high] = extent(columns, from, to, hidden, this.axis.stack);
    if (low > high) [low, high] = [0, 1];
    if (this.axis.zero) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
    if (low === high) [low, high] = low === 0 ? [0, 1] : [low - Math.abs(low) * 0.5, high + Math.abs(high) * 0.5];
    const pad = (high - low) * PADDING;
    const step = niceStep((high - low) / 4, this.axis.unit);
    const bottom = low >= 0 && low - pad < 0 ? 0 : Math.floor((low - (low === 0 ? 0 : pad)) / step) * step;
    const top = Math.ceil((high + (high === 0 ? 0 : pad)) / step) * step;
    return [this.axis.min ?? bottom, this.axis.max ?? top];
  }
}

/** @param {Record<string, ArrayLike<number>>} columns @param {number} from @param {number} to @param {Set<number>} hidden @param {boolean} stack */
function extent(columns, from, to, hidden, stack) {
  let low = Infinity, high = -Infinity;
  const names = Object.keys(columns).filter((name) => name !== "t" && !hidden.has(Number(name.slice(1))));
  const t = columns.t ?? [];
  for (let i = 0; i < t.length; i += 1) {
    if (t[i] < from || t[i] > to) continue;
    let sum = 0;
    for (const name of names) {
      const value = columns[name][i];
      if (!Number.isFinite(value)) continue;
      sum += value;
      const shown = stack ? sum : value;
      if (shown < low) low = shown;
      if (shown > high) high = shown;
    }
  }
  return [low, high];
}

/** @param {number} rough @param {string} [unit] */
function niceStep(rough, unit) {
  if (!(rough > 0)) return 1;
  if (unit && /bytes$|^bin/.test(unit) && !unit.startsWith("dec")) return 2 ** Math.floor(Math.log2(rough));
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((one) => one * power * 2 >= rough) ?? 5);
}
