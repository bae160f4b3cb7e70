/**
 * What a PIN must be, and what stretching it must cost. docs/vault.md §7.1, §7.2.
 * @module
 */
import { peerError, usageError } from '../errors.ts';

/** Length of a stretched PIN, bytes. */
export const STRETCHED_LENGTH = 32;
/** Length of the salt, bytes. */
export const SALT_LENGTH = 32;

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
