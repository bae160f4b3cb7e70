/**
 * The slot of a vault with a PIN: what lies on the device, and the keys that PIN, device and relay give together.
 * docs/vault.md §7.
 * @module
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat } from '../bytes/bytes.ts';
import { encodeCbor } from '../bytes/cbor.ts';
import { bytesOf, codecOf, listOf, mapOf, oneOf, orNull, uintUpTo, type Codec } from '../bytes/shape.ts';
import { peerError, usageError } from '../errors.ts';
import { label } from './label.ts';
import type { StretchParameters } from './pin-parameters.ts';
import { SALT_LENGTH, STRETCHED_LENGTH } from './pin-parameters.ts';
import { NONCE_LENGTH } from './record.ts';
import { FIRMLY_STORED, MAX_TICKETS } from './slot.ts';
import { TICKET_ID_LENGTH, WRAPPED_LENGTH } from './ticket.ts';
import { VID_LENGTH, VMK_LENGTH } from './vault-keys.ts';

/** Length of the device's secret and of the seed of the key that signs calls, bytes. */
export const SECRET_LENGTH = 32;

/** The slot of a vault with a PIN. */
export interface PinSlot {
  readonly v: 1;
  readonly kind: 'pin';
  /** The vault's id, 16 B. */
  readonly vid: Uint8Array;
  /** When this version was made, ms. */
  readonly at: number;
  /** Seed of the Ed25519 key that names the vault at the relay and signs its calls, 32 B. */
  readonly seed: Uint8Array;
  /** Kdev, 32 B: never leaves the device. */
  readonly device: Uint8Array;
  /** 32 B: never leaves the device. */
  readonly salt: Uint8Array;
  readonly stretch: StretchParameters;
  /** Which of the relay's keys. */
  readonly version: number;
  /** Its public key, 32 B: pinned. */
  readonly key: Uint8Array;
  /** The vault master key under KEK, 72 B. */
  readonly wrapped: Uint8Array;
  /** How many commits in a row have named this version, up to `FIRMLY_STORED`. */
  readonly stored: number;
  /** Ids of the guest's tickets that the relay is still to forget. */
  readonly spent: readonly Uint8Array[];
  /** Seed of the key that named the vault before, 32 B, under which the relay is still to destroy everything. */
  readonly former: Uint8Array | null;
}

/** The PIN slot's bytes. Parameters of any size decode: that they are enough is checked before they are used. */
export const pinSlotCodec: Codec<PinSlot> = codecOf(
  'pin-slot',
  1_024,
  mapOf({
    v: oneOf(1),
    kind: oneOf('pin'),
    vid: bytesOf(VID_LENGTH),
    at: uintUpTo(),
    seed: bytesOf(SECRET_LENGTH),
    device: bytesOf(SECRET_LENGTH),
    salt: bytesOf(SALT_LENGTH),
    stretch: mapOf({ m: uintUpTo(), t: uintUpTo(), p: oneOf(1) }),
    version: uintUpTo(Number.MAX_SAFE_INTEGER, 1),
    key: bytesOf(32),
    wrapped: bytesOf(WRAPPED_LENGTH),
    stored: uintUpTo(FIRMLY_STORED, 1),
    spent: listOf(bytesOf(TICKET_ID_LENGTH), MAX_TICKETS),
    former: orNull(bytesOf(SECRET_LENGTH)),
  }),
);

/** What a wrapped key is bound to. */
export type PinBinding = Pick<PinSlot, 'vid' | 'version' | 'stretch' | 'salt' | 'key'>;

/** The keys that PIN, device and relay give together, 32 B each. */
export interface PinKeys {
  /** Wraps the vault master key. */
  readonly kek: Uint8Array;
  /** Shown to the relay, proves that the PIN was right. */
  readonly tag: Uint8Array;
}

/** The input of the OPRF: `L("oprf") ‖ vid ‖ D`, D bound to the device. @param stretched A, 32 B */
export function oprfInput({ vid, device }: Pick<PinSlot, 'vid' | 'device'>, stretched: Uint8Array): Uint8Array {
  const bound = hmac(sha256, device, concat(label('device-secret'), ofLength(stretched, STRETCHED_LENGTH)));
  return concat(label('oprf'), vid, bound);
}

/** KEK and TAG. @param output Y, 64 B @param stretched A, 32 B */
export function pinKeysOf(
  { vid, version }: Pick<PinSlot, 'vid' | 'version'>,
  output: Uint8Array,
  stretched: Uint8Array,
): PinKeys {
  const ikm = concat(ofLength(output, 64), ofLength(stretched, STRETCHED_LENGTH));
  const salt = encodeCbor([vid, version]);
  const keys = {
    kek: hkdf(sha256, ikm, salt, label('pin-kek'), 32),
    tag: hkdf(sha256, ikm, salt, label('pin-tag'), 32),
  };
  ikm.fill(0);
  return keys;
}

/** What the relay keeps of TAG, 32 B. */
export function tagCheckOf(tag: Uint8Array): Uint8Array {
  return sha256(concat(label('vault-tag'), ofLength(tag, 32)));
}

/** `nonce ‖ AEAD(KEK, nonce, VMK, aad)`. @param options.nonce 24 random bytes */
export function wrapByPin(options: {
  kek: Uint8Array;
  binding: PinBinding;
  vmk: Uint8Array;
  nonce: Uint8Array;
}): Uint8Array {
  const { kek, binding, vmk } = options;
  const nonce = ofLength(options.nonce, NONCE_LENGTH);
  return concat(nonce, xchacha20poly1305(kek, nonce, bindingBytes(binding)).encrypt(ofLength(vmk, VMK_LENGTH)));
}

/** The vault master key, 32 B. @throws ChatError `pin-mismatch`: another PIN, or a slot that was changed */
export function unwrapByPin(kek: Uint8Array, binding: PinBinding, wrapped: Uint8Array): Uint8Array {
  try {
    const cipher = xchacha20poly1305(kek, wrapped.subarray(0, NONCE_LENGTH), bindingBytes(binding));
    return cipher.decrypt(wrapped.subarray(NONCE_LENGTH));
  } catch (cause) {
    throw peerError('pin-mismatch', 'the keys do not open the slot', { cause });
  }
}

function bindingBytes({ vid, version, stretch: { m, t, p }, salt, key }: PinBinding): Uint8Array {
  return concat(label('slot'), encodeCbor(['pin', vid, version, m, t, p, salt, key]));
}

function ofLength(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw usageError('pin-slot-malformed', `expected ${length} bytes`);
  return bytes;
}
