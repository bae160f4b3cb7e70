/**
 * Queries that answer again when their data changes.
 * @module
 */
import type { Live } from './views.ts';

/**
 * A live query. Each subscriber has queries of its own that never overlap; changes that come while one runs are answered
 * by one more, so that a burst costs two queries and the last answer is never older than the last change.
 *
 * @param watch starts calling back after changes, and returns the way to stop
 * @param query answers from the present state of the store
 */
export function liveQuery<T>(watch: (listener: () => void) => () => void, query: () => Promise<T>): Live<T> {
  return {
    subscribe(listener, onError) {
      let stopped = false;
      let running = false;
      let stale = false;

      const answer = async (): Promise<void> => {
        if (running) return;
        running = true;
        try {
          while (stale && !stopped) {
            stale = false;
            try {
              const value = await query();
              if (!isStopped()) listener(value);
            } catch (error) {
              if (!isStopped()) onError(error);
            }
          }
        } finally {
          running = false;
        }
      };
      // Not read directly: the compiler takes `stopped` for still false after an await.
      const isStopped = (): boolean => stopped;
      const changed = (): void => {
        stale = true;
        void answer();
      };

      const unwatch = watch(changed);
      changed();
      return () => {
        stopped = true;
        unwatch();
      };
    },
  };
}
