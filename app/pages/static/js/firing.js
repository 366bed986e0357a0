// How many rules fire, in the head of each page.

const EVERY_MS = 30e3;
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

async function ask() {
  if (document.hidden) return;
  const answer = await fetch(`${root}/live/alerts?only=counts`, { headers: etag ? { "If-None-Match": etag } : {} }).catch(() => null);
  if (!answer?.ok) return;
  etag = answer.headers.get("ETag") ?? "";
  tellFiring((await answer.json()).counts.Firing);
}

/** Ask now and then, where the page has a place for it. The list of alerts tells it by itself. */
export function watchFiring() {
  if (!document.querySelector("[data-firing]") || document.documentElement.hasAttribute("data-alerts")) return;
  const again = () => setTimeout(() => ask().finally(again), EVERY_MS * (0.8 + Math.random() * 0.4));
  setTimeout(() => ask().finally(again), 1000 + Math.random() * 2000);
}
