// How many rules fire, in the head of each page: pages of a view are told by it, others ask now and then.

const EVERY_MS = 60e3;
const root = document.documentElement.dataset.root ?? "";
let etag = "";

/** @param {number} firing */
export function tellFiring(firing) {
  for (const count of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-firing]"))) {
    count.hidden = !firing;
    count.textContent = String(firing);
    count.setAttribute("aria-label", `${firing} firing`);
  }
}

/** What a view says of it: the list of alerts knows better, by what this person may see. @param {number} firing */
export function firingOfView(firing) {
  if (!document.documentElement.hasAttribute("data-alerts")) tellFiring(firing);
}

async function ask() {
  if (document.hidden) return;
  const answer = await fetch(`${root}/live/alerts?only=counts`, { headers: etag ? { "If-None-Match": etag } : {} }).catch(() => null);
  if (!answer?.ok) return;
  etag = answer.headers.get("ETag") ?? "";
  tellFiring((await answer.json()).counts.Firing);
}

/** Ask now and then, where the page has a place for it and no view that tells it. */
export function watchFiring() {
  if (!document.querySelector("[data-firing]") || document.getElementById("boot")) return;
  const again = () => setTimeout(() => ask().finally(again), EVERY_MS * (0.8 + Math.random() * 0.4));
  setTimeout(() => ask().finally(again), 1000 + Math.random() * 2000);
}
