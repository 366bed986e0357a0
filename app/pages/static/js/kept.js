// What a browser keeps for its person: small lists in local storage, which may be full, forbidden or nonsense.

/** @param {string} name @returns {any[]} */
export function list(name) {
  try {
    const found = JSON.parse(localStorage.getItem(`heliograph-${name}`) ?? "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}

/** @param {string} name @param {any[]} items */
export function keep(name, items) {
  try {
    localStorage.setItem(`heliograph-${name}`, JSON.stringify(items));
  } catch {
    // a private window keeps nothing, and loses no more than that
  }
}

/** Put one at the front, once. @param {string} name @param {any} item @param {number} most @param {(one: any) => string} key */
export function remember(name, item, most, key = String) {
  keep(name, [item, ...list(name).filter((one) => key(one) !== key(item))].slice(0, most));
}
