// Teams: people who are given rights on folders together.

import { h } from "../dom.js";
import { ask, askFor, textField } from "../askfor.js";
import { button, line, listed, offerNew, tick } from "./listing.js";

/** @typedef {{id: number, name: string, members: number[]}} Team */
/** @typedef {{id: number, login: string}} Person */

/** @param {import("./listing.js").Place} place */
export async function teams(place) {
  /** @type {[{items: Team[]}, {items: Person[]}]} */
  const [{ items }, everybody] = await Promise.all([ask("GET", "teams"), ask("GET", "users")]);
  const logins = new Map(everybody.items.map((one) => [one.id, one.login]));
  offerNew(place, "New team", () => edit(place, null, everybody.items));
  place.content.replaceChildren(listed(items.map((one) => line(one.name, [one.members.map((id) => logins.get(id) ?? "").filter(Boolean).join(", ") || "nobody"],
    button("Change", () => edit(place, one, everybody.items), `Change ${one.name}`),
    button("Delete", () => remove(place, one), `Delete ${one.name}`))), "No team yet. A folder's permissions name teams."));
}

/** @param {import("./listing.js").Place} place @param {Team|null} team @param {Person[]} everybody */
function edit(place, team, everybody) {
  const [name, input] = textField("Name", team?.name ?? "");
  const ticks = everybody.map((one) => ({ one, made: tick(one.login, team?.members.includes(one.id) ?? false) }));
  const members = h("fieldset", { class: "ticks" }, h("legend", { class: "lab" }, "Members"), ...ticks.map(({ made }) => made[0]));
  askFor(team ? `Change ${team.name}` : "New team", [name, members], team ? "Save" : "Make team", async () => {
    const body = { name: input.value.trim(), members: ticks.filter(({ made }) => made[1].checked).map(({ one }) => one.id) };
    await (team ? ask("PUT", `teams/${team.id}`, body) : ask("POST", "teams", body));
    await place.again();
  });
}

/** @param {import("./listing.js").Place} place @param {Team} team */
function remove(place, team) {
  askFor(`Delete ${team.name}?`, [h("p", {}, "What the team was given on folders goes with it.")], "Delete", async () => {
    await ask("DELETE", `teams/${team.id}`);
    await place.again();
  });
}
