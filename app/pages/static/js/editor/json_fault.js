// Where a text stops being JSON: browsers do not all say it.

/** The place of the first character that cannot stand there; -1 where all of it is JSON. @param {string} text */
export function faultAt(text) {
  const reader = new Reader(text);
  try {
    reader.value();
    reader.blank();
  } catch {
    return reader.at;
  }
  return reader.at < text.length ? reader.at : -1;
}

class Reader {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  blank() {
    this.maybe(/[ \t\r\n]*/y);
  }

  /** @param {RegExp} pattern sticky */
  maybe(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at += found[0].length;
    return found !== null;
  }

  /** @param {RegExp} pattern sticky */
  need(pattern) {
    if (!this.maybe(pattern)) throw new Error("it cannot stand there");
  }

  value() {
    this.blank();
    if (this.maybe(/\{/y)) this.items(/\}/y, () => {
      this.string();
      this.blank();
      this.need(/:/y);
      this.value();
    });
    else if (this.maybe(/\[/y)) this.items(/\]/y, () => this.value());
    else if (this.text[this.at] === '"') this.string();
    else this.need(/-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?|true|false|null/y);
  }

  string() {
    this.blank();
    this.need(/"([^"\\\u0000-\u001f]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y);
  }

  /** @param {RegExp} end @param {() => void} item */
  items(end, item) {
    this.blank();
    if (this.maybe(end)) return;
    do {
      item();
      this.blank();
    } while (this.maybe(/,/y));
    this.need(end);
  }
}
