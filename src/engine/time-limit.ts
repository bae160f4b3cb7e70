/**
 * Waiting no longer than something is worth.
 * @module
 */
import type { Clock } from './ports.ts';

/** What the work comes to, or `late` when it takes longer than so many ms; it goes on then, and its failure is nobody's. */
export async function within<T, L>(clock: Clock, ms: number, work: Promise<T>, late: L): Promise<T | L> {
  let cancel = (): void => undefined;
  try {
    return await Promise.race([work, new Promise<L>((resolve) => (cancel = clock.after(ms, () => resolve(late))))]);
  } finally {
    cancel();
  }
}
