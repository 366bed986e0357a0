// What explore asks: its panes and its range, as its address has them. The way there from a panel writes the same.

/** @typedef {{source: string, query: string}} Question `source` by name or uid */
/** @typedef {{range: string, panes: Question[]}} Explored one pane or two */

/** @type {[number, string][]} the ranges of explore: s, and what they are called */
export const RANGES = [[900, "Last 15 minutes"], [3600, "Last hour"], [21_600, "Last 6 hours"], [86_400, "Last 24 hours"], [604_800, "Last 7 days"]];

/** @param {Explored} what @returns {string} the query of an address */
export function addressOf({ range, panes }) {
  const address = new URLSearchParams();
  panes.forEach(({ source, query }, index) => {
    const which = index ? String(index + 1) : "";
    address.set(`source${which}`, source);
    if (index === 0) address.set("range", range);
    address.set(`query${which}`, query);
  });
  return String(address);
}

/** The least of the ranges that holds so many ms. @param {number} span @returns {string} */
export function rangeHolding(span) {
  return (RANGES.find(([seconds]) => seconds * 1000 >= span) ?? RANGES[RANGES.length - 1])[1];
}

/** A range as the API has it. @param {string} title @returns {string} */
export function fromOf(title) {
  return `now-${(RANGES.find(([, one]) => one === title) ?? RANGES[1])[0]}s`;
}

/** What a query of explore is the text of: a document, else nothing. @param {string} text @returns {any} null where it is no object */
export function documentOf(text) {
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
