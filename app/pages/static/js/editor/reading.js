// Texts that a builder can show: read word by word into a model, where the model's own text has the same words, so that
// nothing is lost on the way. Pure.

/** What a builder has no way to show; the message names it. */
export class Unshown extends Error {}

/** The words of a text, one after the other. */
export class Reading {
  /** @param {string[]} tokens */
  constructor(tokens) {
    this.tokens = tokens;
    this.at = 0;
  }

  /** @returns {string} the word that comes; undefined at the end, which equals none */
  get next() {
    return this.tokens[this.at];
  }

  get rest() {
    return this.tokens.slice(this.at, this.at + 4).join(" ");
  }
}

/**
 * @template Model
 * @typedef {object} Language
 * @property {(text: string) => string[]} words without space and comments
 * @property {() => Model} nothing what an empty text is
 * @property {(tokens: string[]) => [Model, Reading]} read the model, and how far it was read
 * @property {(model: Model) => string} textOf
 * @property {(tokens: string[]) => string} plain words in the one way of writing those that say the same
 */

/** What a builder shows of a text, or why it shows none. @template Model @param {string} text @param {Language<Model>} language @returns {{model: Model}|{cannot: string}} */
export function shown(text, { words, nothing, read, textOf, plain }) {
  try {
    const tokens = words(text);
    if (!tokens.length) return { model: nothing() };
    const [model, reading] = read(tokens);
    if (reading.at < tokens.length) throw new Unshown(`“${reading.rest}”`);
    if (plain(words(textOf(model))) !== plain(tokens)) throw new Unshown("the way that it is written");
    return { model };
  } catch (error) {
    if (error instanceof Unshown) return { cannot: error.message };
    throw error;
  }
}
