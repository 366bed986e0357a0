// The address of what one looks at, for those who may look at it too.

import { addressWith } from "./address.js";
import { copied } from "./copying.js";
import { h } from "./dom.js";

/** @param {import("./share.js").Shared} shared @returns {Node[]} */
export function linkPage({ range, panelId, boot }) {
  const { row, input } = copied("Link");
  const { still, label } = stillness(() => write());
  const write = () => {
    input.value = location.origin + addressWith({ ...timesOf(still.checked, range), viewPanel: panelId === null ? null : String(panelId) });
  };
  write();
  return [label, row, h("p", { class: "muted" }, boot.open ? "Whoever opens it sees this dashboard: it takes no login here." : "Whoever opens it signs in, and needs the right to see this dashboard.")];
}

/** Whether the range goes along as it is now. @param {() => void} changed */
export function stillness(changed) {
  const still = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox" }));
  still.addEventListener("change", changed);
  return { still, label: h("label", { class: "tick" }, still, "Keep the range as it is now") };
}

/** @param {boolean} still @param {[number, number]} range @returns {Record<string, string>} */
export function timesOf(still, range) {
  return still ? { from: String(Math.round(range[0])), to: String(Math.round(range[1])) } : {};
}
