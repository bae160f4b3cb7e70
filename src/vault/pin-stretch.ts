/**
 * Stretching a PIN with Argon2id (RFC 9106). docs/vault.md §7.2.
 * @module
 */
import { argon2idAsync } from '@noble/hashes/argon2.js';
import { utf8 } from '../bytes/bytes.ts';
import { peerError, usageError } from '../errors.ts';

/** Length of a stretched PIN, bytes. */
export const STRETCHED_LENGTH = 32;
/** Length of the salt, bytes. */
export const SALT_LENGTH = 32;
/** How long the page is blocked at a time where there is no worker, ms. */
const TICK = 10;

/** What the stretching costs. */
export interface StretchParameters {
  /** Memory, KiB. */
  readonly m: number;
  /** Passes. */
  readonly t: number;
  /** Lanes: always one, because nothing here computes them side by side. */
  readonly p: 1;
}

/** Nothing cheaper is computed, whatever a slot says. */
export const LEAST_STRETCH: StretchParameters = { m: 19_456, t: 2, p: 1 };
/** Nothing dearer either: a slot that somebody wrote must not use up the memory of the machine. */
export const MOST_STRETCH: StretchParameters = { m: 262_144, t: 16, p: 1 };

/** @throws ChatError `vault-parameters` for parameters below the least or above the most */
export function checkStretch({ m, t, p }: StretchParameters): void {
  const isWhole = Number.isSafeInteger(m) && Number.isSafeInteger(t);
  const isEnough = m >= LEAST_STRETCH.m && t >= LEAST_STRETCH.t;
  if (!isWhole || !isEnough || m > MOST_STRETCH.m || t > MOST_STRETCH.t || p !== 1) {
    throw peerError('vault-parameters', 'the PIN would be stretched too little or too much', { details: { m, t, p } });
  }
}

/** @throws ChatError `pin-malformed` (usage) for anything but 4 to 12 of the digits 0 to 9 */
export function checkPin(pin: string): void {
  if (!/^[0-9]{4,12}$/.test(pin)) throw usageError('pin-malformed', 'a PIN has 4 to 12 digits');
}

/**
 * A: Argon2id of the PIN's digits, 32 B.
 * @param salt 32 random bytes
 * @param onProgress called often while it computes, many times a second
 * @throws ChatError `pin-malformed` (usage), `vault-parameters`; both before anything is computed
 */
export async function stretchPin(
  pin: string,
  salt: Uint8Array,
  parameters: StretchParameters,
  onProgress?: () => void,
): Promise<Uint8Array> {
  checkPin(pin);
  checkStretch(parameters);
  if (salt.length !== SALT_LENGTH) throw usageError('salt-malformed', `a salt has ${SALT_LENGTH} bytes`);
  const { m, t, p } = parameters;
  return argon2idAsync(utf8(pin), salt, {
    ...{ m, t, p, dkLen: STRETCHED_LENGTH, asyncTick: TICK },
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}
