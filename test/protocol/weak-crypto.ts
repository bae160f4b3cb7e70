/**
 * Public-key operations without any security, of the same lengths and rules as the real ones, a hundred times faster:
 * for properties of the state machine, which need thousands of epochs. Nothing about secrecy is tested with it.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, equal, utf8 } from '../../src/bytes/bytes.ts';
import type { PublicKeyCrypto } from '../../src/identity/public-key-crypto.ts';

const stretched = (name: string, bytes: Uint8Array, length: number): Uint8Array => {
  const out = new Uint8Array(length);
  out.set(sha256(concat(utf8(name), bytes)));
  return out;
};
const kemKey = (seed: Uint8Array): Uint8Array => stretched('kem', seed, 1216);
const signature = (key: Uint8Array, message: Uint8Array): Uint8Array =>
  stretched('signature', concat(key, message), 64);

export const weakCrypto: PublicKeyCrypto = {
  signingKey: async (seed) => sha256(seed),
  sign: async (seed, message) => signature(sha256(seed), message),
  verify: async (key, message, claimed) => claimed.length === 64 && equal(claimed, signature(key, message)),
  kemKey: async (seed) => kemKey(seed),
  encapsulate: async (publicKey, randomness) => {
    const ciphertext = stretched('ciphertext', randomness, 1120);
    return { ciphertext, secret: sha256(concat(publicKey, ciphertext)) };
  },
  decapsulate: async (seed, ciphertext) => sha256(concat(kemKey(seed), ciphertext)),
};
