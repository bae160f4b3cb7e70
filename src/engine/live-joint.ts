/**
 * Live values made of others.
 * @module
 */
import { liveQuery } from './sealed-live.ts';
import type { Live } from './views.ts';

/**
 * A live value computed anew whenever one of its sources changes; computations never overlap.
 * @param sources each starts calling back after changes, and returns the way to stop
 */
export function jointLive<T>(
  sources: readonly ((changed: () => void) => () => void)[],
  query: () => Promise<T>,
): Live<T> {
  return liveQuery((changed) => {
    const stops = sources.map((source) => source(changed));
    return () => {
      for (const stop of stops) stop();
    };
  }, query);
}

/** A live value as a source of changes; its errors are its own subscribers' affair. */
export function changesOf(live: Live<unknown>): (changed: () => void) => () => void {
  return (changed) => live.subscribe(changed, changed);
}
