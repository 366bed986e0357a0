// Files of what one looks at.

import { addressWith } from "./address.js";
import { download } from "./csv.js";
import { h, icon } from "./dom.js";
import { stillness, timesOf } from "./share_link.js";
import { browserZone } from "./zone.js";

/** @type {[string, string, string][]} what ends its name, what its button says, what it is */
const FORMS = [
  ["html", "Download HTML", "One file with the data as it is now, which opens without a server"],
  ["png", "Download PNG", "A picture"],
  ["pdf", "Download PDF", "A report on paper, all rows open"],
  ["zip", "Download data", "Each panel as CSV, JSON and Arrow, in a ZIP"],
];

const DRAWN = ["png", "pdf"];

/** @param {import("./share.js").Shared} shared @returns {Node[]} */
export function filesPage({ range, panelId, boot }) {
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  const links = FORMS.map(([form, text]) => [form, /** @type {HTMLAnchorElement} */ (h("a", { class: "btn", download: "", onclick: DRAWN.includes(form) ? drawnBy(fault) : null }, icon("download"), text))]);
  const { still, label } = stillness(() => write());
  const write = () => {
    for (const [form, link] of links) /** @type {HTMLAnchorElement} */ (link).href = fileOf(/** @type {string} */ (form), boot.dashboard_id, timesOf(still.checked, range), panelId);
  };
  write();
  return [label, ...links.map(([, link], index) => h("div", { class: "bar" }, h("span", { class: "muted grow" }, FORMS[index][2]), link)), fault];
}

/** Pictures take some seconds, and need a program that a server may not have: what is wrong is said here. @param {HTMLElement} fault */
function drawnBy(fault) {
  return async (/** @type {MouseEvent} */ event) => {
    event.preventDefault();
    const link = /** @type {HTMLAnchorElement} */ (event.currentTarget);
    if (link.hasAttribute("aria-busy")) return;
    fault.hidden = true;
    link.setAttribute("aria-busy", "true");
    const answer = await fetch(link.href).catch(() => null);
    link.removeAttribute("aria-busy");
    if (answer?.ok) {
      const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "dashboard";
      download(name, await answer.blob());
      return;
    }
    const problem = await answer?.json().catch(() => null);
    const said = problem?.detail ?? "The server does not answer.";
    fault.textContent = said[0].toUpperCase() + said.slice(1);
    fault.hidden = false;
  };
}

/** The address of a file of what is shown. @param {string} form @param {string} dashboardId @param {Record<string, string>} times @param {number|null} panelId */
function fileOf(form, dashboardId, times, panelId) {
  const query = new URL(addressWith({ ...times, panel: panelId === null ? null : String(panelId) }), location.origin).searchParams;
  for (const name of [...query.keys()]) if (!/^(from|to|tz|panel$|var-|ann-)/.test(name)) query.delete(name);
  if (!query.has("tz")) query.set("zone", browserZone());
  return `${document.documentElement.dataset.root ?? ""}/api/v1/dashboards/${dashboardId}/export.${form}?${query}`;
}
