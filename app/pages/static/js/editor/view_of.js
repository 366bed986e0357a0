// The range and the values of variables that the page shows, as questions name them.

/** @param {any} board the draft's document */
export function askedBy(board) {
  const address = new URLSearchParams(location.search);
  /** @type {Record<string, string|string[]>} */
  const variables = {};
  for (const one of board.variables ?? []) {
    const given = address.getAll(`var-${one.name}`);
    const values = given.length ? given : shown(one.name) ?? [one.current ?? []].flat();
    if (values.length) variables[one.name] = one.multi ? values : values[0];
    else if (one.type === "constant" || one.type === "textbox") variables[one.name] = one.query ?? "";
  }
  return { from: moment(address.get("from") ?? board.time?.from ?? "now-6h"), to: moment(address.get("to") ?? board.time?.to ?? "now"), variables };
}

/** The values with which the view of this page draws: of one without a choice the first that there is. @param {string} name @returns {string[]|null} null: it knows none */
function shown(name) {
  const known = /** @type {any} */ (globalThis).heliograph?.live?.boot?.variables ?? [];
  const values = known.find((/** @type {any} */ one) => one.name === name)?.current ?? [];
  return values.length ? values : null;
}

/** Milliseconds are numbers. @param {string} text */
function moment(text) {
  return /^\d+$/.test(text) ? Number(text) : text;
}
