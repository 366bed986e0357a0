// The pages of what becomes of alerts; which of them, the page says.

import { contactsPage } from "./alerting/contacts.js";
import { mutingPage } from "./alerting/muting.js";
import { policyPage } from "./alerting/policy.js";
import { silencesPage } from "./alerting/silences_list.js";
import { Told } from "./alerting/told.js";
import { frame } from "./frame.js";

const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const into = /** @type {HTMLElement} */ (main.querySelector("[data-into]"));
/** @type {Record<string, (into: HTMLElement) => unknown>} */
const PAGES = { told: (place) => new Told(place), silences: silencesPage, "contact-points": contactsPage, policy: policyPage, muting: mutingPage };

frame();
document.querySelector(".page-tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
PAGES[main.dataset.tab ?? ""]?.(into);
