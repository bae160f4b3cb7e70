/**
 * Shapes of the named fields of docs/protocol.md §3, and its rules for clocks.
 * @module
 */
import { bytesOf, uintUpTo } from '../bytes/shape.ts';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export const timeShape = uintUpTo();
/** Ed25519 public key. */
export const keyShape = bytesOf(32);
/** SHA-256. */
export const hashShape = bytesOf(32);
/** First 16 bytes of a hash of an Ed25519 key (§4). */
export const deviceIdShape = bytesOf(16);
/** Random unless its section says otherwise. */
export const idShape = bytesOf(16);
/** X-Wing public key. */
export const kemKeyShape = bytesOf(1216);
/** X-Wing ciphertext. */
export const kemCiphertextShape = bytesOf(1120);

/** How far two honest clocks may be apart, ms. */
export const CLOCK_TOLERANCE = 10 * 60_000;

/** Whether a time is in the future of the local clock, beyond the tolerance. */
export function isFuture(time: number, now: number): boolean {
  return time > now + CLOCK_TOLERANCE;
}

/** Whether an end is past by the local clock, beyond the tolerance. */
export function isPast(end: number, now: number): boolean {
  return end < now - CLOCK_TOLERANCE;
}
