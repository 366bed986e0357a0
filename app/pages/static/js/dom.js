// Making elements. Texts are only ever set as text.

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag @param {Record<string, any>} [attributes] @param {...(Node|string|null)} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  assign(element, attributes);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** @param {string} tag @param {Record<string, any>} [attributes] @param {...Node} children */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  assign(element, attributes);
  element.append(...children);
  return element;
}

/** @param {Element} element @param {Record<string, any>} attributes */
function assign(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

const PATHS = {
  clock: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 4.5V8l2.5 1.5",
  warning: "M8 2.5 14 13H2zM8 6.5v3M8 11.2v.1",
  broken: "M6 10l-2.5 2.5M10 6l2.500-2.500M5 7l-1 1a2.800 2.800 0 0 0 4 4l1-1M7 5l1-1a2.800 2.800 0 0 1 4 4l-1 1M3 3l10 10",
  chart: "M2.500 2.500v11h11M5 10l2-3 2 2 3-5",
  retry: "M13 8a5 5 0 1 1-1.500-3.600M13 2.500v2.500h-2.500",
  info: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 7.500v3.800M8 5v.01",
  alarm: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 4.500v4.200M8 11v.01",
  minus: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M5 8h6",
  mute: "M4 7a4 4 0 0 1 6.500-3M12 7c0 3 1.500 4 1.500 4h-8M2.500 2.500l11 11",
  check: "m3.500 8.500 3 3 6-7",
  close: "m4 4 8 8m0-8-8 8",
  search: "M7 2.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9m3.500 8 3.500 3.500",
  left: "m10 4-4 4 4 4",
  right: "m6 4 4 4-4 4",
  down: "m4 6 4 4 4-4",
  eye: "M1.500 8S4 3.500 8 3.500 14.500 8 14.500 8 12 12.500 8 12.500 1.500 8 1.500 8zM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
  code: "m5 4.500-3.500 3.500L5 11.500M11 4.500 14.500 8 11 11.500",
  link: "M6.500 9.500a2.500 2.500 0 0 0 3.600 0l2.400-2.400a2.500 2.500 0 0 0-3.600-3.600L8 4.400M9.500 6.500a2.500 2.500 0 0 0-3.600 0L3.500 8.900a2.500 2.500 0 0 0 3.600 3.600l.9-.9",
  share: "M8 10V2.500m0 0L5.500 5M8 2.500 10.500 5M4.500 7.500h-1v6h9v-6h-1",
  download: "M8 2.500v7.500m0 0L5.500 7.500M8 10l2.500-2.500M3 13h10",
  copy: "M5.500 5.500v-3h8v8h-3M2.500 5.500h8v8h-8z",
  note: "M3 2.500h10v8H9l-3 3v-3H3z",
  star: "m8 2 1.800 3.800 4.200.5-3.100 2.900.8 4.100L8 11.300l-3.700 2 .8-4.100L2 6.300l4.200-.5z",
  plus: "M8 3v10M3 8h10",
  folder: "M2 4h4.500l1.500 1.500h6v7.500H2z",
  pencil: "m10.500 3 2.500 2.500L5.500 13l-3 .5.500-3z",
  pin: "M5.500 2.500h5M6.500 2.500v4L4.500 9.500h7l-2-3v-4M8 9.500v4",
  people: "M6 3a2.250 2.250 0 1 0 0 4.500A2.250 2.250 0 0 0 6 3M1.500 13c0-2.300 2-3.500 4.500-3.500s4.500 1.200 4.500 3.500M10.500 3.300a2.200 2.200 0 0 1 0 4M12 9.800c1.500.500 2.500 1.500 2.500 3.200",
  bin: "M3 4.500h10M6.500 4.500v-2h3v2M4.500 4.500l.5 9h6l.5-9",
};

/** A line icon. @param {keyof typeof PATHS} name */
export function icon(name) {
  return svg("svg", { class: "ic", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: PATHS[name] }));
}

/** @type {WeakMap<HTMLElement, string>} */
const placed = new WeakMap();

/** Give an element a style, where it has another: what is written anew makes the page work out its styles anew. @param {HTMLElement} element @param {string} css */
export function restyle(element, css) {
  if (placed.get(element) === css) return;
  placed.set(element, css);
  element.style.cssText = css;
}
