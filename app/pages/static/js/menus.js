// What opens and closes: popovers beside their buttons, one at a time; Escape closes, and focus returns.

/** @type {{button: HTMLElement, box: HTMLElement}|null} */
let open = null;

export function close() {
  if (!open) return;
  open.box.hidden = true;
  open.button.setAttribute("aria-expanded", "false");
  open = null;
}

/** Let a button open and close a box. @param {HTMLElement} button @param {HTMLElement} box @param {() => void} [opened] */
export function popover(button, box, opened) {
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => {
    const same = open?.box === box;
    close();
    if (same) return;
    box.hidden = false;
    button.setAttribute("aria-expanded", "true");
    open = { button, box };
    opened?.();
    /** @type {HTMLElement|null} */ (box.querySelector("input, [aria-current=true], button"))?.focus();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && open) {
    const button = open.button;
    close();
    button.focus();
  }
});
document.addEventListener("pointerdown", (event) => {
  const target = /** @type {Node} */ (event.target);
  if (open && !open.box.contains(target) && !open.button.contains(target)) close();
});
