// A small line without axes: its drawing and its paths.

import { svg } from "./dom.js";

const PAD = 0.08;

/** @returns {Element} a drawing whose paths are the ground and the line */
export function sparkDrawing() {
  return svg("svg", { viewBox: "0 0 1000 1000", preserveAspectRatio: "none" }, svg("path", { class: "ar" }), svg("path", { class: "ln" }));
}

/** The paths of a line and of the ground below it, in a box of 1000 by 1000. @param {ArrayLike<number>} times @param {ArrayLike<number>} values @param {number} from @param {number} to @returns {[string, string]} */
export function pathsOf(times, values, from, to) {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < times.length; i += 1) {
    if (!Number.isFinite(values[i])) continue;
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  if (low > high) return ["", ""];
  const scale = Math.max(Math.abs(low), Math.abs(high)) || 1; // of what is so large that one more is the same number
  [low, high] = low === high ? [low / scale - 1, high / scale + 1] : [low / scale, high / scale];
  const span = (high - low) * (1 + 2 * PAD);
  const x = (/** @type {number} */ ms) => (((ms - from) / (to - from)) * 1000).toFixed(1);
  const y = (/** @type {number} */ value) => (1000 - ((value / scale - low) / span + PAD) * 1000).toFixed(0);
  let [line, ground, start] = ["", "", ""];
  for (let i = 0; i <= times.length; i += 1) {
    if (i < times.length && Number.isFinite(values[i])) {
      const point = `${x(times[i])} ${y(values[i])}`;
      ground += start ? `L${point}` : `M${x(times[i])} 1000L${point}`;
      line += (start ? "L" : "M") + point;
      start ||= point;
    } else if (start) {
      ground += `L${x(times[i - 1])} 1000Z`;
      start = "";
    }
  }
  return [line, ground];
}
