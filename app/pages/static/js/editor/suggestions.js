// Which panel types fit what the queries of a panel answered, the best first. Pure.

/** @typedef {Pick<import("./preview.js").Answer, "error"|"columns"|"rows"|"series">} Answer */

const MOST = 4;
const FEW = 8; // series or rows that a row of numbers shows well
const STATES = 6; // values by which a series is one of states
const LINE = /^(message|msg|line|log|body|_source|content)$/i;

/** @param {Answer[]} answers @returns {string[]} types, at most MOST */
export function suggested(answers) {
  const good = answers.filter((one) => !one.error);
  const series = good.flatMap((one) => one.series);
  const table = good.find((one) => one.columns.length > 0);
  const found = series.length ? ofSeries(series) : table ? ofTable(table) : [];
  return [...new Set(found)].slice(0, MOST);
}

/** @param {any[]} series of `{name, labels, data: {timestamp, value}[]}` */
function ofSeries(series) {
  const lengths = series.map((one) => one.data?.length ?? 0);
  if (Math.max(...lengths) <= 1) return series.length === 1 ? ["stat", "gauge", "bargauge"] : series.length <= FEW ? ["bargauge", "stat", "pie", "bar"] : ["bar", "table", "pie"];
  if (series.some((one) => one.labels?.le)) return ["heatmap", "timeseries", "histogram"];
  const values = new Set(series.flatMap((one) => one.data.map((/** @type {any} */ each) => each.value)));
  if (values.size <= STATES && [...values].every((one) => one === null || Number.isInteger(one) || typeof one === "string")) return ["statetimeline", "timeseries", "statushistory", "stat"];
  return series.length <= FEW ? ["timeseries", "stat", "bargauge", "histogram"] : ["timeseries", "density", "heatmap", "table"];
}

/** @param {Answer} table */
function ofTable({ columns, rows }) {
  const of = (/** @type {string} */ type) => columns.filter((one) => one.type === type);
  const [times, numbers, texts] = [of("time"), of("number"), of("string")];
  if (texts.some((one) => LINE.test(one.name))) return ["logs", "table"];
  if (times.length && numbers.length) return ["timeseries", "bar", "table", "stat"];
  if (times.length && texts.length) return ["statetimeline", "table", "logs"];
  if (texts.length && numbers.length) return rows.length <= FEW ? ["bar", "pie", "bargauge", "table"] : ["bar", "table"];
  if (numbers.length && rows.length <= 1) return ["stat", "gauge", "bargauge"];
  return numbers.length ? ["histogram", "table", "stat"] : ["table"];
}
