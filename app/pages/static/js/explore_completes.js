// Completion in the queries of explore: of the source that the pane asks, over the range that is chosen.

import { Completion } from "./query/completion.js";
import { completed } from "./query/completions.js";
import { Lookups } from "./query/lookups.js";
import { ask } from "./askfor.js";
import { fromOf } from "./explored.js";

/** @param {import("./explore_panes.js").Panes} panes @param {HTMLElement} place */
export function completes(panes, place) {
  /** @type {WeakSet<HTMLTextAreaElement>} */
  const known = new WeakSet();
  /** @type {Map<string, Lookups>} */
  const lookups = new Map();
  const sources = ask("GET", "datasources").then((found) => found.items, () => []);
  const board = { document: { get time() { return { from: fromOf(panes.range), to: "now" }; } } };
  const of = (/** @type {string} */ uid) => {
    const found = lookups.get(uid) ?? new Lookups(uid, board);
    lookups.set(uid, found);
    return found;
  };
  place.addEventListener("focusin", (event) => {
    const pane = panes.all[panes.indexOf(event)];
    const area = panes.editor(pane);
    if (!area || known.has(area)) return;
    known.add(area);
    new Completion(area, async (text, caret) => {
      const name = panes.sourceOf(pane);
      const source = (await sources).find((/** @type {any} */ one) => one.name === name || one.uid === name);
      return source ? completed(source.type, source.language, of(source.uid), text, caret) : null;
    });
  });
}
