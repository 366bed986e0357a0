// An element of the page inside widgets of a session: each widget has a shadow root of its own, through which it is handed by slots.

import { h } from "./dom.js";

/** The hosts of shadow roots around a node, from the outermost. @param {Node} node @returns {Element[]} */
function hosts(node) {
  const root = node.getRootNode();
  return root instanceof ShadowRoot ? [...hosts(root.host), root.host] : [];
}

/**
 * Show an element before another one that shadow roots are around. It stays a child of the page itself: its style sheets, its
 * focus and the targets of its events are the page's. Doing so again puts right what was drawn anew meanwhile.
 * @param {HTMLElement} element @param {Element} before @param {string} name of its slots, which no other element has
 */
export function slotBefore(element, before, name) {
  const [outer, ...inner] = hosts(before);
  if (!outer) return;
  element.slot = name;
  if (element.parentElement !== outer) outer.append(element);
  const slot = `slot[name="${name}"]`;
  for (const host of inner) if (!host.querySelector(`:scope > ${slot}`)) host.append(h("slot", { name, slot: name }));
  if (before.previousElementSibling?.matches(slot)) return;
  before.before(h("slot", { name }));
}
