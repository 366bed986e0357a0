// The grid's rules, without a page: a panel that is moved or grown pushes others down, and all rise as far as they can.

export const COLUMNS = 24;
export const MOST_ROWS = 100; // of one panel
const NEW_WIDTH = 12, NEW_HEIGHT = 8;
const MOST_DOWN = 10_000; // rows from the top

/** @typedef {{id: number, x: number, y: number, w: number, h: number, row?: boolean}} Box in columns and rows of the grid */

/** Whether two boxes cover each other. @param {Box} one @param {Box} other */
export function meet(one, other) {
  return one.id !== other.id && one.x < other.x + other.w && other.x < one.x + one.w && one.y < other.y + other.h && other.y < one.y + one.h;
}

/** From the top, and from the left; a row before the panels beside it. @param {Box} one @param {Box} other */
export function inOrder(one, other) {
  return one.y - other.y || Number(other.row ?? false) - Number(one.row ?? false) || one.x - other.x;
}

/**
 * The boxes after one of them has another place or size: what it covers moves down, and no room is left above anything.
 * @param {Box[]} boxes @param {Box} wanted @returns {Box[]} in the order that they were given
 */
export function placed(boxes, wanted) {
  const held = within(wanted);
  const free = boxes.filter((one) => one.id !== held.id).sort(inOrder);
  /** @type {Box[]} */
  const pushed = [held];
  for (const box of free) pushed.push(lowered(box, pushed));
  const risen = compact(pushed.sort((one, other) => inOrder(one, other) || Number(other === held) - Number(one === held)));
  return boxes.map((one) => /** @type {Box} */ (risen.find((box) => box.id === one.id)));
}

/** Boxes that rise as far as they can, in their order. @param {Box[]} boxes @returns {Box[]} */
export function compact(boxes) {
  /** @type {Box[]} */
  const done = [];
  for (const box of boxes) {
    let { y } = box;
    while (y > 0 && !done.some((other) => meet({ ...box, y: y - 1 }, other))) y -= 1;
    done.push(lowered({ ...box, y }, done));
  }
  return done;
}

/** A box as far down as it takes to stand free. @param {Box} box @param {Box[]} others @returns {Box} */
function lowered(box, others) {
  let found = box;
  for (let met = others.filter((one) => meet(found, one)); met.length; met = others.filter((one) => meet(found, one))) {
    found = { ...found, y: Math.max(...met.map((one) => one.y + one.h)) };
  }
  return found;
}

/** A box that stands on the grid. @param {Box} box @returns {Box} */
export function within(box) {
  const w = clamp(box.w, 1, COLUMNS), h = clamp(box.h, 1, MOST_ROWS);
  return { ...box, w, h, x: clamp(box.x, 0, COLUMNS - w), y: Math.max(0, Math.round(box.y)) };
}

/**
 * A box pulled at one of its edges or corners by so many columns and rows: the opposite edge stays.
 * @param {Box} box @param {string} edge of `n`, `s`, `e` and `w` @param {number} dx @param {number} dy @returns {Box}
 */
export function pulled(box, edge, dx, dy) {
  let { x, y, w, h } = box;
  if (edge.includes("e")) w = clamp(w + dx, 1, COLUMNS - x);
  if (edge.includes("s")) h = clamp(h + dy, 1, MOST_ROWS);
  if (edge.includes("w")) {
    const by = clamp(dx, -x, w - 1);
    [x, w] = [x + by, w - by];
  }
  if (edge.includes("n")) {
    const by = clamp(dy, Math.max(-y, h - MOST_ROWS), h - 1);
    [y, h] = [y + by, h - by];
  }
  return { ...box, x, y, w, h };
}

/** Where there is room for one more: beside the last panels, or below all. @param {Box[]} boxes @param {number} w @param {number} h @returns {Omit<Box, "id">} */
export function room(boxes, w = NEW_WIDTH, h = NEW_HEIGHT) {
  const bottom = Math.max(0, ...boxes.map((one) => one.y + one.h));
  const top = Math.max(0, ...boxes.filter((one) => one.y + one.h === bottom).map((one) => one.y));
  for (let x = 0; x + w <= COLUMNS; x += 1) {
    const box = { id: -1, x, y: top, w, h };
    if (boxes.length && !boxes.some((one) => one.row && one.y >= top) && !boxes.some((one) => meet(box, one))) return { x, y: top, w, h };
  }
  return { x: 0, y: bottom, w, h };
}

