// What a dashboard's file holds: the snapshot, the rows of long tables and the pictures of density, packed by gzip as base64.

import { fits, sorted } from "./panels/table_rows.js";
import { decode } from "./snapshot.js";

const UNANSWERED = "Its data source did not answer in time when this was made.";

/** @typedef {{columns: any[], footer: string[]|null, size: number, rows: Record<string, any[]>}} Held */

export class Embedded {
  constructor() {
    /** @type {Map<string, Promise<ArrayBuffer|null>>} */
    this.parts = new Map();
  }

  /** Parts that take the place of those of the same name. @param {Record<string, string>} packed */
  renew(packed) {
    for (const [name, text] of Object.entries(packed)) this.parts.set(name, unpacked(text));
  }

  /** A part's bytes; null where the file has none of that name. @param {string} name */
  part(name) {
    let found = this.parts.get(name);
    if (!found) this.parts.set(name, (found = unpacked(document.getElementById(`part-${name}`)?.textContent)));
    return found;
  }

  /** @param {string} name @returns {Promise<any>} */
  async json(name) {
    const bytes = await this.part(name);
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  }

  /** All panels as they were; none of them waits for a server any more. */
  async snapshot() {
    const { head, buffers } = decode(/** @type {ArrayBuffer} */ (await this.part("snapshot")));
    for (const panel of Object.values(head.panels)) {
      if (panel.state === "loading") Object.assign(panel, { state: "timeout", message: UNANSWERED });
      panel.retry_in_s = null;
    }
    return { head, buffers };
  }

  /** A page of a long table, as the server cuts them. @param {number} id @param {{page: number, frame: number, sort: string, filter: string}} query */
  async rows(id, { page, frame, sort, filter }) {
    /** @type {Held|null} */
    const held = await this.json(`rows-${id}-${frame}`);
    return held && cut(held, page, sort, new Map(Object.entries(JSON.parse(filter))));
  }

  /** The picture of density, no larger than what is asked; null where that is shown already. @param {number} id @param {{width: number, height: number}} size @param {string} etag */
  async picture(id, size, etag) {
    const bytes = await this.part(`picture-${id}`);
    if (!bytes) return { problem: (await this.json(`problem-${id}`)) ?? { code: "missing", title: "No picture", detail: "This file holds none." }, retryS: 0 };
    const { head, buffers } = decode(bytes);
    const picture = shrunk(/** @type {any} */ (head), new Uint8Array(buffers.get("0") ?? new ArrayBuffer(0)), size);
    const own = `${picture.head.width}x${picture.head.height}`;
    return own === etag ? null : { etag: own, lifeS: Infinity, ...picture };
  }
}

/** @param {string|null|undefined} text gzip as base64 */
async function unpacked(text) {
  if (!text) return null;
  const packed = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** @param {Held} held @param {number} page @param {string} sort @param {Map<string, string>} filters */
export function cut({ columns, footer, size, rows }, page, sort, filters) {
  let order = Array.from({ length: rows.c0?.length ?? 0 }, (_, index) => index);
  const at = (/** @type {string} */ name) => columns.findIndex((one) => one.name === name);
  for (const [name, wanted] of filters) {
    const column = at(name);
    if (wanted && column >= 0) order = order.filter((row) => fits(rows[`c${column}`][row], wanted, rows[`e${column}`]?.[row]));
  }
  const by = at(sort.replace(/^-/, ""));
  if (by >= 0) order = sorted(order, rows[`c${by}`], rows[`e${by}`], sort.startsWith("-") ? -1 : 1);
  const pages = Math.max(1, Math.ceil(order.length / size));
  const shown = Math.min(page, pages - 1);
  const picked = order.slice(shown * size, (shown + 1) * size);
  const own = Object.fromEntries(Object.entries(rows).map(([name, values]) => [name, picked.map((row) => values[row])]));
  return { page: shown, pages, total: order.length, rows: own, columns, footer: [...filters.values()].some(Boolean) ? null : footer }; // nobody is there to work it out
}

/**
 * A picture with no more cells than the screen has pixels: each shows the most of those that it stands for, so that nothing rare is lost.
 * @param {any} head @param {Uint8Array} codes @param {{width: number, height: number}} room
 */
export function shrunk(head, codes, room) {
  const width = Math.min(head.width, Math.max(1, room.width));
  const height = Math.min(head.height, Math.max(1, room.height));
  if (width === head.width && height === head.height) return { head, codes };
  const made = new Uint8Array(width * height);
  for (let y = 0; y < head.height; y += 1) {
    const row = Math.floor((y * height) / head.height) * width;
    for (let x = 0; x < head.width; x += 1) {
      const place = row + Math.floor((x * width) / head.width);
      made[place] = Math.max(made[place], codes[y * head.width + x]);
    }
  }
  return { head: { ...head, width, height }, codes: made };
}
