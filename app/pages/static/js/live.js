// Following a view: opening, snapshots, ticks, and coming back, whatever happens to the server in between.

import { openView } from "./opening.js";
import { ViewAnswers } from "./view_answers.js";

const KEPT_TICKS = 30;
const HIDDEN_MS = 30e3;
const PING_MS = 25e3;
// A server that says nothing for so long is gone, whatever its connection says: each refresh has a message.
const SILENT_MS = 15e3, SILENT_REFRESHES = 4, SILENT_PINGS = 2.4;
const LISTEN_MS = 3e3;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15e3;
const UNKNOWN_VIEW = 4404, GONE = 4401;
const NO_SOCKET_AFTER = 4; // sockets that never opened: poll instead
const SOCKET_AGAIN_MS = 60e3;

/**
 * @typedef {object} Listener
 * @property {(state: "live"|"frozen"|"reconnecting"|"readonly", since?: number) => void} state
 * @property {(tick: any) => void} tick
 * @property {(boot: any) => void} opened the view was opened again: all panels are to be fetched
 * @property {() => void} connected there is a socket
 * @property {(said: any) => void} room what is said in the room of the dashboard
 */

export class Live {
  /** @param {any} boot @param {string} root @param {Listener} listener */
  constructor(boot, root, listener) {
    this.boot = boot;
    this.root = root;
    this.listener = listener;
    this.answers = new ViewAnswers(this);
    this.query = location.search; // of the view: a zoom changes the address, not the view
    /** @type {Promise<boolean>|null} */
    this.opening = null;
    this.turn = 0; // counts the views that were followed
    this.revision = 0; // of a draft: the least that its view has to show
    this.retryMs = 0;
    this.unread = 0; // messages in a row that could not be read
    /** @type {any[]} */
    this.ticks = [];
    /** @type {number[]} */
    this.wants = [];
    /** @type {WebSocket|null} */
    this.socket = null;
    this.failures = 0;
    this.neverOpened = 0;
    this.accompanied = false;
    this.heard = Date.now();
    this.paused = false;
    this.hiddenTimer = 0;
    this.timer = 0;
  }

  start() {
    document.addEventListener("visibilitychange", () => this.visibility());
    setInterval(() => this.ping(), PING_MS);
    setInterval(() => this.listen(), LISTEN_MS);
    addEventListener("offline", () => this.connects && !this.paused && this.cut());
    addEventListener("online", () => this.connects && !this.paused && this.later(0));
    if (this.boot.live) this.connect();
    else this.listener.state("frozen");
  }

  /** Whether there is to be a socket: a view that stands still has one for people who watch it together alone. */
  get connects() {
    return this.boot.live || this.accompanied;
  }

  /** @param {boolean} together */
  set together(together) {
    this.accompanied = together;
    if (together && !this.boot.live) this.connect();
  }

  /** Which panels the page is near. @param {number[]} ids */
  want(ids) {
    this.wants = ids;
    this.send({ want: ids });
  }

  /** Open the same address again: a fresh token, perhaps another server. Says whether that worked. */
  async reopen() {
    const { turn } = this;
    this.opening ??= openView(this, this.query).then(({ boot, retryMs }) => {
      if (turn !== this.turn) return false;
      this.retryMs = retryMs;
      return boot ? this.take(boot) : false;
    }).finally(() => turn === this.turn && (this.opening = null));
    return this.opening;
  }

  /** @param {any} boot @returns {true} */
  take(boot) {
    if (boot.build !== this.boot.build || boot.version !== this.boot.version) {
      setTimeout(() => location.reload(), Math.random() * 3000);
    }
    this.boot = boot;
    this.ticks = [];
    return true;
  }

  /** Follow another view of the dashboard: what was asked of the one before is nobody's any more. @param {any} boot @param {string} query of its address */
  follow(boot, query) {
    this.turn += 1;
    this.query = query;
    this.take(boot);
    this.failures = 0;
    this.unread = 0;
    this.opening = null;
    this.drop();
    if (!boot.live) this.still();
    else if (this.paused) this.listener.state("frozen");
    else if (this.neverOpened >= NO_SOCKET_AFTER) this.poll();
    else this.connect();
  }

  /** The view does not tick. */
  still() {
    this.listener.state("frozen");
    if (this.accompanied) this.connect();
  }

  // -- the socket ------------------------------------------------------------------------------------------------

