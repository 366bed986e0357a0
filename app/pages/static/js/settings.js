// The pages of settings: the section that the page names, drawn of what the API says.

import { h } from "./dom.js";
import { frame } from "./frame.js";
import { files } from "./settings/files.js";
import { people } from "./settings/people.js";
import { sources } from "./settings/sources.js";
import { teams } from "./settings/teams.js";
import { tokens } from "./settings/tokens.js";

/** @type {Record<string, (place: import("./settings/listing.js").Place) => Promise<void>>} */
const SECTIONS = { sources, people, teams, tokens, files };
const main = /** @type {HTMLElement} */ (document.querySelector("main[data-section]"));
const content = /** @type {HTMLElement} */ (document.getElementById("content"));
const acts = /** @type {HTMLElement} */ (document.getElementById("acts"));

async function draw() {
  try {
    await SECTIONS[main.dataset.section ?? ""]({ content, acts, again: draw });
  } catch (error) {
    content.replaceChildren(h("p", { class: "fault", role: "alert" }, /** @type {Error} */ (error).message));
  }
  content.removeAttribute("aria-busy");
}

frame();
draw();