/** The boxes of a document; panels that say nothing of their place flow below all others, as the server has them. @param {any} document @returns {Box[]} */
export function boxesOf(document) {
  /** @type {Box[]} */
  const boxes = (document.panels ?? []).map((/** @type {any} */ one) => {
    const { x = 0, y = 0, w = NEW_WIDTH, h = NEW_HEIGHT } = one.position ?? {};
    return one.type === "row" ? { id: one.panel_id, x: 0, y, w: COLUMNS, h: 1, row: true } : { id: one.panel_id, x, y, w, h };
  });
  const flows = boxes.filter((_, index) => !document.panels[index].position);
  let [x, below] = [0, Math.max(0, ...boxes.filter((one) => !flows.includes(one)).map((one) => one.y + one.h))];
  let y = below;
  for (const one of flows) {
    if (x + one.w > COLUMNS) [x, y] = [0, below];
    [one.x, one.y] = [x, Math.min(y, MOST_DOWN)];
    [x, below] = [x + one.w, Math.max(below, y + one.h)];
  }
  return boxes;
}

/**
 * The operations that put panels where boxes say; none for those that stand there.
 * @param {any} document @param {Box[]} boxes @returns {import("./patch.js").Operation[]}
 */
export function moves(document, boxes) {
  const now = new Map(boxesOf(document).map((one) => [one.id, one]));
  const moved = (document.panels ?? []).flatMap((/** @type {any} */ panel, /** @type {number} */ index) => {
    const [is, wanted] = [now.get(panel.panel_id), boxes.find((one) => one.id === panel.panel_id)];
    if (!is || !wanted || (is.x === wanted.x && is.y === wanted.y && is.w === wanted.w && is.h === wanted.h)) return [];
    const value = { x: wanted.x, y: wanted.y, w: wanted.w, h: wanted.h };
    return [{ op: "add", path: `/panels/${index}/position`, value }];
  });
  return moved.length ? [...settled(document), ...moved] : [];
}

/** The operations that let panels which say nothing of their place stay where they stand, whatever comes and goes. @param {any} document @returns {import("./patch.js").Operation[]} */
export function settled(document) {
  return boxesOf(document).flatMap(({ x, y, w, h }, index) => (document.panels[index].position ? [] : [{ op: "add", path: `/panels/${index}/position`, value: { x, y, w, h } }]));
}

/**
 * Rows with the boxes below each; before the first row, boxes alone (`head` null).
 * @param {Box[]} boxes @returns {{head: Box|null, members: Box[]}[]}
 */
export function blocks(boxes) {
  /** @type {{head: Box|null, members: Box[]}[]} */
  const found = [];
  for (const box of [...boxes].sort(inOrder)) {
    if (box.row) found.push({ head: box, members: [] });
    else if (found.length) found[found.length - 1].members.push(box);
    else found.push({ head: null, members: [box] });
  }
  return found;
}

/** The boxes with a row and its panels one row higher or lower among the rows. @param {Box[]} boxes @param {number} id @param {-1|1} by */
export function rowMoved(boxes, id, by) {
  const all = blocks(boxes);
  const index = all.findIndex((one) => one.head?.id === id);
  const other = index + by;
  if (index < 0 || other < 0 || other >= all.length || !all[other].head) return boxes;
  [all[index], all[other]] = [all[other], all[index]];
  let y = 0;
  const moved = new Map();
  for (const { head, members } of all) {
    const block = head ? [head, ...members] : members;
    const top = Math.min(...block.map((one) => one.y));
    for (const one of block) moved.set(one.id, { ...one, y: y + one.y - top });
    y += Math.max(...block.map((one) => one.y + one.h)) - top;
  }
  return boxes.map((one) => moved.get(one.id));
}

/** @param {number} value @param {number} least @param {number} most */
function clamp(value, least, most) {
  return Math.min(most, Math.max(least, Math.round(value)));
}
