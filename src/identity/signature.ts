/**
 * Signatures with a purpose, and the pairs in which they travel. docs/protocol.md §2.2.
 * @module
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat } from '../bytes/bytes.ts';
import { bytesOf, tupleOf, type Shape } from '../bytes/shape.ts';
import { label } from './label.ts';
import type { PublicKeyCrypto } from './public-key-crypto.ts';

/** Every purpose that anything of this project signs for. */
export type Purpose =
  | 'directory'
  | 'renewal'
  | 'enrolment'
  | 'prekey'
  | 'handshake'
  | 'epoch'
  | 'message'
  | 'reset'
  | 'relay-auth'
  | 'vault-call';

/** Exact bytes and the signature over them; what is verified, hashed and stored are these bytes, never a re-encoding. */
export type Signed = [bytes: Uint8Array, signature: Uint8Array];

const signatureShape = bytesOf(64);

/** The shape of a pair whose bytes are at most `maxBytes` long. */
export function signedOf(maxBytes: number): Shape<Signed> {
  return tupleOf(bytesOf(0, maxBytes), signatureShape);
}

/** Signs `L(purpose) ‖ bytes`; `seed` is 32 bytes. */
export async function sign(
  crypto: PublicKeyCrypto,
  seed: Uint8Array,
  purpose: Purpose,
  bytes: Uint8Array,
): Promise<Signed> {
  return [bytes, await crypto.sign(seed, concat(label(purpose), bytes))];
}

/** Whether the pair was signed by `key` for this purpose. Never throws for bad input. */
export function verifySigned(
  crypto: PublicKeyCrypto,
  key: Uint8Array,
  purpose: Purpose,
  [bytes, signature]: Signed,
): Promise<boolean> {
  return crypto.verify(key, concat(label(purpose), bytes), signature);
}

/** H(pair), 32 bytes: names a pair with its signature. */
export function hashOfSigned([bytes, signature]: Signed): Uint8Array {
  return sha256(concat(label('pair'), signature, bytes));
}
