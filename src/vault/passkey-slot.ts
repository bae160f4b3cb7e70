/**
 * The slot of a vault that a passkey opens: the PRF output of a WebAuthn credential wraps the vault master key, and no relay is
 * asked. docs/vault.md §8.
 * @module
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat } from '../bytes/bytes.ts';
import { encodeCbor } from '../bytes/cbor.ts';
import { bytesOf, codecOf, listOf, mapOf, oneOf, uintUpTo, type Codec } from '../bytes/shape.ts';
import { peerError, usageError } from '../errors.ts';
import { label } from './label.ts';
import { NONCE_LENGTH } from './record.ts';
import { FIRMLY_STORED, MAX_TICKETS } from './slot.ts';
import { TICKET_ID_LENGTH, WRAPPED_LENGTH } from './ticket.ts';
import { VID_LENGTH, VMK_LENGTH } from './vault-keys.ts';

/** Length of a PRF output and of the salt it is asked for with, bytes. */
export const PRF_LENGTH = 32;
/** The longest credential id, bytes (WebAuthn, 5.8.3). */
export const MAX_CREDENTIAL = 1_023;

/** The slot of a vault with a passkey. */
export interface PasskeySlot {
  readonly v: 1;
  readonly kind: 'passkey';
  /** The vault's id, 16 B. */
  readonly vid: Uint8Array;
  /** When it was enrolled, ms. */
  readonly at: number;
  /** The credential's id, 1 to 1,023 B; not secret. */
  readonly credential: Uint8Array;
  /** What the PRF is asked for, 32 B. */
  readonly salt: Uint8Array;
  /** The vault master key under KEK, 72 B. */
  readonly wrapped: Uint8Array;
  /** How many commits in a row have named this credential, up to `FIRMLY_STORED`. */
  readonly stored: number;
  /** Ids of the guest's tickets that the relay is still to forget. */
  readonly spent: readonly Uint8Array[];
}

/** The passkey slot's bytes. */
export const passkeySlotCodec: Codec<PasskeySlot> = codecOf(
  'passkey-slot',
  2_048,
  mapOf({
    v: oneOf(1),
    kind: oneOf('passkey'),
    vid: bytesOf(VID_LENGTH),
    at: uintUpTo(),
    credential: bytesOf(1, MAX_CREDENTIAL),
    salt: bytesOf(PRF_LENGTH),
    wrapped: bytesOf(WRAPPED_LENGTH),
    stored: uintUpTo(FIRMLY_STORED, 1),
    spent: listOf(bytesOf(TICKET_ID_LENGTH), MAX_TICKETS),
  }),
);

/** What a wrapped key is bound to. */
export type PasskeyBinding = Pick<PasskeySlot, 'vid' | 'credential' | 'salt'>;

/**
 * `nonce ‖ AEAD(KEK, nonce, VMK, aad)`.
 * @param options.output of the PRF for the binding's salt, 32 B
 * @param options.nonce 24 random bytes
 */
export function wrapByPasskey(options: {
  output: Uint8Array;
  binding: PasskeyBinding;
  vmk: Uint8Array;
  nonce: Uint8Array;
}): Uint8Array {
  const { output, binding, vmk } = options;
  const nonce = ofLength(options.nonce, NONCE_LENGTH);
  const kek = keyOf(output, binding);
  const cipher = xchacha20poly1305(kek, nonce, bindingBytes(binding));
  const wrapped = concat(nonce, cipher.encrypt(ofLength(vmk, VMK_LENGTH)));
  kek.fill(0);
  return wrapped;
}

/**
 * The vault master key, 32 B.
 * @throws ChatError `passkey-mismatch`: the output of another credential or salt, or a slot that was changed
 */
export function unwrapByPasskey(output: Uint8Array, binding: PasskeyBinding, wrapped: Uint8Array): Uint8Array {
  const kek = keyOf(output, binding);
  try {
    const cipher = xchacha20poly1305(kek, wrapped.subarray(0, NONCE_LENGTH), bindingBytes(binding));
    return cipher.decrypt(wrapped.subarray(NONCE_LENGTH));
  } catch (cause) {
    throw peerError('passkey-mismatch', 'the passkey does not open the slot', { cause });
  } finally {
    kek.fill(0);
  }
}

function keyOf(output: Uint8Array, { vid }: PasskeyBinding): Uint8Array {
  return hkdf(sha256, ofLength(output, PRF_LENGTH), vid, label('passkey-kek'), 32);
}

function bindingBytes({ vid, credential, salt }: PasskeyBinding): Uint8Array {
  return concat(label('slot'), encodeCbor(['passkey', vid, credential, salt]));
}

function ofLength(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw usageError('passkey-slot-malformed', `expected ${length} bytes`);
  return bytes;
}
