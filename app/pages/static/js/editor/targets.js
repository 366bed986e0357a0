// The queries of a panel as the draft has them: a store for forms, where `query` of the panel itself is its target A.

import { below, changedAt, pointerOf, refused, valueAt } from "./form_store.js";

/** @typedef {import("./form_store.js").Fault} Fault */
/** @typedef {import("./schema.js").Path} Path */
/** @typedef {{ref?: string, datasource?: string|null, query?: any, hidden?: boolean, options?: any, legend?: string, interval?: string|null, instant?: boolean, [more: string]: any}} Target */

const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

export class Targets {
  /** @param {any} draft @param {() => Path|null} base where the panel stands */
  constructor(draft, base) {
    this.draft = draft;
    this.base = base;
  }

  get panel() {
    const base = this.base();
    return base === null ? null : valueAt(this.draft.document, base);
  }

  /** @returns {Target[]} */
  get all() {
    const { panel } = this;
    if (!panel) return [];
    const own = panel.query === undefined || panel.query === null ? [] : [{ ref: "A", query: panel.query }];
    return [...own, ...(panel.targets ?? [])];
  }

  /** The data source of a target; empty for the built-in store. @param {Target} target @returns {string} */
  source(target) {
    const common = this.panel?.datasource;
    return target.datasource || (common === "-- Mixed --" ? "" : common) || "";
  }

  /** A ref that no target has. */
  get free() {
    const taken = this.all.map((one) => one.ref ?? "A");
    return LETTERS.find((one) => !taken.includes(one)) ?? "Z";
  }

  /** @param {Path} path */
  get(path) {
    return valueAt(this.all, path);
  }

  /** @param {Path} path @param {any} value */
  set(path, value) {
    return this.put(changedAt(this.all, path, value));
  }

  /** @param {Path} path */
  remove(path) {
    return this.set(path, undefined);
  }

  /** One target as a store. @param {() => number} at where it stands @returns {import("./form_store.js").Store} */
  one(at) {
    const inner = (/** @type {Path} */ path) => [at(), ...path];
    return {
      get: (path) => this.get(inner(path)),
      set: async (path, value) => below(1, await this.set(inner(path), value)),
      remove: async (path) => below(1, await this.remove(inner(path))),
    };
  }

  /** Other targets in the place of all, in one step. @param {Target[]} targets @returns {Promise<Fault[]>} */
  async put(targets) {
    const base = this.base();
    if (base === null) return [{ path: [], detail: "The panel is not there any more" }];
    const patch = [{ op: "add", path: pointerOf([...base, "targets"]), value: targets }];
    const own = this.panel.query === undefined ? [] : [{ op: "remove", path: pointerOf([...base, "query"]) }];
    const said = await this.draft.apply([...own, ...patch]);
    return said.ok ? [] : below(base.length + 1, refused(said.faults));
  }
}
