// Snapshots: what is shown now, kept for whoever has their address.

import { copied } from "./copying.js";
import { h } from "./dom.js";
import { ask } from "./askfor.js";
import { timesOf } from "./share_link.js";
import { chosenOf, spans } from "./share_public.js";
import { fullTime } from "./zone.js";

/** @param {import("./share.js").Shared} shared @returns {Node[]} */
export function snapshotPage({ boot, range, panelId }) {
  const path = `dashboards/${encodeURIComponent(boot.dashboard_id)}/snapshots`;
  const expires = spans("Expires");
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  const made = h("div", { class: "made-link", role: "status" });
  const list = h("ul", { class: "versions" });
  const go = h("button", { class: "btn primary" }, "Take a snapshot");
  const failed = (/** @type {unknown} */ error) => {
    fault.textContent = /** @type {Error} */ (error).message;
    fault.hidden = false;
  };
  const read = () => ask("GET", path).then(({ items }) => list.replaceChildren(...items.map((/** @type {any} */ one) => line(one, read, failed))), failed);
  const form = h("form", { class: "inner" }, expires.label, fault,
    h("div", { class: "bar" }, h("p", { class: "muted grow" }, "The data as you see them now. Whoever has the address looks, without a login."), go));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    fault.hidden = true;
    go.toggleAttribute("disabled", true);
    try {
      const kept = await ask("POST", path, { values: chosenOf(boot), ...timesOf(true, range), ...(boot.zone === "browser" ? {} : { tz: boot.zone }),
        ...(panelId === null ? {} : { panel: panelId }), ...(expires.select.value ? { expires_in: expires.select.value } : {}) });
      const { row, input } = copied("Snapshot", kept.url);
      made.replaceChildren(row);
      input.focus();
      await read();
    } catch (error) {
      failed(error);
    } finally {
      go.toggleAttribute("disabled", false);
    }
  });
  read();
  return [form, made, list];
}

/** @param {any} one @param {() => Promise<void>} changed @param {(error: unknown) => void} failed */
function line(one, changed, failed) {
  const at = fullTime(one.created_at);
  const facts = [`by ${one.maker}`, `${Math.max(1, Math.round(one.size / 1000))} kB`, one.expires_at ? `until ${fullTime(one.expires_at)}` : ""];
  const remove = () => ask("DELETE", `snapshots/${one.snapshot_id}`).then(changed, failed);
  return h("li", {}, h("a", { class: "link", href: one.url, target: "_blank", rel: "noreferrer" }, at), h("span", { class: "muted cut grow" }, facts.filter(Boolean).join(" · ")),
    h("button", { class: "btn sm", type: "button", "aria-label": `Delete the snapshot of ${at}`, onclick: remove }, "Delete"));
}
