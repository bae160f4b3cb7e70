/** The demonstration's own memory: what was done on one page shows on the next, and is gone with the tab. */

const keyOf = (name) => `tidewell-demo-${name}`;

/**
 * @template T
 * @param {string} name
 * @param {T} fallback returned while nothing was stored
 * @returns {T}
 */
export function recall(name, fallback) {
  const stored = sessionStorage.getItem(keyOf(name));
  return stored === null ? fallback : JSON.parse(stored);
}

/** @param {string} name @param {unknown} value anything JSON can hold */
export function remember(name, value) {
  sessionStorage.setItem(keyOf(name), JSON.stringify(value));
}
