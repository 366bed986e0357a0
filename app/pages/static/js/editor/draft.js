// The draft of a dashboard: a change is there at once, sent one after the other, and kept by the server with its answer.

import { AWAY, call, faultsOf as faultsIn } from "../api.js";
import { applyPatch, same } from "./patch.js";

const FIRST_WAIT_MS = 500, LONGEST_WAIT_MS = 10e3; // until a server that is away is asked again
const ANSWER_WITHIN_MS = 30e3;

/**
 * @typedef {import("./patch.js").Operation} Operation
 * @typedef {{path: string, detail: string}} Fault
 * @typedef {{ok: true} | {ok: false, faults: Fault[]}} Applied
 * @typedef {{patch: Operation[], tell: ((applied: Applied) => void)[]}} Waiting
 * @typedef {{part: string, base: any, theirs: any, mine: any}} Collision
 * @typedef {{ok: true, dashboard: any} | {ok: false, faults: Fault[], collisions?: Collision[], against?: number}} Saved
 * @typedef {{panels: number[], opensAnew: boolean, reloaded: boolean}} Change what is to be drawn anew; `reloaded`: by somebody else, or by undo
 * @typedef {"kept"|"sending"|"away"|"signedout"|"gone"|"forbidden"} State whether the server has all of it
 */

export class Draft {
  /** @param {any} kept as the API gives a draft */
  constructor(kept) {
    this.id = String(kept.draft_id);
    /** @type {string|null} */
    this.dashboardId = kept.dashboard_id;
    /** @type {string|null} the uid of the folder of a new one */
    this.folder = kept.folder;
    this.baseVersion = Number(kept.base_version);
    /** The document with all that was changed here. */
    this.document = kept.document;
    /** @type {any} the document as the server has it */
    this.confirmed = kept.document;
    /** @type {Waiting[]} */
    this.waiting = [];
    /** @type {Waiting|null} */
    this.sent = null;
    /** @type {State} */
    this.state = "kept";
    /** @type {Map<string, Set<(detail: any) => void>>} */
    this.listeners = new Map();
    /** @type {(() => void)[]} */
    this.settlers = [];
    /** @type {Set<{element: HTMLElement}>} what holds something that was written, and not taken: it is wrong, or not whole yet */
    this.untaken = new Set();
    this.timer = 0;
    this.failures = 0;
    this.take(kept);
  }

  /** @param {any} kept */
  take(kept) {
    this.revision = Number(kept.revision);
    this.canUndo = Boolean(kept.can_undo);
    this.canRedo = Boolean(kept.can_redo);
    this.changed = Boolean(kept.changed);
  }

  /** What a view of it is opened by, which only its author sees. */
  get viewId() {
    return `draft:${this.id}`;
  }

  // -- who listens -----------------------------------------------------------------------------------------------

