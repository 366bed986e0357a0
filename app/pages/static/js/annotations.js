// The annotations of the page: those that people made, fetched for the range shown, and those that queries gave.

/** @typedef {{time: number, end: number, text: string, tags: string[], id?: number, name?: string, color?: string, level?: string}} Annotation */

const MARGIN = 0.5;
const LATER_MS = 30_000;

export class Annotations {
  /** @param {string} root @param {string} dashboardId */
  constructor(root, dashboardId) {
    this.root = root;
    this.dashboardId = dashboardId;
    /** @type {Annotation[]} */
    this.made = [];
    /** @type {Annotation[]} */
    this.asked = [];
    /** @type {[number, number]|null} the range that was fetched */
    this.covered = null;
    this.at = 0;
    this.shown = true;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    addEventListener("annotationschange", () => this.refetch());
  }

  /** All of them, in the order of time. @returns {Annotation[]} */
  get items() {
    return this.shown ? [...this.made, ...this.asked] : [];
  }

  /** @param {boolean} shown */
  show(shown) {
    this.shown = shown;
    this.changed();
  }

  /** What the queries of the dashboard gave. @param {Annotation[]|undefined} items */
  take(items) {
    if (!items) return;
    this.asked = items;
    this.changed();
  }

  /** Fetch for a range, and a little more, where that was not done lately. @param {number} from @param {number} to */
  async cover(from, to) {
    const fresh = Date.now() - this.at < LATER_MS;
    if (fresh && this.covered && from >= this.covered[0] && to <= this.covered[1]) return;
    const margin = (to - from) * MARGIN;
    this.covered = [Math.floor(from - margin), Math.ceil(to + margin)];
    this.at = Date.now();
    await this.fetch();
  }

  refetch() {
    if (this.covered) this.fetch();
  }

  async fetch() {
    const [from, to] = /** @type {[number, number]} */ (this.covered);
    const query = new URLSearchParams({ from: String(from), to: String(to), dashboard_id: this.dashboardId });
    const answer = await fetch(`${this.root}/api/v1/annotations?${query}`).catch(() => null);
    if (!answer?.ok) return;
    this.made = (await answer.json()).items.map((/** @type {any} */ one) => ({ ...one, end: one.end ?? one.time }));
    this.changed();
  }

  changed() {
    for (const listener of this.listeners) listener();
  }
}
