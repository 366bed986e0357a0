// Boxes in rows that are full: as many columns as fit and share the boxes evenly; those of the last row take all of its width.

/** @typedef {{narrow_px: number, row_px: number, within: HTMLElement}} Room what a column and a row need at least, and the box whose height all rows should fit into */

/**
 * Tell a box how many columns its boxes make, as `--columns`, whenever their number or its room changes.
 * @param {HTMLElement} box @param {number} least_px of a column, where the height allows it @param {Room} room
 */
export function evenRows(box, least_px, room) {
  let size = [0, 0];
  const fit = () => box.style.setProperty("--columns", String(columnsFor(box.children.length, size, least_px, room)));
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
