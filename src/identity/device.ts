/**
 * Devices and their keys. docs/protocol.md §4.
 * @module
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat } from '../bytes/bytes.ts';
import { usageError } from '../errors.ts';
import { label } from './label.ts';
import type { PublicKeyCrypto } from './public-key-crypto.ts';

/** The id (16 B) of the device with this Ed25519 key. */
export function deviceIdOf(key: Uint8Array): Uint8Array {
  return sha256(concat(label('device'), key)).slice(0, 16);
}

/** A device's identity. The seed does not appear when the object is printed, serialised or inspected. */
export interface DeviceKeys {
  /** 32-byte Ed25519 private key. */
  readonly seed: Uint8Array;
  /** Ed25519 public key. */
  readonly key: Uint8Array;
  /** Device id, 16 B. */
  readonly id: Uint8Array;
}

/** The keys of a device from its seed. @throws ChatError `seed-malformed` (usage) */
export async function deviceKeysFrom(crypto: PublicKeyCrypto, seed: Uint8Array): Promise<DeviceKeys> {
  if (seed.length !== 32) throw usageError('seed-malformed', 'a seed has 32 bytes');
  return new RedactedDeviceKeys(seed, await crypto.signingKey(seed));
}

/** Erasure in JavaScript is best effort; that a log or a crash report shows no seed is not. */
class RedactedDeviceKeys implements DeviceKeys {
  readonly #seed: Uint8Array;
  readonly key: Uint8Array;
  readonly id: Uint8Array;

  constructor(seed: Uint8Array, key: Uint8Array) {
    this.#seed = seed.slice();
    this.key = key;
    this.id = deviceIdOf(key);
  }

  get seed(): Uint8Array {
    return this.#seed;
  }

  toString(): string {
    return '[device keys]';
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}
