// What a page asks of its view over HTTP: panels, other ranges, annotations, rows of tables, pictures of density.

import { ask } from "./ask.js";
import { decode } from "./snapshot.js";

export class ViewAnswers {
  /** @param {import("./live.js").Live} live the view that is followed */
  constructor(live) {
    this.live = live;
  }

  /** Panels as they are now. @param {number[]} ids @returns {Promise<{head: import("./snapshot.js").Head, buffers: Map<string, ArrayBuffer>}>} */
  async panels(ids) {
    const least = this.live.revision ? `&revision=${this.live.revision}` : "";
    return ask(this.live, `panels?ids=${ids.join(",")}${least}`, { as: "snapshot", patient: true });
  }

  /** Panels over another range. @param {number[]} ids @param {number} from @param {number} to */
  async columns(ids, from, to) {
    return ask(this.live, `columns?panels=${ids.join(",")}&from=${Math.round(from)}&to=${Math.round(to)}`, { as: "snapshot", patient: true });
  }

  /**
   * Annotations of a range, as they are now; null where they are not to be had.
   * @param {number} from @param {number} to @param {string[]} [names] those of these queries alone
   */
  async annotations(from, to, names = []) {
    const query = new URLSearchParams([["from", String(Math.floor(from))], ["to", String(Math.ceil(to))], ...names.map((name) => ["query", name])]);
    return ask(this.live, `annotations?${query}`, { as: "json" }).catch(orNothing);
  }

  /** A page of a long table; null where there is none to be had now. @param {number} id @param {Record<string, any>} query */
  async rows(id, query) {
    return ask(this.live, `rows?${new URLSearchParams({ panel: String(id), ...query })}`, { as: "json" }).catch(orNothing);
  }

  /**
   * A picture of density; null where the one of that tag is still right.
   * @param {number} id @param {Record<string, any>} query @param {string} etag
   * @returns {Promise<{etag: string, lifeS: number, head: any, codes: Uint8Array}|{problem: any, retryS: number}|null>}
   */
  async picture(id, query, etag) {
    try {
      /** @type {Response} */
      const answer = await ask(this.live, `density?${new URLSearchParams({ panel: String(id), ...query })}`, { as: "response", headers: etag ? { "If-None-Match": etag } : {} });
      if (answer.status === 304) return null;
      if (!answer.ok) return { problem: await answer.json(), retryS: Number(answer.headers.get("Retry-After") ?? 0) };
      const { head, buffers } = decode(await answer.arrayBuffer());
      const lifeS = Number(answer.headers.get("X-Heliograph-Life") ?? 1);
      return { etag: answer.headers.get("ETag") ?? "", lifeS, head, codes: new Uint8Array(buffers.get("0") ?? new ArrayBuffer(0)) };
    } catch {
      return { problem: { code: "work_unavailable", title: "Nothing can be drawn at this moment", detail: "The server does not answer." }, retryS: 5 };
    }
  }

  /** How what a panel shows now came about. @param {number} id */
  inspected(id) {
    return ask(this.live, `inspect?panel=${id}`, { as: "json" });
  }
}

/** What is asked in passing: without an answer, what is there stays. @returns {null} */
function orNothing() {
  return null;
}
