// Where a place in a textarea is on the screen: the browser does not tell, so its text is laid out once more, unseen.

import { h } from "../dom.js";

const COPIED = ["box-sizing", "font-family", "font-size", "font-weight", "letter-spacing", "line-height", "tab-size", "overflow-wrap", "word-break", "padding-top", "padding-right", "padding-bottom", "padding-left",
  "border-top-width", "border-right-width", "border-bottom-width", "border-left-width"];

/** @param {HTMLTextAreaElement} area @param {number} index of its text @returns {{left: number, top: number, bottom: number}} px of the window */
export function caretBox(area, index) {
  const style = getComputedStyle(area);
  const mark = h("span", {}, "\u200b");
  const mirror = h("div", { "aria-hidden": "true" }, area.value.slice(0, index), mark);
  for (const name of COPIED) mirror.style.setProperty(name, style.getPropertyValue(name));
  Object.assign(mirror.style, { position: "fixed", visibility: "hidden", borderStyle: "solid", whiteSpace: "pre-wrap", overflow: "hidden", top: "0", left: "0", width: `${area.offsetWidth}px` });
  document.body.append(mirror);
  const [at, own] = [mark.getBoundingClientRect(), area.getBoundingClientRect()];
  mirror.remove();
  const top = own.top + at.top - area.scrollTop;
  return { left: own.left + at.left, top, bottom: top + at.height };
}
