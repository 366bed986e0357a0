// Another type for a panel: the options that both have stay, those that the other does not take are dropped. Pure.

import { same } from "./form_store.js";

/** @typedef {import("./schema.js").Declarations} Declarations */
/** @typedef {Record<string, any>} Options */

/**
 * What is left of the options of a panel that becomes one of another type.
 * @param {Declarations} declared @param {Options} options @param {string} from @param {string} to types that there are
 * @returns {{options: Options, dropped: string[]}}
 */
export function carried(declared, options, from, to) {
  const [before, after] = [from, to].map((type) => declared.read(typeOf(declared, type).schema));
  const allowed = typeOf(declared, to).per_field;
  /** @type {Options} */
  const kept = {};
  const dropped = [];
  for (const [name, value] of Object.entries(options)) {
    const [old, now] = [before, after].map((schema) => schema.properties[name]);
    const stays = name === "overrides" ? allowed.length > 0 : now !== undefined && (same(shape(old), shape(now)) || fits(declared.read(now), value));
    if (!stays) dropped.push(name);
    else if (name !== "overrides") kept[name] = value;
    else kept.overrides = value.map((/** @type {any} */ one) => ({ ...one, set: Object.fromEntries(Object.entries(one.set ?? {}).filter(([each]) => allowed.includes(each))) })).filter((/** @type {any} */ one) => Object.keys(one.set).length);
  }
  return { options: kept, dropped };
}

/** @param {Declarations} declared @param {string} type */
export function typeOf(declared, type) {
  return declared.document.panels.find((/** @type {any} */ one) => one.type === type);
}

/** A schema without what is only said of it. @param {any} schema */
function shape({ description: _description, default: _default, title: _title, ...rest } = /** @type {any} */ ({})) {
  return rest;
}

/** Whether a plain value may stand there. @param {any} schema @param {any} value */
function fits(schema, value) {
  if (schema.enum) return schema.enum.includes(value);
  if (value === null) return Boolean(schema.nullable);
  if (typeof value === "boolean") return schema.type === "boolean";
  if (typeof value === "number") return ["number", "integer"].includes(schema.type) && value >= (schema.minimum ?? value) && value <= (schema.maximum ?? value);
  return typeof value === "string" && schema.type === "string" && !schema.pattern && value.length <= (schema.maxLength ?? value.length);
}
