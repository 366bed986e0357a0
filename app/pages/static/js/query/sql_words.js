// The words of a text of SQL, and what is the same though it is written otherwise. Pure.

import { Unshown } from "../editor/reading.js";

// strings, in which a backslash is no matter but before a quote · names in quotes · macros and variables · names · numbers · marks
const TOKEN = /\s+|('(?:[^'\\]|''|\\[^'])*')|("(?:[^"\\]|"")*"|`(?:[^`\\]|``)*`)|(\$\{[^}]*\}|\$\w+|\[\[\w+(?::\w+)?\]\])|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(\d[\w.]*|\.\d+)|(<>|!=|<=|>=|[=<>(),.*-])/y;
const COMMENT = /\s*(--|#|\/\*)/y;

/** @param {string} text @returns {string[]} its words without space */
export function words(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    COMMENT.lastIndex = at;
    if (COMMENT.test(text)) throw new Unshown("a comment");
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) throw new Unshown(`“${text.slice(at, at + 12)}”`);
    if (match.slice(1).some(Boolean)) found.push(match[0]);
  }
  return found;
}

/** Whether a word is a name, in quotes or not. @param {string|undefined} word */
export const isName = (word) => word !== undefined && /^["`A-Za-z_\u0080-\uffff]/.test(word);

/** Keywords may be written small or large; a name may not: it is told apart by where it stands. @param {string[]} tokens @param {Set<string>} keywords in capitals */
export function plain(tokens, keywords) {
  return tokens.map((one) => (keywords.has(one.toUpperCase()) ? one.toUpperCase() : one)).join(" ");
}

/** A text as SQL writes it; a number, a variable and what stands in quotes already stay. @param {string} text @param {boolean} escapes whether a backslash in a string escapes */
export function literal(text, escapes) {
  const value = text.trim();
  if (/^(-?\d+(\.\d+)?|\$\w+|\$\{[^}]*\}|\[\[\w+(:\w+)?\]\]|'([^'\\]|''|\\[^'])*'|true|false)$/i.test(value)) return value;
  return `'${(escapes ? text.replaceAll("\\", "\\\\") : text).replaceAll("'", "''")}'`;
}
