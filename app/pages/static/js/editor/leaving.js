// Leaving what holds something that was written, and not taken: it asks first.

import { h } from "../dom.js";
import { askFor } from "../askfor.js";

/** Go on where nothing is lost by it, else once somebody says so. @param {import("./draft.js").Draft} draft @param {Element[]} places what is left @param {() => void} go */
export function leaving(draft, places, go) {
  const lost = [...draft.untaken].some(({ element }) => places.some((place) => place.contains(element)));
  if (!lost) return go();
  if (document.querySelector("dialog[open]")) return;
  let sure = false;
  const box = askFor("Leave what is not kept?", [h("p", {}, "Something here is wrong, not whole yet, or not applied. It is gone once you leave.")], "Leave", async () => void (sure = true));
  box.addEventListener("close", () => sure && go());
}
