/**
 * The tab's ticket: made at unlocking, replaced at each load and again and again while the page is used. docs/vault.md §9.4.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { ChatError, codeOf } from '../errors.ts';
import type { Continuation } from '../vault/continuation.ts';
import { NONCE_LENGTH } from '../vault/record.ts';
import { openForTab, sealForTab, tabTicketCodec, type TabTicket } from '../vault/tab-ticket.ts';
import { HALF_LENGTH, halfCheckOf, ticketIdOf } from '../vault/ticket.ts';
import type { TabMemory } from './ports/device.ts';
import type { Ports } from './ports.ts';
import type { TicketAccess } from './unlock-slot.ts';

/** How long after the last unlocking by PIN or passkey a ticket opens at all, ms. */
export const OLDEST_TICKET = 12 * 3_600_000;

/**
 * What this tab's ticket carries on; null when there is none, or none that opens, or the relay could not be asked (then the ticket
 * is kept: it may be asked in time).
 */
export async function openTabTicket(
  { memory, tickets }: { memory: TabMemory; tickets: TicketAccess },
  vid: Uint8Array,
): Promise<Continuation | null> {
  const ticket = keptTicket(memory);
  if (ticket === null || !equal(ticket.vid, vid)) return null;
  let relay: Uint8Array | undefined;
  try {
    relay = await tickets.read(ticketIdOf(ticket.half));
  } catch (error) {
    if (!passes(error)) throw error;
    return null;
  }
  if (relay === undefined || relay.length !== HALF_LENGTH || !equal(halfCheckOf(relay), ticket.check)) return null;
  try {
    return openForTab({ halves: { device: ticket.half, relay }, vid, sealed: ticket.sealed });
  } catch (error) {
    if (codeOf(error) !== 'ticket-mismatch') throw error;
    return null;
  }
}

/** Forgets the ticket here and, if the relay can be asked, there. */
async function dropTabTicket(memory: TabMemory, tickets: TicketAccess): Promise<void> {
  const ticket = keptTicket(memory);
  memory.clear();
  if (ticket === null) return;
  try {
    await tickets.drop(ticketIdOf(ticket.half));
  } catch (error) {
    // It ends there by itself, after the idle time.
    if (!passes(error)) throw error;
  }
}

export interface TabTicketsOptions {
  readonly ports: Pick<Ports, 'clock' | 'random'>;
  readonly memory: TabMemory;
  readonly tickets: TicketAccess;
  readonly vid: Uint8Array;
  /** ms */
  readonly lockAfter: number;
  /** What is to be carried on now; the caller's to erase. Null: the vault is not open any more. */
  readonly held: () => Continuation | null;
}

/** When the relay could not be asked, it is not asked again before, ms. */
const RETRY = 30_000;

/** An open tab's ticket. Nothing here fails: without a ticket the next page asks for PIN or passkey. */
export class TabTickets {
  readonly #options: TabTicketsOptions;
  /** The relay's half and the id, to move its end; null: none is kept now. */
  #current: { readonly id: Uint8Array; readonly relay: Uint8Array; readonly since: number } | null = null;
  /** When the end is to be moved next, ms. */
  #due = 0;
  #used = 0;
  #tail: Promise<void> = Promise.resolve();
  #cancel: (() => void) | null = null;
  #stopped = false;

  constructor(options: TabTicketsOptions) {
    this.#options = options;
  }

  /** Makes a new one in the place of what the tab keeps. @param used the last activity, ms */
  replace(used: number): Promise<void> {
    this.#used = Math.max(used, this.#used);
    return this.#then(() => this.#replace());
  }

