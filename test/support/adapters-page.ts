/**
 * What a page of the end-to-end tests of the adapters can be told to do.
 * @module
 */
import { browserClock, browserRandom } from '../../src/adapters/browser/browser-clock.ts';
import { browserLocks } from '../../src/adapters/browser/browser-locks.ts';
import { openDexieRecords } from '../../src/adapters/browser/dexie-records.ts';
import { indexedLocks } from '../../src/adapters/browser/indexed-locks.ts';
import { openSessionRecords } from '../../src/adapters/browser/session-records.ts';
import { webSocketTransport } from '../../src/adapters/browser/web-socket.ts';
import { codeOf } from '../../src/errors.ts';

const page = {
  browserClock,
  browserLocks,
  browserRandom,
  codeOf,
  indexedLocks,
  openDexieRecords,
  openSessionRecords,
  webSocketTransport,
  /** Room for what a test must find again. */
  kept: {} as Record<string, unknown>,
  wakes: 0,
  events: [] as (string | number)[],
};
export type AdaptersPage = typeof page;

Object.assign(globalThis, { page });
