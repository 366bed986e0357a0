// The natural order of texts, as datasources/variables/collation.py has it: numbers by their size, letters by the alphabet.

const PUNCTUATION = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";
const NUMBER_OR_CHARACTER = /[0-9]+|[^]/gu;
const FOLDED = new Map([
  ["ß", "ss"], ["ẞ", "ss"], ["ſ", "s"], ["ς", "σ"], ["ŉ", "ʼn"], ["և", "եւ"],
  ["ﬀ", "ff"], ["ﬁ", "fi"], ["ﬂ", "fl"], ["ﬃ", "ffi"], ["ﬄ", "ffl"], ["ﬅ", "st"], ["ﬆ", "st"],
]);

/** @typedef {{parts: [number, number, number, string][], accents: string[], capitals: number[]}} Key */

/** Letters and numbers decide first, then accents, then case (small first). @param {string} text @returns {Key} */
export function naturalKey(text) {
  /** @type {[string[], string[]]} */
  const [characters, accents] = [[], []];
  for (const char of text.normalize("NFD")) {
    if (/\p{M}/u.test(char) && accents.length) accents[accents.length - 1] += char;
    else {
      characters.push(char);
      accents.push("");
    }
  }
  const letters = [...characters.keys()].filter((at) => /\p{L}/u.test(characters[at]));
  return {
    parts: (characters.join("").match(NUMBER_OR_CHARACTER) ?? []).map(part),
    accents: letters.map((at) => accents[at]),
    capitals: letters.map((at) => Number(/\p{Lu}/u.test(characters[at]))),
  };
}

/** @param {string} text @returns {[number, number, number, string]} */
function part(text) {
  if (/^[0-9]/.test(text)) {
    const digits = text.replace(/^0+/, "");
    return [1, digits.length, 0, digits];
  }
  const rank = PUNCTUATION.indexOf(text);
  if (text === " " || /[\s\x1c-\x1f\x85]/.test(text)) return [0, 0, 0, text];
  if (rank >= 0) return [0, 1, rank, text];
  if (!/[\p{L}\p{N}]/u.test(text)) return [0, 2, text.codePointAt(0) ?? 0, text];
  return [2, 0, 0, FOLDED.get(text) ?? text.toLowerCase()];
}

/** @param {Key} one @param {Key} other */
export function compareKeys(one, other) {
  return lists(one.parts, other.parts, parts) || lists(one.accents, other.accents, texts) || lists(one.capitals, other.capitals, (a, b) => a - b);
}

/** @param {string} one @param {string} other */
export function naturally(one, other) {
  return compareKeys(naturalKey(one), naturalKey(other)) || texts(one, other);
}

/** @template T @param {T[]} one @param {T[]} other @param {(a: T, b: T) => number} compare */
function lists(one, other, compare) {
  for (let at = 0; at < Math.min(one.length, other.length); at += 1) {
    const found = compare(one[at], other[at]);
    if (found) return found;
  }
  return one.length - other.length;
}

/** @param {[number, number, number, string]} a @param {[number, number, number, string]} b */
function parts(a, b) {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || texts(a[3], b[3]);
}

/** By code points, as Python compares. @param {string} a @param {string} b */
function texts(a, b) {
  return lists([...a], [...b], (one, other) => (one.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0));
}
