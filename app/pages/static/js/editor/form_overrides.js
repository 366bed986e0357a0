// Overrides: which fields, then any option that a field may have of its own.

import { h, icon } from "../dom.js";
import { close, show } from "../menus.js";
import { choosing, place } from "./form_choices.js";
import { list } from "./form_list.js";

/** @typedef {import("./form_field.js").Field} Field */
/** @typedef {import("./schema.js").Path} Path */

/** @param {Field} field whose form is of the options that are overridden; `context.perField` names those that may be @returns {import("./form_field.js").Widget} */
export function overrides(field) {
  return list(field, override);
}

/** The form of one override. @param {Field} field @param {Path} path @param {HTMLElement} into @param {import("./form_store.js").Store} store */
function override(field, path, into, store) {
  const { form } = field;
  const at = [...path, "set"];
  /** @type {string[]} */
  const allowed = form.context?.perField ?? [];
  const options = { ...form.schema, required: [], "x-groups": undefined, properties: Object.fromEntries(allowed.map((name) => [name, { ...form.schema.properties[name], default: undefined }])) };
  const match = form.part(into, { schema: form.declared.document.$defs.Match, store, path: [...path, "match"] });
  const body = h("div", { class: "nested set" });
  const box = h("div", { class: "pop pop-choose", hidden: true });
  const add = h("button", { type: "button", class: "btn sm", "aria-haspopup": "listbox" }, icon("plus"), "Set an option");
  into.append(body, h("span", { class: "anchor" }, add, box));
  /** @type {import("./form.js").Form|null} */
  let set = null;
  let drawn = "";
  const chosen = () => Object.keys(store.get(at) ?? {}).filter((name) => allowed.includes(name));
  add.addEventListener("click", () => {
    const rest = allowed.filter((name) => !chosen().includes(name)).map((name) => ({ value: name, title: form.declared.read(form.schema.properties[name]).title, help: "" }));
    const finder = choosing(rest, null, async ({ value }) => {
      close(true);
      const begun = form.declared.fresh(form.schema.properties[value]) ?? form.declared.fresh({ ...form.declared.read(form.schema.properties[value]), nullable: false, default: undefined });
      form.told(await store.set([...at, value], begun), field);
    });
    box.replaceChildren(finder.element);
    show(add, box, { opened: () => (place(box, add), finder.focus()) });
  });
  const refresh = () => {
    match.refresh();
    const names = chosen();
    if (names.join() !== drawn) {
      set?.unmount();
      drawn = names.join();
      set = names.length ? form.part(body, { schema: options, store, path: at, only: names }) : null;
    }
    set?.refresh();
  };
  refresh();
  return { refresh, unmount: () => (match.unmount(), set?.unmount()) };
}
