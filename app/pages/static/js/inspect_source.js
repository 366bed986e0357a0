// What an inspected panel is made of, and where the files of its data are: for pages of dashboards, not of links to them.

import { addressWith } from "./address.js";
import { call } from "./api.js";

const DRAFT = /^draft:(.+)$/, PLAIN = /^[\w-]+$/;
const OF_A_VIEW = /^(from|to|tz$|var-|ann-)/;

/** The panel as it is written; null where nothing is written of it alone, as of the copies of one that repeats. @param {any} boot @param {number} panelId @returns {Promise<any>} */
export async function writtenPanel(boot, panelId) {
  const draft = DRAFT.exec(boot.dashboard_id)?.[1];
  if (!draft && !isDashboard(boot)) return null;
  const { ok, body } = await call("GET", draft ? `drafts/${draft}` : `dashboards/${boot.dashboard_id}`);
  const document = draft ? body?.document : body;
  return (ok && document.panels?.find((/** @type {any} */ one) => one.panel_id === panelId)) || null;
}

/** The address of a file of a panel's data over a range; empty where there is none. @param {any} boot @param {number} panelId @param {[number, number]} range ms @param {"csv"|"arrow"|"json"} form */
export function fileOfPanel(boot, panelId, range, form) {
  if (!isDashboard(boot)) return "";
  const [from, to] = range.map((ms) => String(Math.round(ms)));
  const query = new URL(addressWith({ from, to }), location.origin).searchParams;
  for (const name of [...query.keys()]) if (!OF_A_VIEW.test(name)) query.delete(name);
  return `${root()}/d/${boot.dashboard_id}/panels/${panelId}.${form}?${query}`;
}

/** Whether the page is a saved dashboard's own: what links show, drafts and boards of rules have other addresses. @param {any} boot */
function isDashboard(boot) {
  return PLAIN.test(boot.dashboard_id) && location.pathname.startsWith(`${root()}/d/`);
}

function root() {
  return document.documentElement.dataset.root ?? "";
}
