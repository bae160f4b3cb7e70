/**
 * Another realm of the same origin with modules of its own: what a second tab is to storage and locks.
 * @module
 */
import { indexedLocks } from '../../src/adapters/browser/indexed-locks.ts';
import { webLocks } from '../../src/adapters/browser/browser-locks.ts';
import { openDexieRecords } from '../../src/adapters/browser/dexie-records.ts';
import { openSessionRecords } from '../../src/adapters/browser/session-records.ts';
import { tabChannel } from '../../src/adapters/browser/tab-channel.ts';

/** What runs in the other realm. */
const tab = {
  openDexieRecords,
  indexedLocks,
  openSessionRecords,
  tabChannel,
  webLocks: (scope: string) => webLocks(scope, navigator.locks),
};
export type SecondTab = typeof tab;

(globalThis as { secondTab?: SecondTab }).secondTab = tab;
