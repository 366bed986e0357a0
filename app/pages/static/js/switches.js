// The header's part in annotations: a switch for each query, and a warning that names those that fail.

import { go, note } from "./address.js";
import { switchOf } from "./annotations.js";
import { h } from "./dom.js";
import { close, popover } from "./menus.js";

/** @param {import("./annotations.js").Annotations} annotations */
export function installSwitches(annotations) {
  /** @type {HTMLInputElement[]} */
  const switches = [...document.querySelectorAll("input[data-annotation]")].map((one) => /** @type {HTMLInputElement} */ (one));
  for (const one of switches) one.addEventListener("change", () => turn(annotations, one));
  const write = () => {
    for (const one of switches) one.checked = !annotations.hidden.has(one.dataset.annotation ?? "");
  };
  annotations.listeners.add(write);
  write();
  installWarning(annotations);
  addEventListener("popstate", () => annotations.read());
}

/** What the view does not ask is another view; what it asks is shown and hidden here. @param {import("./annotations.js").Annotations} annotations @param {HTMLInputElement} input */
function turn(annotations, input) {
  const query = annotations.queries.find((one) => one.name === input.dataset.annotation);
  if (!query) return;
  const name = switchOf(query.name);
  if (!query.enable) go({ [name]: input.checked ? "on" : null });
  else {
    note({ [name]: input.checked ? null : "off" });
    annotations.read();
  }
}

/** @param {import("./annotations.js").Annotations} annotations */
function installWarning(annotations) {
  const button = /** @type {HTMLElement|null} */ (document.querySelector("[data-annotation-faults]"));
  const box = /** @type {HTMLElement|null} */ (document.querySelector("[data-annotation-faults-box]"));
  if (!button || !box) return;
  const said = /** @type {HTMLElement} */ (button.querySelector("[role=status]"));
  popover(button, box);
  const write = () => {
    const faults = annotations.faults;
    const words = faults.length ? `${faults.length === 1 ? "An annotation query fails" : `${faults.length} annotation queries fail`}: ${faults.map((one) => one.name).join(", ")}` : "";
    if (said.textContent !== words) said.textContent = words;
    button.title = faults.map((one) => `${one.name}: ${one.error}`).join("\n");
    if (!faults.length && !box.hidden) close();
    button.hidden = !faults.length;
    box.replaceChildren(h("h2", {}, "Annotation queries that fail"), h("dl", {}, ...faults.flatMap((one) => [h("dt", {}, one.name), h("dd", {}, one.error)])));
  };
  annotations.listeners.add(write);
  write();
}
