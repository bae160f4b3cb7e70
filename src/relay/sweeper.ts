/**
 * Removing what has expired, now and then.
 * @module
 */
import type { Services } from './services.ts';

/** How much one transaction removes: writes wait for it. */
const AT_ONCE = 500;

/** Sweeps at once and then at every interval, until the returned function is called; it resolves when none is under way. */
export function startSweeping(services: Services): () => Promise<void> {
  const { clock, limits, onFault } = services;
  let stopped = false;
  let cancel: () => void = () => undefined;
  let underWay = Promise.resolve();
  const run = (): void => {
    underWay = sweep(services, () => stopped)
      .catch(onFault)
      .finally(() => {
        if (!stopped) cancel = clock.after(limits.sweepEvery, run);
      });
  };
  run();
  return async () => {
    stopped = true;
    cancel();
    await underWay;
  };
}

async function sweep(services: Services, isStopped: () => boolean): Promise<void> {
  const { store, clock, limits, queue, blobs, tickets, vaults, enrolments, devices, prekeys } = services;
  let more = true;
  while (more && !isStopped()) {
    const now = clock.now();
    const swept = await store.sweep({ now, mailBefore: now - limits.mailLife, limit: AT_ONCE });
    for (const { table, key } of swept.rows) {
      if (table === 'queue') await queue.expired(key);
      else if (table === 'blobs') await blobs.expired(key);
      else if (table === 'tickets') tickets.expired();
      else if (table === 'vaults') vaults.expired();
      else if (table === 'enrolments') enrolments.expired(key);
      else if (table === 'devices') devices.expired();
      else if (table === 'one-time' || table === 'spent') prekeys.expired();
    }
    more = swept.more;
  }
}
