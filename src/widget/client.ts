/**
 * How the element comes by its client.
 * @module
 */
import { browserPorts } from '../adapters/browser/browser-ports.ts';
import { recordsName } from '../adapters/browser/dexie-records.ts';
import { openCustomerClient } from '../engine/customer.ts';
import type { CustomerClient } from '../engine/views.ts';

/** What a client must know of the page. */
export interface CustomerOptions {
  /** `wss:` address. */
  readonly relay: string;
  /** `dk1_…` */
  readonly deskKey: string;
  /** Tell the desk what was read. */
  readonly receipts: boolean;
}

/** Opens the stored conversations with the desk. @throws ChatError what `openCustomerClient` and `browserPorts` throw */
export async function openCustomer({ relay, deskKey, receipts }: CustomerOptions): Promise<CustomerClient> {
  const ports = await browserPorts(recordsName(deskKey));
  try {
    return closing(await openCustomerClient({ ports, relay, deskKey, receipts }), () => ports.records.close());
  } catch (error) {
    ports.records.close();
    throw error;
  }
}

/**
 * Deletes what is stored for the desk, in all tabs, without opening it first: it may not open any more. The relay's half of
 * the ticket dies by its age, and is worth nothing alone.
 * @throws ChatError `store-lost` when the browser gives no database
 */
export async function eraseStored(deskKey: string): Promise<void> {
  const { records } = await browserPorts(recordsName(deskKey));
  try {
    await records.destroy();
  } finally {
    records.close();
  }
}

/** The client, which closes the database behind itself. */
function closing(client: CustomerClient, release: () => void): CustomerClient {
  return {
    ...client,
    close: async () => {
      await client.close();
      release();
    },
    wipe: async () => {
      await client.wipe();
      release();
    },
  };
}
