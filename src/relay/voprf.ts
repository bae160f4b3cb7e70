/**
 * The server's side of the verifiable OPRF over ristretto255-SHA512 (RFC 9497, mode VOPRF). docs/vault.md §7.2.
 * @module
 */
import { ristretto255, ristretto255_oprf } from '@noble/curves/ed25519.js';

const { voprf } = ristretto255_oprf;

/** A key of the function, 32 B each. */
export interface VoprfKey {
  readonly secret: Uint8Array;
  readonly key: Uint8Array;
}

/** A key from 32 random bytes. */
export function voprfKeyFrom(seed: Uint8Array): VoprfKey {
  const { secretKey, publicKey } = voprf.deriveKeyPair(seed, new Uint8Array(0));
  return { secret: secretKey, key: publicKey };
}

/** Whether the bytes are an element that can be evaluated. */
export function isElement(bytes: Uint8Array): boolean {
  try {
    return !ristretto255.Point.fromBytes(bytes).is0();
  } catch {
    // Whatever is no element is not ours to explain.
    return false;
  }
}

/** Evaluates an element (32 B) and proves (64 B) by which key. */
export function evaluateBlinded(
  { secret, key }: VoprfKey,
  blinded: Uint8Array,
  random: (length: number) => Uint8Array,
): { evaluated: Uint8Array; proof: Uint8Array } {
  const { evaluated, proof } = voprf.blindEvaluate(secret, key, blinded, (length = 32) =>
    Uint8Array.from(random(length)),
  );
  return { evaluated, proof };
}
