// What exists in a data source, for completion: metrics with their kind and help, labels, values. Kept for a while.

import { call } from "../api.js";
import { askedBy } from "../editor/view_of.js";

const GOOD_MS = 60e3;

/** @typedef {{name: string, type: string, help: string, unit: string}} Metric */

export class Lookups {
  /** @param {string} uid @param {any} draft */
  constructor(uid, draft) {
    this.uid = uid;
    this.draft = draft;
    /** @type {Map<string, {at: number, answer: Promise<any[]>}>} */
    this.kept = new Map();
  }

  /** @returns {Promise<Metric[]>} */
  metrics() {
    return this.ask("metrics", {});
  }

  /** Names or values: `label_names({…})`, `label_values({…}, label)`. @param {string} query @returns {Promise<string[]>} */
  async values(query) {
    return (await this.ask("values", { query })).map((one) => one.value);
  }

  /** An Error says why it is not known. @param {string} what @param {any} body @returns {Promise<any[]>} */
  ask(what, body) {
    const { from, to, variables } = askedBy(this.draft.document);
    const key = JSON.stringify([what, body, from, to, variables]);
    const found = this.kept.get(key);
    if (found && Date.now() - found.at < GOOD_MS) return found.answer;
    const answer = this.sent(what, { ...body, from, to, variables });
    this.kept.set(key, { at: Date.now(), answer });
    answer.catch(() => this.kept.delete(key));
    return answer;
  }

  /** @param {string} what @param {any} body @returns {Promise<any[]>} */
  async sent(what, body) {
    const { ok, body: found } = await call("POST", `datasources/${encodeURIComponent(this.uid)}/${what}`, body);
    if (!ok) throw new Error(found.detail ?? found.title);
    return found.items;
  }
}
