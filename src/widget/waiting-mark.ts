/**
 * A mark in `localStorage` that a conversation is stored, so that the next page loads more than the launcher. It says no
 * more than that; it is not there before the first use.
 * @module
 */

/** Enough of the desk's public key to tell two desks apart. */
function keyOf(deskKey: string): string {
  return `sc:${deskKey.slice(4, 20)}:waiting`;
}

/** Whether the mark is set. A browser without storage has none. */
export function isWaiting(deskKey: string): boolean {
  try {
    return localStorage.getItem(keyOf(deskKey)) !== null;
  } catch {
    return false; // storage is forbidden here: nothing can be waiting
  }
}

/** Sets or removes the mark. */
export function markWaiting(deskKey: string, waiting: boolean): void {
  try {
    if (waiting) localStorage.setItem(keyOf(deskKey), '1');
    else localStorage.removeItem(keyOf(deskKey));
  } catch {
    // Storage is forbidden or full: the next page shows the conversation when it is opened, not before.
  }
}
