/**
 * Sets of byte strings as sorted lists, the way rows and messages hold them.
 * @module
 */
import { compare, equal } from '../bytes/bytes.ts';

/** Whether the item is in the list. */
export function includes(list: readonly Uint8Array[], item: Uint8Array): boolean {
  return list.some((other) => equal(other, item));
}

/** The sorted union, without duplicates. */
export function union(...lists: readonly (readonly Uint8Array[])[]): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (const item of lists.flat()) if (!includes(out, item)) out.push(item);
  return out.sort(compare);
}

/** The list without the items of another. */
export function without(list: readonly Uint8Array[], gone: readonly Uint8Array[]): Uint8Array[] {
  return list.filter((item) => !includes(gone, item));
}
