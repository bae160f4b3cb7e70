/**
 * `sessionStorage`, which a page may forbid or fill up.
 * @module
 */

/** Values of this tab. Nothing throws. */
export interface TabStorage {
  read(key: string): string | null;
  /** @returns false: it is forbidden or full; what was there before is still there */
  write(key: string, value: string): boolean;
  remove(key: string): void;
}

/** The tab's storage; where it is forbidden, one that takes nothing. */
export function tabStorage(): TabStorage {
  const storage = accessible();
  return {
    read: (key) => guarded(() => storage?.getItem(key) ?? null, null),
    write: (key, value) =>
      guarded(() => {
        storage?.setItem(key, value);
        return storage !== null;
      }, false),
    remove: (key) => guarded(() => storage?.removeItem(key), undefined),
  };
}

/** Null where cookies are blocked, and in sandboxed frames: there the mere access throws. */
function accessible(): Storage | null {
  return guarded(() => globalThis.sessionStorage, null);
}

/** What the browser refuses is an answer here, and no error. Anything but its refusal is one. */
function guarded<T>(work: () => T, refused: T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof DOMException) return refused;
    throw error;
  }
}
