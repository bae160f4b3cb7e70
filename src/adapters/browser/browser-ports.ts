/**
 * Everything the engine needs, from a browser.
 * @module
 */
import type { Ports } from '../../engine/ports.ts';
import { browserClock, browserRandom } from './browser-clock.ts';
import { browserLocks } from './browser-locks.ts';
import { openDexieRecords } from './dexie-records.ts';
import { webSocketTransport } from './web-socket.ts';

/**
 * The ports of one profile.
 * @param name of the database and of the locks: one for each desk that a page speaks to
 * @throws ChatError `store-lost` when the browser gives no database
 */
export async function browserPorts(name: string): Promise<Ports> {
  return {
    records: await openDexieRecords(name),
    locks: browserLocks(name),
    clock: browserClock,
    random: browserRandom,
    transport: webSocketTransport,
  };
}
