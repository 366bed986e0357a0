// People: added, given another role or password, removed.

import { h } from "../dom.js";
import { ask, askFor } from "../askfor.js";
import { ROLES, button, choice, input, line, listed, offerNew } from "./listing.js";

/** @typedef {{id: number, login: string, name: string, role: string}} Person */

/** @param {import("./listing.js").Place} place */
export async function people(place) {
  /** @type {Person[]} */
  const items = (await ask("GET", "users")).items;
  offerNew(place, "Add a person", () => add(place));
  place.content.replaceChildren(listed(items.map((one) => line(one.login, [one.name, one.role],
    button("Role", () => changeRole(place, one), `Role of ${one.login}`),
    button("Password", () => changePassword(one), `Password of ${one.login}`),
    button("Remove", () => remove(place, one), `Remove ${one.login}`))), "Nobody yet."));
}

/** @param {import("./listing.js").Place} place */
function add(place) {
  const [login, loginInput] = input("Signs in as", "", { required: true, maxlength: "200" });
  const [name, nameInput] = input("Name", "", { maxlength: "200" });
  const [password, passwordInput] = input("Password", "", { type: "password", required: true, autocomplete: "new-password" }, "At least 8 characters; they may change it.");
  const [role, roleSelect] = choice("Role", ROLES, "viewer");
  askFor("Add a person", [login, name, password, role], "Add", async () => {
    await ask("POST", "users", { login: loginInput.value.trim(), name: nameInput.value.trim(), password: passwordInput.value, role: roleSelect.value });
    await place.again();
  });
}

/** @param {import("./listing.js").Place} place @param {Person} one */
function changeRole(place, one) {
  const [role, select] = choice("Role", ROLES, one.role);
  askFor(`Role of ${one.login}`, [role, h("p", { class: "muted" }, "Their sessions end.")], "Change role", async () => {
    await ask("PUT", `users/${one.id}`, { role: select.value });
    await place.again();
  });
}

/** @param {Person} one */
function changePassword(one) {
  const [password, made] = input("New password", "", { type: "password", required: true, autocomplete: "new-password" });
  askFor(`Password of ${one.login}`, [password, h("p", { class: "muted" }, "Their sessions end.")], "Change password", async () => {
    await ask("PUT", `users/${one.id}`, { password: made.value });
  });
}

/** @param {import("./listing.js").Place} place @param {Person} one */
function remove(place, one) {
  askFor(`Remove ${one.login}?`, [h("p", {}, "Their sessions, their stars and the tokens that they made end. Dashboards stay.")], "Remove", async () => {
    await ask("DELETE", `users/${one.id}`);
    await place.again();
  });
}
