// Signing in: the password can be shown while it is typed.

import "./theme.js";

const button = /** @type {HTMLElement} */ (document.querySelector("[data-reveal]"));
const field = /** @type {HTMLInputElement} */ (document.getElementById("password"));
button.addEventListener("click", () => {
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  field.focus();
});
