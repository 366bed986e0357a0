// A list below the caret of a text: what may stand there. Arrows move, Enter or Tab takes, Escape closes, Ctrl + Space asks.

import { h } from "../dom.js";
import { caretBox } from "./caret.js";
import { later } from "../editor/form_inputs.js";

/** @typedef {import("./completions.js").Completed} Completed */

const GAP_PX = 4, EDGE_PX = 8;
let made = 0;

export class Completion {
  /** @param {HTMLTextAreaElement} input @param {(text: string, caret: number) => Promise<Completed|null>} ask */
  constructor(input, ask) {
    this.input = input;
    this.ask = ask;
    this.turn = 0;
    this.at = 0;
    /** @type {Completed|null} */
    this.found = null;
    this.list = h("div", { class: "list", role: "listbox", id: `completes-${(made += 1)}`, "aria-label": "Completions" });
    this.about = h("p", { class: "doc", hidden: true });
    this.said = h("span", { class: "vh", role: "status" });
    this.box = h("div", { class: "pop pop-complete", hidden: true }, this.list, this.about);
    this.wait = later(() => this.look());
    input.addEventListener("input", (event) => this.typed(/** @type {InputEvent} */ (event)));
    input.addEventListener("keydown", (event) => this.key(event), true);
    input.addEventListener("blur", () => this.close());
    input.addEventListener("click", () => this.close());
    input.addEventListener("scroll", () => this.close());
    this.box.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the text
  }

  /** @param {InputEvent} event */
  typed(event) {
    const writes = event.inputType === "insertText" || event.inputType === "deleteContentBackward" && this.found;
    if (writes) this.wait.soon();
    else this.close();
  }

  async look() {
    const turn = (this.turn += 1);
    const { value, selectionStart, selectionEnd } = this.input;
    const found = selectionStart === selectionEnd ? await this.ask(value, selectionStart).catch(() => null) : null;
    const same = turn === this.turn && value === this.input.value && selectionStart === this.input.selectionStart;
    if (!same) return;
    if (found?.choices.length) this.show(found);
    else this.close();
  }

  /** @param {Completed} found */
  show(found) {
    this.found = found;
    this.at = 0;
    this.list.replaceChildren(...found.choices.map((one, index) => h("div", { class: "item", role: "option", id: `${this.list.id}-${index}`, onclick: () => this.take(index) }, h("span", { class: "cut" }, one.title), one.help ? h("span", { class: "count" }, one.help) : null)));
    if (!this.box.isConnected) document.body.append(this.box, this.said);
    this.box.hidden = false;
    this.mark();
    this.place();
  }

  mark() {
    const { choices } = /** @type {Completed} */ (this.found);
    const chosen = choices[this.at];
    this.about.textContent = chosen.about;
    this.about.hidden = !chosen.about;
    [...this.list.children].forEach((one, index) => {
      one.classList.toggle("is-active", index === this.at);
      one.setAttribute("aria-selected", String(index === this.at));
    });
    this.list.children[this.at].scrollIntoView({ block: "nearest" });
    this.said.textContent = `${chosen.title}, ${this.at + 1} of ${choices.length}`;
  }

  /** Below the caret, or above it where there is no room. */
  place() {
    const caret = caretBox(this.input, /** @type {Completed} */ (this.found).from);
    const own = this.box.getBoundingClientRect();
    const above = caret.bottom + own.height + GAP_PX > innerHeight && caret.top > own.height + GAP_PX;
    this.box.style.top = `${above ? caret.top - own.height - GAP_PX : caret.bottom + GAP_PX}px`;
    this.box.style.left = `${Math.max(EDGE_PX, Math.min(caret.left - EDGE_PX, innerWidth - own.width - EDGE_PX))}px`;
  }

  close() {
    this.turn += 1;
    this.wait.stop();
    this.found = null;
    this.box.hidden = true;
    this.said.textContent = "";
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const mod = event.ctrlKey || event.metaKey || event.altKey;
    if (event.key === " " && event.ctrlKey) this.look();
    else if (!this.found || mod) return void (event.key === "Enter" && this.close());
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.move(event.key === "ArrowDown" ? 1 : -1);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) this.take(this.at);
    else if (event.key === "Escape") this.close();
    else return void (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key) && this.close());
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} by */
  move(by) {
    const { length } = /** @type {Completed} */ (this.found).choices;
    this.at = (this.at + by + length) % length;
    this.mark();
  }

  /** Write a choice in the place of what was typed of it; it can be undone. @param {number} index */
  take(index) {
    const { from, choices } = /** @type {Completed} */ (this.found);
    const { text } = choices[index];
    const caret = this.input.selectionStart;
    this.close();
    this.input.setSelectionRange(from, caret);
    if (document.execCommand("insertText", false, text)) return this.close();
    this.input.setRangeText(text, from, caret, "end");
    this.input.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true }));
  }

  unmount() {
    this.close();
    this.box.remove();
    this.said.remove();
  }
}
