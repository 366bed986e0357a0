// What can be declared, as the server validates it: JSON schemas with titles, help and bounds. Pure.

/** @typedef {Record<string, any>} Schema */
/** @typedef {{value: any, title: string, group?: string, help?: string, about?: string}} Choice */
/** @typedef {(string|number)[]} Path */

const SEGMENTS_UP_TO = 5, SEGMENTS_CHARS = 32;
const SLIDER_SPAN = 10; // numbers within bounds no further apart are slid
const LONG_TEXT = 5000; // characters from which on a text has several lines
const SCALARS = ["string", "number", "integer", "boolean"];

/** The document of `GET /declarations`, with its references followed. */
export class Declarations {
  /** @param {any} document */
  constructor(document) {
    this.document = document;
  }

  /** A schema with its reference followed and `null` set aside; what the field itself says wins. @param {Schema} schema @returns {Schema} */
  read(schema) {
    const { $ref, anyOf, ...own } = schema;
    if ($ref) {
      const found = this.read(this.document.$defs[$ref.split("/").at(-1)]);
      return { ...found, ...own, title: own.title ?? found.title };
    }
    if (!anyOf) return schema;
    const branches = anyOf.filter((/** @type {Schema} */ one) => one.type !== "null");
    const nullable = branches.length < anyOf.length;
    if (branches.length === 1) return { ...this.read(branches[0]), ...own, nullable };
    const read = branches.map((/** @type {Schema} */ one) => this.read(one));
    if (read.every((/** @type {Schema} */ one) => SCALARS.includes(one.type))) return { type: "string", loose: read.map((/** @type {Schema} */ one) => one.type), ...own, nullable };
    return { branches: read, ...own, nullable };
  }

  /** The schemas of an object's fields, by name, in the order of its groups. @param {Schema} schema @returns {{title: string, fields: [string, Schema][]}[]} */
  groups(schema) {
    const properties = schema.properties ?? {};
    const groups = schema["x-groups"] ?? [{ title: "", fields: Object.keys(properties) }];
    return groups.map((/** @type {any} */ group) => ({ title: group.title, fields: group.fields.map((/** @type {string} */ name) => [name, this.read(properties[name])]) }));
  }

  /** What a choice is called; none where the schema has none. @param {Schema} schema @returns {Choice[]} */
  choices(schema) {
    const list = schema["x-choices"];
    if (list) return this.document.choices[list];
    const named = schema["x-names"] ?? {};
    const values = schema.enum ?? (schema["x-names"] ? Object.keys(named).map((one) => (schema.type === "integer" ? Number(one) : one)) : []);
    return values.map((/** @type {any} */ value) => ({ value, title: named[String(value)] ?? spoken(value) }));
  }

  /** Which kind of widget draws a field. @param {Schema} schema */
  widget(schema) {
    const named = schema["x-widget"];
    if (named && named !== "query") return named;
    if ("const" in schema) return "constant";
    if (schema.oneOf && schema.discriminator) return "tagged";
    if (schema.branches) return "branches";
    if (schema.enum || schema["x-choices"] || schema["x-names"]) return this.choosing(schema);
    if (schema.type === "boolean") return "switch";
    if (schema.type === "number" || schema.type === "integer") return isSlid(schema) ? "slider" : "number";
    if (schema.type === "array") return this.listing(schema);
    if (schema.type === "object") return schema.properties ? "object" : typeof schema.additionalProperties === "object" ? "map" : "json";
    if (schema.type === "string") return named === "query" ? "code" : (schema.maxLength ?? 0) >= LONG_TEXT ? "text" : "line";
    return named === "query" ? "code" : "json";
  }

  /** @param {Schema} schema */
  choosing(schema) {
    const choices = this.choices(schema);
    const chars = choices.map((one) => one.title).join("").length;
    return !schema.nullable && choices.length <= SEGMENTS_UP_TO && chars <= SEGMENTS_CHARS ? "segments" : choices.length > 12 ? "choose" : "select";
  }

  /** @param {Schema} schema */
  listing(schema) {
    if (schema.prefixItems) return "pair";
    const items = this.read(schema.items ?? {});
    if (items.enum) return "checks";
    return items.type === "string" || items.type === "integer" || items.type === "number" ? "words" : "list";
  }

  /** An item as it begins: what is required, with nothing in it. @param {Schema} raw @returns {any} */
  fresh(raw) {
    const schema = this.read(raw);
    if (schema.default !== undefined) return structuredClone(schema.default);
    if ("const" in schema) return schema.const;
    if (schema.nullable) return null;
    if (schema.oneOf) return this.fresh(schema.oneOf[0]);
    if (schema.branches) return this.fresh(schema.branches[0]);
    if (schema.enum) return schema.enum[0];
    if (schema.type === "object") return Object.fromEntries((schema.required ?? []).map((/** @type {string} */ name) => [name, this.fresh(schema.properties[name])]));
    return { array: [], boolean: false, number: schema.minimum ?? 0, integer: schema.minimum ?? 0 }[/** @type {string} */ (schema.type)] ?? "";
  }
}

/** @param {Schema} schema */
function isSlid(schema) {
  return schema.type === "number" && "minimum" in schema && "maximum" in schema && schema.maximum - schema.minimum <= SLIDER_SPAN;
}

/** A value of a choice as words: `steps_before` is `Steps before`, `-value` is `Value, descending`. @param {any} value @returns {string} */
export function spoken(value) {
  if (value === "" || value === null) return "Automatic";
  const text = String(value);
  if (/^-[a-z]/.test(text)) return `${spoken(text.slice(1))}, descending`;
  const words = text.replace(/([a-z])([A-Z])/g, "$1 $2").replace(/[_-]+/g, " ").toLowerCase();
  return words[0].toUpperCase() + words.slice(1);
}
