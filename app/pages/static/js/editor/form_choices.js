// Widgets that choose: segments, the system's list, a list with a search, checks, colours and units.

import { h, icon } from "../dom.js";
import { close, show } from "../menus.js";
import { later } from "./form_inputs.js";

/** @typedef {import("./form_field.js").Field} Field */
/** @typedef {import("./form_field.js").Widget} Widget */
/** @typedef {import("./schema.js").Choice & {about?: string, css?: string}} Choice */

const MOST_SHOWN = 60;
const GAP_PX = 4;
const EMPTY = "\u0000"; // the system's list has texts alone: this stands for nothing chosen

/** @param {Field} field @returns {Widget} */
export function segments(field) {
  const choices = field.form.declared.choices(field.schema);
  const buttons = choices.map((one) => h("button", { type: "button", role: "radio", onclick: () => field.set(one.value) }, one.title));
  const box = h("span", { class: "seg2" }, ...buttons);
  box.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(/** @type {HTMLElement} */ (event.target));
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = (at + by + choices.length) % choices.length;
    buttons[next].focus();
    field.set(choices[next].value);
  });
  const refresh = () => {
    const at = choices.findIndex((one) => one.value === field.shown);
    buttons.forEach((one, index) => {
      one.setAttribute("aria-checked", String(index === at));
      one.tabIndex = index === Math.max(at, 0) ? 0 : -1;
    });
  };
  return { element: h("div", { class: "segs" }, box), control: null, refresh };
}

/** @param {Field} field @returns {Widget} */
export function select(field) {
  const known = field.form.declared.choices(field.schema);
  const none = field.schema.nullable ? [{ value: null, title: "–" }] : [];
  const choices = [...none, ...known];
  const key = (/** @type {any} */ value) => (value === null || value === undefined ? EMPTY : String(value));
  const list = /** @type {HTMLSelectElement} */ (h("select", {}, ...choices.map((one) => h("option", { value: key(one.value) }, one.title))));
  list.addEventListener("change", () => {
    const { value } = choices[list.selectedIndex];
    if (value === null && (field.schema.default ?? null) === null) field.clear();
    else field.set(value);
  });
  return { element: h("span", { class: "field" }, list), control: list, refresh: () => (list.value = key(field.shown)) };
}

/** One of a long list, found by what is typed. @param {Field} field @returns {Widget} */
export function choose(field) {
  const choices = field.form.declared.choices(field.schema);
  return searched(field, () => choices, (value) => choices.find((one) => one.value === value)?.title ?? String(value ?? ""));
}

/** A unit: those of the table, or any suffix of one's own. @param {Field} field @returns {Widget} */
export function unit(field) {
  /** @type {Choice[]} */
  const units = field.form.declared.document.choices.units;
  const sample = (/** @type {any} */ value) => units.find((one) => one.value === value)?.title ?? value;
  const title = (/** @type {any} */ value) => (value === "none" || !value ? "None" : `${value} · ${sample(value)}`);
  return searched(field, () => units.map((one) => ({ ...one, help: one.title, title: one.value })), title, (text) => ({ value: text, title: `“${text}” as a suffix` }));
}

/**
 * A button that opens a list with a search.
 * @param {Field} field @param {() => Choice[]|Promise<Choice[]>} choices what there is, at once or once it is known @param {(value: any) => string|Promise<string>} title @param {(text: string) => Choice} [own] what is made of a text that is no choice
 * @param {{find?: (text: string) => Promise<Choice[]>, take?: (value: any) => void}} [how] `find` is asked for what is typed, where not all are at hand; `take` gets what is chosen
 * @returns {Widget}
 */
export function searched(field, choices, title, own, { find, take = (value) => field.set(value) } = {}) {
  const said = h("span", { class: "cut" });
  const button = h("button", { type: "button", class: "field pick", "aria-haspopup": "listbox" }, said, icon("down"));
  const box = h("div", { class: "pop pop-choose", hidden: true });
  button.addEventListener("click", async () => {
    const found = choices();
    if (found instanceof Promise) {
      box.replaceChildren(h("p", { class: "none" }, "Looking…"));
      show(button, box, { opened: () => place(box, button) });
    }
    const known = await Promise.resolve(found).catch(failed);
    const [listed, why] = known instanceof Element ? [[], known] : [known, ""];
    const finder = choosing(listed, field.shown, (one) => (close(true), take(one.value)), own, find, () => place(box, button));
    box.replaceChildren(why, finder.element);
    if (!(found instanceof Promise)) show(button, box, { opened: () => (place(box, button), finder.focus()) });
    else if (!box.hidden) place(box, button), finder.focus();
  });
  let turn = 0;
  const refresh = () => {
    const now = (turn += 1);
    const found = title(field.shown);
    if (typeof found === "string") said.textContent = found;
    else found.then((text) => now === turn && (said.textContent = text));
  };
  return { element: h("span", { class: "anchor" }, button, box), control: button, refresh };
}

/** What stands in the place of a list that could not be had. @param {Error} error */
export function failed(error) {
  return h("p", { class: "err", role: "alert" }, error.message);
}

/** Below its button, or above it where there is no room. @param {HTMLElement} box @param {HTMLElement} button */
export function place(box, button) {
  const [at, own] = [button.getBoundingClientRect(), box.getBoundingClientRect()];
  const above = at.bottom + own.height + GAP_PX > innerHeight && at.top > own.height + GAP_PX;
  box.style.top = `${above ? at.top - own.height - GAP_PX : at.bottom + GAP_PX}px`;
  box.style.left = `${Math.max(GAP_PX, Math.min(at.left, innerWidth - own.width - 2 * GAP_PX))}px`;
}

