// Folders, for those who administer them: made, renamed, and deleted once they are empty.

import { h } from "./dom.js";
import { ask, askFor, textField } from "./askfor.js";
import { askPermissions } from "./permissions.js";

const root = document.documentElement.dataset.root ?? "";

/** @param {string} selector @param {(button: HTMLElement) => void} run */
function on(selector, run) {
  const button = /** @type {HTMLElement|null} */ (document.querySelector(selector));
  button?.addEventListener("click", () => run(button));
}

/** @param {string} uid */
const open = (uid) => location.assign(`${root}/?folder=${encodeURIComponent(uid)}`);

/** Let the buttons of the home page do what they say. */
export function installFolders() {
  on("[data-folder-new]", () => {
    const [field, input] = textField("Name", "");
    askFor("New folder", [field], "Make folder", async () => open((await ask("POST", "folders", { title: input.value.trim() })).uid));
  });
  on("[data-folder-rename]", ({ dataset }) => {
    const [field, input] = textField("Name", dataset.title ?? "");
    askFor("Rename this folder", [field], "Rename", async () => open((await ask("PUT", `folders/${encodeURIComponent(dataset.uid ?? "")}`, { title: input.value.trim() })).uid));
  });
  on("[data-folder-permissions]", ({ dataset }) => askPermissions(dataset.uid ?? "", dataset.title ?? ""));
  on("[data-folder-delete]", ({ dataset }) => {
    askFor("Delete this folder?", [h("p", {}, "It has to be empty: move its dashboards first.")], "Delete folder", async () => {
      await ask("DELETE", `folders/${encodeURIComponent(dataset.uid ?? "")}`);
      location.assign(`${root}/`);
    });
  });
}
