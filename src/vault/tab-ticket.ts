/**
 * A tab's ticket: what the tab keeps over a navigation and what the relay keeps open the vault only together. docs/vault.md §9.
 * @module
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { concat } from '../bytes/bytes.ts';
import { bytesOf, codecOf, mapOf, oneOf, type Codec } from '../bytes/shape.ts';
import { peerError, usageError } from '../errors.ts';
import { continuationCodec, type Continuation } from './continuation.ts';
import { NONCE_LENGTH } from './record.ts';
import { HALF_LENGTH, ticketBinding, ticketKeyOf, type TicketHalves } from './ticket.ts';
import { VID_LENGTH } from './vault-keys.ts';

/** What the tab keeps. */
export interface TabTicket {
  readonly v: 1;
  readonly kind: 'tab';
  /** The vault's id, 16 B. */
  readonly vid: Uint8Array;
  /** The tab's half, 32 B; the relay's lies under `ticketIdOf` of it. */
  readonly half: Uint8Array;
  /** Tells the relay's right half from a wrong one, 32 B. */
  readonly check: Uint8Array;
  /** A continuation, sealed under both halves. */
  readonly sealed: Uint8Array;
}

/** Nonce, tag, and a continuation with the shortest and the longest numbers. */
const SEALED = [NONCE_LENGTH + 16 + 32, NONCE_LENGTH + 16 + 128] as const;

/** The bytes that the tab keeps. */
export const tabTicketCodec: Codec<TabTicket> = codecOf(
  'tab-ticket',
  512,
  mapOf({
    v: oneOf(1),
    kind: oneOf('tab'),
    vid: bytesOf(VID_LENGTH),
    half: bytesOf(HALF_LENGTH),
    check: bytesOf(32),
    sealed: bytesOf(...SEALED),
  }),
);

/** Seals what is carried on: `nonce ‖ AEAD(KEK, nonce, continuation, aad)`. @param options.nonce 24 random bytes */
export function sealForTab(options: {
  halves: TicketHalves;
  vid: Uint8Array;
  held: Continuation;
  nonce: Uint8Array;
}): Uint8Array {
  const { halves, vid, held, nonce } = options;
  if (nonce.length !== NONCE_LENGTH) throw usageError('nonce-malformed', `a nonce has ${NONCE_LENGTH} bytes`);
  const kek = ticketKeyOf(halves);
  const plain = continuationCodec.encode(held);
  const sealed = concat(nonce, xchacha20poly1305(kek, nonce, ticketBinding('tab', vid)).encrypt(plain));
  plain.fill(0);
  kek.fill(0);
  return sealed;
}

/** What was carried on. @throws ChatError `ticket-mismatch` when halves or vid are not those of sealing */
export function openForTab(options: { halves: TicketHalves; vid: Uint8Array; sealed: Uint8Array }): Continuation {
  const { halves, vid, sealed } = options;
  const kek = ticketKeyOf(halves);
  try {
    const cipher = xchacha20poly1305(kek, sealed.subarray(0, NONCE_LENGTH), ticketBinding('tab', vid));
    return continuationCodec.decode(cipher.decrypt(sealed.subarray(NONCE_LENGTH)));
  } catch (cause) {
    throw peerError('ticket-mismatch', 'the halves do not open the ticket', { cause });
  } finally {
    kek.fill(0);
  }
}
