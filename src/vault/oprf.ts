/**
 * The client's side of the verifiable OPRF over ristretto255-SHA512 (RFC 9497, mode VOPRF). docs/vault.md §7.2.
 * @module
 */
import { createOPRF } from '@noble/curves/abstract/oprf.js';
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { peerError } from '../errors.ts';

// Put together here, and not taken ready-made from the module of the curve: every client loads that one, and few this.
const { voprf } = createOPRF({
  name: 'ristretto255-SHA512',
  Point: ristretto255.Point,
  hash: sha512,
  hashToGroup: (message, options) => ristretto255_hasher.hashToCurve(message, options),
  hashToScalar: (message, options) => ristretto255_hasher.hashToScalar(message, options),
});

/** An input on its way through the relay; the factor and the input stay here. */
export interface Blinding {
  readonly input: Uint8Array;
  /** The secret factor, 32 B. */
  readonly factor: Uint8Array;
  /** What the relay is sent, 32 B: tells nothing of the input. */
  readonly blinded: Uint8Array;
}

/** What the relay answered. */
export interface Evaluation {
  /** 32 B. */
  readonly evaluated: Uint8Array;
  /** That it was evaluated under the key that is said, 64 B. */
  readonly proof: Uint8Array;
}

/** Blinds an input with a new factor. */
export function blindInput(input: Uint8Array, random: (length: number) => Uint8Array): Blinding {
  const { blind, blinded } = voprf.blind(input, (length = 32) => Uint8Array.from(random(length)));
  return { input, factor: blind, blinded };
}

/**
 * Y: the function's value, 64 B.
 * @param key the public key that the answer must belong to, 32 B
 * @throws ChatError `vault-relay-fault` (peer): the relay used another key, or its answer is none
 */
export function finalizeOutput(blinding: Blinding, { evaluated, proof }: Evaluation, key: Uint8Array): Uint8Array {
  const { input, factor, blinded } = blinding;
  try {
    return voprf.finalize(input, factor, evaluated, blinded, key, proof);
  } catch (cause) {
    throw peerError('vault-relay-fault', 'the relay did not evaluate with the key of this vault', { cause });
  }
}
