/**
 * Handing an open vault to another tab of the same profile. docs/vault.md §9.
 * @module
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat } from '../bytes/bytes.ts';
import { encodeCbor } from '../bytes/cbor.ts';
import { peerError } from '../errors.ts';
import { continuationCodec, type Continuation } from './continuation.ts';
import { label } from './label.ts';
import { NONCE_LENGTH } from './record.ts';

/** One side's keys of one handover, 32 B each. */
export interface HandoverKeys {
  readonly secret: Uint8Array;
  readonly key: Uint8Array;
}

/** Whom a handover is between: both public keys, and the vault's id. */
interface Parties {
  readonly asker: Uint8Array;
  readonly giver: Uint8Array;
  readonly vid: Uint8Array;
}

/** @param secret 32 random bytes, of one use */
export function handoverKeysOf(secret: Uint8Array): HandoverKeys {
  return { secret, key: x25519.getPublicKey(secret) };
}

/**
 * `nonce ‖ AEAD(K, nonce, continuation, aad)`.
 * @param options.nonce 24 random bytes
 * @throws ChatError `handover-mismatch` (peer): the asker's key is none
 */
export function sealHandover(options: {
  own: HandoverKeys;
  asker: Uint8Array;
  vid: Uint8Array;
  held: Continuation;
  nonce: Uint8Array;
}): Uint8Array {
  const { own, asker, vid, held, nonce } = options;
  const parties = { asker, giver: own.key, vid };
  const secret = keyOf(own.secret, asker, parties);
  const plain = continuationCodec.encode(held);
  const sealed = concat(nonce, xchacha20poly1305(secret, nonce, bindingOf(parties)).encrypt(plain));
  plain.fill(0);
  secret.fill(0);
  return sealed;
}

/** What was handed over. @throws ChatError `handover-mismatch` (peer): it is not for this asker, or not of this vault */
export function openHandover(options: {
  own: HandoverKeys;
  giver: Uint8Array;
  vid: Uint8Array;
  sealed: Uint8Array;
}): Continuation {
  const { own, giver, vid, sealed } = options;
  const parties = { asker: own.key, giver, vid };
  const secret = keyOf(own.secret, giver, parties);
  try {
    const cipher = xchacha20poly1305(secret, sealed.subarray(0, NONCE_LENGTH), bindingOf(parties));
    return continuationCodec.decode(cipher.decrypt(sealed.subarray(NONCE_LENGTH)));
  } catch (cause) {
    throw peerError('handover-mismatch', 'what was handed over does not open', { cause });
  } finally {
    secret.fill(0);
  }
}

function keyOf(secret: Uint8Array, other: Uint8Array, { asker, giver, vid }: Parties): Uint8Array {
  let shared: Uint8Array;
  try {
    shared = x25519.getSharedSecret(secret, other);
  } catch (cause) {
    throw peerError('handover-mismatch', 'the other tab’s key is none', { cause });
  }
  const key = hkdf(sha256, shared, vid, concat(label('handover'), asker, giver), 32);
  shared.fill(0);
  return key;
}

function bindingOf({ asker, giver, vid }: Parties): Uint8Array {
  return concat(label('handover'), encodeCbor([vid, asker, giver]));
}
