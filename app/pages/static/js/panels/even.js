// Boxes in rows that are full: as many columns as fit and share the boxes evenly; those of the last row take all of its width.

/** Tell a box how many columns its boxes make, as `--columns`, whenever their number or its width changes. @param {HTMLElement} box @param {number} least_px of a column */
export function evenRows(box, least_px) {
  let width_px = 0;
  const fit = () => box.style.setProperty("--columns", String(columnsFor(box.children.length, width_px, least_px)));
  const observer = new ResizeObserver(() => {
    width_px = box.clientWidth;
    fit();
  });
  observer.observe(box);
  return { fit, stop: () => observer.disconnect() };
}

/** @param {number} count of boxes @param {number} width_px of all @param {number} least_px of one */
function columnsFor(count, width_px, least_px) {
  const most = Math.max(1, Math.floor(width_px / least_px));
  return Math.max(1, Math.ceil(count / Math.ceil(count / most)));
}
