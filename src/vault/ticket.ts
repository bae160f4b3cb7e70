/**
 * Tickets: what lies on the device and what lies at the relay open the vault only together. docs/vault.md §4.
 * @module
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat } from '../bytes/bytes.ts';
import { encodeCbor } from '../bytes/cbor.ts';
import { peerError, usageError } from '../errors.ts';
import { label } from './label.ts';
import { NONCE_LENGTH } from './record.ts';
import { VMK_LENGTH } from './vault-keys.ts';

/** Length of either half, bytes. */
export const HALF_LENGTH = 32;
/** Length of a ticket id, bytes. */
export const TICKET_ID_LENGTH = 16;
/** Length of a wrapped vault master key, bytes: nonce, key, tag. */
export const WRAPPED_LENGTH = NONCE_LENGTH + VMK_LENGTH + 16;

/** What wraps a vault master key. One wrapped for one kind of slot or one vault does not open for another. */
export type SlotKind = 'guest' | 'tab';

/** Both halves and what they are bound to. */
export interface TicketHalves {
  /** The device's half, 32 B random. */
  readonly device: Uint8Array;
  /** The relay's half, 32 B random. */
  readonly relay: Uint8Array;
}

/** The id under which the relay keeps its half, 16 B: known to whoever has the device's half, telling nothing of it. */
export function ticketIdOf(deviceHalf: Uint8Array): Uint8Array {
  return hkdf(sha256, ofLength(deviceHalf, HALF_LENGTH), undefined, label('ticket-id'), TICKET_ID_LENGTH);
}

/** What the slot keeps of the relay's half, 32 B, to tell a wrong half from a damaged slot. */
export function halfCheckOf(relayHalf: Uint8Array): Uint8Array {
  return sha256(concat(label('ticket-half'), ofLength(relayHalf, HALF_LENGTH)));
}

/**
 * Wraps the vault master key under both halves: `nonce ‖ AEAD(KEK, nonce, VMK, aad)`.
 * @param options.nonce 24 random bytes
 */
export function wrapMasterKey(options: {
  halves: TicketHalves;
  kind: 'guest';
  vid: Uint8Array;
  vmk: Uint8Array;
  nonce: Uint8Array;
}): Uint8Array {
  const { halves, kind, vid, vmk } = options;
  const nonce = ofLength(options.nonce, NONCE_LENGTH);
  const cipher = xchacha20poly1305(ticketKeyOf(halves), nonce, ticketBinding(kind, vid));
  return concat(nonce, cipher.encrypt(ofLength(vmk, VMK_LENGTH)));
}

/** The vault master key, 32 B. @throws ChatError `ticket-mismatch` when halves, kind or vid are not those of wrapping */
export function unwrapMasterKey(options: {
  halves: TicketHalves;
  kind: 'guest';
  vid: Uint8Array;
  wrapped: Uint8Array;
}): Uint8Array {
  const { halves, kind, vid, wrapped } = options;
  const key = ticketKeyOf(halves);
  if (wrapped.length !== WRAPPED_LENGTH) throw mismatch();
  try {
    const cipher = xchacha20poly1305(key, wrapped.subarray(0, NONCE_LENGTH), ticketBinding(kind, vid));
    return cipher.decrypt(wrapped.subarray(NONCE_LENGTH));
  } catch (cause) {
    throw mismatch(cause);
  }
}

/** KEK: what both halves give together, 32 B. */
export function ticketKeyOf({ device, relay }: TicketHalves): Uint8Array {
  const ikm = concat(ofLength(device, HALF_LENGTH), ofLength(relay, HALF_LENGTH));
  return hkdf(sha256, ikm, undefined, label('ticket-kek'), 32);
}

/** What a wrapped key is bound to: the additional data of its sealing. */
export function ticketBinding(kind: SlotKind, vid: Uint8Array): Uint8Array {
  return concat(label('slot'), encodeCbor([kind, vid]));
}

function mismatch(cause?: unknown) {
  return peerError('ticket-mismatch', 'the halves do not open the slot', { cause });
}

function ofLength(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw usageError('ticket-malformed', `expected ${length} bytes`);
  return bytes;
}
