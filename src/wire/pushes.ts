/**
 * The catalogue of what the relay says unasked. docs/relay.md §6.
 * @module
 */
import { bytesOf, listOf, mapOf, oneOf, uintUpTo, type Shape, type Shaped } from '../bytes/shape.ts';
import { deviceIdShape, keyShape, timeShape } from '../identity/fields.ts';
import { bundleShape, mailKind, nothing, queueEntry } from './fields.ts';
import { MAX_FRAME, MAX_MEMBERS, MAX_QUEUE_ENTRIES, MAX_SIGNAL } from './limits.ts';

/** Every push and the shape of its body. */
export const PUSHES = {
  challenge: mapOf({ v: oneOf(1), nonce: bytesOf(32), now: timeShape }),
  mail: mapOf({ seq: uintUpTo(), from: deviceIdShape, kind: mailKind, at: timeShape, bytes: bytesOf(1, MAX_FRAME) }),
  unsubscribed: nothing,
  signal: mapOf({ from: deviceIdShape, bytes: bytesOf(1, MAX_SIGNAL) }),
  directory: mapOf({ desk: keyShape, bundle: bundleShape }),
  enrolment: nothing,
  duty: mapOf({ desk: keyShape, devices: listOf(deviceIdShape, MAX_MEMBERS) }),
  queue: mapOf({ entries: listOf(queueEntry, MAX_QUEUE_ENTRIES, 1) }),
} as const satisfies Record<string, Shape<unknown>>;

export type PushType = keyof typeof PUSHES;
export type PushBody<K extends PushType> = Shaped<(typeof PUSHES)[K]>;

/** Whether a text names a push. */
export function isPushType(name: string): name is PushType {
  return Object.hasOwn(PUSHES, name);
}
