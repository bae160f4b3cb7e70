/**
 * How the element comes by its client.
 * @module
 */
import { browserClock, browserRandom } from '../adapters/browser/browser-clock.ts';
import { browserDevice } from '../adapters/browser/browser-device.ts';
import { browserPorts } from '../adapters/browser/browser-ports.ts';
import { recordsName } from '../adapters/browser/dexie-records.ts';
import { webSocketTransport } from '../adapters/browser/web-socket.ts';
import { openCustomerClient } from '../engine/customer.ts';
import type { Ports } from '../engine/ports.ts';
import { forgetProfile } from '../engine/profile.ts';
import { loading } from '../engine/vault-keeper.ts';
import type { CustomerClient, Unlocking } from '../engine/views.ts';

/** How long what was said is kept here: until it is deleted, as long as the tab, or as long as the page. */
export type History = 'persist' | 'session' | 'none';

/** What a client must know of the page. */
export interface CustomerOptions {
  /** `wss:` address. */
  readonly relay: string;
  /** `dk1_…` */
  readonly deskKey: string;
  /** Tell the desk what was read. */
  readonly receipts: boolean;
  readonly history: History;
  /** Minutes without use after which a chat with a lock is locked. */
  readonly lockAfter: number;
  /** How, when it is locked. */
  readonly unlock?: Unlocking;
}

const MINUTE_MS = 60_000;

/** Opens the stored conversations with the desk. @throws ChatError what `openCustomerClient` and `browserPorts` throw; `load-failed` */
export async function openCustomer(options: CustomerOptions): Promise<CustomerClient> {
  const { relay, deskKey, receipts, history, lockAfter, unlock } = options;
  const name = recordsName(deskKey);
  const ports = await portsOf(name, history);
  try {
    const client = await openCustomerClient({
      ports,
      device: browserDevice(history === 'persist' ? name : `${name} ${history}`),
      relay,
      deskKey,
      receipts,
      kind: history === 'none' ? 'memory' : 'guest',
      lockAfter: lockAfter * MINUTE_MS,
      ...(unlock ? { unlock } : {}),
    });
    void client.ended.then(() => ports.records.close());
    return client;
  } catch (error) {
    ports.records.close();
    throw error;
  }
}

/**
 * Deletes what is stored for the desk, in all tabs, without opening it first: it may not open any more.
 * @throws ChatError `store-lost` when the browser gives no database
 */
export async function eraseStored(options: { relay: string; deskKey: string; history: History }): Promise<void> {
  const { relay, deskKey, history } = options;
  if (history === 'none') return;
  const ports = await portsOf(recordsName(deskKey), history);
  try {
    await forgetProfile({ ports, relay });
  } finally {
    ports.records.close();
  }
}

async function portsOf(name: string, history: History): Promise<Ports> {
  if (history === 'persist') return browserPorts(name);
  const { openPassingHistory } = await loading(import('./passing-history.ts'));
  return {
    ...(await openPassingHistory(name, history)),
    clock: browserClock,
    random: browserRandom,
    transport: webSocketTransport,
  };
}
