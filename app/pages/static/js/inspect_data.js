// The data of a panel as a table and in figures: what it draws where it draws lines, else what its targets answer.

import { csvOf, download, rowsOf } from "./csv.js";
import { h, icon } from "./dom.js";
import * as numbers from "./numbers.js";
import { isoTime, momentText } from "./zone.js";

const MOST_ROWS = 500;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** @typedef {{name: string, unit: string, decimals: number|null, times: ArrayLike<number>, values: ArrayLike<any>}} Column */

/** The lines that a chart draws within a range; null where the panel draws none. @param {any} body @param {[number, number]} range @returns {Column[]|null} */
export function drawnColumns(body, [from, to]) {
  if (!body?.lines?.series?.length || !body.texts?.axis) return null;
  /** @type {Column[]} */
  const found = [];
  body.lines.forEach((/** @type {any} */ { t, v }, /** @type {any} */ one) => {
    const kept = Array.from(t, (/** @type {number} */ ms, /** @type {number} */ index) => index).filter((index) => t[index] >= from && t[index] <= to);
    found.push({ name: one.name, unit: one.unit ?? body.texts.axis.unit ?? "", decimals: one.decimals ?? body.texts.axis.decimals ?? null, times: kept.map((index) => t[index]), values: kept.map((index) => v[index]) });
  });
  return found;
}

/** The series that targets answered. @param {Record<string, any>} results @returns {Column[]} */
export function answeredColumns(results) {
  return Object.values(results).flatMap((/** @type {any} */ one) => one.series ?? (one.data ? [{ name: "Value", data: one.data }] : []))
    .map((/** @type {any} */ one) => ({ name: one.name, unit: "", decimals: null, times: one.data.map((/** @type {any} */ point) => point.timestamp * 1000), values: one.data.map((/** @type {any} */ point) => point.value) }));
}

/** Columns side by side over their times, the first row with their names. @param {Column[]} columns @returns {any[][]} */
export function rowsOfColumns(columns) {
  /** @type {Map<number, any[]>} */
  const byTime = new Map();
  columns.forEach(({ times, values }, index) => {
    for (let i = 0; i < times.length; i += 1) {
      const row = byTime.get(times[i]) ?? Array(columns.length).fill(null);
      row[index] = values[i];
      byTime.set(times[i], row);
    }
  });
  return [["Time", ...columns.map((one) => one.name)], ...[...byTime.keys()].sort((a, b) => a - b).map((ms) => [ms, .../** @type {any[]} */ (byTime.get(ms))])];
}

/** A value as the panel says it. @param {any} value @param {Column} [column] */
export function cellText(value, column) {
  if (value === null || value === undefined || (typeof value === "number" && Number.isNaN(value))) return "–";
  if (typeof value === "number") return column?.unit ? numbers.text(value, column.unit, column.decimals) : String(Number(value.toPrecision(column ? 6 : 15)));
  if (typeof value === "string" && ISO.test(value)) return momentText(Date.parse(value)) || value;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** @param {string} title @param {Column[]|null} columns @param {Record<string, any>} results what targets answered, where there are no columns @param {Node[]} [files] links to files of the same */
export function dataTable(title, columns, results, files = []) {
  const [names, ...rows] = columns?.length ? rowsOfColumns(columns) : rowsOf(Object.values(results));
  const raw = columns?.length ? rows.map(([ms, ...rest]) => [isoTime(ms), ...rest]) : rows;
  const save = h("button", { class: "btn sm", type: "button", onclick: () => download(`${title}.csv`, csvOf([names, ...raw])) }, icon("download"), "Download CSV");
  const numeric = names.map((/** @type {any} */ _, /** @type {number} */ index) => (!columns?.length || index > 0) && rows.some((row) => typeof row[index] === "number"));
  const text = (/** @type {any} */ value, /** @type {number} */ index) => (columns?.length && index === 0 ? momentText(value) : cellText(value, columns?.[index - 1]));
  const line = (/** @type {any[]} */ row) => h("tr", {}, ...names.map((/** @type {any} */ _, /** @type {number} */ i) => h("td", { class: numeric[i] ? "num" : null }, text(row[i], i))));
  const head = h("thead", {}, h("tr", {}, ...names.map((/** @type {any} */ name, /** @type {number} */ i) => h("th", { scope: "col", class: numeric[i] ? "num" : null }, String(name)))));
  const shown = h("div", { class: "scrollx", tabindex: "0", role: "region", "aria-label": "Data" }, h("table", { class: "tbl" }, head, h("tbody", {}, ...rows.slice(0, MOST_ROWS).map(line))));
  const count = rows.length.toLocaleString("en");
  return [h("section", {}, h("div", { class: "bar" }, h("span", { class: "muted grow" }, rows.length > MOST_ROWS ? `The first ${MOST_ROWS} of ${count} rows` : `${count} rows`), save, ...files), shown)];
}

/** How many values there are and are missing, the least, the largest, the mean and the last of them; NaN where there is none. @param {ArrayLike<any>} values */
export function figuresOf(values) {
  const known = Array.from(values).filter((value) => typeof value === "number" && Number.isFinite(value));
  const [least, most] = [known.reduce((a, b) => Math.min(a, b), Infinity), known.reduce((a, b) => Math.max(a, b), -Infinity)];
  const mean = known.reduce((a, b) => a + b, 0) / known.length;
  return [known.length, values.length - known.length, ...(known.length ? [least, most, mean, known[known.length - 1]] : [NaN, NaN, NaN, NaN])];
}

/** @param {Column[]} columns */
export function statistics(columns) {
  if (!columns.length) return [h("p", { class: "muted" }, "Nothing here is a number over time.")];
  const heads = ["Series", "Points", "Gaps", "Min", "Max", "Mean", "Last"];
  const rows = columns.map((column) => {
    const [points, gaps, ...figures] = figuresOf(column.values);
    return [column.name, ...[points, gaps].map((count) => count.toLocaleString("en")), ...figures.map((value) => cellText(value, column))];
  });
  const cells = (/** @type {string[]} */ row, /** @type {string} */ tag) => row.map((value, index) => h(tag, { class: index ? "num" : "cut", scope: tag === "th" ? "col" : null }, value));
  return [h("section", {}, h("div", { class: "scrollx", tabindex: "0", role: "region", "aria-label": "Statistics" },
    h("table", { class: "tbl" }, h("thead", {}, h("tr", {}, ...cells(heads, "th"))), h("tbody", {}, ...rows.map((row) => h("tr", {}, ...cells(row, "td")))))))];
}
