// What the head of a panel has beside its title: where it leads; and whether the panel has a ground of its own.

import { icon } from "./dom.js";
import { way } from "./panels/links.js";

/** @param {Element} section of the panel @param {{links?: import("./panels/links.js").Link[], transparent?: boolean}} head what its view says of it */
export function furnish(section, { links = [], transparent = false }) {
  section.classList.toggle("clear", transparent);
  const heading = section.querySelector(":scope > header h2");
  const key = links.length ? JSON.stringify(links) : "";
  const before = section.querySelector(":scope > header > .head-link");
  if (!heading || (before?.getAttribute("data-key") ?? "") === key) return;
  before?.remove();
  const made = way(links, "about-button head-link", heading.textContent || "This panel", icon("link"));
  made?.setAttribute("data-key", key);
  if (made) section.querySelector(":scope > header > .unit")?.before(made);
}

/** @param {Iterable<{id: number, section: Element}>} panels @param {any[]} heads */
export function furnishAll(panels, heads) {
  const known = new Map(heads.map((one) => [one.id, one]));
  for (const panel of panels) if (known.has(panel.id)) furnish(panel.section, known.get(panel.id));
}