  /** A user is active: once in a third of the idle time the ticket is replaced by one that ends an idle time after the last activity. */
  touch(used: number): void {
    this.#used = used;
    if (this.#stopped || this.#cancel !== null) return;
    const { clock } = this.#options.ports;
    this.#cancel = clock.after(Math.max(0, this.#due - clock.now()), () => {
      void this.#then(() => this.#renew()).then(() => (this.#cancel = null));
    });
  }

  /** The vault stays open for the next page. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  /** The vault is locked: forgets it here at once. @returns when the relay was told too, or could not be */
  end(): Promise<void> {
    this.stop();
    const { memory, tickets } = this.#options;
    const kept = dropTabTicket(memory, tickets);
    // One that is being made meanwhile is not kept: see `#replace`.
    return Promise.all([kept, this.#tail]).then(() => undefined);
  }

  async #replace(): Promise<void> {
    const { ports, memory, tickets, vid, held } = this.#options;
    const { random } = ports;
    const continuation = held();
    if (continuation === null) return;
    const { since } = continuation;
    const life = this.#life(since);
    if (life <= 0 || this.#stopped) {
      continuation.vmk.fill(0);
      // It would open nothing for the next page, and everything for who copies it.
      return this.#stopped ? undefined : dropTabTicket(memory, tickets);
    }
    const halves = { device: random(HALF_LENGTH), relay: random(HALF_LENGTH) };
    const sealed = sealForTab({ halves, vid, held: continuation, nonce: random(NONCE_LENGTH) });
    continuation.vmk.fill(0);
    const id = ticketIdOf(halves.device);
    await tickets.put(id, halves.relay, life);
    const old = keptTicket(memory);
    const check = halfCheckOf(halves.relay);
    const bytes = tabTicketCodec.encode({ v: 1, kind: 'tab', vid, half: halves.device, check, sealed });
    if (this.#isStopped() || !memory.write(bytes)) return tickets.drop(id);
    this.#current = { id, relay: halves.relay, since };
    if (old !== null) await tickets.drop(ticketIdOf(old.half));
  }

  /** Another ticket, so that a copy of this one opens nothing any more; or, if the relay takes no new one now, a later end. */
  async #renew(): Promise<void> {
    if (this.#stopped) return;
    const before = this.#current;
    try {
      await this.#replace();
    } catch (error) {
      // If a new one was kept, only the dropping of the old one has failed; and what was locked meanwhile has none any more.
      if (before === null || this.#current !== before || !passes(error) || this.#isStopped()) throw error;
      const life = this.#life(before.since);
      if (life <= 0) throw error;
      await this.#options.tickets.put(before.id, before.relay, life);
    }
  }

  /** How long the relay is to keep it from now on, ms. The relay's clock, unlike the conditions of §9.4, binds a thief as well. */
  #life(since: number): number {
    const { ports, lockAfter } = this.#options;
    return Math.min(this.#used + lockAfter, since + OLDEST_TICKET) - ports.clock.now();
  }

  /** One after the other; a relay that cannot be asked is asked again by a later activity. */
  #then(work: () => Promise<void>): Promise<void> {
    const { ports, lockAfter } = this.#options;
    const done = this.#tail.then(work).then(
      () => void (this.#due = ports.clock.now() + lockAfter / 3),
      (error: unknown) => {
        if (!passes(error)) throw error;
        this.#due = ports.clock.now() + Math.min(RETRY, lockAfter / 3);
      },
    );
    this.#tail = done.catch(() => undefined);
    return done;
  }

  // Not read directly: the compiler takes it for still false after an await.
  #isStopped(): boolean {
    return this.#stopped;
  }
}

/** What the tab keeps; null if nothing, or nothing that can be read. */
function keptTicket(memory: TabMemory): TabTicket | null {
  const bytes = memory.read();
  if (bytes === null) return null;
  try {
    return tabTicketCodec.decode(bytes);
  } catch (error) {
    if (!(error instanceof ChatError) || error.kind !== 'peer') throw error;
    return null;
  }
}

/** Whether it is the network's or the relay's doing, or the client's closing, and not a fault of ours. */
function passes(error: unknown): boolean {
  if (!(error instanceof ChatError)) return false;
  return error.kind === 'environment' || error.kind === 'peer' || error.code === 'relay-closed';
}
