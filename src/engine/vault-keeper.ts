/**
 * One profile's vault while it is open in one tab: what its user can do with its lock, and how it ends. docs/vault.md §9.
 * @module
 */
import { ChatError, codeOf, usageError } from '../errors.ts';
import { slotKeyOf } from '../vault/slot.ts';
import type { VaultKeys } from '../vault/vault-keys.ts';
import { FIRST_LOCKS } from '../vault/lock-row.ts';
import type { LockLife, Unlocked } from './lock-life.ts';
import type { Locksmith, LocksmithOptions } from './locksmith.ts';
import type { DevicePorts, MissingProtection } from './ports/device.ts';
import type { Ports, RecordStore } from './ports.ts';
import { LiveValue } from './relay-live-value.ts';
import { liveQuery } from './sealed-live.ts';
import { deviceState } from './tab-state.ts';
import type { TicketAccess } from './unlock-slot.ts';
import type { ClientVault, StorageProtection, VaultView } from './views.ts';

/** Idle time where the caller wants no page to go on without PIN or passkey, ms: that leaves no page open for ever. */
const USUAL_LOCK_AFTER = 15 * 60_000;

/** What protects what is stored, for the status. */
export interface Protection {
  readonly storage: StorageProtection;
  readonly missing: readonly MissingProtection[];
  /** What opening or changing the lock left undone. */
  readonly problem: ChatError | null;
}

/** The running engine, as far as its vault must know it. */
export interface EngineOfVault {
  close(): Promise<void>;
  /** Overwrites the device's keys. Called last: nothing can be stored or sent any more that they would sign. */
  erase(): void;
  /** Messages that were not read yet. */
  unread(): Promise<number>;
  /** As signed by the desk, or another word while none is known. */
  deskName(): Promise<string>;
}

export interface KeeperOptions {
  readonly ports: Ports;
  readonly device: DevicePorts;
  readonly relay: string;
  readonly tickets: TicketAccess & { close(): void };
  readonly keys: VaultKeys;
  readonly isMemory: boolean;
  /** Null: it was open without a lock. */
  readonly unlocked: Unlocked | null;
  readonly problem: ChatError | null;
  /** ms; 0: every page asks */
  readonly lockAfter: number;
  /** A page may go on where the last one of its tab was. */
  readonly tabTickets: boolean;
  /** Ends the renewal of a guest's ticket. */
  readonly stopRenewal: () => void;
}

