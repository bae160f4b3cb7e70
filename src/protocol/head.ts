/**
 * Heads of chains and references to directories, as messages name them. docs/protocol.md §5.3, §12.
 * @module
 */
import { compare, concat } from '../bytes/bytes.ts';
import { bytesOf, listOf, mapOf, sortedBy, uintUpTo, type Shape, type Shaped } from '../bytes/shape.ts';
import type { OpenDirectory } from '../identity/directory.ts';
import { deviceIdShape, hashShape } from '../identity/fields.ts';
import { MAX_COUNT } from './session.ts';

/** The name of a chain: 8 random bytes (§12.1). */
export const chainIdShape = bytesOf(8);
export const seqShape = uintUpTo(MAX_COUNT);

const headShape = mapOf({ device: deviceIdShape, chain: chainIdShape, seq: seqShape, hash: hashShape });
/** The last message of a device's chain that someone holds. */
export type Head = Shaped<typeof headShape>;

/** Heads in order of device, then chain, without duplicates: a set. */
export function headsOf(max: number): Shape<Head[]> {
  return sortedBy(listOf(headShape, max), headKey);
}

/** In the order that messages want. Two heads of one chain are the caller's mistake and are refused when encoded. */
export function sortedHeads(heads: readonly Head[]): Head[] {
  return [...heads].sort((a, b) => compare(headKey(a), headKey(b)));
}

/** Ids in the order that messages want, without duplicates. */
export function sortedIds(ids: readonly Uint8Array[]): Uint8Array[] {
  const sorted = [...ids].sort(compare);
  return sorted.filter((id, i) => i === 0 || compare(id, sorted[i - 1] ?? id) !== 0);
}

export const referenceShape = mapOf({ version: uintUpTo(), renewal: uintUpTo(), hash: hashShape });
/** The bundle that the sender held. */
export type Reference = Shaped<typeof referenceShape>;

/** The reference to a bundle. */
export function referenceOf(open: OpenDirectory): Reference {
  return { version: open.position.version, renewal: open.position.renewal, hash: open.hash };
}

/**
 * How the bundle that a message names stands to the receiver's: `higher`: fetch it; `lower`: send the own in-band;
 * `other`: same position, another hash (proves nothing: fetch, and send the own in-band); `same`.
 */
export function compareReference(reference: Reference, held: OpenDirectory): 'same' | 'higher' | 'lower' | 'other' {
  const { version, renewal } = held.position;
  const difference = reference.version - version || reference.renewal - renewal;
  if (difference !== 0) return difference > 0 ? 'higher' : 'lower';
  return compare(reference.hash, held.hash) === 0 ? 'same' : 'other';
}

function headKey({ device, chain }: Head): Uint8Array {
  return concat(device, chain);
}
