// A query that is put together and is a text: the builder's model and the text follow each other.

import { h } from "../dom.js";
import { highlighted } from "../highlight.js";
import { redrawn } from "./builder_parts.js";

/** @template {object} Model */
export class TextBuilder {
  /**
   * @param {import("./writer.js").Writer} writer @param {Model} model of an empty text
   * @param {(text: string) => {model: Model}|{cannot: string}} modelOf @param {(model: Model) => string} textOf
   */
  constructor(writer, model, modelOf, textOf) {
    this.writer = writer;
    this.model = model;
    this.modelOf = modelOf;
    this.textOf = textOf;
    this.drawn = "";
    this.line = h("div", { class: "builder" });
    this.preview = h("div", { class: "preview" });
  }

  refresh() {
    const text = String(this.writer.query ?? "");
    if (text === this.drawn && this.line.firstChild) return;
    const read = this.modelOf(text);
    if ("cannot" in read) return this.writer.rebuild();
    this.drawn = text;
    this.model = read.model;
    this.draw();
  }

  /** @param {Model} model */
  put(model) {
    this.model = model;
    this.drawn = this.textOf(model);
    this.draw();
    this.writer.host.write(this.drawn);
  }

  /** @param {Partial<Model>} what */
  change(what) {
    this.put({ ...this.model, ...what });
  }

  /** Show the model as it is now. */
  draw() {
    redrawn(this.line, () => this.fill());
    this.preview.replaceChildren(highlighted(this.textOf(this.model)));
  }

  /** What stands in the line. */
  fill() {}
}
