// Deleted dashboards, for as long as they can be brought back; admins delete them for good.

import { h } from "./dom.js";
import { ask, askFor, textField } from "./askfor.js";

const root = document.documentElement.dataset.root ?? "";
const DAY_MS = 86400e3;
/** @typedef {{id: string, dashboard_id: string, title: string, folder: {title: string}|null, deleted_by_name: string, deleted_at: number, gone_at: number}} Deleted */

/** The deleted dashboards that one may bring back, the last deleted first. @returns {Promise<Deleted[]>} */
export async function deleted() {
  return (await ask("GET", "trash")).items;
}

/**
 * One of them as a line of the list.
 * @param {Deleted} one @param {boolean} forGood whether it may be deleted for good from here @param {() => void} again list them anew
 */
export function deletedRow(one, forGood, again) {
  const days = Math.max(1, Math.ceil((one.gone_at - Date.now()) / DAY_MS));
  const about = [one.folder?.title, one.deleted_by_name && `deleted by ${one.deleted_by_name}`, `${days} ${days === 1 ? "day" : "days"} left`];
  return h("li", { class: "deleted" },
    h("span", { class: "what" }, h("span", { class: "name cut" }, one.title),
      h("span", { class: "about cut" }, ...about.filter(Boolean).map((text) => h("span", {}, text ?? "")))),
    h("button", { class: "btn sm", type: "button", "aria-label": `Bring ${one.title} back`, onclick: () => restore(one) }, "Bring back"),
    forGood ? h("button", { class: "btn sm", type: "button", "aria-label": `Delete ${one.title} for good`, onclick: () => purge(one, again) }, "Delete for good") : null);
}

/** @param {Deleted} one */
function restore(one) {
  const [field, input] = textField("Its id in addresses", one.dashboard_id);
  input.pattern = "[A-Za-z0-9_\\-]{1,64}";
  askFor(`Bring ${one.title} back?`, [h("p", {}, "It comes with its versions, annotations and stars."), field], "Bring back", async () => {
    const made = await ask("POST", `trash/${encodeURIComponent(one.id)}/restore`, { dashboard_id: input.value.trim() });
    location.assign(root + made.url);
  });
}

/** @param {Deleted} one @param {() => void} again */
function purge(one, again) {
  askFor(`Delete ${one.title} for good?`, [h("p", {}, "It goes with all its versions, for everybody. Nothing brings it back.")], "Delete for good", async () => {
    await ask("DELETE", `trash/${encodeURIComponent(one.id)}`);
    again();
  });
}
