// The words of a text of PromQL, and what is the same though it is written otherwise. Pure.

import { Unshown } from "../editor/reading.js";

const TOKEN = /\s+|#[^\n]*|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|(\$\{[^}]*\}|\$\w+|\[\[\w+\]\])|([A-Za-z_:][\w:]*)|(\d[\w.]*|\.\d+)|(=~|!~|!=|==|>=|<=|[-+*/%^<>=(){}[\],@])/y;

/** @param {string} text @returns {string[]} its words without space and comments */
export function words(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new Unshown(`“${text.slice(at, at + 12)}”`);
    if (match.slice(1).some(Boolean)) found.push(match[0]);
  }
  return found;
}

/** Strings are one, whichever quotes they have; a comma before a bracket says nothing. @param {string[]} tokens */
export function plain(tokens) {
  return tokens.filter((one, index) => one !== "," || !["}", ")"].includes(tokens[index + 1])).map((one) => (/^["'`]/.test(one) ? JSON.stringify(unquoted(one)) : one)).join(" ");
}

/** @param {string} token */
export function unquoted(token) {
  if (token[0] === "`") return token.slice(1, -1);
  const inner = token[0] === "'" ? token.slice(1, -1).replaceAll("\\'", "'").replaceAll('"', '\\"') : token.slice(1, -1);
  try {
    return JSON.parse(`"${inner}"`);
  } catch {
    throw new Unshown(`the escapes of ${token}`);
  }
}
