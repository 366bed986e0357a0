// What the forms of this page are made of, as the server wrote it into the page.

import { Declarations } from "../editor/schema.js";

/** @returns {Declarations} */
export function declared() {
  return new Declarations(JSON.parse(document.getElementById("declared")?.textContent ?? "{}"));
}
