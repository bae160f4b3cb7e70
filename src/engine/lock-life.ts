/**
 * The life of an open vault that has a lock, in one tab: it ends by itself after idle time, at once when another tab locks, and goes
 * on in the next page and the next tab. docs/vault.md §9.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/text.ts';
import { codeOf } from '../errors.ts';
import type { Continuation } from '../vault/continuation.ts';
import { lockCodec, readTabMessage, type AskMessage } from '../vault/tab-message.ts';
import type { VaultKeys } from '../vault/vault-keys.ts';
import { IdleLock } from './idle-lock.ts';
import { changeLockRow, readLockRow } from './lock-row.ts';
import type { DevicePorts } from './ports/device.ts';
import type { Ports } from './ports.ts';
import { TabTickets } from './tab-tickets.ts';
import { within } from './time-limit.ts';
import type { TicketAccess } from './unlock-slot.ts';
import { readSlots } from './vault-slots.ts';

/** How long locking waits for the number of unread messages, and for the disk, ms. */
const COUNT_LIMIT = 500;
const COMMIT_LIMIT = 2_000;

/** How a vault that has a lock was opened in this tab. */
export interface Unlocked {
  /** When PIN or passkey were last shown, ms. */
  readonly since: number;
  /** `locks` of the lock row then. */
  readonly locks: number;
  /** The last activity in any tab, ms. */
  readonly used: number;
}

export interface LockLifeOptions {
  readonly ports: Ports;
  readonly device: DevicePorts;
  readonly tickets: TicketAccess;
  readonly keys: VaultKeys;
  readonly unlocked: Unlocked;
  /** ms; above 0 */
  readonly lockAfter: number;
  /** Whether this tab may open the next page without PIN or passkey. */
  readonly hasTicket: boolean;
  /** Counts messages that are not read. */
  readonly unread: () => Promise<number>;
  /** The vault is to be closed here. @param dropped when the relay has been told, or could not be */
  readonly onLocked: (dropped: Promise<void>) => void;
}

/** See the module. */
export class LockLife {
  readonly #options: LockLifeOptions;
  readonly #vid: Uint8Array;
  readonly #idle: IdleLock;
  readonly #ticket: TabTickets | null;
  readonly #stops: (() => void)[] = [];
  #since: number;
  /** Of PIN and passkey, which each new one has its own of; null: not looked at yet. */
  #salts: string | null = null;
  #over = false;
  #locking: Promise<void> | null = null;
  #dropped: Promise<void> | null = null;

