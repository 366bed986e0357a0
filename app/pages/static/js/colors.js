// Colours of CSS as a canvas takes them.

const LITERAL = /^#[0-9a-f]{3,8}$/i;

/** What a CSS colour comes to within an element, in its theme. @param {string} css @param {Element} element */
export function concrete(css, element) {
  if (LITERAL.test(css)) return css;
  const probe = document.createElement("i");
  probe.style.color = css;
  element.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

/** The values of tokens by number: `--seq-0`, `--seq-1`, … @param {string} name @param {number} count */
export function tokens(name, count) {
  const style = getComputedStyle(document.documentElement);
  return Array.from({ length: count }, (_, index) => style.getPropertyValue(`--${name}-${index}`).trim());
}

/** Colours between those of a scale. @param {string[]} stops `#rrggbb` @param {number} count */
export function between(stops, count) {
  const parsed = stops.map((stop) => [1, 3, 5].map((at) => parseInt(stop.slice(at, at + 2), 16)));
  return Array.from({ length: count }, (_, index) => {
    const place = (index / Math.max(1, count - 1)) * (parsed.length - 1);
    const low = Math.min(Math.floor(place), parsed.length - 2);
    const mixed = parsed[low].map((value, channel) => Math.round(value + (parsed[low + 1][channel] - value) * (place - low)));
    return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
  });
}
