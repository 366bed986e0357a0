// Data sources: what there is, whether each answers, who asks it; made, changed and deleted in a form of their kind.

import { h } from "../dom.js";
import { ask, askFor } from "../askfor.js";
import { dialog } from "../menus.js";
import { button, line, listed, offerNew } from "./listing.js";
import { isOfKind, sourceForm } from "./source_form.js";

const root = document.documentElement.dataset.root ?? "";
/** @typedef {{uid: string, name: string, type: string, url: string, options: Record<string, any>, secrets: string[], default: boolean, provisioned: boolean}} Source */
/** @typedef {{type: string, aliases: string[], title: string, url: string, secrets: string[], options: any}} Kind */

/** @param {import("./listing.js").Place} place */
export async function sources(place) {
  /** @type {[{items: Source[]}, {items: Kind[]}]} */
  const [{ items }, kinds] = await Promise.all([ask("GET", "datasources"), ask("GET", "datasources/types")]);
  offerNew(place, "Add a data source", () => edit(place, kinds.items, null));
  place.content.replaceChildren(listed(items.map((one) => row(place, kinds.items, one)), "No data source yet."));
}

/** @param {import("./listing.js").Place} place @param {Kind[]} kinds @param {Source} one */
function row(place, kinds, one) {
  const kind = kinds.find((other) => isOfKind(one, other));
  const said = h("span", { class: "health", role: "status" });
  const own = kind && !one.provisioned;
  const tags = [kind?.title ?? "built in", one.url, usual(one, kind), one.provisioned && kind ? "of the configuration file" : "", said];
  const made = line(one.name, tags,
    button("Test", () => test(one, said), `Test ${one.name}`),
    button("Used by", () => showUses(one), `What uses ${one.name}`),
    own ? button("Change", () => edit(place, kinds, one), `Change ${one.name}`) : null,
    own ? button("Delete", () => remove(place, one), `Delete ${one.name}`) : null);
  made.dataset.uid = one.uid;
  return made;
}

/** What it is the default for: the store for whatever names no data source, another for what names its kind alone. @param {Source} one @param {Kind|undefined} kind */
function usual(one, kind) {
  if (one.type === "store") return "default";
  return one.default && kind ? `default of ${kind.title}` : "";
}

/** @param {Source} one @param {HTMLElement} said */
const test = (one, said) => tell(said, () => ask("POST", `datasources/${encodeURIComponent(one.uid)}/test`));

/** What it answers, as it says it. @param {HTMLElement} said @param {() => Promise<any>} tried */
async function tell(said, tried) {
  said.className = "health";
  said.textContent = "Asking…";
  try {
    const health = await tried();
    said.classList.add(health.ok ? "good" : "bad");
    said.textContent = health.ok ? `${health.message || "It answers"} (${Math.round(health.latency_ms)} ms)` : health.message;
  } catch (error) {
    said.classList.add("bad");
    said.textContent = /** @type {Error} */ (error).message;
  }
}

/** @param {Source} one */
async function showUses(one) {
  const place = h("div", { class: "form" }, h("p", { class: "muted" }, "Looking…"));
  dialog("sheet-dialog", `What uses ${one.name}`, [place]);
  try {
    place.replaceChildren(...uses(await ask("GET", `datasources/${encodeURIComponent(one.uid)}/uses`)));
  } catch (error) {
    place.replaceChildren(h("p", { class: "fault", role: "alert" }, /** @type {Error} */ (error).message));
  }
}

/** @param {{dashboards: {title: string, url: string}[], rules: {rule_id: string, title: string}[]}} found */
function uses({ dashboards, rules }) {
  const links = [
    ...dashboards.map((one) => h("li", {}, h("a", { href: root + one.url }, one.title))),
    ...rules.map((one) => h("li", {}, h("a", { href: `${root}/alerts/${encodeURIComponent(one.rule_id)}` }, one.title), h("span", { class: "muted" }, " rule")))];
  return links.length ? [h("ul", { class: "told uses" }, ...links)] : [h("p", { class: "muted" }, "No dashboard and no rule names it.")];
}

/** @param {import("./listing.js").Place} place @param {Kind[]} kinds @param {Source|null} source */
function edit(place, kinds, source) {
  const form = sourceForm(kinds, source);
  const said = h("span", { class: "health", role: "status" });
  const asWritten = async () => {
    const body = form.value();
    return ask("POST", "datasources/test", { ...body, name: body.name || "Not saved", ...(source ? { uid: source.uid } : {}) });
  };
  const trial = h("div", { class: "trial" }, button("Test", () => tell(said, asWritten), "Test what is written here"), said);
  const box = askFor(source ? `Change ${source.name}` : "Add a data source", [...form.content, trial], source ? "Save" : "Add", async () => {
    const body = form.value();
    const saved = source ? await ask("PUT", `datasources/${encodeURIComponent(source.uid)}`, body) : await ask("POST", "datasources", body);
    await place.again();
    const said = /** @type {HTMLElement|null} */ (place.content.querySelector(`li[data-uid="${CSS.escape(saved.uid)}"] .health`));
    if (said) test(saved, said); // at once, so that what is wrong is said where it was written
  });
  box.classList.add("wide");
}

/** @param {import("./listing.js").Place} place @param {Source} one */
function remove(place, one) {
  askFor(`Delete ${one.name}?`, [h("p", {}, "Panels and rules that ask it will say that it is not there.")], "Delete", async () => {
    await ask("DELETE", `datasources/${encodeURIComponent(one.uid)}`);
    await place.again();
  });
}
