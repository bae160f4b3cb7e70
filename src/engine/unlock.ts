/**
 * Opening the vault. Without a PIN there is the guest slot: what lies on the disk opens only together with a half that
 * the relay keeps for seven days from the last use. docs/vault.md §4, §5.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { codeOf } from '../errors.ts';
import { VaultKeys, VID_LENGTH, VMK_LENGTH } from '../vault/vault-keys.ts';
import { readGuestSlot } from './guest-slot.ts';
import type { Ports } from './ports.ts';
import {
  dropAll,
  masterKeyOf,
  readSlot,
  replaceTicket,
  ticketIdsOf,
  type TicketAccess,
  type UnlockContext,
} from './unlock-slot.ts';

export type { TicketAccess } from './unlock-slot.ts';

/** The lock under which slots are read and written. */
export const VAULT_LOCK = 'vault';
/** A ticket is replaced when it is this old and the vault still open, ms. */
const RENEWAL = 24 * 3_600_000;
/** How soon renewal is tried again when the relay could not be asked, ms. */
const RENEWAL_RETRY = 3_600_000;

/** `guest`: kept on this device without a PIN; `memory`: nothing outlives the page (the record store is in memory). */
export type VaultKind = 'guest' | 'memory';

/** An open vault. */
export interface OpenVault {
  readonly keys: VaultKeys;
  readonly storage: 'guest' | 'memory';
  /** Made just now: there is nothing in the store yet. */
  readonly created: boolean;
  /** Ends the renewal of the ticket. */
  readonly stopRenewal: () => void;
  /** Erases the keys in this tab and ends the renewal of the ticket; what is stored can be opened again. */
  lock(): void;
}

/** What opening and destroying need of the world. */
export type VaultPorts = Pick<Ports, 'records' | 'locks' | 'clock' | 'random'>;

export interface OpenVaultOptions {
  readonly ports: VaultPorts;
  readonly tickets: TicketAccess;
  readonly kind: VaultKind;
  /**
   * Told when a daily renewal failed for another reason than an unreachable relay; the vault stays open, and the renewal is
   * tried again unless the store is gone.
   */
  readonly onRenewalError?: (error: unknown) => void;
}

/**
 * Opens the vault of this profile, or makes it where there is none. Several tabs may do so at once. While it is open the
 * ticket is replaced once a day, so that the seven days count from the last use.
 *
 * @throws ChatError `vault-lost` (environment): the relay has no half of the ticket any more, so nothing stored can be opened
 *   by anybody; tell the user, then `destroyVault` and open anew. `vault-offline`: the relay could not be asked
 *   (`details.reason`: its error); try again later. `vault-damaged`: the slot cannot be read; it is kept as it is.
 *   `vault-locked`: a PIN or a passkey opens it (`PinVault`, `PasskeyVault`).
 *   `vault-half-wrong` (peer): the relay gave another half than it was given; it may give the right one later.
 *   `store-full`, `store-lost`, `store-conflict` from the record store. What is stored can be opened after any of them as before.
 */
export async function openVault(options: OpenVaultOptions): Promise<OpenVault> {
  const { ports, tickets, kind } = options;
  const context: UnlockContext = { ports, tickets };
  if (kind === 'memory') {
    const keys = newKeys(ports);
    return { keys, storage: kind, created: true, stopRenewal: () => undefined, lock: () => keys.erase() };
  }
  const { keys, created } = await ports.locks.exclusive(VAULT_LOCK, () => openGuest(context));
  const stopRenewal = keepRenewing(options, context, keys);
  return {
    keys,
    storage: kind,
    created,
    stopRenewal,
    lock() {
      stopRenewal();
      keys.erase();
    },
  };
}

/**
 * Deletes everything stored in this profile, in all tabs, and asks the relay to forget the tickets; if it cannot be reached they
 * die by their age, and without the device's half the relay's is worth nothing.
 * @throws ChatError `store-lost` and the like from the record store
 */
export async function destroyVault({ ports, tickets }: { ports: VaultPorts; tickets: TicketAccess }): Promise<void> {
  const ids = await ports.locks.exclusive(VAULT_LOCK, async () => {
    const found = await storedTicketIds({ ports, tickets });
    await ports.records.destroy();
    return found;
  });
  await dropAll(tickets, ids);
}

async function openGuest(context: UnlockContext): Promise<{ keys: VaultKeys; created: boolean }> {
  const stored = await readSlot(context);
  if (stored === undefined) {
    const keys = newKeys(context.ports);
    await orErased(keys, replaceTicket(context, keys, null));
    return { keys, created: true };
  }
  const { vmk, by } = await masterKeyOf(context, stored.slot);
  const keys = new VaultKeys({ vmk, vid: stored.slot.vid });
  vmk.fill(0);
  await orErased(keys, replaceTicket(context, keys, { stored, by }));
  return { keys, created: false };
}

/** Keys that nobody is given are not left behind. */
async function orErased(keys: VaultKeys, step: Promise<void>): Promise<void> {
  try {
    await step;
  } catch (error) {
    keys.erase();
    throw error;
  }
}

/** Replaces the ticket once a day. Returns the way to stop. */
function keepRenewing(
  { ports, onRenewalError }: OpenVaultOptions,
  context: UnlockContext,
  keys: VaultKeys,
): () => void {
  let cancel = (): void => undefined;
  const schedule = (wait: number): void => {
    cancel = ports.clock.after(wait, () => {
      void renew(ports, context, keys).then(
        (ours) => {
          if (ours && !keys.erased) schedule(RENEWAL);
        },
        (error: unknown) => {
          if (keys.erased) return;
          const code = codeOf(error);
          if (code !== 'vault-offline') onRenewalError?.(error);
          // Without a store there is nothing to renew, ever.
          if (code === 'store-lost' || code === 'store-closed') return;
          schedule(RENEWAL_RETRY);
        },
      );
    });
  };
  schedule(RENEWAL);
  return () => cancel();
}

/** Whether the vault is still the one of these keys; another tab may have destroyed it. */
async function renew(ports: VaultPorts, context: UnlockContext, keys: VaultKeys): Promise<boolean> {
  return ports.locks.exclusive(VAULT_LOCK, async () => {
    if (keys.erased) return false;
    const stored = await readGuestSlot(ports.records);
    // With a lock, set meanwhile, there is no ticket any more.
    if (stored === null || stored === 'locked' || !equal(stored.slot.vid, keys.vid)) return false;
    const age = ports.clock.now() - stored.slot.at;
    // Another tab may have been faster; a clock set back is no reason to wait.
    if (age < 0 || age >= RENEWAL) await replaceTicket(context, keys, { stored, by: stored.slot.current });
    return true;
  });
}

async function storedTicketIds(context: UnlockContext): Promise<Uint8Array[]> {
  try {
    const stored = await readSlot(context);
    return stored === undefined ? [] : ticketIdsOf(stored.slot);
  } catch (error) {
    // A damaged slot must not stand in the way of destroying it, nor one of another kind.
    if (['vault-damaged', 'vault-locked'].includes(codeOf(error))) return [];
    throw error;
  }
}

function newKeys({ random }: Pick<VaultPorts, 'random'>): VaultKeys {
  const vmk = random(VMK_LENGTH);
  const keys = new VaultKeys({ vmk, vid: random(VID_LENGTH) });
  vmk.fill(0);
  return keys;
}
