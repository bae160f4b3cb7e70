/**
 * How the element comes by its client.
 * @module
 */
import type { CustomerClient } from '../engine/views.ts';
import { ChatError } from '../errors.ts';

/** What a client must know of the page. */
export interface CustomerOptions {
  /** `wss:` address. */
  readonly relay: string;
  /** `dk1_…` */
  readonly deskKey: string;
  /** Tell the desk what was read. */
  readonly receipts: boolean;
}

/** Opens the stored conversations with the desk. @throws ChatError what the engine's `openCustomerClient` throws */
export async function openCustomer(_options: CustomerOptions): Promise<CustomerClient> {
  throw new ChatError('internal', 'engine-missing', 'the engine is not linked yet');
}
