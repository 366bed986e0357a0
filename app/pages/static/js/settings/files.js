// What files have brought, from where, and what is wrong with them.

import { h } from "../dom.js";
import { ask } from "../askfor.js";
import { fullTime } from "../zone.js";
import { counted, line, listed } from "./listing.js";

/** @param {import("./listing.js").Place} place */
export async function files(place) {
  const known = await ask("GET", "provisioning");
  const faults = known.faults.map((/** @type {any} */ one) => h("li", {}, h("code", {}, one.file), one.path === "$" ? " " : h("code", {}, ` ${one.path} `), one.detail));
  const rest = known.fault_count - known.faults.length;
  place.content.replaceChildren(
    ...(faults.length ? [h("div", { class: "faults", role: "status" },
      h("strong", {}, "None of the files' changes is taken until this is mended:"), h("ul", {}, ...faults), ...(rest > 0 ? [h("p", { class: "muted" }, `and ${rest} more`)] : []))] : []),
    known.brought_at === null ? h("p", { class: "muted" }, "No folder is provisioned. Name some as [[provisioning]] in heliograph.toml.")
      : h("p", { class: "muted" }, `${counted(known.dashboards, "dashboard")} and ${counted(known.rules, "rule")} of ${counted(known.files, "file")}, taken ${fullTime(known.brought_at)}.`),
    known.places.length ? listed(known.places.map((/** @type {any} */ one) => line(one.path, [one.folder ? `into the folder ${one.folder}` : "into no folder"])), "") : h("span", {}),
    ...(known.warnings.length ? [h("h2", {}, "Warnings"), h("ul", { class: "told" }, ...known.warnings.map((/** @type {any} */ one) => h("li", {}, h("code", {}, one.file), ` ${one.detail}`)))] : []));
}
