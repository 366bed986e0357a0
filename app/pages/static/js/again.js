// What a page asks again and again: spread about its time, so that pages which were opened together do not ask together.

const SPREAD = 0.2; // of the time, to both sides

/**
 * Ask, and again after a while for as long as the page is there. A tab that nobody sees asks once it is shown.
 * @param {() => Promise<any>} ask @param {number} every_ms @param {number} [first_ms] until the first time
 */
export function again(ask, every_ms, first_ms = 0) {
  let timer = 0, due = 0, busy = false;
  const wait = (/** @type {number} */ ms) => {
    clearTimeout(timer);
    due = Date.now() + ms;
    timer = window.setTimeout(turn, ms);
  };
  const turn = async () => {
    if (document.hidden || busy) return;
    busy = true;
    try {
      await ask();
    } finally {
      busy = false;
      wait(every_ms * (1 - SPREAD + Math.random() * 2 * SPREAD));
    }
  };
  document.addEventListener("visibilitychange", () => !document.hidden && wait(Math.max(0, due - Date.now())));
  if (first_ms) wait(first_ms);
  else turn();
}
