// The panes of explore as the page reads them: they are widgets in shadow roots, which the session draws.

/** @typedef {import("./explored.js").Explored} Explored */

/** Elements that pass a test, in whichever shadow root they are, in their order. @param {ParentNode} root @param {(one: Element) => boolean} test @returns {Element[]} */
function within(root, test) {
  return [...root.querySelectorAll("*")].flatMap((one) => [...(test(one) ? [one] : []), ...(one.shadowRoot ? within(one.shadowRoot, test) : [])]);
}

/** The widgets of that class. @param {Element} root @param {string} widget @returns {Element[]} */
const widgets = (root, widget) => within(root.shadowRoot ?? root, (each) => each.classList.contains(widget));

/** What is inside the widget of that class. @param {Element} root @param {string} widget @param {string} selector @returns {HTMLElement|null} */
function inside(root, widget, selector) {
  for (const one of widgets(root, widget)) {
    const found = /** @type {HTMLElement|null} */ (one.shadowRoot?.querySelector(selector) ?? null);
    if (found) return found;
  }
  return null;
}

/** @param {HTMLSelectElement|null} select */
const chosen = (select) => select?.selectedOptions[0]?.textContent ?? "";

export class Panes {
  /** @param {HTMLElement} place of the session */
  constructor(place) {
    this.place = place;
    this.last = 0; // that somebody was in
    place.addEventListener("focusin", (event) => {
      const at = this.indexOf(event);
      if (at >= 0) this.last = at;
    });
  }

  /** @returns {Element[]} */
  get all() {
    return within(this.place, (one) => one.classList.contains("pane"));
  }

  /** The one that somebody was in last; undefined before there are any. @returns {Element|undefined} */
  get current() {
    const { all } = this;
    return all[this.last] ?? all[0];
  }

  /** The pane that an event comes from, -1 for none. @param {Event} event */
  indexOf(event) {
    const path = event.composedPath();
    return this.all.findIndex((one) => path.includes(one));
  }

  /** Whether an event comes from the widget of that class. @param {Event} event @param {string} widget */
  static from(event, widget) {
    return event.composedPath().some((one) => one instanceof Element && one.classList.contains(widget));
  }

  /** @param {Element} pane @param {string} name @returns {Element|undefined} */
  widget(pane, name) {
    return widgets(pane, name)[0];
  }

  /** @param {Element|undefined} pane */
  editor(pane) {
    return /** @type {HTMLTextAreaElement|null} */ (pane ? inside(pane, "query", "textarea") : null);
  }

  /** @param {Element|undefined} pane */
  run(pane) {
    if (pane) inside(pane, "run", "button")?.click();
  }

  /** Whether what was answered last is drawn as lines. @param {Element} pane */
  isLines(pane) {
    return inside(pane, "legend", "li") !== null;
  }

  /** @param {Element} pane */
  sourceOf(pane) {
    return chosen(/** @type {HTMLSelectElement|null} */ (inside(pane, "source", "select")));
  }

  /** @returns {string} */
  get range() {
    return chosen(/** @type {HTMLSelectElement|null} */ (inside(this.place, "range", "select")));
  }

  /** What the controls say. @returns {Explored} */
  get asked() {
    return { range: this.range, panes: this.all.map((one) => ({ source: this.sourceOf(one), query: this.editor(one)?.value ?? "" })) };
  }
}
