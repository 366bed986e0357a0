// The address is the view: every choice is another address of the same dashboard.

/** The address with other arguments; empty ones leave it. @param {Record<string, string|string[]|null>} changes */
export function addressWith(changes) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name);
    for (const one of Array.isArray(value) ? value : [value]) if (one !== null && one !== "") query.append(name, one);
  }
  const text = query.toString().replace(/(^|&)kiosk=(?=&|$)/, "$1kiosk");
  return text ? `${location.pathname}?${text}` : location.pathname;
}

/** @type {((address: string) => void)|null} */
let follower = null;

/** Who changes the page in place, where somebody does. @param {(address: string) => void} follow */
export function followChanges(follow) {
  follower = follow;
}

/** Go to the same dashboard with other arguments. @param {Record<string, string|string[]|null>} changes */
export function go(changes) {
  const address = addressWith(changes);
  if (follower) follower(address);
  else location.assign(address);
}

/** Say in the address what the page shows already. @param {Record<string, string|string[]|null>} changes @param {"push"|"replace"} how */
export function note(changes, how = "replace") {
  try {
    history[how === "push" ? "pushState" : "replaceState"](history.state, "", addressWith(changes));
  } catch {
    // a file, or a frame of another page: its address is nobody's
  }
}

/** The arguments that name the view: one panel alone is the same view. @param {string} search */
export function viewOf(search) {
  const query = new URLSearchParams(search);
  for (const name of ["viewPanel", "editPanel", "kiosk", "theme", "panel", "transparent"]) query.delete(name);
  for (const [name, value] of [...query]) if ((name.startsWith("ann-") && value === "off") || /^(hide|only|split)-\d+$/.test(name)) query.delete(name);
  return String(query);
}
