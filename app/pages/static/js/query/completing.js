// What may be written where the caret of a query stands, in PromQL, SQL and documents of the store. Pure.

/**
 * @typedef {object} Spot
 * @property {"metric"|"label"|"value"|"table"|"column"} kind what is written there
 * @property {number} from where what is written already begins
 * @property {string} typed what that is
 * @property {string} [of] whose labels, values or columns: a selector, a metric, a table
 * @property {string} [label] whose values
 * @property {"bare"|"quoted"} [as] a bare one gets quotes as it is taken
 */
/** @typedef {{text: string, at: number}} Token */

const PROMQL = /\s+|#[^\n]*|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|`[^`]*`?|\$\{[^}]*\}?|\$\w+|[A-Za-z_:][\w:]*|\d[\w.]*|=~|!~|!=|[^]/y;
const SQL = /\s+|--[^\n]*|\/\*[^]*?(?:\*\/|$)|'(?:[^'\\]|\\.|'')*'?|"[^"]*"?|`[^`]*`?|\$\{[^}]*\}?|\$\w+|[A-Za-z_][\w.]*|\d[\w.]*|[^]/y;
const JSON_TOKEN = /\s+|"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s"{}[\],:]+/y;
const GROUPINGS = ["by", "without", "on", "ignoring", "group_left", "group_right"];
const OPERATORS = ["=", "!=", "=~", "!~"];
const WORD = /^[A-Za-z_:]/;
const OF_TABLES = ["from", "join"];

