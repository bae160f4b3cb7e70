/**
 * Opening the vault. Without a PIN there is the guest slot: what lies on the disk opens only together with a half that
 * the relay keeps for seven days from the last use. docs/vault.md.
 * @module
 */
import { usageError } from '../errors.ts';
import type { VaultKeys } from '../vault/vault-keys.ts';
import type { Ports } from './ports.ts';

/**
 * Where the relay's halves of tickets are kept; they are asked for before there is a device key. Every call rejects with
 * a ChatError when the relay could not be asked, and may be repeated.
 */
export interface TicketAccess {
  /** Keeps a half (32 B) under an id for seven days; durable when it resolves. */
  put(id: Uint8Array, half: Uint8Array): Promise<void>;
  /** The half; undefined when it is unknown, dropped or expired. */
  read(id: Uint8Array): Promise<Uint8Array | undefined>;
  /** Forgets the half; an unknown id is no error. */
  drop(id: Uint8Array): Promise<void>;
}

/** `guest`: kept on this device without a PIN; `memory`: nothing outlives the page (the record store is in memory). */
export type VaultKind = 'guest' | 'memory';

/** An open vault. */
export interface OpenVault {
  readonly keys: VaultKeys;
  readonly storage: 'guest' | 'memory';
  /** Made just now: there is nothing in the store yet. */
  readonly created: boolean;
  /** Erases the keys in this tab and ends the renewal of the ticket; what is stored can be opened again. */
  lock(): void;
}

/** What opening and destroying need of the world. */
export type VaultPorts = Pick<Ports, 'records' | 'locks' | 'clock' | 'random'>;

/**
 * Opens the vault of this profile, or makes it where there is none. Several tabs may do so at once. While it is open the
 * ticket is renewed once a day, so that the seven days count from the last use.
 *
 * @throws ChatError `vault-lost` (environment): the ticket is unknown or expired, so nothing stored can be opened by anybody
 *   any more; tell the user, then `destroyVault` and open anew. `vault-offline`: the relay could not be asked; nothing was
 *   changed that matters, try again later. `vault-damaged`: the slot cannot be read; it is kept as it is.
 *   `vault-half-wrong` (peer): the relay gave another half than it was given; nothing was changed, try again later.
 *   `store-full`, `store-lost` from the record store.
 */
export async function openVault(_options: {
  ports: VaultPorts;
  tickets: TicketAccess;
  kind: VaultKind;
}): Promise<OpenVault> {
  throw usageError('not-ready', 'filled by the next commit');
}

/**
 * Deletes everything stored in this profile, in all tabs, and asks the relay to forget the ticket (if it can be reached:
 * without the disk's half the relay's is worth nothing).
 * @throws ChatError `store-lost` and the like from the record store
 */
export async function destroyVault(_options: { ports: VaultPorts; tickets: TicketAccess }): Promise<void> {
  throw usageError('not-ready', 'filled by the next commit');
}
