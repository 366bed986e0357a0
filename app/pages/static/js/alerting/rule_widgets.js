// What the form of a rule draws in its own way: folders, bounds, texts by names, the reference of a condition.

import { h } from "../dom.js";
import { later } from "../editor/form_inputs.js";

/** @typedef {import("../editor/form_field.js").Field} Field */
/** @typedef {import("../editor/form_field.js").Widget} Widget */

/** @type {[string, string, number][]} how a bound is said, its key, and of how many numbers */
const BOUNDS = [["is above", "above", 1], ["is below", "below", 1], ["is at least", "from", 1], ["is at most", "to", 1], ["is", "equal", 1], ["is not", "not_equal", 1], ["is between", "between", 2], ["is outside", "outside", 2]];

/** @param {string} text @param {string} value */
const option = (text, value) => h("option", { value }, text);

/** One of what is there, or nothing. @param {Field} field @param {() => [string, string][]} choices values and texts @param {(value: string) => void} [take] what is done with the chosen one, else it is the field's @returns {Widget} */
export function chosen(field, choices, take) {
  const list = /** @type {HTMLSelectElement} */ (h("select", {}));
  const own = () => (field.schema.type === "integer" ? (list.value ? field.set(Number(list.value)) : field.clear()) : list.value || field.required ? field.set(list.value) : field.clear());
  list.addEventListener("change", () => (take ? take(list.value) : own()));
  const refresh = () => {
    const now = String(field.shown ?? "");
    const known = choices();
    const all = known.some(([value]) => value === now) ? known : [...known, [now, now || "–"]];
    list.replaceChildren(...all.map(([value, text]) => option(text, value)));
    list.value = now;
  };
  return { element: h("span", { class: "field" }, list), control: list, refresh };
}

/** @param {Field} field */
export const folder = (field) => chosen(field, () => [["", "No folder"], ...field.form.context.folders.map((/** @type {any} */ one) => [one.uid, one.title])]);

/** The refs of the targets. @param {Field} field */
export const reference = (field) => chosen(field, () => (field.form.store.get(["targets"]) ?? []).map((/** @type {any} */ one) => [one.ref ?? "A", one.ref ?? "A"]));

/** What values a bound holds for. @param {any} bound @returns {{kind: string, numbers: (number|null)[]}} */
function said(bound) {
  if (!bound) return { kind: "", numbers: [] };
  const { above, below, outside } = bound;
  if (above !== undefined && below !== undefined) return { kind: "between", numbers: [above, below] };
  if (outside) return { kind: "outside", numbers: outside };
  const kind = BOUNDS.find(([, key]) => bound[key] !== undefined && bound[key] !== null)?.[1] ?? "";
  return { kind, numbers: kind ? [bound[kind]] : [] };
}

/** @param {string} kind @param {number[]} numbers */
function bound(kind, numbers) {
  if (kind === "between") return { above: numbers[0], below: numbers[1] };
  return kind === "outside" ? { outside: numbers } : { [kind]: numbers[0] };
}

/** `is above 5`, with a way to say nothing. @param {Field} field @param {string} none what nothing means @param {() => any} nothing its value @returns {Widget} */
function bounded(field, none, nothing) {
  const list = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": `${field.title}: how` }, option(none, ""), ...BOUNDS.map(([text, key]) => option(text, key))));
  const inputs = [0, 1].map((index) => /** @type {HTMLInputElement} */ (h("input", { inputmode: "decimal", autocomplete: "off", "aria-label": `${field.title}: ${index ? "and" : "value"}` })));
  const boxes = inputs.map((one) => h("span", { class: "field" }, one));
  const count = () => BOUNDS.find(([, key]) => key === list.value)?.[2] ?? 0;
  const send = () => {
    if (!list.value) return nothing() === undefined ? field.clear() : field.set(nothing());
    const numbers = inputs.slice(0, count()).map((one) => Number(one.value.replace(",", ".")));
    if (inputs.slice(0, count()).some((one) => !one.value.trim()) || numbers.some((one) => !Number.isFinite(one))) return field.say(count() === 2 ? "Two numbers" : "A number");
    return field.set(bound(list.value, numbers));
  };
  const wait = later(send);
  const size = () => boxes.forEach((one, index) => (one.hidden = index >= count()));
  list.addEventListener("change", () => (size(), count() && !inputs[0].value ? inputs[0].focus() : send()));
  for (const input of inputs) input.addEventListener("input", wait.soon), input.addEventListener("change", wait.now);
  const refresh = () => {
    if (inputs.includes(/** @type {any} */ (document.activeElement)) || document.activeElement === list) return;
    const { kind, numbers } = said(field.shown);
    list.value = kind;
    inputs.forEach((one, index) => (one.value = numbers[index] === undefined ? "" : String(numbers[index])));
    size();
  };
  return { element: h("div", { class: "bounded" }, h("span", { class: "field" }, list), ...boxes), control: null, refresh, unmount: wait.stop };
}

/** @param {Field} field */
export const fires = (field) => bounded(field, "exists, whatever it is", () => ({}));

/** @param {Field} field */
export const resolves = (field) => bounded(field, "no longer fires", () => undefined);

/** Labels and annotations: texts by names, with names that are usual. @param {string[]} usual @returns {(field: Field) => Widget} */
export function texts(usual) {
  return (field) => {
    const rows = h("div", { class: "text-rows" });
    let drawn = "";
    const all = () => /** @type {Record<string, string>} */ (field.shown ?? {});
    const row = (/** @type {string} */ name) => {
      const input = /** @type {HTMLTextAreaElement} */ (h("textarea", { rows: field.name === "annotations" ? "2" : "1", "aria-label": `${field.title}: ${name}`, spellcheck: "false", "data-name": name }));
      input.value = all()[name];
      const wait = later(() => field.set({ ...all(), [name]: input.value }));
      input.addEventListener("input", wait.soon);
      input.addEventListener("change", wait.now);
      const shown = h("p", { class: "help", "data-shown": name });
      const remove = h("button", { type: "button", class: "btn sm bare", "aria-label": `Remove ${name}`, onclick: () => field.set(Object.fromEntries(Object.entries(all()).filter(([each]) => each !== name))) }, "×");
      return h("div", { class: "text-row" }, h("span", { class: "cut", title: name }, name), h("span", { class: "field tall" }, input), remove, shown);
    };
    const name = /** @type {HTMLInputElement} */ (h("input", { placeholder: "Name", "aria-label": `New name in ${field.title}`, autocomplete: "off" }));
    const add = (/** @type {string} */ key) => key && !Object.hasOwn(all(), key) && field.set({ ...all(), [key]: "" });
    const own = () => (add(name.value.trim()), (name.value = ""));
    name.addEventListener("keydown", (event) => event.key === "Enter" && (event.preventDefault(), own()));
    const ways = h("div", { class: "adder" });
    const refresh = () => {
      const names = Object.keys(all());
      if (names.join("\n") !== drawn || !rows.childElementCount) {
        drawn = names.join("\n");
        rows.replaceChildren(...names.map(row));
        ways.replaceChildren(...usual.filter((one) => !names.includes(one)).map((one) => h("button", { type: "button", class: "btn sm", onclick: () => add(one) }, `+ ${one}`)), h("span", { class: "field" }, name), h("button", { type: "button", class: "btn sm", onclick: own }, "Add"));
      }
    };
    return { element: h("div", { class: "part" }, rows, ways), control: null, refresh };
  };
}
