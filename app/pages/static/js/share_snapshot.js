// Snapshots: what is shown now, kept for whoever has their address.

import { copied } from "./copying.js";
import { h } from "./dom.js";
import { ask } from "./askfor.js";
import { timesOf } from "./share_link.js";
import { expiry, makingPage, viewOf } from "./share_made.js";
import { fullTime } from "./zone.js";

/** @param {import("./share.js").Shared} shared @returns {Node[]} */
export function snapshotPage({ boot, range, panelId }) {
  const expires = expiry();
  return makingPage({
    path: `dashboards/${encodeURIComponent(boot.dashboard_id)}/snapshots`, key: "snapshot_id", action: "Take a snapshot",
    words: "The data as you see them now. Whoever has the address looks, without a login.", fields: [expires.label],
    body: () => ({ ...viewOf(boot), ...timesOf(true, range), ...(panelId === null ? {} : { panel: panelId }), ...expires.asked() }),
    told: (kept) => [copied("Snapshot", kept.url).row], line,
  });
}

/** @param {any} one @param {() => Promise<void>} changed @param {(error: unknown) => void} failed */
function line(one, changed, failed) {
  const at = fullTime(one.created_at);
  const facts = [`by ${one.maker}`, `${Math.max(1, Math.round(one.size / 1000))} kB`, one.expires_at ? `until ${fullTime(one.expires_at)}` : ""];
  const remove = () => ask("DELETE", `snapshots/${one.snapshot_id}`).then(changed, failed);
  return h("li", { class: "shared" }, h("a", { class: "link", href: one.url, target: "_blank", rel: "noreferrer" }, at), h("span", { class: "muted about" }, facts.filter(Boolean).join(" · ")),
    h("button", { class: "btn sm", type: "button", "aria-label": `Delete the snapshot of ${at}`, onclick: remove }, "Delete"));
}
