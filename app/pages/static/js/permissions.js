// Who may see and change what lies in a folder: roles, teams and people, for those who administer it.

import { h, icon } from "./dom.js";
import { ask, askFor } from "./askfor.js";

const ACCESS = /** @type {[string, string][]} */ ([["none", "nothing"], ["view", "may look"], ["edit", "may change"], ["admin", "may administer"]]);
const ROLES = /** @type {[string, string][]} */ ([["role:viewer", "Viewers and all above"], ["role:editor", "Editors and admins"]]);

/** Ask for the permissions of a folder. @param {string} uid @param {string} title */
export function askPermissions(uid, title) {
  const path = `folders/${encodeURIComponent(uid)}`;
  const list = h("div", { class: "form" }, h("p", { class: "muted" }, "Looking…"));
  /** @type {Map<string, string>|null} who is given what, once that is known */
  let given = null;
  askFor(`Who may what in ${title}`, [list], "Save", async () => {
    if (given) await ask("PUT", path, { permissions: Object.fromEntries(given) });
  }).classList.add("wide");
  learn(path, list).then((found) => given = found, (error) => list.replaceChildren(h("p", { class: "fault", role: "alert" }, error.message)));
}

/** Draw what stands. @param {string} path of the folder @param {HTMLElement} list */
async function learn(path, list) {
  const [folder, teams, people] = await Promise.all([ask("GET", path), ask("GET", "teams"), ask("GET", "users")]);
  const subjects = /** @type {[string, string][]} */ ([...ROLES,
    ...teams.items.map((/** @type {any} */ one) => [`team:${one.id}`, `Team ${one.name}`]),
    ...people.items.map((/** @type {any} */ one) => [`user:${one.id}`, one.login])]);
  const given = new Map(/** @type {[string, string][]} */ (Object.entries(folder.permissions)));
  const draw = () => list.replaceChildren(...rows(subjects, given, draw), adder(subjects, given, draw));
  draw();
  return given;
}

/** @param {[string, string][]} subjects @param {Map<string, string>} given @param {() => void} draw */
function rows(subjects, given, draw) {
  const names = new Map(subjects);
  if (!given.size) return [h("p", { class: "muted" }, "As their role is everywhere: viewers look, editors change. Name somebody, and only those named may.")];
  return [...given].map(([subject, access]) => {
    const name = names.get(subject) ?? subject;
    const select = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": `What ${name} may` }, ...ACCESS.map(([value, text]) => h("option", { value, selected: value === access }, text))));
    select.addEventListener("change", () => given.set(subject, select.value));
    const away = h("button", { class: "btn bare icon sm", type: "button", "aria-label": `Take ${name} off`, onclick: () => {
      given.delete(subject);
      draw();
    } }, icon("close"));
    return h("div", { class: "bar" }, h("span", { class: "grow cut" }, name), h("span", { class: "field" }, select), away);
  });
}

/** @param {[string, string][]} subjects @param {Map<string, string>} given @param {() => void} draw */
function adder(subjects, given, draw) {
  const rest = subjects.filter(([subject]) => !given.has(subject));
  const select = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "Give something to" }, h("option", { value: "" }, "Name a role, a team or a person…"),
    ...rest.map(([value, text]) => h("option", { value }, text))));
  select.addEventListener("change", () => {
    if (!select.value) return;
    given.set(select.value, "view");
    draw();
  });
  return h("span", { class: "field" }, select);
}
