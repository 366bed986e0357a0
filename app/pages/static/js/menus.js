// What opens and closes: popovers beside their buttons, one at a time; Escape closes, and focus returns. Dialogs are the browser's own.

import { h, icon } from "./dom.js";

const AROUND_PX = 8;
/** @typedef {{opened?: () => void, closed?: () => void}} On */
/** @type {{button: HTMLElement, box: HTMLElement, closed?: () => void}|null} */
let open = null;
/** @type {{element: HTMLElement, leave: () => void}[]} what else is open, and what opened last is last */
const unfolded = [];

/** @param {boolean} [back] whether focus returns to the button */
export function close(back = false) {
  if (!open) return;
  const { button, box, closed } = open;
  open = null;
  box.hidden = true;
  button.setAttribute("aria-expanded", "false");
  if (back) button.focus();
  closed?.();
}

/** @param {HTMLElement} button @param {HTMLElement} box @param {On} [on] */
export function show(button, box, on = {}) {
  const same = open?.box === box && open.button === button;
  close();
  if (same) return;
  box.hidden = false;
  button.setAttribute("aria-expanded", "true");
  open = { button, box, closed: on.closed };
  on.opened?.();
  keepWithin(box);
  // A field that takes the focus of a finger brings up the keyboard, which covers what it is about.
  const field = matchMedia("(hover: none)").matches ? "" : "input:not([readonly]), ";
  const first = box.querySelector(`[data-first], ${field}[aria-current=true], [role=menuitem], button`);
  /** @type {HTMLElement|null} */ (first)?.focus({ preventScroll: true });
}

/** Move a box that would stand beyond the right edge of the window. @param {HTMLElement} box */
function keepWithin(box) {
  box.style.translate = "";
  const beyond = box.getBoundingClientRect().right - (document.documentElement.clientWidth - AROUND_PX);
  if (beyond > 0 && getComputedStyle(box).position === "absolute") box.style.translate = `${-beyond}px`;
}

/** Let a button open and close a box. @param {HTMLElement} button @param {HTMLElement} box @param {On} [on] */
export function popover(button, box, on = {}) {
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => show(button, box, on));
}

document.addEventListener("keydown", (event) => {
  if (!open) return;
  if (event.key === "Escape") {
    event.stopPropagation();
    event.preventDefault();
    close(true);
  } else if (["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) step(event);
}, true);

/** Arrows move within a list of buttons. @param {KeyboardEvent} event */
function step(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (!open?.box.contains(target) || target instanceof HTMLInputElement) return;
  const menu = target.closest(".menu, [role=menu]");
  if (!menu) return;
  const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll(".item")]);
  const at = items.indexOf(target);
  const next = { ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length, Home: 0, End: items.length - 1 }[event.key];
  event.preventDefault();
  items[next ?? 0]?.focus();
}

document.addEventListener("pointerdown", (event) => {
  const target = /** @type {Node} */ (event.target);
  if (open && !open.box.contains(target) && !open.button.contains(target)) close();
});
document.addEventListener("focusin", (event) => {
  const target = /** @type {Node} */ (event.target);
  if (open && !open.box.contains(target) && !open.button.contains(target)) close();
});

/**
 * What opens within something else: Escape closes it, and not what it stands in.
 * @param {HTMLElement} element @param {() => void} leave closes it @returns {() => void} to call once it is closed
 */
export function unfold(element, leave) {
  const one = { element, leave };
  unfolded.push(one);
  return () => void (unfolded.includes(one) && unfolded.splice(unfolded.indexOf(one), 1));
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  const front = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
  const last = unfolded.findLast(({ element }) => front.contains(element) && element.checkVisibility());
  if (!last) return;
  event.preventDefault();
  last.leave();
});

/**
 * A dialog of the browser: focus stays in it, Escape closes it, and it leaves the page when it closes.
 * @param {"drawer"|"sheet-dialog"} kind @param {string} title @param {Node[]} content @param {Node[]} [actions]
 */
export function dialog(kind, title, content, actions = []) {
  close();
  const closer = h("button", { class: "btn bare icon", type: "button", "aria-label": "Close", onclick: () => box.close() }, icon("close"));
  const head = h("div", { class: "dh" }, h("h2", {}, title), ...actions, closer);
  const box = /** @type {HTMLDialogElement} */ (h("dialog", { class: `dialog ${kind}`, "aria-label": title }, head, ...content));
  box.addEventListener("click", (event) => event.target === box && box.close());
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
  return box;
}
