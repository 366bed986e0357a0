// What those who may edit do with a dashboard as a whole: rename, move, copy, versions, delete.

import { h, icon } from "./dom.js";
import { close, dialog, popover } from "./menus.js";
import { fullTime } from "./zone.js";

const root = document.documentElement.dataset.root ?? "";
const AWAY = "The server does not answer. Nothing was changed.";
/** @typedef {{dashboard_id: string, title: string, version: number}} Dashboard */

/**
 * Ask the API; what it says, or an Error with what a person can read.
 * @param {string} method @param {string} path @param {any} [body]
 */
export async function ask(method, path, body) {
  const answer = await fetch(`${root}/api/v1/${path}`, {
    method, headers: { "Content-Type": "application/json" }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => null);
  if (answer?.ok) return answer.status === 204 ? null : answer.json();
  const problem = await answer?.json().catch(() => null);
  const said = (problem?.detail ?? problem?.title ?? AWAY).replace(/^\$[.\w[\]]*: /, "");
  throw new Error(said[0].toUpperCase() + said.slice(1));
}

/**
 * A small form in a dialog: what fails is said in it, and it stays open.
 * @param {string} title @param {Node[]} content @param {string} action the words of its button @param {() => Promise<void>} run
 */
export function askFor(title, content, action, run) {
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  const go = h("button", { class: "btn primary" }, action);
  const form = h("form", { class: "form" }, ...content, fault,
    h("div", { class: "bar" }, h("span", { class: "grow" }), h("button", { class: "btn", type: "button", onclick: () => box.close() }, "Cancel"), go));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.toggleAttribute("disabled", true);
    try {
      await run();
      box.close();
    } catch (error) {
      fault.textContent = /** @type {Error} */ (error).message;
      fault.hidden = false;
    } finally {
      go.toggleAttribute("disabled", false);
    }
  });
  const box = dialog("sheet-dialog", title, [form]);
  const first = /** @type {HTMLInputElement|null} */ (form.querySelector("input, select"));
  first?.focus();
  first?.select?.();
  return box;
}

/** @param {string} label @param {string} value @returns {[HTMLElement, HTMLInputElement]} */
export function textField(label, value) {
  const input = /** @type {HTMLInputElement} */ (h("input", { required: true, maxlength: "200", autocomplete: "off" }));
  input.value = value;
  return [h("label", { class: "lab" }, label, h("span", { class: "field" }, input)), input];
}

/** @param {Dashboard} dashboard */
const pathOf = (dashboard) => `dashboards/${encodeURIComponent(dashboard.dashboard_id)}`;

/** @param {Dashboard} dashboard */
function rename(dashboard) {
  const [field, input] = textField("Title", dashboard.title);
  askFor("Rename this dashboard", [field], "Rename", async () => {
    const stands = await ask("GET", pathOf(dashboard));
    const saved = await ask("PUT", pathOf(dashboard), { ...stands, title: input.value.trim() });
    location.assign(root + saved.url + location.search);
  });
}

/** @param {Dashboard} dashboard */
function copy(dashboard) {
  const [field, input] = textField("Title of the copy", `${dashboard.title} (copy)`);
  askFor("Copy this dashboard", [field], "Copy", async () => {
    const { dashboard_id: _id, version: _version, ...stands } = await ask("GET", pathOf(dashboard));
    const made = await ask("POST", "dashboards", { ...stands, title: input.value.trim(), folder: here() || null });
    location.assign(root + made.url);
  });
}

/** The uid of the folder that this dashboard lies in; empty for none. */
function here() {
  return /** @type {HTMLElement|null} */ (document.querySelector("[data-manage]"))?.dataset.folder ?? "";
}

/** @param {Dashboard} dashboard */
async function move(dashboard) {
  const folders = await ask("GET", "folders").then((found) => found.items, () => []);
  const select = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "Folder" }, h("option", { value: "" }, "No folder"),
    ...folders.map((/** @type {any} */ one) => h("option", { value: one.uid }, one.title))));
  select.value = here();
  askFor("Move this dashboard", [h("label", { class: "lab" }, "Folder", h("span", { class: "field" }, select))], "Move", async () => {
    await ask("PUT", `${pathOf(dashboard)}/folder`, { folder: select.value || null });
    location.reload();
  });
}

/** @param {Dashboard} dashboard */
function remove(dashboard) {
  askFor("Delete this dashboard?", [h("p", {}, "It goes for everybody. For 30 days it can be brought back: Dashboards, Deleted.")], "Delete", async () => {
    await ask("DELETE", pathOf(dashboard));
    location.assign(`${root}/`);
  });
}

/** @param {Dashboard} dashboard */
async function versions(dashboard) {
  const list = h("ul", { class: "versions" }, h("li", { class: "muted" }, "Reading"));
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  dialog("sheet-dialog", "Versions", [h("div", { class: "form" }, fault, list)]);
  const failed = (/** @type {Error} */ error) => {
    fault.textContent = error.message;
    fault.hidden = false;
  };
  const restore = async (/** @type {number} */ version, /** @type {number} */ stands) => {
    const { version: _was, ...document } = await ask("GET", `${pathOf(dashboard)}/versions/${version}`);
    const saved = await ask("PUT", pathOf(dashboard), { ...document, version: stands });
    location.assign(root + saved.url + location.search);
  };
  try {
    const { items } = await ask("GET", `${pathOf(dashboard)}/versions`);
    const stands = items[0].version;
    list.replaceChildren(...items.map((/** @type {any} */ one) => h("li", {},
      h("strong", {}, `Version ${one.version}`), h("span", { class: "muted cut grow" }, [fullTime(one.updated_at), one.updated_by_name].filter(Boolean).join(" · ")),
      one.version === stands ? h("span", { class: "muted" }, "Stands now")
        : h("button", { class: "btn sm", type: "button", "aria-label": `Restore version ${one.version}`, onclick: () => restore(one.version, stands).catch(failed) }, "Restore"))));
  } catch (error) {
    list.replaceChildren();
    failed(/** @type {Error} */ (error));
  }
}

/** Begin with this dashboard from now on. @param {Dashboard} dashboard */
export function makeHome(dashboard) {
  askFor("Begin with this dashboard?", [h("p", {}, "It opens after signing in, and behind the sun in the corner. Your account has the way back.")], "Make it my home", async () => {
    await ask("PUT", "account/home", { dashboard_id: dashboard.dashboard_id });
  });
}

const WAYS = /** @type {const} */ ([
  ["Rename", "pencil", rename], ["Move to a folder", "folder", move], ["Copy", "copy", copy], ["Versions", "clock", versions], ["Delete", "bin", remove],
]);

/** The menu of the dashboard, where the page has its button. @param {() => Dashboard} dashboard what the page shows now */
export function installManage(dashboard) {
  const button = /** @type {HTMLElement|null} */ (document.querySelector("[data-manage]"));
  const box = /** @type {HTMLElement|null} */ (document.querySelector("[data-manage-box]"));
  if (!button || !box) return;
  const origin = button.dataset.origin ?? "";
  if (origin) box.append(h("p", { class: "of-file" }, h("strong", {}, "Provisioned by a file"), h("span", { class: "muted" }, origin)));
  box.append(...WAYS.filter(([text]) => !origin || text === "Copy").flatMap(([text, glyph, run]) => [
    text === "Delete" ? h("div", { class: "rule", role: "separator" }) : null,
    h("button", { class: "item", type: "button", role: "menuitem", onclick: () => {
      close(true);
      run(dashboard());
    } }, icon(glyph), h("span", {}, origin ? "Save a copy" : text)),
  ]).filter((one) => one !== null));
  popover(button, box);
}
