// One's own account: the dashboard that one begins with, the password, and the tokens that one has made.

import { h } from "./dom.js";
import { changePassword, frame } from "./frame.js";
import { ask, askFor } from "./askfor.js";
import { fullTime } from "./zone.js";

const root = document.documentElement.dataset.root ?? "";
const home = /** @type {HTMLElement} */ (document.getElementById("home"));
const tokens = /** @type {HTMLElement} */ (document.getElementById("tokens"));

/** @typedef {{id: number, name: string, role: string, created_at: number}} Token */

async function load() {
  try {
    const account = await ask("GET", "account");
    drawHome(account.home);
    drawTokens(account.tokens);
  } catch (error) {
    home.replaceChildren(h("p", { class: "fault", role: "alert" }, /** @type {Error} */ (error).message));
  }
  home.removeAttribute("aria-busy");
  tokens.removeAttribute("aria-busy");
}

/** @param {{title: string, url: string}|null} chosen */
function drawHome(chosen) {
  const choose = h("button", { class: "btn", type: "button", onclick: chooseHome }, chosen ? "Another one" : "Choose a dashboard");
  home.replaceChildren(
    chosen ? h("a", { class: "grow cut", href: root + chosen.url }, chosen.title) : h("span", { class: "grow muted" }, "The list of all dashboards"), choose,
    ...(chosen ? [h("button", { class: "btn", type: "button", onclick: () => setHome(null) }, "Take it away")] : []));
}

/** @param {string|null} dashboard */
async function setHome(dashboard) {
  await ask("PUT", "account/home", { dashboard_id: dashboard });
  await load();
}

/** Search for a dashboard, and begin with the one that is chosen. */
function chooseHome() {
  const search = /** @type {HTMLInputElement} */ (h("input", { type: "search", placeholder: "Search dashboards", "aria-label": "Search dashboards", autocomplete: "off" }));
  const select = /** @type {HTMLSelectElement} */ (h("select", { size: "8", required: true, "aria-label": "Dashboard" }));
  let asked = 0;
  const find = async () => {
    const ticket = ++asked;
    const { items } = await ask("GET", `dashboards?${new URLSearchParams({ query: search.value, limit: "50" })}`);
    if (ticket !== asked) return;
    select.replaceChildren(...items.map((/** @type {any} */ one) =>
      h("option", { value: one.dashboard_id }, one.folder ? `${one.title} · ${one.folder.title}` : one.title)));
    select.selectedIndex = items.length ? 0 : -1;
  };
  search.addEventListener("input", find);
  askFor("Begin with a dashboard", [h("span", { class: "field" }, search), h("span", { class: "field tall" }, select)], "Begin with it", () => setHome(select.value));
  find();
}

/** @param {Token[]} own */
function drawTokens(own) {
  /** @type {HTMLElement} */ (document.getElementById("no-tokens")).hidden = own.length > 0;
  tokens.replaceChildren(...own.map((one) => h("li", {},
    h("span", { class: "what" }, h("strong", { class: "cut" }, one.name), h("span", { class: "muted" }, `${one.role} · made ${fullTime(one.created_at)}`)),
    h("button", { class: "btn sm", type: "button", "aria-label": `Revoke ${one.name}`, onclick: () => revoke(one) }, "Revoke"))));
}

/** @param {Token} one */
function revoke(one) {
  askFor(`Revoke ${one.name}?`, [h("p", {}, "Programs that use it are turned away at once.")], "Revoke", async () => {
    await ask("DELETE", `account/tokens/${one.id}`);
    await load();
  });
}

document.getElementById("change")?.addEventListener("click", changePassword);
frame();
load();
