// Alert rules with their states, as the server tells pages of them: what is known already is not sent again.

import { told } from "./api.js";

/** @param {string} [only] `counts` without the rules themselves @returns {() => Promise<{status: number, known: any}>} `known` is null where nothing was told yet */
export function rulesNow(only = "") {
  let etag = "";
  /** @type {any} */
  let known = null;
  return async () => {
    const said = await told(`live/alerts${only && `?only=${only}`}`, etag);
    if (said.ok) [known, etag] = [said.body, said.etag];
    return { status: said.status, known };
  };
}
