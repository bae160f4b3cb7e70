/**
 * What lies readable on the device before unlocking: the slots of table `vault`. docs/vault.md §4.
 * @module
 */
import { utf8 } from '../bytes/bytes.ts';
import { bytesOf, codecOf, listOf, mapOf, oneOf, orNull, uintUpTo, type Codec } from '../bytes/shape.ts';
import { toHex } from '../bytes/text.ts';
import { HALF_LENGTH, TICKET_ID_LENGTH, WRAPPED_LENGTH } from './ticket.ts';
import { VID_LENGTH } from './vault-keys.ts';

/** The device's side of one ticket. */
export interface DeviceTicket {
  /** The device's half, 32 B. */
  readonly half: Uint8Array;
  /** Tells the relay's right half from a wrong one, 32 B. */
  readonly check: Uint8Array;
  /** The vault master key wrapped under both halves, 72 B. */
  readonly wrapped: Uint8Array;
}

/** The slot of a vault without PIN. */
export interface GuestSlot {
  readonly v: 1;
  readonly kind: 'guest';
  /** The vault's id, 16 B. */
  readonly vid: Uint8Array;
  /** When `current` was made, ms. */
  readonly at: number;
  readonly current: DeviceTicket;
  /** The one before, until `current` has been stored twice over. */
  readonly previous: DeviceTicket | null;
  /** Ids of tickets that the relay is still to forget. */
  readonly spent: readonly Uint8Array[];
}

/** How many ids of spent tickets a slot remembers; older ones die by their age. */
export const MAX_SPENT = 16;
/** Every ticket that a guest slot can name: the spent ones, the current one, the one before. */
export const MAX_TICKETS = MAX_SPENT + 2;
/** How many commits in a row must have named what opens a vault before the relay gives up what opened it before. */
export const FIRMLY_STORED = 3;

const ticket = mapOf({ half: bytesOf(HALF_LENGTH), check: bytesOf(32), wrapped: bytesOf(WRAPPED_LENGTH) });

/** The guest slot's bytes. */
export const guestSlotCodec: Codec<GuestSlot> = codecOf(
  'guest-slot',
  2_048,
  mapOf({
    v: oneOf(1),
    kind: oneOf('guest'),
    vid: bytesOf(VID_LENGTH),
    at: uintUpTo(),
    current: ticket,
    previous: orNull(ticket),
    spent: listOf(bytesOf(TICKET_ID_LENGTH), MAX_SPENT),
  }),
);

/** The storage key of a row in table `vault`: its name, readable. All are slots but `lock`. */
export function slotKeyOf(kind: 'guest' | 'pin' | 'passkey' | 'lock'): string {
  return toHex(utf8(kind));
}
