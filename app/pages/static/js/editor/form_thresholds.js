// Thresholds: from the largest down to the base, each with its level or colour.

import { h, icon } from "../dom.js";
import { close, show } from "../menus.js";
import { choosing, place } from "./form_choices.js";
import { later } from "./form_inputs.js";

/** @typedef {import("./form_field.js").Field} Field */
/** @typedef {{value: number|null, level?: string, color?: string}} Threshold */

const LEVELS = ["ok", "warn", "bad", "info"];
const FIRST = 80; // the value of the first that is added
const NEXT = 10; // how far the next one is

/** @param {Field} field @returns {import("./form_field.js").Widget} */
export function thresholds(field) {
  const rows = h("div", { class: "thrs" });
  const all = () => /** @type {Threshold[]} */ (field.shown ?? []);
  /** @param {Threshold} one @param {Partial<Threshold>} change */
  const change = (one, change) => field.set(all().map((each) => (each === one ? { ...each, ...change } : each)));
  const add = () => {
    const values = all().map((one) => one.value ?? -Infinity).filter(Number.isFinite);
    field.set([...all(), { value: values.length ? Math.max(...values) + NEXT : FIRST, level: "bad" }]);
  };
  const refresh = () => {
    if (rows.contains(document.activeElement) && document.activeElement instanceof HTMLInputElement && rows.dataset.count === String(all().length)) return;
    const sorted = [...all()].sort((one, other) => (other.value ?? -Infinity) - (one.value ?? -Infinity));
    rows.dataset.count = String(sorted.length);
    const base = sorted.some((one) => one.value === null) ? [] : [h("div", { class: "m-base" }, h("span", { class: "sq" }, h("i")), h("span", { class: "muted" }, "Base"))];
    rows.replaceChildren(...sorted.map((one) => row(field, one, (what) => change(one, what), () => field.set(all().filter((each) => each !== one)))), ...base);
  };
  const button = h("button", { type: "button", class: "btn sm", onclick: add }, icon("plus"), "Add threshold");
  return { element: h("div", { class: "part" }, rows, button), control: null, refresh };
}

/** @param {Field} field @param {Threshold} one @param {(what: Partial<Threshold>) => void} change @param {() => void} remove */
function row(field, one, change, remove) {
  const name = one.color || one.level || "bad";
  const input = /** @type {HTMLInputElement} */ (h("input", { "aria-label": `${name} from`, value: one.value === null ? "" : String(one.value), placeholder: "Below all", autocomplete: "off" }));
  const wait = later(() => {
    const text = input.value.trim().replace(",", ".");
    const value = text === "" ? null : Number(text);
    if (value !== null && !Number.isFinite(value)) return field.say("A threshold begins at a number");
    field.say("");
    if (value !== one.value) change({ value });
  });
  input.addEventListener("input", wait.soon);
  input.addEventListener("change", wait.now);
  const dot = h("i");
  const css = field.form.declared.document.choices.colors.find((/** @type {any} */ each) => each.value === one.color)?.css ?? one.color;
  if (css) dot.style.background = css;
  return h("div", { class: `m-${one.color ? "own" : (one.level ?? "bad")}` }, picker(field, one, dot, change), h("span", { class: "field" }, input), h("button", { type: "button", class: "btn bare sm icon", "aria-label": `Remove the threshold from ${one.value ?? "below all"}`, onclick: remove }, icon("close")));
}

/** The square that opens the levels and colours. @param {Field} field @param {Threshold} one @param {HTMLElement} dot @param {(what: Partial<Threshold>) => void} change */
function picker(field, one, dot, change) {
  const box = h("div", { class: "pop pop-choose", hidden: true });
  const button = h("button", { type: "button", class: "sq", "aria-label": `Level: ${one.color || one.level || "bad"}`, "aria-haspopup": "listbox" }, dot);
  button.addEventListener("click", () => {
    const colors = field.form.declared.document.choices.colors.filter((/** @type {any} */ each) => each.value !== "nodata");
    const finder = choosing(colors, one.color || one.level, ({ value }) => {
      close(true);
      change(LEVELS.includes(value) ? { level: value, color: undefined } : { color: value, level: undefined });
    }, (text) => ({ value: text, title: text }));
    box.replaceChildren(finder.element);
    show(button, box, { opened: () => (place(box, button), finder.focus()) });
  });
  return h("span", { class: "anchor" }, button, box);
}
