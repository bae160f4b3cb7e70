/**
 * Doing a thing for one peer and conversation at once, and then ever more rarely. docs/protocol.md §16.
 * @module
 */
import { ROWS } from './rows.ts';
import type { Step } from './step.ts';

const HOUR = 3_600_000;
const LONGEST = 24;

/** What is limited: sending a reset, making a session because of one, making one because nothing arrives. */
export type Limited = 'reset' | 'after-reset' | 'renew';

/**
 * Whether it may be done now; if so it counts as done. At once the first time, then after 1, 2, 4 … 24 hours; after two
 * days without, it begins anew.
 */
export async function mayDo(
  step: Step,
  what: Limited,
  conversation: Uint8Array,
  peer: Uint8Array,
  now: number,
): Promise<boolean> {
  const key = ['backoff', what, conversation, peer];
  const row = await step.get(ROWS.backoff, key);
  const since = row === undefined ? Infinity : Math.abs(now - row.at);
  const times = row === undefined || since > 2 * LONGEST * HOUR ? 0 : row.times;
  const wait = times === 0 ? 0 : Math.min(LONGEST, 2 ** (times - 1)) * HOUR;
  if (since < wait) return false;
  await step.put(ROWS.backoff, key, { times: times + 1, at: now });
  return true;
}
