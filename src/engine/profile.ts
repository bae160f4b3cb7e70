/**
 * What lies in a profile: opening its vault, finding out who this device is, and forgetting it all. docs/vault.md
 * @module
 */
import type { Signed } from '../identity/signature.ts';
import { codeOf, type ChatError } from '../errors.ts';
import type { VaultKeys } from '../vault/vault-keys.ts';
import { readGuestSlot } from './guest-slot.ts';
import type { Unlocked } from './lock-life.ts';
import type * as LockedOpening from './locked-opening.ts';
import type { DevicePorts } from './ports/device.ts';
import type { Ports } from './ports.ts';
import { relayTickets } from './relay-tickets.ts';
import { ROWS } from './rows.ts';
import { openSealedStore, type SealedStore } from './sealed-store.ts';
import { runStep } from './step.ts';
import { wrongPins } from './tab-state.ts';
import type { TicketAccess } from './unlock-slot.ts';
import { destroyVault, openVault, type VaultKind } from './unlock.ts';
import { loading, VaultKeeper } from './vault-keeper.ts';
import type { Unlocking } from './views.ts';

/** How often a vault may get a lock while it is being opened as a guest's. */
const ATTEMPTS = 3;

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

export interface ProfileOptions {
  readonly ports: Ports;
  readonly device: DevicePorts;
  readonly relay: string;
  readonly kind: VaultKind;
  /** Idle time after which a vault that has a lock locks itself, ms; 0: besides, every page asks for PIN or passkey. */
  readonly lockAfter: number;
  /** Whether this tab's next page may go on without PIN or passkey (docs/vault.md §9). */
  readonly tabTickets: boolean;
  /** Not given: whatever may open by itself does. */
  readonly unlock?: Unlocking;
}

/** An open profile. The keeper closes it. */
export interface OpenProfile {
  readonly keeper: VaultKeeper;
  readonly store: SealedStore;
  /** Forgets everything stored here, in all tabs. */
  destroy(): Promise<void>;
}

/**
 * Opens the vault at this relay.
 * @throws ChatError as `openVault`; `vault-locked` with details `{pin, passkey, unread}` when only `unlock` opens it; with `unlock` as
 *   `PinVault.unlock` and `PasskeyVault.unlock`; `load-failed` when the browser could not load what opens it
 */
export async function openProfile(options: ProfileOptions): Promise<OpenProfile> {
  const { ports, relay, device, kind, lockAfter, tabTickets } = options;
  const tickets = relayTickets({ ports, url: relay });
  try {
    const opened = await openStored(options, tickets);
    const isMemory = kind === 'memory';
    const keeper = new VaultKeeper({ ports, device, relay, tickets, lockAfter, tabTickets, isMemory, ...opened });
    const destroy = (): Promise<void> => keeper.destroy(() => destroyStored({ ports, relay, tickets }));
    return { keeper, store: openSealedStore(ports, opened.keys), destroy };
  } catch (error) {
    tickets.close();
    throw error;
  }
}

/**
 * Destroys what is stored in this profile, in all tabs, without opening it; and asks the relay to destroy what it keeps for it. If
 * it cannot be asked, that dies by its age, and opens nothing without what was here.
 * @throws ChatError `store-lost` and the like from the record store
 */
export async function forgetProfile({ ports, relay }: { ports: Ports; relay: string }): Promise<void> {
  const tickets = relayTickets({ ports, url: relay });
  try {
    await destroyStored({ ports, relay, tickets });
  } finally {
    tickets.close();
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

/** What the keeper must know of an opened vault. */
interface Opened {
  readonly keys: VaultKeys;
  readonly unlocked: Unlocked | null;
  readonly problem: ChatError | null;
  readonly stopRenewal: () => void;
}

async function openStored(options: ProfileOptions, tickets: TicketAccess): Promise<Opened> {
  const { ports, kind, unlock } = options;
  const stopRenewal = (): void => undefined;
  for (let attempt = 1; kind === 'guest'; attempt++) {
    if (unlock !== undefined) {
      const { openBy } = await lockedOpening();
      return { ...(await openBy(unlock, { ...options, tickets })), stopRenewal };
    }
    if (await isLocked(ports)) {
      const { goOn } = await lockedOpening();
      return { ...(await goOn({ ...options, tickets })), stopRenewal };
    }
    try {
      return await openUnlocked(options, tickets);
    } catch (error) {
      // It got a lock just now, in another tab.
      if (codeOf(error) !== 'vault-locked' || attempt === ATTEMPTS) throw error;
    }
  }
  return openUnlocked(options, tickets);
}

/** Looked at beside others who may be writing just now: what does not seem to fit together is read again under the lock. */
async function isLocked({ records }: Pick<Ports, 'records'>): Promise<boolean> {
  try {
    return (await readGuestSlot(records)) === 'locked';
  } catch (error) {
    if (codeOf(error) !== 'vault-damaged') throw error;
    return false;
  }
}

async function openUnlocked({ ports, kind }: ProfileOptions, tickets: TicketAccess): Promise<Opened> {
  const { keys, stopRenewal } = await openVault({ ports, tickets, kind });
  return { keys, unlocked: null, problem: null, stopRenewal };
}

/** What opens a vault that has a lock, with all that it needs to live. @throws ChatError `load-failed` (environment) */
async function lockedOpening(): Promise<typeof LockedOpening> {
  const [opening] = await loading(Promise.all([import('./locked-opening.ts'), import('./lock-life.ts')]));
  return opening;
}

async function destroyStored(options: { ports: Ports; relay: string; tickets: TicketAccess }): Promise<void> {
  const { ports, relay, tickets } = options;
  // There is nothing left that they could be wrong for.
  wrongPins.clear();
  // Without these scripts everything is destroyed all the same; what the relay keeps for a PIN dies by its age then.
  const scripts = Promise.all([import('./relay-vaults.ts'), import('./vault-forgetting.ts')]);
  const loaded = await scripts.catch(() => null);
  if (loaded === null) return destroyVault({ ports, tickets });
  const [{ relayVaults }, { forgetVault }] = loaded;
  const vaults = relayVaults({ ports, url: relay });
  try {
    await forgetVault({ ports, vaults, tickets });
  } finally {
    vaults.close();
  }
}
