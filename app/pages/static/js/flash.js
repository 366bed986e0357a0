// A few words on what a key has just done; they go by themselves, and are read out.

import { h } from "./dom.js";

const SHOWN_MS = 2500;
let timer = 0;

/** @param {string} words */
export function flash(words) {
  clearTimeout(timer);
  const box = document.querySelector(".flash") ?? document.body.appendChild(h("div", { class: "flash", role: "status" }));
  box.textContent = words;
  timer = setTimeout(() => box.remove(), SHOWN_MS);
}
