// API tokens: made, shown once, revoked.

import { h } from "../dom.js";
import { ask, askFor, textField } from "../askfor.js";
import { dialog } from "../menus.js";
import { copyText } from "../copying.js";
import { fullTime } from "../zone.js";
import { ROLES, button, choice, line, listed, offerNew } from "./listing.js";

/** @typedef {{id: number, name: string, role: string, created_by: string, created_at: number}} Token */

/** @param {import("./listing.js").Place} place */
export async function tokens(place) {
  /** @type {[{items: Token[]}, {items: {id: number, login: string}[]}]} */
  const [{ items }, everybody] = await Promise.all([ask("GET", "tokens"), ask("GET", "users")]);
  const logins = new Map(everybody.items.map((one) => [`user:${one.id}`, one.login]));
  offerNew(place, "New token", () => make(place));
  place.content.replaceChildren(listed(items.map((one) => line(one.name, [one.role, `made ${fullTime(one.created_at)}`, `by ${logins.get(one.created_by) ?? one.created_by}`],
    button("Revoke", () => revoke(place, one), `Revoke ${one.name}`))), "No token yet. Programs sign in with one: Authorization: Bearer …"));
}

/** @param {import("./listing.js").Place} place */
function make(place) {
  const [name, input] = textField("What it is for", "");
  const [role, select] = choice("Role", ROLES, "viewer");
  askFor("New token", [name, role], "Make token", async () => {
    const made = await ask("POST", "tokens", { name: input.value.trim(), role: select.value });
    await place.again();
    show(made);
  });
}

/** @param {{name: string, token: string}} made */
function show(made) {
  const copy = h("button", { class: "btn", type: "button", onclick: async () => copy.replaceChildren((await copyText(made.token)) ? "Copied" : "Select and copy it") }, "Copy");
  dialog("sheet-dialog", `Token ${made.name}`, [h("div", { class: "form" },
    h("p", {}, "It is shown this once."), h("code", { class: "token", "data-token": "" }, made.token), h("div", { class: "bar" }, h("span", { class: "grow" }), copy))]);
}

/** @param {import("./listing.js").Place} place @param {Token} one */
function revoke(place, one) {
  askFor(`Revoke ${one.name}?`, [h("p", {}, "Programs that use it are turned away at once.")], "Revoke", async () => {
    await ask("DELETE", `tokens/${one.id}`);
    await place.again();
  });
}
