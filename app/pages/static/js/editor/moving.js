// Panels moved and sized: by mouse and finger at their heads and edges, by arrows on the one in focus.

import { h } from "../dom.js";
import { COLUMNS, boxesOf, moves, placed, pulled } from "./grid.js";
import { put } from "./sections.js";

const THRESHOLD_PX = 4;
const ARROWS = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] });

/** @typedef {import("./grid.js").Box} Box */

export class Moving {
  /**
   * @param {HTMLElement} grid @param {import("./draft.js").Draft} draft
   * @param {{element: (id: number) => HTMLElement|null, laid: () => void}} page `laid` puts all where the document says
   */
  constructor(grid, draft, page) {
    this.grid = grid;
    this.draft = draft;
    this.page = page;
    /** @type {{id: number, edge: string, pointer: number, x: number, y: number, begun: boolean, from: Box, boxes: Box[], wanted: Box[]}|null} */
    this.drag = null;
    this.ghost = h("div", { class: "landing", hidden: true });
    this.size = h("span", { class: "sizetag", hidden: true });
    grid.append(this.ghost);
    grid.addEventListener("pointerdown", (event) => this.down(event));
    grid.addEventListener("pointermove", (event) => this.move(event));
    grid.addEventListener("pointerup", (event) => this.up(event));
    grid.addEventListener("pointercancel", () => this.cancel());
    grid.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.drag?.begun) return;
      event.stopImmediatePropagation();
      this.cancel();
    }, true);
  }

  /** Columns and rows of the grid, px, gaps included. */
  unit() {
    const style = getComputedStyle(this.grid);
    const gap = Number.parseFloat(style.columnGap) || 0;
    return { x: (this.grid.clientWidth + gap) / COLUMNS, y: Number.parseFloat(style.gridAutoRows) + (Number.parseFloat(style.rowGap) || 0) };
  }

  /** @param {PointerEvent} event */
  down(event) {
    const target = /** @type {Element} */ (event.target);
    const edge = /** @type {HTMLElement|null} */ (target.closest("[data-edge]"))?.dataset.edge ?? "";
    const section = /** @type {HTMLElement|null} */ (target.closest("section[data-panel-id]"));
    if (!section || event.button !== 0 || target.closest("button, a, input, .pop") || (!edge && !target.closest("section > header"))) return;
    const boxes = boxesOf(this.draft.document);
    const from = boxes.find((one) => one.id === Number(section.dataset.panelId));
    if (!from) return;
    this.drag = { id: from.id, edge, pointer: event.pointerId, x: event.clientX, y: event.clientY + scrollOf(this.grid), begun: false, from, boxes, wanted: boxes };
    if (edge) event.preventDefault();
  }

  /** @param {PointerEvent} event */
  move(event) {
    const { drag } = this;
    if (!drag || event.pointerId !== drag.pointer) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY + scrollOf(this.grid) - drag.y];
    if (!drag.begun && Math.hypot(dx, dy) < THRESHOLD_PX) return;
    const element = /** @type {HTMLElement} */ (this.page.element(drag.id));
    if (!drag.begun) {
      drag.begun = true;
      this.grid.setPointerCapture(event.pointerId); // only now: a click on a panel is that panel's
      this.grid.classList.add("dragging");
      element.classList.add("held");
      element.append(this.size);
    }
    const unit = this.unit();
    const by = [Math.round(dx / unit.x), Math.round(dy / unit.y)];
    const wanted = drag.edge ? pulled(drag.from, drag.edge, by[0], by[1]) : { ...drag.from, x: drag.from.x + by[0], y: drag.from.y + by[1] };
    drag.wanted = placed(drag.boxes, wanted);
    this.show(drag, element, dx, dy);
    this.scroll(event.clientY);
  }

  /** @param {NonNullable<Moving["drag"]>} drag @param {HTMLElement} element @param {number} dx @param {number} dy */
  show(drag, element, dx, dy) {
    for (const box of drag.wanted) {
      const other = this.page.element(box.id);
      if (other && (box.id !== drag.id || drag.edge)) put(other, box);
    }
    const landing = /** @type {Box} */ (drag.wanted.find((one) => one.id === drag.id));
    put(this.ghost, landing);
    this.ghost.hidden = Boolean(drag.edge);
    this.size.hidden = !drag.edge;
    this.size.textContent = `${landing.w} × ${landing.h}`;
    if (!drag.edge) element.style.transform = `translate(${dx}px, ${dy}px)`;
  }

  /** Near the upper and the lower edge the canvas goes along. @param {number} y */
  scroll(y) {
    const canvas = /** @type {HTMLElement|null} */ (this.grid.closest(".canvas"));
    if (!canvas) return;
    const { top, bottom } = canvas.getBoundingClientRect();
    if (y < top + 40) canvas.scrollTop -= 12;
    else if (y > bottom - 40) canvas.scrollTop += 12;
  }

  /** @param {PointerEvent} event */
  up(event) {
    const { drag } = this;
    if (!drag || event.pointerId !== drag.pointer) return;
    this.end();
    if (!drag.begun) return;
    this.grid.addEventListener("click", (click) => click.stopPropagation(), { capture: true, once: true });
    setTimeout(() => this.grid.dispatchEvent(new Event("click"))); // so that the one above is gone, whether a click came or not
    this.write(drag.wanted);
  }

  cancel() {
    if (!this.drag) return;
    this.end();
    this.page.laid();
  }

  end() {
    const element = this.drag ? this.page.element(this.drag.id) : null;
    element?.classList.remove("held");
    element?.style.removeProperty("transform");
    this.size.remove();
    this.ghost.hidden = true;
    this.grid.classList.remove("dragging");
    this.drag = null;
  }

  /** @param {Box[]} boxes */
  write(boxes) {
    const patch = moves(this.draft.document, boxes);
    if (patch.length) this.draft.apply(patch);
    this.page.laid();
  }

  /** Arrows move the panel in focus, with Shift they make it larger and smaller. @param {KeyboardEvent} event */
  key(event) {
    const section = /** @type {HTMLElement} */ (event.target);
    const arrow = ARROWS[event.key];
    if (!arrow || event.ctrlKey || event.metaKey || event.altKey || !section.matches("section[data-panel-id]")) return;
    event.preventDefault();
    const boxes = boxesOf(this.draft.document);
    const box = boxes.find((one) => one.id === Number(section.dataset.panelId));
    if (!box) return;
    this.write(event.shiftKey ? placed(boxes, pulled(box, "se", arrow[0], arrow[1])) : placed(boxes, stepped(boxes, box, arrow)));
    section.scrollIntoView({ block: "nearest" });
  }
}

/** A step by the keyboard: down and up past the panels there, since each rises as far as it can. @param {Box[]} boxes @param {Box} box @param {[number, number]} arrow */
function stepped(boxes, box, [dx, dy]) {
  if (!dy) return { ...box, x: box.x + dx };
  const beside = boxes.filter((one) => one.id !== box.id && one.x < box.x + box.w && box.x < one.x + one.w);
  const next = dy > 0 ? beside.filter((one) => one.y >= box.y + box.h) : beside.filter((one) => one.y + one.h <= box.y);
  if (!next.length) return { ...box, y: Math.max(0, box.y + dy) };
  const nearest = dy > 0 ? Math.min(...next.map((one) => one.y)) : Math.max(...next.map((one) => one.y));
  const over = /** @type {Box} */ (next.find((one) => one.y === nearest));
  return { ...box, y: dy > 0 ? over.y + over.h : over.y };
}

/** How far the canvas is scrolled, px. @param {HTMLElement} grid */
function scrollOf(grid) {
  return grid.closest(".canvas")?.scrollTop ?? 0;
}
