/**
 * Locks between the tabs of one profile: Web Locks, or IndexedDB where there are none (pages that are no secure context,
 * such as webviews on schemes of their own).
 * @module
 */
import type { CancelSignal, Locks } from '../../engine/ports.ts';
import { indexedLocks } from './indexed-locks.ts';

/** @param scope told apart from all others of the origin; `recordsName(deskKey)` */
export function browserLocks(scope: string): Locks {
  // Typed as always there; it is not outside of secure contexts.
  const locks = navigator.locks as LockManager | undefined;
  return locks === undefined ? indexedLocks(scope) : webLocks(scope, locks);
}

/** Locks by the browser's lock manager. */
export function webLocks(scope: string, locks: LockManager): Locks {
  const nameOf = (name: string): string => `${scope} ${name}`;
  return {
    async exclusive<T>(name: string, work: () => Promise<T>): Promise<T> {
      return await locks.request(nameOf(name), work);
    },

    async hold(name, signal, onHeld) {
      if (signal.aborted) return;
      const waiting = new AbortController();
      const aborted = new Promise<void>((resolve) => {
        onceAborted(signal, () => {
          waiting.abort();
          resolve();
        });
      });
      let held = false;
      const request = locks.request(nameOf(name), { signal: waiting.signal }, async () => {
        if (waiting.signal.aborted) return;
        held = true;
        onHeld();
        await aborted;
      });
      try {
        // Chromium may forget an abort that comes too early; the lock is then given back when its turn comes.
        await Promise.race([request, aborted.then(() => (held ? request : undefined))]);
      } catch (error) {
        // Given up while waiting; anything else is an error.
        if (!waiting.signal.aborted) throw error;
      }
    },
  };
}

function onceAborted(signal: CancelSignal, then: () => void): void {
  const listener = (): void => {
    signal.removeEventListener('abort', listener);
    then();
  };
  signal.addEventListener('abort', listener);
}
