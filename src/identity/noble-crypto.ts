/**
 * The public-key operations of docs/protocol.md §2 in pure JavaScript: Ed25519 (RFC 8032) and X-Wing
 * (draft-connolly-cfrg-xwing-kem).
 * @module
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { ml_kem768_x25519 as xwing } from '@noble/post-quantum/hybrid.js';
import { concat, equal } from '../bytes/bytes.ts';
import { peerError, usageError, type ChatError } from '../errors.ts';
import type { PublicKeyCrypto } from './public-key-crypto.ts';
import { signingPointOf } from './signing-point.ts';

const { Point } = ed25519;
const { Fn } = Point;

/** Ed25519 and X-Wing of the noble libraries. */
export const nobleCrypto: PublicKeyCrypto = {
  async signingKey(seed) {
    return ed25519.getPublicKey(ofLength(seed, 32, 'a seed'));
  },

  async sign(seed, message) {
    return ed25519.sign(message, ofLength(seed, 32, 'a seed'));
  },

  async verify(key, message, signature) {
    if (signature.length !== 64) return false;
    const point = signingPointOf(key);
    const r = signature.subarray(0, 32);
    const s = littleEndian(signature.subarray(32));
    if (point === undefined || s >= Fn.ORDER) return false;
    const k = Fn.create(littleEndian(sha512(concat(r, key, message))));
    // The left side is in the prime-order subgroup and encoded canonically: equality refuses every other R (§2.2).
    return equal(Point.BASE.multiplyUnsafe(s).subtract(point.multiplyUnsafe(k)).toBytes(), r);
  },

  async kemKey(seed) {
    return xwing.keygen(ofLength(seed, 32, 'a seed')).publicKey;
  },

  async encapsulate(publicKey, randomness) {
    ofLength(randomness, 64, 'randomness');
    if (publicKey.length !== 1216) throw kemFailed('wrong length of the public key');
    try {
      // Checks ML-KEM's modulus and that X25519's output is not zero.
      const { cipherText, sharedSecret } = xwing.encapsulate(publicKey, randomness);
      return { ciphertext: cipherText, secret: sharedSecret };
    } catch (cause) {
      throw kemFailed('the public key is refused', cause);
    }
  },

  async decapsulate(seed, ciphertext) {
    ofLength(seed, 32, 'a seed');
    if (ciphertext.length !== 1120) throw kemFailed('wrong length of the ciphertext');
    try {
      return xwing.decapsulate(ciphertext, seed);
    } catch (cause) {
      throw kemFailed('the ciphertext is refused', cause);
    }
  },
};

function kemFailed(message: string, cause?: unknown): ChatError {
  return peerError('kem-failed', message, { cause });
}

function ofLength(bytes: Uint8Array, length: number, name: string): Uint8Array {
  if (bytes.length !== length) throw usageError('seed-malformed', `${name} has ${length} bytes`);
  return bytes;
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}
