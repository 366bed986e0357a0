// What every page has: the account menu, the way to sign in and back, the command palette, and the keys that work anywhere.

import { h } from "./dom.js";
import { watchFiring } from "./firing.js";
import { Keyboard } from "./keyboard.js";
import { close, dialog, popover } from "./menus.js";
import { openPalette } from "./palette.js";
import { switchTheme } from "./theme.js";

const root = document.documentElement.dataset.root ?? "";
const guest = document.documentElement.hasAttribute("data-guest");
/** @type {Keyboard|null} the keys of this page */
let keyboard = null;

/** Keys that work on every page. @param {() => void} [search] @returns {import("./keyboard.js").Shortcut[]} */
export function anywhere(search = () => openPalette()) {
  const theme = { group: "Anywhere", keys: "c t", text: "Switch theme", run: switchTheme };
  if (guest) return [theme]; // who came by a link has nowhere else to go
  const go = (/** @type {string} */ path) => () => location.assign(root + path);
  const admin = document.querySelector(".account[data-role=admin]") !== null;
  const explores = ["editor", "admin"].includes(/** @type {HTMLElement|null} */ (document.querySelector("[data-role]"))?.dataset.role ?? "");
  return [
    { group: "Anywhere", keys: "Ctrl+K", text: "Go to anything", run: () => openPalette() },
    { group: "Anywhere", keys: "/", text: "Search dashboards", run: search },
    { group: "Anywhere", keys: "g h", text: "Home", run: go("/home") },
    ...(explores ? [{ group: "Anywhere", keys: "g e", text: "Explore", run: go("/explore") }] : []),
    ...(admin ? [{ group: "Anywhere", keys: "g s", text: "Settings", run: go("/settings") }] : []),
    theme,
  ];
}

/** Give a page without keys of its own those that work anywhere. @param {() => void} [search] */
export function frame(search) {
  useKeys(new Keyboard(anywhere(search)));
}

/** The keys that the account menu shows. @param {Keyboard} keys */
export function useKeys(keys) {
  keyboard = keys;
}

document.addEventListener("keydown", (event) => {
  if (!guest && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
  }
});

watchFiring();
const button = /** @type {HTMLElement|null} */ (document.querySelector("[data-account]"));
const box = /** @type {HTMLElement|null} */ (document.querySelector("[data-account-box]"));
if (button && box) popover(button, box);
document.querySelector("[data-password]")?.addEventListener("click", changePassword);
document.querySelector("[data-shortcuts]")?.addEventListener("click", () => {
  close();
  keyboard?.help();
});
for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("[data-sign-in]"))) {
  // At the click: what the page shows by then is where one wants to come back to.
  link.addEventListener("click", () => {
    link.href = `${root}/login?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`;
  });
}

const LEFT = "heliograph-left"; // when somebody last signed out of this browser: its other tabs are told so

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[action$='/logout']"))) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
    if (!answer) return form.submit(); // the browser says what is wrong
    if (body.has("only")) localStorage.setItem(LEFT, String(Date.now())); // the server ends the others
    location.assign(`${root}/login`);
  });
}
addEventListener("storage", (event) => event.key === LEFT && location.reload()); // what they showed was for who has left

/** Ask for another password of who is signed in. */
export function changePassword() {
  const field = (/** @type {string} */ name, /** @type {string} */ label, /** @type {string} */ complete) =>
    h("label", { class: "lab" }, label, h("span", { class: "field" }, h("input", { name, type: "password", autocomplete: complete, required: true })));
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  const form = /** @type {HTMLFormElement} */ (h("form", { class: "form" },
    field("current", "Your password now", "current-password"), field("password", "The new one", "new-password"), fault,
    h("div", { class: "bar" }, h("p", { class: "muted grow" }, "Your other sessions end."), h("button", { class: "btn primary" }, "Change password"))));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    const answer = await fetch(`${root}/password`, { method: "POST", body }).catch(() => null);
    if (answer?.ok) {
      form.replaceChildren(h("p", { role: "status" }, "Your password is changed."));
      return;
    }
    const problem = await answer?.json().catch(() => null);
    const said = (problem?.detail ?? "The server does not answer. Your password is what it was.").replace(/^\$\.\w+: /, "");
    fault.textContent = said[0].toUpperCase() + said.slice(1);
    fault.hidden = false;
  });
  dialog("sheet-dialog", "Change password", [form]);
}
