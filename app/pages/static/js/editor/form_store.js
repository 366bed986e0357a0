// Where a form reads and writes: a value of the page's own, or a part of the draft; and items that are not whole yet.

/** @typedef {import("./schema.js").Path} Path */
/** @typedef {{path: Path, detail: string}} Fault relative to the store */
/**
 * @typedef {object} Store
 * @property {(path: Path) => any} get undefined where nothing stands
 * @property {(path: Path, value: any) => Promise<Fault[]>} set none where it was taken; the value stays as it was otherwise
 * @property {(path: Path) => Promise<Fault[]>} remove
 * @property {(what: {element: HTMLElement}, is: boolean) => void} [doubt] told of what a form holds that was not taken
 */

const PART = /\.([^.[\]]+)|\[(\d+)\]/g;

/** `$.panels[0].title` as its parts. @param {string} text @returns {Path} */
export function pathOf(text) {
  return [...text.matchAll(PART)].map((one) => (one[2] === undefined ? one[1] : Number(one[2])));
}

/** @param {Path} path @returns {string} a JSON pointer */
export function pointerOf(path) {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** @param {any} value @param {Path} path */
export function valueAt(value, path) {
  return path.reduce((inner, part) => (inner === null || typeof inner !== "object" || !Object.hasOwn(inner, part) ? undefined : inner[part]), value);
}

/** A copy with another value at a path; undefined takes it out. @param {any} whole @param {Path} path @param {any} value @returns {any} */
export function changedAt(whole, [part, ...rest], value) {
  const own = whole === null || typeof whole !== "object" ? (typeof part === "number" ? [] : {}) : whole;
  const inner = rest.length ? changedAt(own[part], rest, value) : value;
  if (Array.isArray(own)) return inner === undefined ? own.filter((_, index) => index !== part) : Object.assign([...own], { [part]: inner });
  const { [part]: _, ...others } = own;
  return inner === undefined ? others : { ...own, [part]: inner };
}

/** @param {any} one @param {any} other */
export function same(one, other) {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** A value that the page holds itself until it is sent: `check` says what is wrong with one, if it can. */
export class LocalStore {
  /** @param {any} value @param {(value: any) => void} [changed] */
  constructor(value, changed = () => {}) {
    this.value = value;
    this.changed = changed;
  }

  /** @param {Path} path */
  get(path) {
    return valueAt(this.value, path);
  }

  /** @param {Path} path @param {any} value @returns {Promise<Fault[]>} */
  async set(path, value) {
    this.value = path.length ? changedAt(this.value, path, value) : value;
    this.changed(this.value);
    return [];
  }

  /** @param {Path} path */
  remove(path) {
    return this.set(path, undefined);
  }
}

/** A part of the draft that the server holds; `base` says where it stands by now, null where it is gone. */
export class DraftStore {
  /** @param {any} draft @param {() => Path|null} base */
  constructor(draft, base) {
    this.draft = draft;
    this.base = base;
  }

  /** @param {Path} path */
  get(path) {
    const base = this.base();
    return base === null ? undefined : valueAt(this.draft.document, [...base, ...path]);
  }

  /** @param {Path} path @param {any} value */
  set(path, value) {
    const base = this.base();
    return base === null ? gone() : this.send(base, [putting(this.draft.document, [...base, ...path], value)]);
  }

  /** @param {Path} path */
  async remove(path) {
    const base = this.base();
    if (base === null) return gone();
    return this.get(path) === undefined ? [] : this.send(base, [{ op: "remove", path: pointerOf([...base, ...path]) }]);
  }

  /** @param {{element: HTMLElement}} what @param {boolean} is whether it holds what was not taken */
  doubt(what, is) {
    this.draft.doubt(what, is);
  }

  /** @param {Path} base @param {any[]} patch @returns {Promise<Fault[]>} */
  async send(base, patch) {
    const said = await this.draft.apply(patch);
    return said.ok ? [] : below(base.length, refused(said.faults));
  }
}

/** What holds where nothing is written, as if it stood there: the first change of a part of it writes all of it. */
export class DefaultedStore {
  /** @param {Store} store @param {Path} at @param {any} usual what holds at that place */
  constructor(store, at, usual) {
    this.store = store;
    this.at = at;
    this.usual = usual;
  }

  /** The rest of a path below the place, where nothing is written there. @param {Path} path @returns {Path|null} */
  below(path) {
    const within = path.length > this.at.length && this.at.every((part, index) => part === path[index]);
    return within && this.store.get(this.at) === undefined ? path.slice(this.at.length) : null;
  }

  /** @param {Path} path */
  get(path) {
    const rest = this.below(path);
    return rest ? valueAt(this.usual, rest) : this.store.get(path);
  }

  /** @param {Path} path @param {any} value @returns {Promise<Fault[]>} */
  set(path, value) {
    const rest = this.below(path);
    return rest ? this.store.set(this.at, changedAt(this.usual, rest, value)) : this.store.set(path, value);
  }

  /** @param {Path} path */
  remove(path) {
    const rest = this.below(path);
    return rest ? this.store.set(this.at, changedAt(this.usual, rest, undefined)) : this.store.remove(path);
  }
}

/** Why a draft did not take a change. @param {{path: string, detail: string}[]} faults @returns {Fault[]} */
export function refused(faults) {
  return faults.map((one) => ({ path: pathOf(one.path), detail: one.detail }));
}

/** Faults of a part, as the part names them. @param {number} depth where it stands @param {Fault[]} faults @returns {Fault[]} */
export function below(depth, faults) {
  return faults.map((one) => ({ ...one, path: one.path.slice(depth) }));
}

/** @returns {Promise<Fault[]>} */
async function gone() {
  return [{ path: [], detail: "It is not there any more" }];
}

/** The operation that puts a value somewhere, with what is missing above it. @param {any} document @param {Path} path @param {any} value */
export function putting(document, path, value) {
  let depth = path.length - 1;
  while (depth > 0 && !isContainer(valueAt(document, path.slice(0, depth)))) depth -= 1;
  const at = path.slice(0, depth + 1);
  const whole = path.length > at.length ? changedAt(null, path.slice(depth + 1), value) : value;
  const replaces = typeof at.at(-1) === "number" && valueAt(document, at) !== undefined;
  return { op: replaces ? "replace" : "add", path: pointerOf(at), value: whole };
}

/** @param {any} value */
function isContainer(value) {
  return value !== null && typeof value === "object";
}

/** An item that the store below does not take yet: it stays here, with each change tried again, until it does. */
export class PendingStore {
  /** @param {Store} store @param {Path} at @param {any} value @param {() => void} taken */
  constructor(store, at, value, taken) {
    this.store = store;
    this.at = at;
    this.value = value;
    this.taken = taken;
    this.isTaken = false; // from then on it is as any other item of the store
    this.busy = false; // a change of it is not judged yet
    /** @type {Promise<Fault[]>|null} that change */
    this.judged = null;
    /** @type {Promise<Fault[]>|null} the change that is sent after it, with all that is written until then */
    this.next = null;
  }

  /** @param {Path} path */
  within(path) {
    return !this.isTaken && this.at.every((part, index) => part === path[index]);
  }

  /** @param {Path} path */
  get(path) {
    return this.within(path) ? valueAt(this.value, path.slice(this.at.length)) : this.store.get(path);
  }

  /** @param {Path} path @param {any} value @returns {Promise<Fault[]>} */
  async set(path, value) {
    if (!this.within(path)) return this.store.set(path, value);
    const rest = path.slice(this.at.length);
    this.value = rest.length ? changedAt(this.value, rest, value) : value;
    if (!this.judged) return this.send();
    this.next ??= this.judged.then(() => this.send()); // what was refused is not there for the next one to change
    return this.next;
  }

  /** @returns {Promise<Fault[]>} */
  send() {
    this.next = null;
    this.busy = true;
    this.judged = this.store.set(this.at, this.value).then((faults) => {
      this.judged = null;
      this.busy = this.next !== null;
      this.isTaken = !faults.length;
      if (this.isTaken) this.taken();
      return faults;
    });
    return this.judged;
  }

  /** @param {Path} path */
  remove(path) {
    return this.within(path) ? this.set(path, undefined) : this.store.remove(path);
  }
}
