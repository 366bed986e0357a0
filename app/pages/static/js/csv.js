// Comma-separated values of a panel's answers, safe to open in a spreadsheet.

import { isoTime } from "./zone.js";

/** @typedef {{series?: {name: string, labels: Record<string, string>, data: {timestamp: number, value: number|string|null}[]}[], columns?: {name: string, type: string}[], rows?: any[][], error?: any}} Answer */

const FORMULA = /^[=+\-@\t\r＝＋－＠]/;
// Where semicolons or tabs part cells, our quotes stand inside of one and keep nothing together: each part is a text of its own.
const BLANKS = /(?<![\s";])[\s";]+(?=[=+\-@＝＋－＠])/g;
const PARTS = /[;\t\r\n]/;
const NUMBER = /^-?(?:\d+(?:\.\d+)?|Infinity)$/; // digits that no float holds come as texts

/** A cell: quoted where it must be; a text that a spreadsheet would run as a formula begins with an apostrophe. @param {unknown} value */
export function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "string" && NUMBER.test(value)) return value;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const safe = (FORMULA.test(text) ? `'${text}` : text).replace(BLANKS, (blanks) => (PARTS.test(blanks) ? `${blanks}'` : blanks));
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Answers as rows, the first with the names of columns: tables as they are, series side by side over time. @param {Answer[]} answers @returns {any[][]} */
export function rowsOf(answers) {
  const tables = answers.filter((one) => one.columns).flatMap((one) => [(one.columns ?? []).map((column) => column.name), ...tableRows(one)]);
  const series = answers.flatMap((one) => one.series ?? []);
  /** @type {Map<number, any[]>} */
  const byTime = new Map();
  series.forEach((one, index) => {
    for (const { timestamp, value } of one.data) {
      const row = byTime.get(timestamp) ?? Array(series.length).fill(null);
      row[index] = value;
      byTime.set(timestamp, row);
    }
  });
  const times = [...byTime.keys()].sort((a, b) => a - b);
  if (tables.length && !series.length) return tables;
  return [...tables, ["Time", ...series.map((one) => one.name)], ...times.map((time) => [isoTime(time * 1000), ...(byTime.get(time) ?? [])])];
}

/** @param {Answer} answer */
function tableRows(answer) {
  const times = (answer.columns ?? []).map((column) => column.type === "time");
  return (answer.rows ?? []).map((row) => row.map((value, index) => (times[index] && typeof value === "number" ? isoTime(value) : value)));
}

/** @param {any[][]} rows */
export function csvOf(rows) {
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** Hand a text to the person as a file. @param {string} name @param {string|Blob} text @param {string} type */
export function download(name, text, type = "text/csv;charset=utf-8") {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name.replace(/[^\p{L}\p{N} ._-]+/gu, "_");
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