/**
 * A search over a list: arrows move, Enter takes. For forms and for pickers that are no field.
 * @param {Choice[]} choices @param {any} current @param {(one: Choice) => void} take @param {(text: string) => Choice} [own]
 * @param {(text: string) => Promise<Choice[]>} [find] what fits a text, the best first @param {() => void} [filled] once that is shown
 */
export function choosing(choices, current, take, own, find, filled) {
  const list = h("div", { class: "list", role: "listbox", id: `list-${(choosing.made = (choosing.made ?? 0) + 1)}`, "aria-label": "Choices" });
  const input = /** @type {HTMLInputElement} */ (h("input", { role: "combobox", placeholder: "Search", "aria-label": "Search", "aria-controls": list.id, "aria-expanded": "true", "aria-autocomplete": "list", autocomplete: "off", "data-first": true }));
  /** @type {Choice[]} */
  let shown = [];
  let at = 0;
  const about = h("p", { class: "doc", hidden: true });
  const mark = () => {
    about.textContent = shown[at]?.about ?? "";
    about.hidden = !about.textContent;
    [...list.querySelectorAll("[role=option]")].forEach((one, index) => one.classList.toggle("is-active", index === at));
    const active = list.querySelector(".is-active");
    input.setAttribute("aria-activedescendant", active?.id ?? "");
    active?.scrollIntoView({ block: "nearest" });
  };
  const fill = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = find ? choices : choices.filter((one) => words.every((word) => `${one.title} ${one.group ?? ""} ${one.help ?? ""} ${one.value}`.toLowerCase().includes(word)));
    if (!find && words.length && shown.every((one) => !one.group)) shown = likeliest(shown, input.value);
    const exact = shown.some((one) => String(one.value).toLowerCase() === input.value.toLowerCase());
    if (own && words.length && !exact) shown = [...shown, own(input.value)];
    const more = shown.length - MOST_SHOWN;
    shown = shown.slice(0, MOST_SHOWN);
    list.replaceChildren(...options(shown, current, list.id, take), ...(more > 0 ? [h("p", { class: "none" }, `${more} more: go on typing`)] : []), ...(shown.length ? [] : [h("p", { class: "none" }, "Nothing is called so.")]));
    at = words.length ? 0 : Math.max(0, shown.findIndex((one) => one.value === current));
    mark();
  };
  const wait = later(async () => {
    const text = input.value;
    const found = await find?.(text);
    if (!found || text !== input.value) return;
    choices = found;
    fill();
    filled?.();
  });
  input.addEventListener("input", find ? wait.soon : fill);
  input.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && shown.length) {
      at = (at + by + shown.length) % shown.length;
      mark();
    } else if (event.key === "Enter" && shown[at]) take(shown[at]);
    else return;
    event.preventDefault();
  });
  fill();
  return { element: h("div", { class: "chooser" }, h("label", { class: "field" }, icon("search"), input), list, about), focus: () => (input.focus(), mark()) };
}
/** @type {number|undefined} how many lists there were: each has an id of its own */
choosing.made = 0;

/** What is called so, then what begins so, then the rest. @param {Choice[]} choices @param {string} typed */
function likeliest(choices, typed) {
  const text = typed.trim().toLowerCase();
  const rank = (/** @type {Choice} */ { title }) => (title.toLowerCase() === text ? 0 : title.toLowerCase().startsWith(text) ? 1 : 2);
  return [...choices].sort((one, other) => rank(one) - rank(other));
}

/** @param {Choice[]} shown @param {any} current @param {string} id @param {(one: Choice) => void} take */
function options(shown, current, id, take) {
  let group = "";
  return shown.flatMap((one, index) => {
    const button = h("div", { class: "item", role: "option", id: `${id}-${index}`, "aria-selected": String(one.value === current), onclick: () => take(one) }, ...colored(one), h("span", { class: "cut" }, one.title), one.help ? h("span", { class: "count" }, one.help) : null);
    const head = one.group && one.group !== group ? [h("p", { class: "head", role: "presentation" }, one.group)] : [];
    group = one.group ?? group;
    return [...head, button];
  });
}

/** @param {Choice} one */
function colored(one) {
  if (!one.css) return [];
  const dot = h("i", { class: "dot" });
  dot.style.background = one.css;
  return [dot];
}

/** Any of a few. @param {Field} field @returns {Widget} */
export function checks(field) {
  const items = field.form.declared.read(field.schema.items);
  const choices = field.form.declared.choices(items);
  const chosen = () => /** @type {any[]} */ (field.shown ?? []);
  const buttons = choices.map((one) => h("button", { type: "button", class: "chip-check", onclick: () => field.set(choices.map((each) => each.value).filter((value) => chosen().includes(value) !== (value === one.value))) }, one.title));
  return { element: h("div", { class: "checks" }, ...buttons), control: null, refresh: () => buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(chosen().includes(choices[index].value)))) };
}

/** A colour: a level, a series' colour, a name, or any that is written. @param {Field} field @returns {Widget} */
export function color(field) {
  const choices = () => [{ value: "", title: "None" }, ...field.form.declared.document.choices.colors];
  const widget = searched(field, choices, (value) => value || "None", (text) => ({ value: text, title: text }));
  const dot = h("i", { class: "dot" });
  widget.element.querySelector("button")?.prepend(dot);
  return { ...widget, refresh: () => (widget.refresh(), paint(dot, field)) };
}

/** @param {HTMLElement} dot @param {Field} field */
function paint(dot, field) {
  const value = String(field.shown ?? "");
  const found = field.form.declared.document.choices.colors.find((/** @type {any} */ one) => one.value === value);
  dot.style.background = found?.css ?? (/^(#|rgb)/.test(value) ? value : "");
}
