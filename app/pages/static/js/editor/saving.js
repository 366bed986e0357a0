// Saving a draft: what changed, a message, and, where others changed the same meanwhile, what stands.

import { h } from "../dom.js";
import { askFor, textField } from "../askfor.js";
import { folderChoice } from "../folder_choice.js";
import { documentOf } from "../versions.js";
import { changeList, changesOf, fieldsOf, nameOf, told, valueAt } from "./changes.js";

/** @typedef {import("./draft.js").Draft} Draft */

/** Ask for a message, and save. @param {Draft} draft @param {(dashboard: any) => void} saved */
export async function saveDialog(draft, saved) {
  if (document.querySelector("dialog[open]")) return;
  const message = /** @type {HTMLTextAreaElement} */ (h("textarea", { rows: "2", maxlength: "500", placeholder: "What changed, and why" }));
  const list = h("div", { class: "changed" }, h("p", { class: "muted" }, "Reading"));
  const [titleField, title] = textField("Title", draft.document.title ?? "");
  const [folderField, folder] = folderChoice(draft.folder ?? "");
  const fields = [h("label", { class: "lab" }, "Message", h("span", { class: "field tall" }, message)), h("h3", {}, "Changes"), list];
  const isNew = !draft.dashboardId;
  askFor(isNew ? "Save this dashboard" : "Save a version", isNew ? [titleField, folderField, ...fields.slice(0, 1)] : fields, "Save", async () => {
    if (isNew && title.value.trim() !== draft.document.title) {
      const applied = await draft.apply([{ op: "add", path: "/title", value: title.value.trim() }]);
      if (!applied.ok) throw new Error(applied.faults[0].detail);
    }
    await tried(draft, message.value, saved, isNew ? { folder: folder() } : {});
  });
  if (!isNew) {
    const base = await documentOf(draft.dashboardId ?? "", draft.baseVersion).catch(() => null);
    list.replaceChildren(base ? changeList(changesOf(base, draft.document)) : h("p", { class: "muted" }, "What it began with is not to be read now."));
    message.focus();
  }
}

/** @param {Draft} draft @param {string} message @param {(dashboard: any) => void} saved @param {any} [how] */
async function tried(draft, message, saved, how) {
  const answer = await draft.save(message, how);
  if (answer.ok) return saved(answer.dashboard);
  if (!answer.collisions) throw new Error(answer.faults.map((one) => one.detail).join(" "));
  const { collisions, against } = answer;
  setTimeout(() => chooseDialog(draft, message, collisions, against ?? 0, saved)); // once the first dialog is closed
}

/**
 * What both changed, side by side, to choose.
 * @param {Draft} draft @param {string} message @param {import("./draft.js").Collision[]} collisions @param {number} against @param {(dashboard: any) => void} saved
 */
function chooseDialog(draft, message, collisions, against, saved) {
  const parts = collisions.map((one) => sideBySide(one));
  askFor("Others changed the same", [
    h("p", {}, `Version ${against} was saved meanwhile. All that does not collide is joined; choose what stands of the rest.`),
    h("div", { class: "collisions" }, ...parts),
  ], "Save with these", async () => {
    const choices = Object.fromEntries(parts.map((part, index) => [collisions[index].part, /** @type {HTMLInputElement} */ (part.querySelector("input:checked")).value]));
    await tried(draft, message, saved, { choices, against });
  });
}

/** @param {import("./draft.js").Collision} one */
function sideBySide(one) {
  const name = nameOf(one.part, one.mine ?? one.theirs);
  const paths = [...new Set([...fieldsOf(one.base ?? undefined, one.theirs ?? undefined), ...fieldsOf(one.base ?? undefined, one.mine ?? undefined)])].slice(0, 8);
  const ways = [["theirs", "Theirs", one.theirs], ["mine", "Mine", one.mine]];
  const texts = new Map(paths.map((path) => [path, told([one.theirs, one.mine].map((side) => valueAt(side, path)))]));
  if (one.part.startsWith("panels/") && one.theirs && one.mine) ways.push(["both", "Both, as two panels", undefined]);
  return h("fieldset", {}, h("legend", {}, name), h("div", { class: "sides" }, ...ways.map(([value, text, side]) => h("label", { class: "side-choice" },
    h("span", { class: "pick" }, h("input", { type: "radio", name: one.part, value, checked: value === "mine" }), h("strong", {}, text)),
    value === "both" ? null : side === null ? h("p", { class: "muted" }, "Deleted") : h("dl", {}, ...paths.flatMap((path) => [h("dt", {}, path || "value"), h("dd", {}, texts.get(path)?.[value === "theirs" ? 0 : 1] ?? "")]))))));
}

/** Ask before all of it goes. @param {Draft} draft @param {() => void} gone */
export function discardDialog(draft, gone) {
  askFor("Discard this draft?", [h("p", {}, draft.dashboardId ? "The dashboard stays as it was saved last." : "Nothing of it was saved.")], "Discard", async () => {
    if (!(await draft.discard())) throw new Error("The server does not answer. Nothing was discarded.");
    gone();
  });
}
