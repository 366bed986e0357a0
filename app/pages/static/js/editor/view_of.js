// The range and the values of variables that the page shows, as questions name them.

/** @param {any} board the draft's document */
export function askedBy(board) {
  const address = new URLSearchParams(location.search);
  /** @type {Record<string, string|string[]>} */
  const variables = {};
  for (const one of board.variables ?? []) {
    const given = address.getAll(`var-${one.name}`);
    const values = given.length ? given : [one.current ?? []].flat();
    if (values.length) variables[one.name] = one.multi ? values : values[0];
    else if (one.type === "constant" || one.type === "textbox") variables[one.name] = one.query ?? "";
  }
  return { from: moment(address.get("from") ?? board.time?.from ?? "now-6h"), to: moment(address.get("to") ?? board.time?.to ?? "now"), variables };
}

/** Milliseconds are numbers. @param {string} text */
function moment(text) {
  return /^\d+$/.test(text) ? Number(text) : text;
}