  /**
   * `edited`: the document here is another. `changed`: the server has it, with what is to be drawn (Change).
   * `saved`: it is a version now, the dashboard. `state`: a State, or what can be undone, is another.
   * @param {"edited"|"changed"|"saved"|"state"} event @param {(detail: any) => void} callback @returns {() => void} ends it
   */
  on(event, callback) {
    const all = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, all.add(callback));
    return () => all.delete(callback);
  }

  /** @param {string} event @param {any} [detail] */
  say(event, detail) {
    for (const callback of this.listeners.get(event) ?? []) callback(detail);
  }

  /** @param {State} state */
  become(state) {
    this.state = state;
    this.say("state", state);
  }

  /** @param {{element: HTMLElement}} what @param {boolean} is whether it holds what was not taken */
  doubt(what, is) {
    if (this.untaken.has(what) === is) return;
    if (is) this.untaken.add(what);
    else this.untaken.delete(what);
    this.say("state", this.state);
  }

  // -- changing --------------------------------------------------------------------------------------------------

  /**
   * Change the document. What is written anew before it was sent takes the place of what waits.
   * @param {Operation[]} patch @returns {Promise<Applied>}
   */
  apply(patch) {
    let document;
    try {
      document = applyPatch(this.document, patch);
    } catch (error) {
      return Promise.resolve({ ok: false, faults: [{ path: "$", detail: error instanceof Error ? error.message : String(error) }] });
    }
    this.document = document;
    const promise = new Promise((/** @type {(applied: Applied) => void} */ resolve) => {
      const last = this.waiting[this.waiting.length - 1];
      if (last && replaces(last.patch, patch)) {
        last.patch = [{ ...last.patch[0], value: patch[0].value }];
        last.tell.push(resolve);
      } else this.waiting.push({ patch, tell: [resolve] });
    });
    this.say("edited");
    this.soon();
    return promise;
  }

  /** Send it once what is done with it in one go is done. */
  soon() {
    if (this.sent) return; // what waits follows on its answer
    clearTimeout(this.timer);
    queueMicrotask(() => this.next()); // a timer would come after the next painting
    this.become("sending");
  }

  /** Send what waits first. */
  async next() {
    clearTimeout(this.timer);
    if (this.sent) return;
    this.sent = this.waiting.shift() ?? null;
    if (!this.sent) return this.settled();
    const answer = await this.ask("PATCH", "", { revision: this.revision, patch: this.sent.patch });
    this.answered(this.sent, answer);
  }

  /** @param {Waiting} sent @param {{status: number, body: any}} answer */
  async answered(sent, { status, body }) {
    if (status === 200) {
      this.failures = 0;
      this.confirmed = applyPatch(this.confirmed, sent.patch);
      this.take(body);
      this.done(sent, { ok: true });
      this.say("changed", { panels: body.changed_panels, opensAnew: body.opens_anew, reloaded: false });
    } else if (status === 409) await this.reload(sent);
    else if (status === 403 || status === 404) this.become(status === 403 ? "forbidden" : "gone");
    else if (status === 401) this.again(sent, "signedout");
    else if (status >= 400 && status < 500 && status !== 429) this.done(sent, { ok: false, faults: faultsOf(body) });
    else this.again(sent);
    if (!this.sent) this.next();
  }

  /** Nobody answered, or not to us: it is sent again, for as long as it takes. @param {Waiting} sent @param {State} state */
  again(sent, state = "away") {
    this.waiting.unshift(sent);
    this.become(state);
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.failures, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2);
    this.failures += 1;
    this.timer = setTimeout(() => {
      this.sent = null;
      this.next();
    }, wait);
  }

  /** @param {Waiting} sent @param {Applied} applied */
  done(sent, applied) {
    this.sent = null;
    const before = this.document;
    this.replay();
    for (const tell of sent.tell) tell(applied);
    if (!applied.ok && !same(before, this.document)) this.say("edited");
  }

  /** The document here anew: what the server has, with what waits. What cannot be done on it any more is refused. */
  replay() {
    let document = this.confirmed;
    this.waiting = this.waiting.filter((one) => {
      try {
        document = applyPatch(document, one.patch);
        return true;
      } catch (error) {
        for (const tell of one.tell) tell({ ok: false, faults: [{ path: "$", detail: "What this changes is not there any more." }] });
        return false;
      }
    });
    this.document = document;
  }

  /** Another tab has changed the draft, or our answer was lost: take what the server has. @param {Waiting|null} sent */
  async reload(sent = null) {
    const { status, body } = await this.ask("GET", "");
    if (status !== 200) {
      if (sent) this.again(sent);
      return;
    }
    const ours = sent && applyPatch(this.confirmed, sent.patch);
    const alike = sameParts(this.confirmed, body.document);
    const arrived = ours !== null && same(ours, body.document);
    this.confirmed = body.document;
    this.take(body);
    if (sent && !arrived && alike) this.waiting.unshift(sent);
    else if (sent) this.told(sent, arrived);
    if (!alike) for (const one of this.waiting.splice(0)) this.told(one, false);
    this.sent = null;
    this.replay();
    this.say("edited");
    this.say("changed", { panels: body.document.panels?.map((/** @type {any} */ one) => one.panel_id) ?? [], opensAnew: true, reloaded: true });
  }

  /** @param {Waiting} one @param {boolean} ok */
  told(one, ok) {
    const faults = [{ path: "$", detail: "This draft was changed in another tab, and was read anew." }];
    for (const tell of one.tell) tell(ok ? { ok } : { ok, faults });
  }

  settled() {
    if (["sending", "away", "signedout"].includes(this.state)) this.become("kept");
    for (const settle of this.settlers.splice(0)) settle();
  }

  /** Until all that was changed here is answered. */
  settle() {
    if (!this.sent && !this.waiting.length) return Promise.resolve();
    const settled = new Promise((/** @type {(value: void) => void} */ resolve) => this.settlers.push(resolve));
    this.next();
    return settled;
  }

  // -- the draft as a whole --------------------------------------------------------------------------------------

  undo() {
    return this.move("undo");
  }

  redo() {
    return this.move("redo");
  }

  /** @param {"undo"|"redo"} way */
  async move(way) {
    await this.settle();
    if (!(way === "undo" ? this.canUndo : this.canRedo)) return;
    const { status, body } = await this.ask("POST", `/${way}`);
    if (status === 409 || status === 422) return this.reload();
    if (status !== 200) return;
    this.confirmed = body.document;
    this.take(body);
    this.replay();
    this.say("edited");
    this.say("changed", { panels: body.changed_panels, opensAnew: body.opens_anew, reloaded: true });
    this.become(this.state);
  }

  /**
   * Make a version of it. Where others changed the same meanwhile, `choices` say what stands against that version.
   * @param {string} message @param {{choices?: Record<string, string>, against?: number, as_new?: boolean}} [how] @returns {Promise<Saved>}
   */
  async save(message, how = {}) {
    await this.settle();
    const { status, body } = await this.ask("POST", "/save", { message, ...how });
    if (status === 200) {
      this.changed = false;
      this.say("saved", body);
      return { ok: true, dashboard: body };
    }
    return { ok: false, faults: faultsOf(body), collisions: body?.collisions, against: body?.current_version };
  }

  /** Let all of it go. @returns {Promise<boolean>} */
  async discard() {
    clearTimeout(this.timer);
    this.waiting = [];
    const { status } = await this.ask("DELETE", "");
    return status === 204 || status === 404;
  }

  /** @param {string} method @param {string} path below the draft's @param {any} [body] @returns {Promise<{status: number, body: any}>} status 0: nobody answers */
  async ask(method, path, body) {
    const said = await call(method, `drafts/${this.id}${path}`, body, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    const isOurs = said.status === 204 || (said.body !== null && said.body !== AWAY); // a page of something between is no answer of the server's
    return isOurs ? { status: said.status, body: said.body } : { status: 0, body: null };
  }
}

