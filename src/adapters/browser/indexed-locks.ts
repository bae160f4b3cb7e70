/**
 * Locks between tabs without Web Locks. A lock is an empty database: raising its version needs that nobody else has it open,
 * and whoever raised it keeps it open. The browser closes it when the tab goes, however it goes. docs/decisions/0011-locks-without-web-locks.md.
 * @module
 */
import { ChatError } from '../../errors.ts';
import type { Locks } from '../../engine/ports.ts';

/** @param scope told apart from all others of the origin */
export function indexedLocks(scope: string): Locks {
  const acquire = (name: string): Promise<() => void> => acquireLock(`${scope} lock ${name}`);

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
      const aborted = new Promise<void>((resolve) => {
        const listener = (): void => {
          signal.removeEventListener('abort', listener);
          resolve();
        };
        signal.addEventListener('abort', listener);
      });
      const turn = acquire(name);
      const release = await Promise.race([turn, aborted]);
      if (release === undefined || isAborted(signal)) {
        // A request to open cannot be withdrawn: it passes through when its turn comes.
        void turn.then((late) => late());
        return;
      }
      try {
        onHeld();
        await aborted;
      } finally {
        release();
      }
    },
  };
}

async function acquireLock(database: string): Promise<() => void> {
  for (let atLeast = 1; ;) {
    const outcome = await raise(database, Math.max(atLeast, likelyNext()));
    if (typeof outcome === 'function') return outcome;
    // Someone with a faster clock, or the same moment: go above what is there.
    atLeast = outcome.version + 1 + chance();
  }
}

/** Raises the version and keeps the database open; tells the present version where it was not below. */
function raise(database: string, version: number): Promise<(() => void) | { version: number }> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database, version);
    let raised = false;
    request.onupgradeneeded = () => {
      raised = true;
    };
    request.onsuccess = () => {
      const db = request.result;
      // Others who want it ask us to close: they wait until we do.
      if (raised) return resolve(() => db.close());
      db.close();
      resolve({ version });
    };
    request.onerror = () => {
      if (request.error?.name === 'VersionError') resolve(presentVersion(database));
      else reject(unavailable(request.error));
    };
  });
}

function presentVersion(database: string): Promise<{ version: number }> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database);
    request.onsuccess = () => {
      const { version } = request.result;
      request.result.close();
      resolve({ version });
    };
    request.onerror = () => reject(unavailable(request.error));
  });
}

/** Rises with time, and differs between two that ask in one millisecond; stays below 2^53 for two centuries. */
function likelyNext(): number {
  return Date.now() * 1024 + chance();
}

function chance(): number {
  return (crypto.getRandomValues(new Uint16Array(1))[0] ?? 0) % 1024;
}

function isAborted(signal: { readonly aborted: boolean }): boolean {
  return signal.aborted;
}

function unavailable(cause: unknown): ChatError {
  return new ChatError('environment', 'locks-unavailable', 'the browser gives neither locks nor a database', { cause });
}
