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
  check: "m3.500 8.500 3 3 6-7",
};

/** A line icon. @param {keyof typeof PATHS} name */
export function icon(name) {
  return svg("svg", { class: "ic", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: PATHS[name] }));
}
