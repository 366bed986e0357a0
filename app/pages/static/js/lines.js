// The series of a chart: their times and values, wherever their source is.

/** @typedef {{t: Float64Array, v: Float64Array}} Line */

const EMPTY = new Float64Array();

export class Lines {
  /** @param {import("./bokeh_bridge.js").Drawing} drawing @param {any} texts */
  constructor(drawing, texts) {
    this.drawing = drawing;
    this.texts = texts;
    /** @type {Set<number>} */
    this.hidden = new Set();
    /** @type {Set<number>|null} those of a part of a split panel, null: all */
    this.own = null;
    /** @type {Set<number>[]} the parts that it is split into: their axes of values are one */
    this.parts = [];
  }

  /** Whether a series is to be seen. @param {number} index */
  shows(index) {
    return !this.hidden.has(index) && (this.own?.has(index) ?? true);
  }

  /** The indices of those that are not. @returns {number[]} */
  get unseen() {
    return [...this.series.keys()].filter((index) => !this.shows(index));
  }

  /** @returns {any[]} what is known of each series in words */
  get series() {
    return this.texts.series;
  }

  /** The sources that hold series, by name. @returns {string[]} */
  get sources() {
    return [...new Set(["main", ...this.series.map((/** @type {any} */ one) => one.source ?? "main")])];
  }

  /** @param {number} index @returns {Line} */
  of(index) {
    const data = this.drawing.source(this.series[index].source ?? "main")?.data;
    const get = (/** @type {string} */ name) => (data instanceof Map ? data.get(name) : data?.[name]) ?? EMPTY;
    return { t: get("t"), v: get(`s${index}`) };
  }

  /** @param {(line: Line, one: any, index: number) => void} each */
  forEach(each) {
    this.series.forEach((/** @type {any} */ one, /** @type {number} */ index) => each(this.of(index), one, index));
  }

  /** Those that are to be seen, of one axis. @param {string} axis @returns {Line[]} */
  shown(axis) {
    return this.among((index) => this.shows(index), axis);
  }

  /** Those that are to be seen in each part of the panel. @param {string} axis @returns {Line[][]} */
  scaled(axis) {
    if (!this.parts.length) return [this.shown(axis)];
    return this.parts.map((part) => this.among((index) => !this.hidden.has(index) && part.has(index), axis));
  }

  /** @param {(index: number) => boolean} which @param {string} axis @returns {Line[]} */
  among(which, axis) {
    return [...this.series.keys()].filter((index) => which(index) && (this.series[index].axis ?? "left") === axis).map((index) => this.of(index));
  }

  /** The value of each shown series at an instant, within the usual distance of its points. @param {number} ms */
  at(ms) {
    /** @type {{index: number, t: number, value: number, at: number}[]} */
    const found = [];
    this.forEach(({ t, v }, _one, index) => {
      if (!this.shows(index)) return;
      const at = nearest(t, ms);
      if (at < 0 || Math.abs(t[at] - ms) > reach(t)) return;
      if (!Number.isNaN(v[at])) found.push({ index, t: t[at], value: v[at], at });
    });
    return found;
  }
}

/** How far from a point it still stands for an instant. @param {Float64Array} t */
function reach(t) {
  return t.length > 1 ? (2 * (t[t.length - 1] - t[0])) / (t.length - 1) : Infinity;
}

/** The values that are known, as an array of its own: BokehJS's arrays do not filter themselves. @param {ArrayLike<number>} values @returns {number[]} */
export function finite(values) {
  return Array.prototype.filter.call(values, Number.isFinite);
}

/** The values that there are, infinite ones among them. @param {ArrayLike<number>} values @returns {number[]} */
export function known(values) {
  return Array.prototype.filter.call(values, (/** @type {number} */ value) => !Number.isNaN(value));
}

/** Whether a series stacks downwards: more of its values are below zero than above. @param {ArrayLike<number>|undefined} values */
export function falls(values) {
  let balance = 0;
  for (let i = 0; i < (values?.length ?? 0); i += 1) balance += Math.sign(/** @type {ArrayLike<number>} */ (values)[i]) || 0;
  return balance < 0;
}

/** The median distance of two points in ms, as components/gaps.py has it; 0 of less than two. @param {ArrayLike<number>} t */
export function usualStep(t) {
  const steps = [];
  for (let i = 1; i < t.length; i += 1) steps.push(t[i] - t[i - 1]);
  steps.sort((a, b) => a - b);
  const middle = steps.length >> 1;
  return steps.length % 2 ? steps[middle] : ((steps[middle - 1] ?? 0) + (steps[middle] ?? 0)) / 2;
}

/** The first index whose value is not below one, in an ascending array. @param {ArrayLike<number>} values @param {number} wanted */
export function lowerBound(values, wanted) {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the value nearest to one, in an ascending array; -1 where it is empty. @param {ArrayLike<number>} values @param {number} wanted */
export function nearest(values, wanted) {
  if (!values.length) return -1;
  const at = Math.min(lowerBound(values, wanted), values.length - 1);
  return at > 0 && wanted - values[at - 1] < values[at] - wanted ? at - 1 : at;
}
