// The annotations of the page: what each query of the dashboard found, and which of them are shown.

/** @typedef {{name: string, builtin: boolean, enable: boolean, asked: boolean, hide: boolean, color: string, filter: {exclude: boolean, ids: number[]}|null}} Query */
/** @typedef {{time: number, end: number, text: string, title?: string, tags?: string[], id?: number, by?: string, panel?: number, color?: string, query: Query}} Annotation `panel`: the only one that it is drawn on */
/** @typedef {{items: any[], error: string}} Found */

const SWITCH = "ann-";

export class Annotations {
  /** @param {any} boot @param {{fetch: (from: number, to: number, names?: string[]) => Promise<Record<string, Found>|null>, range: () => [number, number], zoomed: () => boolean}} page */
  constructor(boot, page) {
    this.page = page;
    /** @type {Query[]} */
    this.queries = boot.annotations ?? [];
    /** @type {{by: string, all: boolean}|null} whose annotations this person may change */
    this.mine = boot.annotate ?? null;
    /** @type {Record<string, Found>} what they found in the range of the view */
    this.found = {};
    /** @type {Record<string, Found>|null} and in the range of a zoom */
    this.zoomed = null;
    /** @type {Map<string, number>} the number of the message that said last what a query found */
    this.seqs = new Map();
    /** @type {Annotation[]|null} */
    this.list = null;
    /** @type {Set<string>} the queries that are not shown */
    this.hidden = new Set();
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    this.read();
    addEventListener("annotationschange", () => this.refetch(this.made));
    // No tick tells a page whose range is past of what others mark: it asks when somebody comes back to it.
    if (!boot.live) document.addEventListener("visibilitychange", () => document.hidden || this.refetch(this.made));
  }

  /** The page shows another view: what it asked for is kept until its own answers come. @param {any} boot */
  become(boot) {
    this.queries = boot.annotations ?? [];
    this.zoomed = null;
    this.seqs.clear();
    this.read();
  }

  /** Which are shown, as the address says. */
  read() {
    const query = new URLSearchParams(location.search);
    this.hidden = new Set(this.queries.filter((one) => !one.asked || query.get(SWITCH + one.name) === "off").map((one) => one.name));
    this.changed();
  }

  /** All that are shown, in the order of their queries. @returns {Annotation[]} */
  get items() {
    this.list ??= this.queries.filter((query) => !this.hidden.has(query.name)).flatMap((query) =>
      ((this.zoomed ?? this.found)[query.name]?.items ?? []).map((one) => ({ ...one, end: one.end ?? one.time, query })));
    return this.list;
  }

  /** Those that are drawn on a panel. @param {number} panelId */
  on(panelId) {
    return this.items.filter(({ panel, query: { filter } }) => (!panel || panel === panelId) && (!filter || filter.ids.includes(panelId) !== filter.exclude));
  }

  /** What is wrong with the queries that are shown. @returns {{name: string, error: string}[]} */
  get faults() {
    return this.queries.filter((one) => !this.hidden.has(one.name) && this.found[one.name]?.error)
      .map(({ name }) => ({ name, error: this.found[name].error }));
  }

  /** Whether this person may change it. @param {Annotation} one */
  editable(one) {
    return Boolean(one.id && this.mine && (this.mine.all || one.by === this.mine.by));
  }

  /** What a snapshot or a tick says of some queries. @param {Record<string, Found>|undefined} found @param {number} seq */
  take(found, seq) {
    // A snapshot may come after ticks that are newer: of the queries that those did not name it is right still.
    const known = Object.entries(found ?? {}).filter(([name]) => seq >= (this.seqs.get(name) ?? -1));
    for (const [name] of known) this.seqs.set(name, seq);
    const fresh = known.filter(([name, one]) => JSON.stringify(one) !== JSON.stringify(this.found[name]));
    if (!fresh.length) return;
    this.found = { ...this.found, ...Object.fromEntries(fresh) };
    if (this.zoomed) this.refetch(fresh.map(([name]) => name));
    this.changed();
  }

  /** The names of the queries of what people made. */
  get made() {
    return this.queries.filter((one) => one.builtin && one.asked).map((one) => one.name);
  }

  /** The view was opened again, perhaps on another server: its numbers begin anew. */
  restart() {
    this.seqs.clear();
  }

  /** Whether all queries that are asked have come to something. */
  get known() {
    return this.queries.every((one) => !one.asked || one.name in this.found);
  }

  /** Show those of a zoomed range; null: of the view again. @param {[number, number]|null} range */
  async zoom(range) {
    if (range) await this.refetch();
    else if (this.zoomed) {
      this.zoomed = null;
      this.changed();
    }
  }

  /** Ask for those of the range that is shown, as they are now. @param {string[]} [names] those of these queries alone */
  async refetch(names) {
    if (names && !names.length) return;
    const [from, to] = this.page.range();
    const zoomed = this.page.zoomed();
    const some = names && (!zoomed || this.zoomed) ? names : undefined;
    const found = await this.page.fetch(from, to, some);
    const moved = String(this.page.range()) !== String([from, to]);
    if (!found || this.page.zoomed() !== zoomed || (zoomed && moved)) return;
    if (zoomed) this.zoomed = some ? { ...this.zoomed, ...found } : found;
    else this.found = { ...this.found, ...found };
    this.changed();
  }

  changed() {
    this.list = null;
    for (const listener of this.listeners) listener();
  }
}

/** The name of a query's switch in the address. @param {string} name */
export function switchOf(name) {
  return SWITCH + name;
}
