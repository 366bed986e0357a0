// Queries with their strings, numbers, words and functions in colours; texts are only ever set as text.

import { h } from "./dom.js";

const WORDS = new Set(("select from where group by order limit offset having union all distinct as and or not in is null like ilike between case when then else end join left right inner outer on using with "
  + "asc desc interval without ignoring group_left group_right bool unless true false").split(" "));
const PARTS = /(--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|`[^`]*`)|(\$\{[^}]*\}|\$\w+|\[\[\w+\]\])|(\b\d+(?:\.\d+)?(?:ms|[smhdwy])?\b)|([A-Za-z_][\w:]*)(\s*\()?/g;

/** @param {string} text @returns {HTMLElement} */
export function highlighted(text) {
  const block = h("pre", { class: "code" });
  let after = 0;
  for (const found of text.matchAll(PARTS)) {
    const [whole, comment, string, variable, number, word, call] = found;
    block.append(text.slice(after, found.index));
    after = found.index + whole.length;
    const kind = comment ? "comment" : string ? "string" : variable ? "variable" : number ? "number" : WORDS.has(word?.toLowerCase()) ? "word" : call ? "call" : "";
    block.append(kind ? h("i", { class: `t-${kind}` }, word ?? whole) : (word ?? whole), call ?? "");
  }
  block.append(text.slice(after));
  return block;
}
