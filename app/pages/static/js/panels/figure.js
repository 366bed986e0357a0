// A figure that a function of somebody's own drew: Bokeh's models as they are, filled with its data, ranges and colours.

import * as bridge from "../bokeh_bridge.js";
import { h } from "../dom.js";

export class Figure {
  timed = false;
  rangeless = true;

  /** @param {import("../snapshot.js").PanelHead} head @param {Map<string, ArrayBuffer>} buffers */
  constructor(head, buffers) {
    this.drawing = bridge.read(head.doc, buffers);
    this.fill(head.texts.models);
    this.element = h("div", { class: "figure bk-host" });
  }

  /** @param {Record<string, Record<string, any>>} models what depends on data, by the models' names */
  fill(models) {
    for (const [name, values] of Object.entries(models ?? {})) bridge.setModel(this.drawing, name, values);
  }

  /** @param {HTMLElement} place */
  async mount(place) {
    place.append(this.element);
    bridge.tint(this.drawing, this.element);
    await bridge.drawOwn(this.drawing, this.element);
    for (const child of [...place.children]) if (child !== this.element) child.remove();
  }

  /** @param {any} change */
  tick(change) {
    for (const [name, delta] of Object.entries(change.sources ?? {})) {
      const source = this.drawing.source(name);
      if (source) bridge.applyChange(source, /** @type {any} */ (delta));
    }
    this.fill(change.texts?.models);
  }

  repaint() {
    bridge.tint(this.drawing, this.element);
    bridge.repaint(this.drawing);
  }

  remove() {
    bridge.discard(this.drawing);
    this.element.remove();
  }
}
