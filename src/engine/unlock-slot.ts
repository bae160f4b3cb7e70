/**
 * The guest slot in the record store, and the order of steps that replaces its ticket. docs/vault.md §5.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { ChatError } from '../errors.ts';
import { NONCE_LENGTH } from '../vault/record.ts';
import { guestSlotCodec, MAX_SPENT, slotKeyOf, type DeviceTicket, type GuestSlot } from '../vault/slot.ts';
import { HALF_LENGTH, halfCheckOf, ticketIdOf, unwrapMasterKey, wrapMasterKey } from '../vault/ticket.ts';
import type { VaultKeys } from '../vault/vault-keys.ts';
import { readGuestSlot, vaultDamaged, type Stored } from './guest-slot.ts';
import type { Ports } from './ports.ts';

const KEY = slotKeyOf('guest');

/**
 * Where the relay's halves of tickets are kept; they are asked for before there is a device key. Every call rejects with
 * a ChatError when the relay could not be asked, and may be repeated. `relayTickets` is the real one.
 */
export interface TicketAccess {
  /**
   * Keeps a half (32 B) under an id, or moves its end; durable when it resolves.
   * @param life ms from now on; not given, or more: seven days
   */
  put(id: Uint8Array, half: Uint8Array, life?: number): Promise<void>;
  /** The half; undefined when it is unknown, dropped or expired. */
  read(id: Uint8Array): Promise<Uint8Array | undefined>;
  /** Forgets the half; an unknown id is no error. */
  drop(id: Uint8Array): Promise<void>;
}

/** What opening needs of the world. */
export interface UnlockContext {
  readonly ports: Pick<Ports, 'records' | 'clock' | 'random'>;
  readonly tickets: TicketAccess;
}

/** A slot as stored. */
export type StoredSlot = Stored<GuestSlot>;

/**
 * The stored slot; undefined for a profile in which nothing is stored at all.
 * @throws ChatError `vault-damaged` as `readSlots`; `vault-locked` when a PIN or a passkey opens what is stored, and not a guest
 */
export async function readSlot({ ports }: UnlockContext): Promise<StoredSlot | undefined> {
  const stored = await readGuestSlot(ports.records);
  if (stored !== 'locked') return stored ?? undefined;
  // What does not fit together is damaged; without the script that knows, the lock's own opening says so.
  const slots = await import('./vault-slots.ts').catch(() => null);
  await slots?.readSlots(ports.records);
  throw new ChatError('environment', 'vault-locked', 'this vault has a lock');
}

/**
 * The vault master key, by the relay's half of the current ticket or, where that is gone, of the one before.
 * @throws ChatError `vault-lost`, `vault-offline`, `vault-half-wrong`, `vault-damaged`
 */
export async function masterKeyOf(
  { tickets }: UnlockContext,
  slot: GuestSlot,
): Promise<{ vmk: Uint8Array; by: DeviceTicket }> {
  for (const ticket of ticketsOf(slot)) {
    const half = await asked(() => tickets.read(ticketIdOf(ticket.half)));
    if (half !== undefined) return { vmk: opened(slot, ticket, half), by: ticket };
  }
  throw new ChatError('environment', 'vault-lost', 'the relay has no half of the ticket any more');
}

/**
 * Gives the slot a new ticket and makes the relay forget the others. Whatever is interrupted, and even if the last write to
 * the store is lost, the stored slot names a ticket that the relay still has:
 *
 * 1. the relay keeps the new half;
 * 2. the store takes the new ticket, beside the one that works (`by`);
 * 3. the store takes the new ticket alone, and the ids of the others as spent;
 * 4. the relay forgets the spent ones. What of them it could not be told, the next opening tells it.
 *
 * @param old the slot as stored, and which of its tickets worked; null makes the first slot
 * @throws ChatError `vault-offline`, and whatever the store refuses
 */
export async function replaceTicket(
  context: UnlockContext,
  keys: VaultKeys,
  old: { readonly stored: StoredSlot; readonly by: DeviceTicket } | null,
): Promise<void> {
  const { ports, tickets } = context;
  const { records, clock, random } = ports;
  const relayHalf = random(HALF_LENGTH);
  const current = newTicket(context, keys, relayHalf);
  const still = await dropAll(tickets, old?.stored.slot.spent ?? []);
  await asked(() => tickets.put(ticketIdOf(current.half), relayHalf));

  const at = clock.now();
  let version = old?.stored.version ?? 0;
  const store = async (slot: Pick<GuestSlot, 'previous' | 'spent'>): Promise<void> => {
    const bytes = guestSlotCodec.encode({ v: 1, kind: 'guest', vid: keys.vid, at, current, ...slot });
    await records.commit([{ table: 'vault', key: KEY, expects: version, record: { version: version + 1, bytes } }]);
    version++;
  };

  if (old === null) return store({ previous: null, spent: [] });
  const useless = ticketsOf(old.stored.slot).filter((ticket) => ticket !== old.by);
  const spent = [...still, ...useless.map((ticket) => ticketIdOf(ticket.half))].slice(-(MAX_SPENT - 1));
  await store({ previous: old.by, spent });
  const all = [...spent, ticketIdOf(old.by.half)];
  await store({ previous: null, spent: all });
  await dropAll(tickets, all);
}

/** Every ticket that the relay may still have a half of. */
export function ticketIdsOf(slot: GuestSlot): Uint8Array[] {
  return [...slot.spent, ...ticketsOf(slot).map((ticket) => ticketIdOf(ticket.half))];
}

/** Asks the relay to forget tickets; gives those that it could not be told of. They die by their age at the latest. */
export async function dropAll(tickets: TicketAccess, ids: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const outcomes = await Promise.allSettled(ids.map((id) => tickets.drop(id)));
  return ids.filter((_, i) => outcomes[i]?.status === 'rejected');
}

function ticketsOf(slot: GuestSlot): DeviceTicket[] {
  return slot.previous === null ? [slot.current] : [slot.current, slot.previous];
}

function newTicket({ ports }: UnlockContext, keys: VaultKeys, relay: Uint8Array): DeviceTicket {
  const half = ports.random(HALF_LENGTH);
  const vmk = keys.masterKey();
  const nonce = ports.random(NONCE_LENGTH);
  const wrapped = wrapMasterKey({ halves: { device: half, relay }, kind: 'guest', vid: keys.vid, vmk, nonce });
  vmk.fill(0);
  return { half, check: halfCheckOf(relay), wrapped };
}

function opened({ vid }: GuestSlot, { half, check, wrapped }: DeviceTicket, relay: Uint8Array): Uint8Array {
  if (relay.length !== HALF_LENGTH || !equal(halfCheckOf(relay), check)) {
    throw new ChatError('peer', 'vault-half-wrong', 'the relay gave another half than it was given');
  }
  try {
    return unwrapMasterKey({ halves: { device: half, relay }, kind: 'guest', vid, wrapped });
  } catch (cause) {
    throw vaultDamaged('the slot does not open with the right halves', cause);
  }
}

/** Runs a call to the relay. @throws ChatError `vault-offline` when it failed, whyever; a wrong call as it is */
async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (!(cause instanceof ChatError) || cause.kind === 'usage' || cause.kind === 'internal') throw cause;
    throw new ChatError('environment', 'vault-offline', 'the relay could not be asked for its half', {
      cause,
      details: { reason: cause.code },
    });
  }
}
