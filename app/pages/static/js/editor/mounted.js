// What follows a draft for as long as it is shown: built once what it is made of is there, drawn anew with each change.

import { h } from "../dom.js";
import { styled } from "./sheet.js";

/** @typedef {{refresh: () => void, unmount: () => void}} Part */

/**
 * @template T
 * @param {any} draft @param {HTMLElement} into where it is said that something cannot be loaded
 * @param {() => Promise<T>} load @param {(loaded: T) => Part[]} build
 * @returns {{unmount: () => void}}
 */
export function mounted(draft, into, load, build) {
  styled();
  /** @type {Part[]} */
  let parts = [];
  let gone = false;
  const refresh = () => parts.forEach((one) => one.refresh());
  const offs = [draft.on("edited", refresh), draft.on("changed", refresh)];
  const begin = async () => {
    try {
      const loaded = await load();
      if (!gone) parts = build(loaded);
    } catch (error) {
      into.append(h("p", { class: "fault", role: "alert" }, /** @type {Error} */ (error).message));
    }
  };
  begin();
  return {
    unmount: () => {
      gone = true;
      for (const off of offs) off();
      for (const one of parts) one.unmount();
    },
  };
}