/** @param {RegExp} shape sticky @param {string} text @returns {Token[]} its words, without space and comments */
function tokens(shape, text) {
  const found = [];
  shape.lastIndex = 0;
  for (let match = shape.exec(text); match && match[0]; match = shape.exec(text)) found.push({ text: match[0], at: match.index });
  return found.filter(({ text: one }) => !/^(\s|#|--|\/\*)/.test(one));
}

/** @param {Token|undefined} token */
const isOpen = (token) => token !== undefined && /^["'`]/.test(token.text) && (token.text.length === 1 || !token.text.endsWith(token.text[0]) || /(^|[^\\])(\\\\)*\\.$/.test(token.text));

/** @param {RegExp} comment of a language, at the end of a text that was cut off @param {string} text */
const ends = (comment, text) => comment.test(text);

/** @param {string} text @param {number} caret @returns {Spot|null} null: nothing that is known */
export function ofPromql(text, caret) {
  const before = text.slice(0, caret);
  const found = tokens(PROMQL, before);
  if (ends(/#[^\n]*$/, before.replace(/"(?:[^"\\]|\\.)*"?/g, ""))) return null;
  const last = found.at(-1);
  const around = opened(found);
  if (around?.kind === "{") return inBraces(before, caret, found, around);
  if (around?.kind === "[" || isOpen(last)) return null;
  const [from, typed] = word(last, caret);
  if (around?.kind === "labels") return { kind: "label", from, typed, of: metricOf(text) };
  return last && !typed && /[\w)\]}"'`]$/.test(last.text) ? null : { kind: "metric", from, typed };
}

/** The word that ends at the caret, where it began. @param {Token|undefined} last @param {number} caret @returns {[number, string]} */
function word(last, caret) {
  return last && WORD.test(last.text) && last.at + last.text.length === caret ? [last.at, last.text] : [caret, ""];
}

/** The bracket that the end stands in. @param {Token[]} found */
function opened(found) {
  /** @type {{kind: string, index: number}[]} */
  const stack = [];
  found.forEach(({ text }, index) => {
    const behind = found[index - 1]?.text ?? "";
    if (text === "{" || text === "[") stack.push({ kind: text, index });
    else if (text === "(") stack.push({ kind: GROUPINGS.includes(behind) ? "labels" : "(", index });
    else if (["}", "]", ")"].includes(text)) stack.pop();
  });
  return stack.at(-1);
}

/** Labels of a selector, and their values. @param {string} before @param {number} caret @param {Token[]} found @param {{index: number}} around @returns {Spot|null} */
function inBraces(before, caret, found, around) {
  const inner = found.slice(around.index + 1);
  const name = found[around.index - 1]?.text ?? "";
  const comma = inner.findLastIndex((one) => one.text === ",");
  const matcher = inner.slice(comma + 1);
  const start = found[around.index].at;
  const others = comma < 0 ? "" : before.slice(start + 1, inner[comma].at).trim();
  const metric = WORD.test(name) ? name : "";
  const of = others || !metric ? `${metric}{${others || '__name__!=""'}}` : metric;
  const [label, operator, value] = matcher;
  if (!operator) {
    if (isOpen(label)) return { kind: "label", from: label.at + 1, typed: label.text.slice(1), of, as: "quoted" };
    const [from, typed] = word(label, caret);
    return label && !typed ? null : { kind: "label", from, typed, of };
  }
  if (!OPERATORS.includes(operator.text)) return null;
  const named = label.text.replace(/^(["'`])(.*)\1$/, "$2");
  if (!value) return { kind: "value", from: caret, typed: "", of, label: named, as: "bare" };
  return isOpen(value) ? { kind: "value", from: value.at + 1, typed: value.text.slice(1), of, label: named } : null;
}

/** What a whole text asks for: its first selector without what is in its braces, else any series. @param {string} text */
function metricOf(text) {
  const found = tokens(PROMQL, text);
  const index = found.findIndex(({ text: one }, at) => WORD.test(one) && !GROUPINGS.includes(one) && found[at + 1]?.text !== "(" && !GROUPINGS.includes(found[at + 1]?.text ?? "") && !inGrouping(found.slice(0, at)));
  return index < 0 ? '{__name__!=""}' : found[index].text;
}

/** @param {Token[]} before */
function inGrouping(before) {
  const around = opened(before);
  return around !== undefined && around.kind !== "(";
}

/** @param {string} text @param {number} caret @returns {Spot|null} */
export function ofSql(text, caret) {
  const before = text.slice(0, caret);
  const found = tokens(SQL, before);
  const last = found.at(-1);
  if (isOpen(last) || ends(/--[^\n]*$/, before)) return null;
  const isWord = last !== undefined && /^[A-Za-z_]/.test(last.text) && last.at + last.text.length === caret;
  const [from, typed] = isWord ? [last.at, last.text] : [caret, ""];
  const behind = found.at(isWord ? -2 : -1)?.text.toLowerCase() ?? "";
  if (OF_TABLES.includes(behind)) return { kind: "table", from, typed };
  const all = tokens(SQL, text);
  const table = all.find((_, at) => OF_TABLES.includes(all[at - 1]?.text.toLowerCase() ?? "") && all[at].at !== from)?.text;
  if (!table || table === "(" || behind === "" || (!typed && /^[\w)"'`]/.test(behind) && !/^(select|where|and|or|by|on|not|having|in)$/.test(behind))) return null;
  return { kind: "column", from, typed, of: table };
}

/** A structured query of the store, or its SQL, in which metrics stand in strings. @param {string} text @param {number} caret @returns {Spot|null} */
export function ofStore(text, caret) {
  const before = text.slice(0, caret);
  if (!text.trimStart().startsWith("{")) {
    const named = before.match(/\b(?:metric|name)\s*(?:=\s*|IN\s*\((?:\s*'[^']*'\s*,)*\s*)'([^']*)$/i);
    return named ? { kind: "metric", from: caret - named[1].length, typed: named[1], as: "quoted" } : null;
  }
  const found = tokens(JSON_TOKEN, before);
  const string = found.at(-1);
  if (!string || !isOpen(string)) return null;
  const [from, typed] = [string.at + 1, string.text.slice(1)];
  const path = pathOf(found.slice(0, -1));
  const [of] = [...text.matchAll(/"metric"\s*:\s*"([^"]+)"/g)].map((one) => one[1]);
  if (path.at(-1) === "metric") return { kind: "metric", from, typed, as: "quoted" };
  if (path.at(-1) === "by") return { kind: "label", from, typed, of, as: "quoted" };
  if (path.at(-2) !== "labels") return null;
  const label = path.at(-1) ?? "";
  return label ? { kind: "value", from, typed, of, label } : { kind: "label", from, typed, of, as: "quoted" };
}

/** The keys that lead to what follows; the last is empty where a key is awaited. @param {Token[]} found @returns {string[]} */
function pathOf(found) {
  /** @type {{key: string, list: boolean}[]} */
  const stack = [];
  found.forEach(({ text }, index) => {
    const top = stack.at(-1);
    if (text === "{") stack.push({ key: "", list: false });
    else if (text === "[") stack.push({ key: "", list: true });
    else if (text === "}" || text === "]") stack.pop();
    else if (text === "," && top) top.key = "";
    else if (text === ":" && top) top.key = found[index - 1].text.replace(/^"|"$/g, "");
  });
  return stack.filter((one) => !one.list).map((one) => one.key);
}
