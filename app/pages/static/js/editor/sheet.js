// The style sheet of forms, loaded by pages that have one once they need it.

import { h } from "../dom.js";

const NAME = "css/forms.css";

/** Beside the sheet of all pages; once. */
export function styled() {
  const site = /** @type {HTMLLinkElement|null} */ (document.querySelector("link[href$='css/site.css']"));
  if (!site || document.querySelector(`link[href$='${NAME}']`)) return;
  document.head.append(h("link", { rel: "stylesheet", href: site.href.replace("css/site.css", NAME) }));
}
