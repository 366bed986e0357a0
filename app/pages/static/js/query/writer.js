// How a query is written, wherever one is: in a builder or form that its source has, or as a text; and the switch between them.

import { h } from "../dom.js";
import { bodyOf, isDocumented } from "./bodies.js";

/** @typedef {import("./bodies.js").Body} Body */
/**
 * @typedef {object} Host where a query stands: a card of the dashboard editor, a pane of explore, a target of an alert rule
 * @property {string} ref what the query is called
 * @property {string} source its data source, by uid or name; empty: the built-in store
 * @property {any} query a text, or the document of a structured one
 * @property {import("../editor/schema.js").Declarations} declared
 * @property {import("./sources.js").Sources} sources
 * @property {{document: any}} board the time range and the variables over which it is looked up what there is
 * @property {import("../editor/form_store.js").Store} store in which `query` stands
 * @property {(query: any) => void} write
 * @property {(detail: string) => void} say what is wrong; empty: nothing
 * @property {(modes: HTMLElement[]) => Body} [text] how a text is written, where that is not in an editor of ours
 */

export class Writer {
  /** @param {Host} host @param {(kind: any) => void} [built] told of the kind of the source whenever it is drawn anew */
  constructor(host, built = () => {}) {
    this.host = host;
    this.built = built;
    this.wantsBuilder = true;
    this.drawn = "";
    this.source = "";
    /** @type {Map<boolean, any>} the text and the document that were left for the other, which stay what they were */
    this.left = new Map();
    /** @type {Body|null} */
    this.body = null;
    this.element = h("div", { class: "writing" });
    this.modes = h("span", { class: "seg2" });
  }

  get query() {
    return this.host.query;
  }

  /** The uid of the source; empty where there is none. */
  get uid() {
    return this.host.sources.find(this.host.source)?.uid ?? "";
  }

  /** What stands in the host is shown again. */
  refresh() {
    const { query, source, sources } = this.host;
    const kind = sources.kind(source);
    const empty = query === "" && isDocumented(kind); // its form begins
    const structured = empty || (query !== null && typeof query === "object");
    const texts = !this.wantsBuilder && (isDocumented(kind) || this.host.text !== undefined); // what is written may become a document, and one goes on writing
    const drawn = `${source}/${kind?.kind}/${texts ? "text" : structured}`;
    if (drawn !== this.drawn || !this.body) {
      if (source !== this.source) this.left.clear();
      this.source = source;
      this.drawn = drawn;
      this.body?.unmount();
      this.body = bodyOf(this, kind, structured);
      this.element.replaceChildren(this.body.element);
      this.modes.replaceChildren(...this.body.modes);
      this.modes.hidden = !this.body.modes.length;
      this.built(kind);
    }
    this.body.refresh();
  }

  /** Go over from a text to a document or back, where neither can become the other: what was left is there again on return. @param {any} fresh what one begins with */
  turn(fresh) {
    const structured = typeof fresh === "object";
    this.left.set(!structured, this.query);
    this.host.write(this.left.get(structured) ?? fresh);
  }

  /** Draw it anew: another way to write it. */
  rebuild() {
    this.drawn = "";
    this.refresh();
  }

  unmount() {
    this.body?.unmount();
    this.element.remove();
  }
}
