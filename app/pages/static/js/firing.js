// How many rules fire, in the head of each page: pages of a view are told by it, others ask now and then.

import { again } from "./again.js";
import { rulesNow } from "./rules_now.js";

const EVERY_MS = 60e3;

/** @param {number} firing */
export function tellFiring(firing) {
  for (const count of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-firing]"))) {
    count.hidden = !firing;
    count.textContent = String(firing);
    count.setAttribute("aria-label", `${firing} firing`);
    count.closest("a[aria-label]")?.setAttribute("aria-label", firing ? `Alerts, ${firing} firing` : "Alerts");
  }
}

/** What a view says of it: the list of alerts knows better, by what this person may see. @param {number} firing */
export function firingOfView(firing) {
  if (!document.documentElement.hasAttribute("data-alerts")) tellFiring(firing);
}

/** Ask now and then, where the page has a place for it and no view that tells it. */
export function watchFiring() {
  if (!document.querySelector("[data-firing]") || document.getElementById("boot")) return;
  const ask = rulesNow("counts");
  again(async () => {
    const { known } = await ask();
    if (known) tellFiring(known.counts.Firing);
  }, EVERY_MS, 1000 + Math.random() * 2000);
}