/** Where a panel stands in a document, as the beginning of a path; empty where it is not there. @param {any} document @param {number} panelId */
export function panelPath(document, panelId) {
  const index = (document.panels ?? []).findIndex((/** @type {any} */ one) => one.panel_id === panelId);
  return index < 0 ? "" : `/panels/${index}`;
}

/** What a problem of the API says, fault by fault. @param {any} problem @returns {Fault[]} */
function faultsOf(problem) {
  if (!problem) return [{ path: "$", detail: "The server does not answer. What you did is still here." }];
  const found = faultsIn(problem);
  return found.length ? found : [{ path: "$", detail: problem.detail ?? problem.title }];
}

/** Whether a patch writes one value, as typing does. @param {Operation[]} patch */
function isTyping(patch) {
  return patch.length === 1 && ["add", "replace"].includes(patch[0].op) && !/\/(-|\d+)$/.test(patch[0].path);
}

/** @param {Operation[]} first @param {Operation[]} second */
function replaces(first, second) {
  return isTyping(first) && isTyping(second) && first[0].path === second[0].path;
}

/** Whether the same panels, variables and annotation queries stand at the same places: paths of one lead to the same in the other. @param {any} one @param {any} other */
function sameParts(one, other) {
  return ["panels", "variables", "annotations"].every((name) => {
    const keys = (/** @type {any} */ document) => JSON.stringify((Array.isArray(document[name]) ? document[name] : []).map((/** @type {any} */ item) => item.panel_id ?? item.name));
    return keys(one) === keys(other);
  });
}
