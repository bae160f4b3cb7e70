/**
 * Signals: typing and the like, never stored, never advancing a ratchet. docs/protocol.md §17.
 * @module
 */
import { bool, mapOf, oneOf, type Shaped } from '../bytes/shape.ts';
import type { DeviceKeys } from '../identity/device.ts';
import type { RandomBytes } from '../identity/public-key-crypto.ts';
import type { SessionState } from './session.ts';

const signalShape = mapOf({ kind: oneOf('typing', 'viewing'), on: bool });
export type Signal = Shaped<typeof signalShape>;

/** The last counter used or seen by epoch, of one session and direction. In memory is enough: counters are clock times. */
export type SignalCounters = readonly { readonly epoch: number; readonly counter: number }[];

/**
 * Encrypts a signal. Draws 24 B.
 * @returns null while the peer may have no epoch of ours to read it with
 */
export declare function encryptSignal(options: {
  random: RandomBytes;
  self: Pick<DeviceKeys, 'id'>;
  session: SessionState;
  sent: SignalCounters;
  signal: Signal;
  now: number;
}): { readonly bytes: Uint8Array; readonly sent: SignalCounters } | null;

/** The session that signal bytes name. @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch` */
export declare function signalSessionOf(bytes: Uint8Array): Uint8Array;

/**
 * Decrypts a signal; forget it after 10 seconds.
 * @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch`, `session-mismatch`, `signal-replayed` (counter
 *   or clock), `signal-undecryptable`
 */
export declare function decryptSignal(options: {
  self: Pick<DeviceKeys, 'id'>;
  session: SessionState;
  seen: SignalCounters;
  bytes: Uint8Array;
  now: number;
}): { readonly signal: Signal; readonly seen: SignalCounters };
