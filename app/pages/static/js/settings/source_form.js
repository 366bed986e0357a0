// The form of a data source: what all have, and the options of its kind out of their schema. Secrets go in and never come out.

import { h } from "../dom.js";
import { choice, helping, input, tick } from "./listing.js";

/** @typedef {import("./sources.js").Source} Source */
/** @typedef {import("./sources.js").Kind} Kind */
/** @typedef {{element: HTMLElement, value: () => any}} Option undefined where it is as it is by default */

/** Whether it is of that kind, by any of its names. @param {Source} source @param {Kind} kind */
export function isOfKind(source, kind) {
  return kind.type === source.type || kind.aliases.includes(source.type);
}

/** What people call an option: `ca_file` is "CA file". @param {string} name */
function called(name) {
  const words = name.split("_").map((word) => (["ca", "url", "tls", "http", "api"].includes(word) ? word.toUpperCase() : word));
  const text = words.join(" ").replace(/ s$/, " (s)");
  return text[0].toUpperCase() + text.slice(1);
}

/** @param {string} name @param {any} schema of the option @param {any} given what it is now; undefined: the default @returns {Option} */
function option(name, schema, given) {
  const label = called(name), help = schema.description ?? "", now = given ?? schema.default;
  if (schema.type === "boolean") {
    const [element, made] = tick(label, Boolean(now), help);
    return { element, value: () => (made.checked === schema.default ? undefined : made.checked) };
  }
  if (schema.enum) {
    const [element, made] = choice(label, schema.enum, String(now));
    return { element, value: () => (made.value === schema.default ? undefined : made.value) };
  }
  if (schema.type === "object") return pairs(label, given ?? {}, help);
  const number = schema.type === "integer" || schema.type === "number";
  const bounds = number ? { type: "number", min: schema.minimum, max: schema.maximum, step: schema.type === "integer" ? "1" : "any" } : { maxlength: schema.maxLength };
  const [element, made] = input(label, given === undefined ? "" : String(given), { placeholder: String(schema.default ?? ""), ...bounds }, help);
  return { element, value: () => (made.value === "" ? undefined : number ? Number(made.value) : made.value) };
}

/** Names and values, a line each. @param {string} label @param {Record<string, string>} given @param {string} help @returns {Option} */
function pairs(label, given, help) {
  const area = /** @type {HTMLTextAreaElement} */ (h("textarea", { rows: "2", spellcheck: "false", placeholder: "Name: value" }));
  area.value = Object.entries(given).map(([name, value]) => `${name}: ${value}`).join("\n");
  const value = () => {
    const lines = area.value.split("\n").filter((line) => line.trim());
    const found = lines.map((line) => {
      const at = line.indexOf(":");
      if (at < 1) throw new Error(`${label}: each line is a name, a colon and a value`);
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    });
    return found.length ? Object.fromEntries(found) : undefined;
  };
  return { element: h("label", { class: "lab" }, label, h("span", { class: "field tall" }, area), helping(help)), value };
}

/** @param {string} name @param {boolean} kept whether there is one */
function secret(name, kept) {
  const [element, made] = input(called(name), "", { type: "password", autocomplete: "new-password", placeholder: kept ? "kept as it is" : "" });
  return { name, element, made };
}

/** The fields of a kind. @param {Kind} kind @param {Source|null} source */
function fields(kind, source) {
  const properties = Object.entries(kind.options.properties ?? {});
  const options = properties.map(([name, schema]) => ({ name, ...option(name, schema, source?.options[name]) }));
  const secrets = kind.secrets.map((name) => secret(name, source?.secrets.includes(name) ?? false));
  return { options, secrets };
}

/**
 * @param {Kind[]} kinds @param {Source|null} source the one that is changed; null makes a new one
 * @returns {{content: HTMLElement[], value: () => any}}
 */
export function sourceForm(kinds, source) {
  const now = source && kinds.find((one) => isOfKind(source, one));
  const [type, types] = choice("Kind", kinds.map((one) => /** @type {[string, string]} */ ([one.type, one.title])), now?.type ?? "prometheus");
  types.disabled = source !== null;
  const [name, nameInput] = input("Name", source?.name ?? "", { required: true, maxlength: "200" });
  const [url, urlInput] = input("URL", source?.url ?? "", { maxlength: "2000" });
  const [standard, standardInput] = tick("The default one of its kind", source?.default ?? false);
  const more = h("details", { class: "more" }), inside = h("div", { class: "fields" }), hidden = h("div", { class: "fields" });
  more.append(h("summary", {}, "Options"), inside);
  let shown = fields(kinds[0], source);
  const draw = () => {
    const kind = kinds.find((one) => one.type === types.value) ?? kinds[0];
    urlInput.placeholder = kind.url;
    shown = fields(kind, source);
    const kept = source?.secrets.filter((one) => !kind.secrets.includes(one)) ?? [];
    hidden.replaceChildren(...shown.secrets.map((one) => one.element), ...(kept.length ? [h("p", { class: "help" }, `Kept as they are: ${kept.join(", ")}`)] : []));
    inside.replaceChildren(...shown.options.map((one) => one.element));
  };
  types.addEventListener("change", draw);
  draw();
  const value = () => ({
    name: nameInput.value.trim(), type: source?.type ?? types.value, url: urlInput.value.trim(), default: standardInput.checked,
    options: Object.fromEntries(shown.options.map((one) => [one.name, one.value()]).filter(([, given]) => given !== undefined)),
    secrets: Object.fromEntries(shown.secrets.filter(({ made }) => made.value).map((one) => [one.name, one.made.value])),
  });
  return { content: [type, name, url, hidden, standard, more], value };
}
