// A dashboard's document as text: saved with the version it was read at; faults name their path, a lost race asks.

import { h } from "./dom.js";
import { frame } from "./frame.js";
import { dialog } from "./menus.js";

const root = document.documentElement.dataset.root ?? "";
const form = /** @type {HTMLFormElement} */ (document.getElementById("edit"));
const area = /** @type {HTMLTextAreaElement} */ (document.getElementById("document"));
const faults = /** @type {HTMLElement} */ (form.querySelector(".faults"));
const status = /** @type {HTMLElement} */ (form.querySelector(".dirty"));
const opened = area.value;
let version = Number(form.dataset.version);
let saved = false;

/** @param {...(Node|string)} content */
function say(...content) {
  faults.replaceChildren(...content);
  faults.hidden = content.length === 0;
  if (content.length) faults.scrollIntoView({ block: "nearest" });
}

/** The document; null where it is no JSON, and then the line is said and marked. */
function read() {
  try {
    return JSON.parse(area.value);
  } catch (error) {
    const message = /** @type {Error} */ (error).message;
    const at = Number(/position (\d+)/.exec(message)?.[1] ?? -1);
    const line = at < 0 ? "" : `Line ${area.value.slice(0, at).split("\n").length}: `;
    say(h("p", {}, h("strong", {}, "This is no JSON. "), `${line}${message}`));
    if (at >= 0) select(at, at + 1);
    return null;
  }
}

/** @param {number} from @param {number} to */
function select(from, to) {
  area.focus();
  area.setSelectionRange(from, to);
  area.scrollTop = (area.value.slice(0, from).split("\n").length - 4) * 20;
}

async function save() {
  const document = read();
  if (document === null) return;
  const id = form.dataset.id;
  const body = id ? { ...document, version } : { ...document, folder: form.dataset.folder || null };
  const answer = await send(id ? "PUT" : "POST", id ? `/${id}` : "", body);
  if (answer?.ok) {
    saved = true;
    location.assign(root + ((await answer.json()).url ?? form.dataset.url));
    return;
  }
  const problem = (await answer?.json().catch(() => null)) ?? { title: "The server does not answer", detail: "What you wrote is still here." };
  if (problem.code === "version_conflict") conflict(problem.current_version);
  else tell(problem);
}

/** @param {string} method @param {string} path @param {any} [body] */
function send(method, path, body) {
  return fetch(`${root}/api/v1/dashboards${path}`, {
    method, headers: { "Content-Type": "application/json" }, ...(body ? { body: JSON.stringify(body) } : {}),
  }).catch(() => null);
}

/** Ask before it is deleted. */
function remove() {
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  const yes = h("button", { class: "btn primary", type: "button", onclick: async () => {
    const answer = await send("DELETE", `/${form.dataset.id}`);
    if (answer?.ok) {
      saved = true;
      location.assign(`${root}/`);
      return;
    }
    const problem = await answer?.json().catch(() => null);
    fault.textContent = problem?.detail ?? "The server does not answer. Nothing was deleted.";
    fault.hidden = false;
  } }, "Delete");
  const box = dialog("sheet-dialog", "Delete this dashboard?", [h("div", { class: "form" },
    h("p", {}, "It goes for everybody. For 30 days it can be brought back: Dashboards, Deleted."), fault,
    h("div", { class: "bar" }, h("span", { class: "grow" }), h("button", { class: "btn", type: "button", onclick: () => box.close() }, "Keep it"), yes))]);
}

/** Make another dashboard of what stands in the text, and go on with that one. */
async function copy() {
  const document = read();
  if (document === null) return;
  const { dashboard_id, version: _version, ...rest } = document;
  const answer = await send("POST", "", { ...rest, title: `${rest.title ?? "Dashboard"} (copy)`, folder: form.dataset.folder || null });
  const made = await answer?.json().catch(() => null);
  if (answer?.ok) location.assign(`${root}/d/${made.dashboard_id}/edit`);
  else tell(made ?? { title: "The server does not answer", detail: "Nothing was copied." });
}

/** @param {any} problem */
function tell(problem) {
  const found = problem.faults ?? (problem.path ? [{ path: problem.path, detail: problem.detail }] : []);
  if (!found.length) return say(h("p", {}, h("strong", {}, `${problem.title}. `), problem.detail ?? ""));
  say(h("strong", {}, found.length === 1 ? "One fault" : `${found.length} faults`), h("ul", {}, ...found.map((/** @type {any} */ one) => h("li", {}, h("code", {}, one.path), ` ${one.detail.replace(`${one.path}: `, "")}`))));
}

/** @param {number} theirs */
function conflict(theirs) {
  const overwrite = async () => {
    version = theirs;
    await save();
  };
  const open = async () => {
    const answer = await fetch(`${root}/api/v1/dashboards/${form.dataset.id}`);
    if (!answer.ok) return;
    const { version: newest, url, dashboard_id, created_by, created_at, updated_by, updated_at, folder, ...document } = await answer.json();
    version = newest;
    area.value = JSON.stringify(document, null, 2);
    say();
    dirty();
  };
  say(
    h("p", {}, h("strong", {}, `Somebody saved version ${theirs} meanwhile. `), "Yours is not lost: save it over theirs, or take theirs and lose yours."),
    h("div", { class: "bar" }, h("button", { class: "btn", type: "button", onclick: overwrite }, "Save mine over it"), h("button", { class: "btn", type: "button", onclick: open }, "Take theirs")));
}

function dirty() {
  const changed = area.value !== opened;
  status.classList.toggle("changed", changed);
  status.textContent = !version ? "Not saved yet" : changed ? `Changed since version ${version}` : `Version ${version}`;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
area.addEventListener("input", dirty);
document.querySelector("[data-copy]")?.addEventListener("click", copy);
document.querySelector("[data-delete]")?.addEventListener("click", remove);
frame();
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    save();
  }
});
addEventListener("beforeunload", (event) => {
  if (!saved && area.value !== opened) event.preventDefault();
});
