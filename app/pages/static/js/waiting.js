// What takes a while says so, quietly, and not before a while has passed.

const PATIENCE_MS = 300;

/** @template T @param {Promise<T>} work @param {() => void} say once it has lasted @returns {Promise<T>} */
export async function saidLate(work, say) {
  const timer = setTimeout(say, PATIENCE_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
