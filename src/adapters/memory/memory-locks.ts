/**
 * Locks between everything in one process: Node's, and those of tests.
 * @module
 */
import type { Locks } from '../../engine/ports.ts';

/** Locks that all who use this object share; first come, first served. */
export function memoryLocks(): Locks {
  /** The end of each lock's queue. */
  const tails = new Map<string, Promise<void>>();

  /** Waits for the lock; the result gives it back. */
  const acquire = async (name: string): Promise<() => void> => {
    const before = tails.get(name);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const tail = (before ?? Promise.resolve()).then(() => held);
    tails.set(name, tail);
    await before;
    return () => {
      if (tails.get(name) === tail) tails.delete(name);
      release();
    };
  };

  return {
    async exclusive(name, work) {
      const release = await acquire(name);
      try {
        return await work();
      } finally {
        release();
      }
    },

    async hold(name, signal, onHeld) {
      if (signal.aborted) return;
      let aborted = (): void => undefined;
      const abort = new Promise<void>((resolve) => (aborted = resolve));
      signal.addEventListener('abort', aborted);
      const turn = acquire(name);
      try {
        const first = await Promise.race([turn, abort]);
        if (first === undefined || isAborted(signal)) return;
        onHeld();
        await abort;
      } finally {
        signal.removeEventListener('abort', aborted);
        // Also when it was given up before its turn: then it passes through.
        void turn.then((release) => release());
      }
    },
  };
}

function isAborted(signal: { readonly aborted: boolean }): boolean {
  return signal.aborted;
}
