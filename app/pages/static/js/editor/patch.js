// JSON Patch (RFC 6902): the same operations as the server's, so that a page shows a change before it is answered.

/** @typedef {{op: string, path: string, value?: any, from?: string}} Operation */

/**
 * The document after a patch; the one that is given stays as it is. Error where an operation cannot be done.
 * @param {any} document @param {Operation[]} patch @returns {any}
 */
export function applyPatch(document, patch) {
  let found = structuredClone(document);
  for (const operation of patch) found = done(found, operation);
  return found;
}

/** @param {any} document @param {Operation} operation */
function done(document, operation) {
  const { op, path, from } = operation;
  if (["add", "replace", "test"].includes(op) && !("value" in operation)) throw new Error(`${op} has a value`);
  if (op === "move" || op === "copy") {
    if (op === "move" && path !== from && `${path}/`.startsWith(`${from}/`)) throw new Error("nothing can be moved into itself");
    const value = structuredClone(at(document, pointer(from ?? "")));
    const rest = op === "move" ? done(document, { op: "remove", path: from ?? "" }) : document;
    return done(rest, { op: "add", path, value });
  }
  const parts = pointer(path);
  if (op === "test") {
    if (!same(at(document, parts), operation.value)) throw new Error(`${path} is not what the test says`);
    return document;
  }
  const value = structuredClone(operation.value);
  if (!parts.length) {
    if (op !== "add" && op !== "replace") throw new Error("the document itself cannot be removed");
    return value;
  }
  write(at(document, parts.slice(0, -1)), parts[parts.length - 1], op, value);
  return document;
}

/** @param {any} parent @param {string} last @param {string} op @param {any} value */
function write(parent, last, op, value) {
  if (Array.isArray(parent)) {
    const index = op === "add" && last === "-" ? parent.length : indexOf(parent, last, op === "add" ? 1 : 0);
    if (op === "add") parent.splice(index, 0, value);
    else if (op === "replace") parent[index] = value;
    else if (op === "remove") parent.splice(index, 1);
    else throw new Error(`${op} is no operation`);
    return;
  }
  if (typeof parent !== "object" || parent === null) throw new Error("there is nothing to write into");
  if (op !== "add" && !Object.hasOwn(parent, last)) throw new Error(`there is no ${last}`);
  if (op === "remove") delete parent[last];
  else if (op === "add" || op === "replace") Object.defineProperty(parent, last, { value, writable: true, enumerable: true, configurable: true });
  else throw new Error(`${op} is no operation`);
}

/** The parts of a JSON pointer. @param {string} text @returns {string[]} */
export function pointer(text) {
  if (text === "") return [];
  if (!text.startsWith("/")) throw new Error("a path begins with a slash");
  return text.slice(1).split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** What stands at a place; Error where there is nothing. @param {any} document @param {string[]} parts */
export function at(document, parts) {
  return parts.reduce((found, part) => {
    if (Array.isArray(found)) return found[indexOf(found, part, 0)];
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, part)) throw new Error(`there is no ${part}`);
    return found[part];
  }, document);
}

/** @param {any[]} list @param {string} text @param {number} beyond how far behind the end it may be */
function indexOf(list, text, beyond) {
  const index = /^(0|[1-9]\d*)$/.test(text) ? Number(text) : -1;
  if (index < 0 || index >= list.length + beyond) throw new Error(`there is no item ${text}`);
  return index;
}

/** Whether two documents say the same, in whatever order. @param {any} one @param {any} other @returns {boolean} */
export function same(one, other) {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null || Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => Object.hasOwn(other, name) && same(one[name], other[name]));
}
