// A text of a query with its words in colours, and a mark where the server found it wrong.

import { h } from "../dom.js";
import { highlighted } from "../highlight.js";
import { Completion } from "./completion.js";
import { later } from "../editor/form_inputs.js";

const AFTER_MS = 80; // of no more keys: each text is a question to its source
const PLACE = /\b(?:line (\d+),? (?:col(?:umn)?|position) (\d+)|(\d+):(\d+))\b/i;

export class CodeEditor {
  /** @param {string} label @param {(text: string) => void} changed after a moment without keys @param {ConstructorParameters<typeof Completion>[1]} [completes] what may stand at the caret */
  constructor(label, changed, completes) {
    this.input = /** @type {HTMLTextAreaElement} */ (h("textarea", { class: "mono", rows: "1", spellcheck: "false", autocapitalize: "off", autocomplete: "off", "aria-label": label }));
    this.under = h("div", { class: "under", "aria-hidden": "true" });
    this.element = h("div", { class: "code-editor field tall" }, this.under, this.input);
    this.sent = "";
    this.completion = completes ? new Completion(this.input, completes) : null;
    this.wait = later(() => {
      if (this.input.value === this.sent) return;
      this.sent = this.input.value;
      changed(this.sent);
    }, AFTER_MS);
    this.input.addEventListener("input", () => (this.paint(), this.wait.soon()));
    this.input.addEventListener("change", this.wait.now);
    this.input.addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && this.wait.now());
  }

  /** @param {string} text shown unless somebody is writing */
  show(text) {
    if (document.activeElement === this.input && this.input.value !== this.sent) return;
    if (text === this.input.value && this.under.firstChild) return;
    this.input.value = text;
    this.sent = text;
    this.paint();
  }

  paint() {
    this.under.replaceChildren(highlighted(`${this.input.value}\n`));
    this.input.style.height = "0";
    this.input.style.height = `${this.input.scrollHeight}px`;
  }

  /** Mark the place that a message names, if it does. @param {string} detail empty: nothing is wrong */
  fault(detail) {
    this.input.toggleAttribute("aria-invalid", Boolean(detail));
    this.element.classList.toggle("bad", Boolean(detail));
    this.under.querySelector(".squiggle")?.remove();
    const found = detail.match(PLACE);
    if (!found) return;
    const [row, column] = found[1] ? [Number(found[1]), Number(found[2])] : [Number(found[3]), Number(found[4])];
    const mark = h("i", { class: "squiggle" });
    mark.style.setProperty("--row", String(row - 1));
    mark.style.setProperty("--column", String(Math.max(0, column - 1)));
    this.under.append(mark);
  }

  unmount() {
    this.wait.stop();
    this.completion?.unmount();
    this.element.remove();
  }
}
