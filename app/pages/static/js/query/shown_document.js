// Whether the form of a structured query shows all of a document, so that text and form become each other without loss. Pure.

/** @typedef {import("../editor/schema.js").Schema} Schema */
/** @typedef {import("../editor/schema.js").Declarations} Declarations */

const STRINGS = /"(?:[^"\\]|\\.)*"|\s+/g;

/**
 * The document of a query, or what of it a form cannot show.
 * @param {Declarations} declared @param {{query: Schema, example: string}} kind @param {any} query a document, or its text
 * @returns {{query: any}|{cannot: string}}
 */
export function shown(declared, kind, query) {
  if (query === "" || query === null || query === undefined) return { query: begun(kind) };
  const read = typeof query === "string" ? parsed(query) : { query };
  if ("cannot" in read) return read;
  const strange = unshown(declared, kind.query, read.query, "");
  return strange === null ? read : { cannot: strange };
}

/** What a form begins with: the example of the source, where that is a document. @param {{example: string}} kind */
export function begun(kind) {
  return kind.example.startsWith("{") ? JSON.parse(kind.example) : {};
}

/** What is asked of another source: a query in the same language stays, else one begins anew. @param {any} before the kind that was asked @param {any} after @param {any} query */
export function carriedOver(before, after, query) {
  const stays = before && after && before.language === after.language && before.query === after.query;
  return stays ? query : after?.query ? begun(after) : "";
}

/** @param {string} text @returns {{query: any}|{cannot: string}} */
function parsed(text) {
  let query;
  try {
    query = JSON.parse(text);
  } catch {
    return { cannot: "what is no JSON" };
  }
  const written = text.replace(STRINGS, (one) => (one[0] === '"' ? JSON.stringify(JSON.parse(one)) : ""));
  return JSON.stringify(query) === written ? { query } : { cannot: "the way that it is written" };
}

/** The first place that a form has no field for; null: there is none. @param {Declarations} declared @param {Schema} raw @param {any} value @param {string} path @returns {string|null} */
function unshown(declared, raw, value, path) {
  const schema = declared.read(raw ?? {});
  const called = path ? `“${path}”` : "such a document";
  if (value === null) return schema.nullable || !("type" in schema) ? null : called;
  if (schema.oneOf && schema.discriminator) {
    const { propertyName, mapping } = schema.discriminator;
    const ref = mapping[value?.[propertyName]];
    return ref ? unshown(declared, { $ref: ref }, value, path) : called;
  }
  if (schema.branches) return schema.branches.some((/** @type {Schema} */ one) => unshown(declared, one, value, path) === null) ? null : called;
  if (!fits(schema, value)) return called;
  if (Array.isArray(value)) return first(value.map((one, index) => () => unshown(declared, schema.items ?? {}, one, `${path}[${index}]`)));
  if (typeof value !== "object") return null;
  return first(Object.entries(value).map(([key, one]) => () => inside(declared, schema, key, one, path ? `${path}.${key}` : key)));
}

/** @param {Declarations} declared @param {Schema} schema @param {string} key @param {any} value @param {string} path */
function inside(declared, schema, key, value, path) {
  const of = schema.properties?.[key] ?? (typeof schema.additionalProperties === "object" ? schema.additionalProperties : schema.properties ? null : {});
  return of === null ? `“${path}”` : unshown(declared, of, value, path);
}

/** @param {(() => string|null)[]} all @returns {string|null} */
function first(all) {
  for (const one of all) {
    const found = one();
    if (found !== null) return found;
  }
  return null;
}

/** @param {Schema} schema @param {any} value */
function fits(schema, value) {
  if ("const" in schema) return value === schema.const;
  if (schema.enum) return schema.enum.includes(value);
  const is = Array.isArray(value) ? "array" : typeof value;
  return !schema.type || schema.type === is || (schema.type === "integer" && Number.isInteger(value));
}
