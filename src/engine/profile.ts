/**
 * What lies in a profile: opening its vault and finding out who this device is. docs/vault.md
 * @module
 */
import type { Signed } from '../identity/signature.ts';
import type { Ports } from './ports.ts';
import { relayTickets } from './relay-tickets.ts';
import { ROWS } from './rows.ts';
import { openSealedStore, type SealedStore } from './sealed-store.ts';
import { runStep } from './step.ts';
import { destroyVault, openVault, type OpenVault, type VaultKind } from './unlock.ts';

/** Who this device is. */
export interface Identity {
  readonly seed: Uint8Array;
  /** The desk's root key, 32 B. */
  readonly desk: Uint8Array;
  readonly name: string | null;
  readonly at: number;
  readonly memberSince: number | null;
  readonly enrolment: Signed | null;
}

export interface OpenProfile {
  readonly vault: OpenVault;
  readonly store: SealedStore;
  /** Forgets everything stored here, in all tabs. */
  destroy(): Promise<void>;
  /** Gives up the vault's keys and connections; what is stored stays. */
  close(): void;
}

/** Opens the vault at this relay. @throws ChatError as `openVault` */
export async function openProfile(ports: Ports, relay: string, kind: VaultKind): Promise<OpenProfile> {
  const tickets = relayTickets({ ports, url: relay });
  try {
    const vault = await openVault({ ports, tickets, kind });
    return {
      vault,
      store: openSealedStore(ports, vault.keys),
      destroy: () => destroyVault({ ports, tickets }),
      close() {
        vault.lock();
        tickets.close();
      },
    };
  } catch (error) {
    tickets.close();
    throw error;
  }
}

/** The identity stored here; undefined if there is none. */
export async function storedIdentity(store: SealedStore): Promise<Identity | undefined> {
  return (await store.get(ROWS.identity, ['identity']))?.value;
}

/** The identity stored here, or the given one, stored now. Two tabs that ask at once get the same. */
export async function identityOf(ports: Ports, store: SealedStore, make: () => Promise<Identity>): Promise<Identity> {
  return runStep({ store, locks: ports.locks }, async (step) => {
    const stored = await step.get(ROWS.identity, ['identity']);
    if (stored !== undefined) return stored;
    const made = await make();
    await step.put(ROWS.identity, ['identity'], { ...made });
    return made;
  });
}
