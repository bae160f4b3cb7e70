/**
 * Padding that hides lengths: Padmé (Nikitin et al., PETS 2019) with an ISO/IEC 7816-4 mark. docs/protocol.md §11.1.
 * @module
 */
import { peerError, usageError } from '../errors.ts';

const SMALLEST = 256;

/**
 * The Padmé length, at most 12 % longer, leaking O(log log l) bits; a length below 2 stays.
 * @throws ChatError `length-out-of-range` (usage) unless it is an integer below 2^32
 */
export function padmeLength(length: number): number {
  if (!Number.isInteger(length) || length < 0 || length >= 2 ** 32) {
    throw usageError('length-out-of-range', 'not a length below 2^32');
  }
  if (length < 2) return length;
  const e = floorLog2(length);
  const s = floorLog2(e) + 1;
  if (e <= s) return length;
  const step = 2 ** (e - s);
  return Math.ceil(length / step) * step;
}

/** Pads to the Padmé length of at least 256 bytes. */
export function pad(bytes: Uint8Array): Uint8Array {
  return padTo(bytes, padmeLength(Math.max(SMALLEST, bytes.length + 1)));
}

/** Undoes `pad`. @throws ChatError `padding-malformed` when mark or length are not what `pad` makes */
export function unpad(padded: Uint8Array): Uint8Array {
  const bytes = unpadFrom(padded);
  if (padded.length !== padmeLength(Math.max(SMALLEST, bytes.length + 1)))
    throw peerError('padding-malformed', 'wrong padded length');
  return bytes;
}

/** Pads to exactly `size` bytes. @throws ChatError `padding-too-small` (usage) when there is no room for the mark */
export function padTo(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length >= size) throw usageError('padding-too-small', 'no room for the padding mark');
  const out = new Uint8Array(size);
  out.set(bytes);
  out[bytes.length] = 0x80;
  return out;
}

/** Undoes `padTo`; the caller checks the size. @throws ChatError `padding-malformed` */
export function unpadFrom(padded: Uint8Array): Uint8Array {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end--;
  if (end < 0 || padded[end] !== 0x80) throw peerError('padding-malformed', 'no padding mark');
  return padded.slice(0, end);
}

/** Exact, where the logarithm of a floating-point library need not be. */
function floorLog2(value: number): number {
  return 31 - Math.clz32(value);
}
