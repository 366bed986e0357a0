// Boxes in rows that are full: as many columns as fit and share the boxes evenly; those of the last row take all of its width.

/**
 * What a column and a row need at least, a row of less where all fit by that alone, and the box whose height all rows
 * should fit into.
 * @typedef {{narrow_px: number, row_px: number, tight_px?: number, within: HTMLElement}} Room
 */

/**
 * Tell a box how many columns its boxes make and how high their rows are at least, as `--columns` and `--row`, whenever
 * their number or its room changes.
 * @param {HTMLElement} box @param {() => number} least_px of a column, where the height allows it @param {Room} room
 */
export function evenRows(box, least_px, room) {
  let size = [0, 0];
  const fit = () => {
    const columns = columnsFor(box.children.length, size, least_px(), room);
    box.style.setProperty("--columns", String(columns));
    box.style.setProperty("--row", `${rowFor(Math.ceil(box.children.length / columns), size[1], room)}px`);
  };
  const observer = new ResizeObserver(() => {
    const grows = getComputedStyle(room.within).position === "static"; // on phones it is as high as its rows
    size = [box.clientWidth, grows ? Infinity : room.within.clientHeight];
    fit();
  });
  observer.observe(box);
  if (room.within !== box) observer.observe(room.within);
  return { fit, stop: () => observer.disconnect() };
}

/** Narrower columns stand beside each other where rows of wide ones would be cut. @param {number} count of boxes @param {number[]} size width and height of all, px @param {number} least_px of one @param {{narrow_px: number, row_px: number}} room */
export function columnsFor(count, [width_px, height_px], least_px, { narrow_px, row_px }) {
  const most = (/** @type {number} */ px) => Math.max(1, Math.floor(width_px / px));
  const rows = Math.max(1, Math.floor(height_px / row_px));
  const wanted = Math.max(most(least_px), Math.min(most(narrow_px), Math.ceil(count / rows)));
  return Math.max(1, Math.ceil(count / Math.ceil(count / wanted)));
}

/** How high a row is at least: low ones where all would be cut otherwise, and fit by that. @param {number} rows @param {number} height_px of all @param {{row_px: number, tight_px?: number}} room */
export function rowFor(rows, height_px, { row_px, tight_px = row_px }) {
  return rows * row_px > height_px && rows * tight_px <= height_px ? tight_px : row_px;
}
