// A panel that was copied, to be pasted into this dashboard or another one: kept by this browser.

import { keep, list } from "../kept.js";

const NAME = "copied-panel";

/** @param {any} panel */
export function copyPanel(panel) {
  keep(NAME, [panel]);
}

/** The panel that was copied last. @returns {any} */
export function copiedPanel() {
  const [panel] = list(NAME);
  return panel && typeof panel === "object" && typeof panel.type === "string" ? panel : null;
}