  connect() {
    if (this.paused || this.socket || document.hidden) return;
    const address = `${location.origin.replace(/^http/, "ws")}${this.root}/live/${this.boot.view}/socket`;
    const socket = new WebSocket(`${address}?token=${encodeURIComponent(this.boot.token)}`);
    let opened = false;
    this.socket = socket;
    socket.onopen = () => {
      opened = true;
      this.neverOpened = 0;
      this.heard = Date.now();
      clearTimeout(this.timer);
      this.transport("socket");
      this.send({ want: this.wants });
      this.listener.connected();
    };
    socket.onmessage = (event) => this.received(event.data);
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (!opened) this.neverOpened += 1;
      this.lost(event.code);
    };
  }

  /** @param {object} message */
  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** Ask for a sign of life where ticks give none: each answer is work for the server. */
  ping() {
    if (Date.now() - this.heard > PING_MS / 2) this.send({ ping: 1 });
  }

  /** @param {any} message */
  message(message) {
    this.heard = Date.now();
    if ("seq" in message) {
      this.failures = 0;
      this.ticks.push(message);
      if (this.ticks.length > KEPT_TICKS) this.ticks.shift();
      this.listener.state("live");
      this.listener.tick(message);
    } else if (message.room) this.listener.room(message.room);
    else if (message.refetch) this.listener.opened(this.boot);
    else if (message.move) this.later(Math.random() * message.move);
    else if ("version" in message) setTimeout(() => location.reload(), Math.random() * (message.within ?? 10e3));
    else if (message.login || message.closed) location.reload();
  }

  /** The network is gone: said at once, not when the silence was long enough. */
  cut() {
    this.drop();
    this.lost(1006);
  }

  /** A message that cannot be read is no server that is away: what it would have said is fetched, less often the more come. @param {string} data */
  received(data) {
    try {
      this.message(JSON.parse(data));
    } catch (error) {
      console.error("A message of this view cannot be applied", error);
      this.unread += 1;
      clearTimeout(this.rereading);
      this.rereading = setTimeout(() => this.listener.opened(this.boot), Math.min(FIRST_WAIT_MS * 2 ** (this.unread - 1), LONGEST_WAIT_MS));
      return;
    }
    this.unread = 0;
  }

  /** @param {number} code why the socket was closed */
  lost(code) {
    if (this.paused || document.hidden || !this.connects) return;
    if (code !== UNKNOWN_VIEW && code !== GONE && code !== 1001) this.failures += 1;
    this.away();
    this.later(this.backoff());
  }

  /** What ticks is not heard of any more. */
  away() {
    if (this.boot.live) this.listener.state("reconnecting", this.ticks.at(-1)?.at);
  }

  backoff() {
    return Math.min(FIRST_WAIT_MS * 2 ** this.failures, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2);
  }

  /** Come back after a while; never giving up. @param {number} ms */
  later(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      const old = this.socket;
      this.socket = null;
      old?.close();
      const { turn } = this;
      const opened = await this.reopen();
      if (turn !== this.turn) return; // another view is followed by now
      if (!opened) {
        this.failures += 1;
        this.away();
        this.later(Math.max(this.backoff(), this.retryMs));
        return;
      }
      this.listener.opened(this.boot);
      if (!this.boot.live) this.still();
      else if (this.neverOpened >= NO_SOCKET_AFTER) this.poll();
      else this.connect();
    }, ms);
  }

  /** Without a WebSocket: snapshots at the refresh of the view, and a socket tried again now and then. */
  poll(since = Date.now()) {
    this.listener.state("live");
    this.transport("poll");
    this.timer = setTimeout(() => {
      this.listener.opened(this.boot);
      if (Date.now() - since > SOCKET_AGAIN_MS) this.connect();
      else this.poll(since);
    }, Math.max(this.boot.refresh_s * 1000, 2000));
  }

  /** @param {"socket"|"poll"} kind how ticks come, for the page to say */
  transport(kind) {
    document.documentElement.dataset.transport = kind;
  }

  /** A socket of which nothing is heard is lost, though nobody closed it. */
  listen() {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const silent = this.boot.live ? Math.max(SILENT_MS, SILENT_REFRESHES * this.boot.refresh_s * 1000) : Infinity;
    if (Date.now() - this.heard < Math.min(silent, SILENT_PINGS * PING_MS)) return;
    const dead = this.socket;
    this.socket = null;
    dead.close();
    this.lost(1006);
  }

  visibility() {
    clearTimeout(this.hiddenTimer);
    if (document.hidden) {
      this.hiddenTimer = setTimeout(() => this.drop(), HIDDEN_MS);
    } else if (this.connects && !this.socket && !this.paused) this.later(0);
  }

  /** Let go of the socket until it is wanted again. */
  drop() {
    clearTimeout(this.timer);
    const old = this.socket;
    this.socket = null;
    old?.close();
  }

  /** @param {boolean} paused */
  pause(paused) {
    this.paused = paused;
    if (!this.boot.live) return;
    if (paused) {
      this.drop();
      this.listener.state("frozen");
    } else this.later(0);
  }
}