  constructor(options: LockLifeOptions) {
    const { ports, device, tickets, keys, unlocked, lockAfter, hasTicket } = options;
    this.#options = options;
    this.#vid = keys.vid;
    this.#since = unlocked.since;
    this.#idle = new IdleLock(
      {
        ...{ records: ports.records, clock: ports.clock, lockAfter, locks: unlocked.locks },
        onIdle: () => void this.lock(),
      },
      unlocked.used,
    );
    const { memory } = device;
    const held = (): Continuation | null => this.#held();
    this.#ticket = hasTicket ? new TabTickets({ ports, memory, tickets, vid: this.#vid, lockAfter, held }) : null;
    this.#stops.push(device.channel.listen((bytes) => this.#hear(bytes)));
    void this.#ticket?.replace(this.#idle.used);
  }

  /** A user is here. */
  touch(): void {
    if (!this.#over && this.#idle.touch()) this.#ticket?.touch(this.#idle.used);
  }

  /** Locks all tabs. Resolves when this one is. */
  lock(): Promise<void> {
    this.#locking ??= this.#lock();
    return this.#locking;
  }

  /** Something of table `vault` has changed: was it locked? */
  async check(): Promise<void> {
    const { ports, unlocked } = this.#options;
    if (this.#over) return;
    let row;
    try {
      row = await readLockRow(ports.records);
    } catch (error) {
      if (codeOf(error) === 'store-closed') return;
      // Destroyed: the engine says so. What cannot be read otherwise counts as locked.
      if (codeOf(error) === 'store-lost') return this.forget();
      row = null;
    }
    if (row === null || row.locks !== unlocked.locks || !equal(row.vid, this.#vid)) return this.#end();
    if (this.#ticket !== null) await this.#followSlots();
  }

  /** PIN or passkey were shown again, or are others: the ticket of before ends. */
  renew(): void {
    this.#since = this.#options.ports.clock.now();
    this.#idle.touch();
    if (!this.#over) void this.#ticket?.replace(this.#idle.used);
  }

  /** This tab closes without locking: the next page may go on. */
  stop(): void {
    this.#over = true;
    this.#idle.stop();
    this.#ticket?.stop();
    for (const stop of this.#stops.splice(0)) stop();
  }

  async #lock(): Promise<void> {
    if (this.#over) return;
    const { clock } = this.#options.ports;
    // First of all: should the power fail now, the next page asks.
    void this.#dropTicket();
    // Whatever the disk does, the tab is locked, and the others hear of it.
    let isWritten = false;
    try {
      isWritten = await within(clock, COMMIT_LIMIT, this.#writeLocked(), false);
    } finally {
      if (!isWritten) this.#sayLocked();
      this.#end();
    }
  }

  #sayLocked(): void {
    this.#options.device.channel.post(lockCodec.encode({ v: 1, kind: 'lock', vid: this.#vid }));
  }

  async #writeLocked(): Promise<boolean> {
    const { ports, unlocked, unread } = this.#options;
    const count = await within(
      ports.clock,
      COUNT_LIMIT,
      unread().catch(() => 0),
      0,
    );
    try {
      await changeLockRow(ports.records, (row) => {
        // Another tab was faster, or there is no row, which is as good.
        if (row?.locks !== unlocked.locks) return null;
        return { ...row, locks: row.locks + 1, unread: count };
      });
      return true;
    } catch (error) {
      if (codeOf(error) === 'internal') throw error;
      return false;
    }
  }

  #end(): void {
    if (this.#over) return;
    this.stop();
    this.#options.onLocked(this.#dropTicket());
  }

  /** @returns when the relay has been told, too, or could not be */
  #dropTicket(): Promise<void> {
    this.#dropped ??= this.#ticket?.end() ?? Promise.resolve();
    return this.#dropped;
  }

  /** Another PIN or passkey, in whichever tab it was set, ends the tickets of before. */
  async #followSlots(): Promise<void> {
    const { pin, passkey } = await readSlots(this.#options.ports.records);
    const salts = [pin, passkey].map((stored) => (stored === null ? '' : toHex(stored.slot.salt))).join(' ');
    const before = this.#salts;
    this.#salts = salts;
    if (before !== null && before !== salts && !this.#over) void this.#ticket?.replace(this.#idle.used);
  }

  /** There is nothing to be locked any more, and nothing for a ticket to open. @returns as `#dropTicket` */
  forget(): Promise<void> {
    this.stop();
    return this.#dropTicket();
  }

  #hear(bytes: Uint8Array): void {
    const message = readTabMessage(bytes);
    if (message === null || message.kind === 'give' || !equal(message.vid, this.#vid)) return;
    if (message.kind === 'lock') this.#end();
    else void this.#answer(message);
  }

  async #answer(ask: AskMessage): Promise<void> {
    const { ports, device } = this.#options;
    // Not needed by a guest, and not loaded for one. Where it cannot be loaded, the other tab asks its user.
    const handover = await import('./handover.ts').catch(() => null);
    if (handover === null || this.#over) return;
    if (this.#idle.idle) return this.#idle.check();
    const held = this.#held();
    const answer = held === null ? null : handover.answerTo(ask, { held, random: ports.random });
    if (answer !== null) device.channel.post(answer);
  }

  /** A copy of what is carried on, for the receiver to erase. Null as soon as locking has begun, however long the disk takes. */
  #held(): Continuation | null {
    const { keys, unlocked } = this.#options;
    if (this.#over || this.#locking !== null || keys.erased) return null;
    return { vmk: keys.masterKey(), since: this.#since, locks: unlocked.locks };
  }
}
