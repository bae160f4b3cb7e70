/**
 * The public-key operations of docs/protocol.md §2 behind one asynchronous interface, so that a browser's own
 * cryptography can stand in for the pure implementation. All implementations give and accept exactly the same bytes.
 * @module
 */

/** Draws `length` random bytes; parameters of this type make vectors exact. */
export type RandomBytes = (length: number) => Uint8Array;

/** Ed25519 and X-Wing. Secrets are 32-byte seeds, always. */
export interface PublicKeyCrypto {
  /** Ed25519 public key (32 B) of a seed (32 B). */
  signingKey(seed: Uint8Array): Promise<Uint8Array>;
  /** Ed25519 signature (64 B) of a message. */
  sign(seed: Uint8Array, message: Uint8Array): Promise<Uint8Array>;
  /** Whether §2.2 accepts the signature. Never throws for bad input: malformed is `false`. */
  verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** X-Wing public key (1216 B) of a seed (32 B). */
  kemKey(seed: Uint8Array): Promise<Uint8Array>;
  /** Encapsulates to a public key; `randomness` is 64 B. @throws ChatError `kem-failed` (§2.3) */
  encapsulate(publicKey: Uint8Array, randomness: Uint8Array): Promise<{ ciphertext: Uint8Array; secret: Uint8Array }>;
  /** Decapsulates a ciphertext (1120 B). @throws ChatError `kem-failed` (§2.3) */
  decapsulate(seed: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array>;
}