/** See the module. */
export class VaultKeeper {
  /** What the client gives its user. */
  readonly control: ClientVault;
  readonly ended: Promise<'locked' | 'closed'>;
  readonly #options: KeeperOptions;
  /** Counts what may have changed `protection` besides the store. */
  readonly #changes = new LiveValue(0);
  #problem: ChatError | null;
  #onEnded: (how: 'locked' | 'closed') => void = () => undefined;
  #engine: EngineOfVault | null = null;
  #life: LockLife | null = null;
  #beginning: Promise<void> | null = null;
  #stopWatch = (): void => undefined;
  #over = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#problem = options.problem;
    this.ended = new Promise((resolve) => (this.#onEnded = resolve));
    this.control = {
      view: liveQuery(
        (changed) => this.watch(changed),
        () => this.#viewNow(),
      ),
      setPin: (pin) => this.#lockBy((smith, keys) => smith.setPin(keys, pin)),
      changePin: (pin, next) => this.#lockBy((smith) => smith.changePin(pin, next)),
      resetPin: (next) => this.#lockBy((smith, keys) => smith.resetPin(keys, next)),
      addPasskey: async () => {
        const name = (await this.#engine?.deskName()) ?? '';
        await this.#lockBy((smith, keys) => smith.addPasskey(keys, name, (problem) => this.#leave(problem)));
      },
      removePasskey: () => this.#withSmith((smith) => smith.removePasskey()),
      touch: () => this.#life?.touch(),
      lock: () => this.#lock(),
    };
  }

  /** From now on the vault locks, if it has a lock; and when it gets one. */
  start(engine: EngineOfVault): void {
    this.#engine = engine;
    const { ports, isMemory, unlocked } = this.#options;
    if (isMemory) return;
    if (unlocked !== null) this.#beginning = this.#begin(unlocked);
    this.#stopWatch = ports.records.watch(['vault'], () => void this.#changed());
    // What happened since it was opened.
    void this.#changed();
  }

  /** Calls back when `protection` may be another. Returns the way to stop. */
  watch(changed: () => void): () => void {
    const stops = [
      this.#options.ports.records.watch(['vault'], changed),
      this.#changes.subscribe(changed, () => undefined),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  async protection(): Promise<Protection> {
    const { device } = this.#options;
    const missing = new Set(device.missing());
    if (deviceState(device).workerless) missing.add('worker');
    return { storage: (await this.#viewNow()).storage, missing: [...missing], problem: this.#problem };
  }

  /** The client closes, without locking: the tab's next page may go on. */
  async close(): Promise<void> {
    this.#life?.stop();
    await this.#finish('closed', Promise.resolve());
  }

  /** `work` destroys everything that is stored; this tab keeps nothing either, whether it succeeds or not. */
  async destroy(work: () => Promise<void>): Promise<void> {
    await this.#beginning;
    const dropped = this.#life?.forget() ?? Promise.resolve();
    await this.#engine?.close();
    try {
      await work();
    } finally {
      await this.#finish('closed', dropped);
    }
  }

  async #lock(): Promise<void> {
    await this.#changed();
    if (this.#beginning === null) throw usageError('vault-no-lock', 'neither PIN nor passkey are set');
    await this.#life?.lock();
  }

  /** Sets a lock, or another one, by which the vault lives from then on. @throws ChatError as `#withSmith` */
  async #lockBy(work: (smith: Locksmith, keys: VaultKeys) => Promise<ChatError | null>): Promise<void> {
    const { device, stopRenewal } = this.#options;
    const isFirst = this.#beginning === null;
    await this.#withSmith(async (smith, keys) => {
      this.#problem = await work(smith, keys);
    });
    stopRenewal();
    if (!isFirst) return this.#life?.renew();
    await this.#changed();
    // Not waited for: some browsers ask the user.
    void device.persist().then(() => this.#tell());
  }

  /** @throws ChatError `vault-memory` (usage), `vault-locked`, `load-failed` (environment), and what the work throws */
  async #withSmith(work: (smith: Locksmith, keys: VaultKeys) => Promise<void>): Promise<void> {
    const { isMemory, keys } = this.#options;
    if (isMemory) throw usageError('vault-memory', 'nothing is stored that could be locked');
    // Not all that follows needs the keys: a client that has ended is to change nothing, and to use up no guess.
    if (this.#over) throw new ChatError('environment', 'vault-locked', 'this client has ended');
    const smith = await hireLocksmith(this.#options);
    try {
      await work(smith, keys);
    } finally {
      smith.close();
      // A worker may have been missed.
      this.#tell();
    }
  }

  /** Something of table `vault` has changed, in whichever tab. */
  async #changed(): Promise<void> {
    try {
      if (this.#beginning === null && !this.#over && (await hasLock(this.#options.ports.records))) {
        const now = this.#options.ports.clock.now();
        this.#beginning ??= this.#begin({ since: now, locks: FIRST_LOCKS, used: now });
      }
      await this.#beginning;
      await this.#life?.check();
    } catch (error) {
      // Destroyed, or closed: the engine says so.
      if (codeOf(error) === 'internal') throw error;
    }
  }

  /** The vault has a lock: from now on it lives with it. */
  async #begin(unlocked: Unlocked): Promise<void> {
    const { ports, device, tickets, keys, lockAfter, tabTickets } = this.#options;
    const loaded = await import('./lock-life.ts').catch(() => null);
    if (this.#over) return;
    // Not to be locked is not to be open.
    if (loaded === null) return this.#finish('locked', Promise.resolve());
    this.#life = new loaded.LockLife({
      ...{ ports, device, tickets, keys, unlocked },
      lockAfter: lockAfter > 0 ? lockAfter : USUAL_LOCK_AFTER,
      hasTicket: tabTickets && lockAfter > 0,
      unread: () => this.#engine?.unread() ?? Promise.resolve(0),
      onLocked: (dropped) => void this.#finish('locked', dropped),
    });
  }

  async #finish(how: 'locked' | 'closed', dropped: Promise<void>): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    const { keys, tickets, stopRenewal } = this.#options;
    this.#stopWatch();
    stopRenewal();
    try {
      await this.#engine?.close();
    } finally {
      keys.erase();
      this.#engine?.erase();
      this.#onEnded(how);
      void dropped.finally(() => tickets.close());
    }
  }

  /** Something was left undone, which the next unlocking does. */
  #leave(problem: ChatError): void {
    this.#problem = problem;
    this.#tell();
  }

  #tell(): void {
    this.#changes.set(this.#changes.value + 1);
  }

  async #viewNow(): Promise<VaultView> {
    const { isMemory, ports, device } = this.#options;
    if (isMemory) return { storage: 'memory', pin: false, passkey: false, passkeyPossible: false };
    const [pin, passkey] = await Promise.all([has(ports.records, 'pin'), has(ports.records, 'passkey')]);
    const storage = pin ? 'pin' : passkey ? 'passkey' : 'guest';
    return { storage, pin, passkey, passkeyPossible: device.passkeys !== null };
  }
}

/** The locksmith, whose script is loaded when it is first needed. @throws ChatError `load-failed` (environment) */
export async function hireLocksmith({ ports, device, relay, tickets }: LocksmithOptions): Promise<Locksmith> {
  // With all that a vault with a lock needs to live: better no lock than one that does not lock.
  const [{ Locksmith }] = await loading(Promise.all([import('./locksmith.ts'), import('./lock-life.ts')]));
  return new Locksmith({ ports, device, relay, tickets });
}

/** @throws ChatError `load-failed` (environment) */
export async function loading<T>(script: Promise<T>): Promise<T> {
  try {
    return await script;
  } catch (cause) {
    throw new ChatError('environment', 'load-failed', 'a script could not be loaded', { cause });
  }
}

async function hasLock(records: RecordStore): Promise<boolean> {
  return (await has(records, 'pin')) || (await has(records, 'passkey'));
}

async function has(records: RecordStore, kind: 'pin' | 'passkey'): Promise<boolean> {
  return (await records.get('vault', slotKeyOf(kind))) !== undefined;
}
