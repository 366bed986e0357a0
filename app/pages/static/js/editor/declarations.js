// Asks the server what can be declared, for pages that have forms.

import { AWAY, call } from "../api.js";
import { Declarations } from "./schema.js";

/** Ask the server; the browser keeps what it answered, by its ETag. @returns {Promise<Declarations>} an Error says why there are none */
export async function declarations() {
  const { ok, body } = await call("GET", "declarations", undefined, { cache: "no-cache" });
  if (!ok || !body) throw new Error(`The forms cannot be loaded: ${(body ?? AWAY).title}.`);
  return new Declarations(body);
}
