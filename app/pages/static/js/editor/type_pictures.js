// Small pictures of the panel types.

import { svg } from "../dom.js";

/** @type {Record<string, [string, number?]>} lines of each type, and how thick they are where it matters */
const LINES = {
  timeseries: ["M2 12 6 7l3 2.500L14 4"],
  bar: ["M3 13V8m5 5V3m5 10V6", 2],
  stat: ["M5 3 4 13M12 3l-1 10M2.500 6h11M2 10h11"],
  gauge: ["M2.500 12a6 6 0 1 1 11 0M8 9.500 10.500 6"],
  bargauge: ["M2 4.500h10M2 8h6M2 11.500h12", 2],
  heatmap: ["M2.500 2.500h3v3h-3zm4 4h3v3h-3zm4-4h3v3h-3zm-8 8h3v3h-3zm8 0h3v3h-3z"],
  histogram: ["M2.500 13V9h3v4m0-4V3.500h3V13m0-7h3v7m0-4h2v4"],
  table: ["M2.500 3h11v10h-11zM2.500 6.500h11M2.500 10h11M7 6.500V13"],
  pie: ["M8 2.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11M8 8V2.500M8 8l4.500 3"],
  statetimeline: ["M2 4h7M11 4h3M2 8h3M7 8h7M2 12h9", 2],
  statushistory: ["M2 4h2m2 0h2m2 0h2M2 8h2m2 0h2m2 0h2M2 12h2m2 0h2m2 0h2", 2],
  text: ["M3 4h10M8 4v9"],
  logs: ["M2 4h12M2 8h9M2 12h11"],
  density: ["M2 12c3-8 5 0 12-7M2 9c4-5 6 3 12-1M2 13c5-2 7-1 12-3"],
  alertlist: ["M8 2.500 14 13H2zM8 6.500v3M8 11.2v.1"],
  annotationslist: ["M3 2.500h10v8H9l-3 3v-3H3z"],
};
/** Shorter words where there is room for one. */
export const SHORT = { timeseries: "Time", bar: "Bars", statetimeline: "States", pie: "Pie", bargauge: "Bar gauge", statushistory: "History", annotationslist: "Notes", alertlist: "Alerts" };

/** @param {string} type */
export function picture(type) {
  const [d, width] = LINES[type] ?? LINES.table;
  return svg("svg", { class: "ic", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d, "stroke-width": width ?? null }));
}
