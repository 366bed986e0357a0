// A field of a form in which a query stands, beside one that names its source: written in the builder of the source, or as a text.

import { h } from "../dom.js";
import { changedAt, valueAt } from "../editor/form_store.js";
import { Writer } from "./writer.js";

/** @typedef {import("../editor/form_field.js").Field} Field */
/** @typedef {import("../editor/form_field.js").Widget} Widget */
/** @typedef {import("../editor/schema.js").Path} Path */

/**
 * @param {{declared: import("../editor/schema.js").Declarations, sources: import("./sources.js").Sources, board: {document: any}}} known of panels; `board`: what is looked up is looked up over its time and variables
 * @returns {(field: Field) => Widget}
 */
export function queryField(known) {
  return (field) => {
    const { store } = field.form;
    const owner = field.path.slice(0, -1);
    const fault = h("p", { class: "err", role: "alert", hidden: true });
    const part = (/** @type {string} */ name) => store.get([...owner, name]);
    const put = (/** @type {Path} */ path, /** @type {any} */ value) => field.set(changedAt({ query: field.shown }, path, value).query).then(() => []);
    const host = {
      ...known,
      get ref() { return String(part("ref") ?? part("name") ?? "A"); },
      get source() { return String(part("datasource") ?? ""); },
      get query() { return field.shown; },
      store: {
        get: (/** @type {Path} */ path) => valueAt({ query: field.shown }, path),
        set: put,
        remove: (/** @type {Path} */ path) => put(path, undefined),
      },
      write: (/** @type {any} */ value) => void field.set(value),
      say: (/** @type {string} */ detail) => {
        fault.textContent = detail;
        fault.hidden = !detail;
      },
    };
    const writer = new Writer(host);
    return { element: h("div", { class: "rule-query" }, writer.modes, writer.element, fault), control: null, refresh: () => writer.refresh(), unmount: () => writer.unmount() };
  };
}
