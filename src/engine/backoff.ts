/**
 * Doing a thing for one peer and conversation at once, and then ever more rarely. docs/protocol.md §16.
 * @module
 */
import { ROWS, type BackoffRow } from './rows.ts';
import type { Step } from './step.ts';

const HOUR = 3_600_000;
const LONGEST = 24;

/**
 * What is limited: sending a reset, making a session because of one, making one because nothing arrives (once an hour,
 * §15.2), making new ones because a peer says that this device's state is an old one.
 */
export type Limited = 'reset' | 'after-reset' | 'renew' | 'rolled-back';

/**
 * Whether it may be done now; if so it counts as done. At once the first time, then after 1, 2, 4 … 24 hours (`renew`: every
 * hour); after two days without, it begins anew.
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
  if (waitOf(what, row, now) > 0) return false;
  await step.put(ROWS.backoff, key, { times: timesOf(row, now) + 1, at: now });
  return true;
}

/** Whether `mayDo` would allow it; nothing is counted. */
export async function couldDo(
  step: Step,
  what: Limited,
  conversation: Uint8Array,
  peer: Uint8Array,
  now: number,
): Promise<boolean> {
  return waitOf(what, await step.get(ROWS.backoff, ['backoff', what, conversation, peer]), now) === 0;
}

function waitOf(what: Limited, row: BackoffRow | undefined, now: number): number {
  const times = timesOf(row, now);
  if (row === undefined || times === 0) return 0;
  const wait = what === 'renew' ? HOUR : Math.min(LONGEST, 2 ** (times - 1)) * HOUR;
  return Math.max(0, wait - Math.abs(now - row.at));
}

function timesOf(row: BackoffRow | undefined, now: number): number {
  return row === undefined || Math.abs(now - row.at) > 2 * LONGEST * HOUR ? 0 : row.times;
}
