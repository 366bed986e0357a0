// The command palette: dashboards, folders, panels of this page and actions, by what one types; arrows choose, Enter goes.

import { call } from "./api.js";
import { h, icon } from "./dom.js";
import { list as kept } from "./kept.js";
import { dialog } from "./menus.js";
import { saidLate } from "./waiting.js";

const PATIENCE_MS = 120;
const MOST = 12; // dashboards, and folders
const root = document.documentElement.dataset.root ?? "";
/** @typedef {{kind: string, text: string, about?: string, run: () => void}} Entry */
/** @type {(() => Entry[])[]} */
const sources = [];

/** Let the palette offer what a page can do. @param {() => Entry[]} source asked each time it opens */
export function offer(source) {
  sources.push(source);
}

/** @param {string} path */
const go = (path) => () => location.assign(root + path);

export function openPalette() {
  if (document.querySelector("dialog[open]")) return;
  const offered = [...sources.flatMap((source) => source()), { kind: "Action", text: "Home", run: go("/") }];
  const field = /** @type {HTMLInputElement} */ (h("input", { role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list",
    "aria-label": "Go to anything", placeholder: "Dashboards, folders, panels, actions", autocomplete: "off", spellcheck: "false" }));
  const found = h("div", { class: "list", id: "palette-list", role: "listbox", "aria-label": "Found" });
  const told = h("span", { class: "muted", role: "status" });
  const box = dialog("sheet-dialog", "Go to", [h("label", { class: "field" }, icon("search"), field, told), found]);
  box.classList.add("palette");
  /** @type {Entry[]} */
  let entries = [];
  /** @type {{uid: string, title: string}[]|null} */
  let folders = null;
  let at = 0, asked = 0, typing = 0;

  const choose = (/** @type {number} */ index) => {
    at = entries.length ? (index + entries.length) % entries.length : 0;
    [...found.children].forEach((one, number) => one.setAttribute("aria-selected", String(number === at)));
    field.setAttribute("aria-activedescendant", entries.length ? `palette-${at}` : "");
    found.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const run = (/** @type {Entry|undefined} */ entry) => {
    if (!entry) return;
    box.close();
    entry.run();
  };
  const draw = (/** @type {Entry[]} */ next) => {
    entries = next;
    found.replaceChildren(...entries.map((entry, index) => h("div", { class: "item", role: "option", id: `palette-${index}`, onclick: () => run(entry) },
      h("span", { class: "cut" }, entry.text), entry.about ? h("span", { class: "muted cut" }, entry.about) : null, h("span", { class: "count" }, entry.kind))));
    if (!entries.length) found.append(h("p", { class: "none muted" }, "Nothing of that name"));
    choose(0);
  };
  const search = async () => {
    const ticket = ++asked;
    clearTimeout(typing);
    typing = 0;
    const words = field.value.trim();
    const has = (/** @type {string} */ text) => text.toLowerCase().includes(words.toLowerCase());
    const answers = Promise.all([read(`dashboards?${new URLSearchParams({ query: words, limit: String(MOST) })}`), folders ?? read("folders")]);
    const [dashboards, known] = await saidLate(answers, () => ticket === asked && (told.textContent = "Searching"));
    if (ticket !== asked) return;
    told.textContent = "";
    folders = known;
    const recent = words ? [] : kept("recent").filter((one) => /^\/d\/[\w-]+(\/[^/]*)?$/.test(one?.url)).slice(0, 5);
    const seen = new Set(recent.map((one) => one.id));
    draw([
      ...recent.map((one) => ({ kind: "Recent", text: String(one.title), run: go(one.url) })),
      ...dashboards.filter((/** @type {any} */ one) => !seen.has(one.dashboard_id)).map((/** @type {any} */ one) => ({ kind: "Dashboard", text: one.title, about: aboutDashboard(one), run: go(one.url) })),
      ...known.filter((/** @type {any} */ one) => has(one.title)).slice(0, MOST).map((/** @type {any} */ one) => ({ kind: "Folder", text: one.title, run: go(`/?folder=${encodeURIComponent(one.uid)}`) })),
      ...offered.filter((one) => has(one.text)),
    ]);
  };

  field.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(search, PATIENCE_MS);
  });
  field.addEventListener("keydown", async (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") choose(at + (event.key === "ArrowDown" ? 1 : -1));
    else if (event.key === "Enter") {
      if (typing) await search();
      run(entries[at]);
    } else {
      return;
    }
    event.preventDefault();
  });
  field.focus();
  search();
}

/** The folder of a dashboard, and the panel that holds what was searched for. @param {any} one */
function aboutDashboard(one) {
  return [one.folder?.title, one.panel && `in ${one.panel.title || "a panel without a title"}`].filter(Boolean).join(" · ");
}

/** What a list of the API has; nothing where it cannot be read. @param {string} path @returns {Promise<any[]>} */
async function read(path) {
  const { ok, body } = await call("GET", path);
  return ok ? body.items : [];
}
