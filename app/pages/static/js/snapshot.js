// Snapshots: u32 length of the head, the head as JSON, then its buffers, each at a multiple of 8.

/**
 * @typedef {{seq: number, at: number, window: [number, number], lens: number[], panels: Record<string, PanelHead>, annotations?: any}} Head
 * @typedef {{state: string, type: string, layout?: string, texts?: any, doc?: any, notice?: string|null,
 *   age_s?: number|null, code?: string, title?: string, message?: string, retry_in_s?: number|null}} PanelHead
 */

/** @param {ArrayBuffer} data @returns {{head: Head, buffers: Map<string, ArrayBuffer>}} */
export function decode(data) {
  const length = new DataView(data).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  const buffers = new Map();
  let position = 4 + length;
  head.lens.forEach((/** @type {number} */ size, /** @type {number} */ index) => {
    buffers.set(String(index), data.slice(position, position + size));
    position += size + ((8 - (size % 8)) % 8);
  });
  return { head, buffers };
}
