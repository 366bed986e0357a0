// Sharing what one looks at: a link, with the range as it moves or as it is now, and code to embed it.

import { addressWith } from "./address.js";
import { h, icon } from "./dom.js";
import { dialog } from "./menus.js";
import { browserZone } from "./zone.js";

/** @param {string} title @param {[number, number]} range what is shown now, ms @param {number|null} panelId @param {string} dashboardId */
export function share(title, range, panelId, dashboardId) {
  const still = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox" }));
  const link = readonly("Link");
  const frame = readonly("Code to embed");
  const write = () => {
    /** @type {Record<string, string>} */
    const times = still.checked ? { from: String(Math.round(range[0])), to: String(Math.round(range[1])) } : {};
    const address = addressWith({ ...times, viewPanel: panelId === null ? null : String(panelId) });
    link.value = location.origin + address;
    saved.href = fileOf(dashboardId, times, panelId);
    const embedded = location.origin + addressWith({ ...times, viewPanel: panelId === null ? null : String(panelId), kiosk: "1" });
    frame.value = `<iframe src="${embedded.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}" width="800" height="${panelId === null ? 600 : 360}" loading="lazy" title="${title.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;")}"></iframe>`;
  };
  const saved = /** @type {HTMLAnchorElement} */ (h("a", { class: "btn", download: "" }, icon("download"), "Download HTML"));
  const file = h("div", { class: "bar" }, h("span", { class: "muted grow" }, "One file with the data as it is now, which opens without a server"), saved);
  still.addEventListener("change", write);
  write();
  const body = h("div", { class: "form" },
    h("label", { class: "tick" }, still, "Keep the range as it is now"),
    row("Link", link), row("Embed", frame), file,
    h("p", { class: "muted" }, "Who opens it needs the right to see this dashboard. Pages of other sites may embed it only where the operator allows them."));
  const box = dialog("sheet-dialog", panelId === null ? "Share this dashboard" : `Share ${title}`, [body]);
  link.select();
  return box;
}

/** The address of a file of what is shown. @param {string} dashboardId @param {Record<string, string>} times @param {number|null} panelId */
function fileOf(dashboardId, times, panelId) {
  const query = new URL(addressWith({ ...times, panel: panelId === null ? null : String(panelId) }), location.origin).searchParams;
  for (const name of [...query.keys()]) if (!/^(from|to|tz|panel$|var-|ann-)/.test(name)) query.delete(name);
  if (!query.has("tz")) query.set("zone", browserZone());
  return `${document.documentElement.dataset.root ?? ""}/api/v1/dashboards/${dashboardId}/export.html?${query}`;
}

/** @param {string} label */
function readonly(label) {
  return /** @type {HTMLInputElement} */ (h("input", { readonly: true, "aria-label": label, spellcheck: "false", onfocus: (/** @type {FocusEvent} */ event) => /** @type {HTMLInputElement} */ (event.target).select() }));
}

/** @param {string} label @param {HTMLInputElement} input */
function row(label, input) {
  const text = h("span", {}, "Copy");
  const copy = h("button", { class: "btn", type: "button", "aria-label": `Copy ${label.toLowerCase()}`, onclick: async () => {
    input.select();
    await copyText(input.value);
    text.textContent = "Copied";
  } }, icon("copy"), text);
  return h("div", { class: "lab" }, h("span", { "aria-hidden": "true" }, label), h("div", { class: "bar" }, h("span", { class: "field grow" }, input), copy));
}

/** Whether it could be copied. @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return document.execCommand("copy"); // without HTTPS there is no clipboard object; what is selected is copied
  }
}
