/**
 * Splitting what is to be sent into requests that the wire takes. docs/relay.md §5.3.
 * @module
 */
import { MAX_SEND_ITEMS, MAX_WIRE_MESSAGE } from './limits.ts';
import type { RequestBody } from './requests.ts';

type SendItem = RequestBody<'send'>['items'][number];

/** More than CBOR puts around an item's bytes, and around all items. */
const AROUND_ITEM = 64;
const AROUND_ALL = 64;

/** The bodies of the `send` requests that carry these items, in order. An item too long for any request goes alone. */
export function sendBatches(items: readonly SendItem[]): RequestBody<'send'>[] {
  const batches: RequestBody<'send'>[] = [];
  let room = 0;
  for (const item of items) {
    const size = item.bytes.length + AROUND_ITEM;
    const last = batches.at(-1);
    if (last === undefined || size > room || last.items.length === MAX_SEND_ITEMS) {
      batches.push({ items: [item] });
      room = MAX_WIRE_MESSAGE - AROUND_ALL - size;
    } else {
      last.items.push(item);
      room -= size;
    }
  }
  return batches;
}
