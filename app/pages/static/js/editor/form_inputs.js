// Widgets of one value that is written: lines, texts, numbers, sliders, switches. What is written goes out shortly after.

import { h } from "../dom.js";

/** @typedef {import("./form_field.js").Field} Field */
/** @typedef {import("./form_field.js").Widget} Widget */

const AFTER_MS = 40; // of no more keys: what is written while a change is under way goes with the next one anyway
const STEPS = 100; // of a slider that has no own

/** Run what is asked for last, once nobody asks any more; `now` does it at once. @param {() => void} run @param {number} [after] ms */
export function later(run, after = AFTER_MS) {
  let timer = 0;
  const stop = () => clearTimeout(timer);
  return { stop, soon: () => (stop(), (timer = window.setTimeout(run, after))), now: () => (stop(), run()) };
}

/** @param {unknown} value */
function written(value) {
  return value === undefined || value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
}

/**
 * A text that goes out as it is written: `read` makes a value of it, or throws what is wrong.
 * @param {Field} field @param {HTMLInputElement|HTMLTextAreaElement} input @param {(text: string) => any} read
 */
function sent(field, input, read) {
  let last = input.value;
  const send = () => {
    if (input.value === last) return;
    last = input.value;
    try {
      const value = read(input.value);
      if (value === undefined) field.clear();
      else field.set(value);
    } catch (error) {
      field.say(/** @type {Error} */ (error).message);
    }
  };
  const wait = later(send);
  input.addEventListener("input", wait.soon);
  input.addEventListener("change", wait.now);
  return {
    unmount: wait.stop,
    refresh: () => {
      if (document.activeElement === input && input.value !== last) return; // it is being written
      const text = written(field.shown);
      if (input.value !== text) input.value = text;
      last = input.value;
    },
  };
}

/** A text of none or one line. @param {Field} field @returns {Widget} */
export function line(field) {
  const { schema } = field;
  const input = /** @type {HTMLInputElement} */ (h("input", { autocomplete: "off", spellcheck: "false", placeholder: placeholder(field) }));
  const empties = schema.nullable ? null : undefined;
  return { element: h("span", { class: "field" }, input), control: input, ...sent(field, input, (text) => (text === "" && !field.required ? (schema.default === "" || schema.nullable ? (empties ?? "") : undefined) : text)) };
}

/** @param {Field} field */
function placeholder({ schema, required }) {
  return schema.nullable ? "Automatic" : required ? "" : schema.default ? String(schema.default) : "";
}

/** A text of several lines. @param {Field} field @returns {Widget} */
export function text(field) {
  const input = /** @type {HTMLTextAreaElement} */ (h("textarea", { rows: "3" }));
  return { element: h("span", { class: "field tall" }, input), control: input, ...sent(field, input, (value) => value) };
}

/** A text in some language; a structured query is its JSON. @param {Field} field @returns {Widget} */
export function code(field) {
  const input = /** @type {HTMLTextAreaElement} */ (h("textarea", { rows: "3", class: "mono", spellcheck: "false" }));
  return { element: h("span", { class: "field tall" }, input), control: input, ...sent(field, input, (value) => (field.shown !== null && typeof field.shown === "object" ? parsed(value) : value)) };
}

/** @param {string} value */
export function parsed(value) {
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new Error(`Not JSON: ${/** @type {Error} */ (error).message}`);
  }
}

/** @param {Field} field @returns {Widget} */
export function number(field) {
  const { schema } = field;
  const input = /** @type {HTMLInputElement} */ (h("input", { autocomplete: "off", inputmode: schema.type === "integer" && (schema.minimum ?? -1) >= 0 ? "numeric" : "text", placeholder: schema.nullable ? "Automatic" : "" }));
  const read = (/** @type {string} */ text) => {
    const plain = text.trim().replace(",", ".");
    if (plain === "") return schema.nullable && schema.default !== null ? null : undefined;
    const value = Number(plain);
    if (!Number.isFinite(value)) throw new Error(`${bounds(schema)}, such as ${schema.default ?? schema.minimum ?? 10}`);
    return value;
  };
  const unit = schema["x-unit"];
  const taken = sent(field, input, read);
  input.addEventListener("keydown", (event) => stepped(event, input, schema));
  return { element: h("span", { class: "field" }, input, unit ? h("span", { class: "muted" }, unit) : null), control: input, ...taken };
}

/** @param {any} schema */
function bounds(schema) {
  const what = schema.type === "integer" ? "A whole number" : "A number";
  const [least, most] = [schema.minimum ?? schema.exclusiveMinimum, schema.maximum ?? schema.exclusiveMaximum];
  return least !== undefined && most !== undefined ? `${what} from ${least} to ${most}` : least !== undefined ? `${what} from ${least} on` : what;
}

/** Arrows count up and down. @param {KeyboardEvent} event @param {HTMLInputElement} input @param {any} schema */
function stepped(event, input, schema) {
  const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  const value = Number(input.value.replace(",", "."));
  if (!by || !Number.isFinite(value)) return;
  event.preventDefault();
  const next = value + by * (event.shiftKey ? 10 : 1);
  input.value = String(Math.min(Math.max(next, schema.minimum ?? -Infinity), schema.maximum ?? Infinity));
  input.dispatchEvent(new Event("input"));
}

/** A number between two bounds; what is automatic shows as a dash until it is moved. @param {Field} field @returns {Widget} */
export function slider(field) {
  const { minimum, maximum } = field.schema;
  const share = maximum - minimum <= 1;
  const step = share ? (maximum - minimum) / STEPS : 0.5;
  const input = /** @type {HTMLInputElement} */ (h("input", { type: "range", min: String(minimum), max: String(maximum), step: String(step) }));
  const said = h("output", {});
  const wait = later(() => field.set(Number(input.value)));
  const tell = (/** @type {number|null} */ value) => {
    said.textContent = value === null ? "–" : share ? `${Math.round(value * 100)} %` : String(value);
    input.style.setProperty("--at", `${((Number(input.value) - minimum) / (maximum - minimum)) * 100}%`);
    input.setAttribute("aria-valuetext", said.textContent);
  };
  input.addEventListener("input", () => (tell(Number(input.value)), wait.soon()));
  input.addEventListener("change", wait.now);
  const refresh = () => {
    const value = field.shown ?? null;
    input.value = String(value ?? minimum);
    tell(value === null ? null : Number(value));
  };
  return { element: h("span", { class: "slide" }, input, said), control: input, refresh, unmount: wait.stop };
}

/** @param {Field} field @returns {Widget} */
export function toggle(field) {
  const button = h("button", { type: "button", role: "switch", class: "onoff" });
  button.addEventListener("click", () => field.set(button.getAttribute("aria-checked") !== "true"));
  return { element: button, control: button, refresh: () => button.setAttribute("aria-checked", String(Boolean(field.shown))) };
}
