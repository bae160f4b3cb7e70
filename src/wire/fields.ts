/**
 * Shapes that several bodies share. docs/relay.md §3.
 * @module
 */
import { bytesOf, mapOf, oneOf, orNull, textOf, type Shape, type Shaped } from '../bytes/shape.ts';
import { deviceIdShape, idShape, keyShape, timeShape } from '../identity/fields.ts';
import { MAX_BUNDLE, MAX_WIRE_MESSAGE } from './limits.ts';

/** `{}` */
export const nothing = mapOf({});

/** The name of a blob: whoever knows it may read. */
export const blobName = bytesOf(32);
/** The name of a ticket: whoever knows it may read and drop. */
export const ticketId = bytesOf(16, 32);

export const bundleShape = bytesOf(1, MAX_BUNDLE);
/** What `send` carries; the relay answers what is too long for its kind item by item. */
export const mailBytes = bytesOf(1, MAX_WIRE_MESSAGE);
export const mailKind = oneOf('frame', 'reset');

/** Ready for new conversations, there but not ready, not there. */
export const dutyState = oneOf('on', 'away', 'off');
export type DutyState = Shaped<typeof dutyState>;

/** What the authenticated key is to the desk; null: a customer. */
export const standing = orNull(oneOf('agent', 'supervisor', 'archive', 'bot', 'root'));
export type Standing = Shaped<typeof standing>;

/** A conversation in a desk's queue; `by` has claimed it; `gone`: no longer in the queue. */
export const queueEntry = mapOf({
  conversation: idShape,
  /** The customer's key and the salt that the id is derived from: who claims checks it (docs/protocol.md §7). */
  key: keyShape,
  salt: idShape,
  since: timeShape,
  state: oneOf('waiting', 'claimed', 'gone'),
  by: orNull(deviceIdShape),
});
export type QueueEntry = Shaped<typeof queueEntry>;

/** `wss://host` or `ws://host`, with a port that is not the scheme's own. */
export const relayOriginShape: Shape<string> = textOf(6, 255);
