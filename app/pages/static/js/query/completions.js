// What completes the text of a query: metrics, labels and values, functions, tables and columns of its source.

import { ofPromql, ofSql, ofStore } from "./completing.js";
import { AGGREGATIONS, CALLS, RANGES } from "./promql_model.js";

/** @typedef {import("./lookups.js").Lookups} Lookups */
/** @typedef {import("./completing.js").Spot} Spot */
/** @typedef {{title: string, text: string, help: string, about: string}} Completing `text` is what is written */
/** @typedef {{from: number, choices: Completing[]}} Completed */

const MOST = 60;
const PLAIN_NAME = /^[A-Za-z_:][\w:]*$/;
const STORE_TABLES = ["samples", "series", "rollup_1m", "rollup_1h"];

/** How a source's texts are read; null where nothing of it is known. @param {string} type @param {string} language @returns {((text: string, caret: number) => Spot|null)|null} */
export function readingOf(type, language) {
  if (type === "store") return (text, caret) => ofStore(text, caret) ?? (text.trimStart().startsWith("{") ? null : tableOf(text, caret));
  if (language === "promql") return ofPromql;
  return ["lucene", "json", ""].includes(language) ? null : ofSql;
}

/** @param {string} text @param {number} caret */
function tableOf(text, caret) {
  const spot = ofSql(text, caret);
  return spot?.kind === "table" ? spot : null;
}

/** What may stand at the caret, the likeliest first; null where there is nothing to say. @param {string} type @param {string} language @param {Lookups} lookups @param {string} text @param {number} caret @returns {Promise<Completed|null>} */
export async function completed(type, language, lookups, text, caret) {
  const spot = readingOf(type, language)?.(text, caret);
  if (!spot) return null;
  const found = ranked(await all(spot, type, lookups), spot.typed);
  const done = found.length === 1 && found[0].title === spot.typed;
  const closes = spot.as === "quoted" || (spot.kind === "value" && spot.as !== "bare");
  const quote = closes ? openQuote(text, spot.from) : "";
  const isOpen = closes && text[caret] !== quote;
  const choices = found.map((one) => ({ ...one, text: closes ? escaped(one.title, quote) + (isOpen ? quote : "") : one.text }));
  return done && !isOpen ? null : { from: spot.from, choices };
}

/** @param {string} text @param {number} from */
const openQuote = (text, from) => text[from - 1];

/** @param {string} value @param {string} quote */
function escaped(value, quote) {
  if (quote === "`") return value;
  return quote === "'" ? value.replaceAll("'", "\\'") : JSON.stringify(value).slice(1, -1);
}

/** Those that begin so, then those that have it anywhere. @param {Completing[]} choices @param {string} typed */
export function ranked(choices, typed) {
  const wanted = typed.toLowerCase();
  const begins = choices.filter((one) => one.title.toLowerCase().startsWith(wanted));
  const holds = choices.filter((one) => !begins.includes(one) && one.title.toLowerCase().includes(wanted));
  return [...begins, ...holds].slice(0, MOST);
}

/** @param {string} title @param {string} [text] @param {string} [help] @param {string} [about] @returns {Completing} */
const choice = (title, text = title, help = "", about = "") => ({ title, text, help, about });

/** @param {Spot} spot @param {string} type @param {Lookups} lookups @returns {Promise<Completing[]>} */
async function all(spot, type, lookups) {
  const { kind, of = "", label = "" } = spot;
  const isStore = type === "store";
  const values = async (/** @type {string} */ query) => (await lookups.values(query)).filter(Boolean);
  if (kind === "metric") return metrics(spot, isStore, lookups);
  if (kind === "table") return (isStore ? STORE_TABLES : await values("tables()")).map((one) => choice(one));
  if (kind === "column") return (await lookups.ask("values", { query: `columns(${of})` })).map((one) => choice(one.value, one.value, one.text));
  if (kind === "label") return (await values(`label_names(${of})`)).filter((one) => one !== "__name__").map((one) => choice(one, PLAIN_NAME.test(one) ? one : JSON.stringify(one)));
  const named = isStore || PLAIN_NAME.test(label) ? label : JSON.stringify(label);
  return (await values(`label_values(${of ? `${of}, ` : ""}${named})`)).map((one) => choice(one, JSON.stringify(one)));
}

/** Metrics with their kind and help; where a call may stand, functions. @param {Spot} spot @param {boolean} isStore @param {Lookups} lookups */
async function metrics(spot, isStore, lookups) {
  const found = (await lookups.metrics()).map((one) => choice(one.name, PLAIN_NAME.test(one.name) ? one.name : `{${JSON.stringify(one.name)}}`, [one.type, one.unit].filter(Boolean).join(" · "), one.help));
  const calls = isStore || !spot.typed ? [] : [...AGGREGATIONS, ...RANGES, ...CALLS].map((one) => choice(one, `${one}(`, "function"));
  return [...calls, ...found];
}
