/**
 * Signals: typing and the like, never stored, never advancing a ratchet. docs/protocol.md §17.
 * @module
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { concat, equal } from '../bytes/bytes.ts';
import { encodeCbor } from '../bytes/cbor.ts';
import { padTo, unpadFrom } from '../bytes/padding.ts';
import { bool, bytesOf, codecOf, mapOf, oneOf, tupleOf, uintUpTo, type Shaped } from '../bytes/shape.ts';
import { peerError } from '../errors.ts';
import { deviceIdOf, type DeviceKeys } from '../identity/device.ts';
import { CLOCK_TOLERANCE, idShape, timeShape } from '../identity/fields.ts';
import { label } from '../identity/label.ts';
import type { RandomBytes } from '../identity/public-key-crypto.ts';
import { MAX_COUNT, type SessionState, type SignalEpoch } from './session.ts';

const MAX_SIGNAL = 256;
const PADDED = 64;
const NONCE = 24;

const signalShape = mapOf({ kind: oneOf('typing', 'viewing'), on: bool });
export type Signal = Shaped<typeof signalShape>;
const contentCodec = codecOf('signal', PADDED - 1, signalShape);

const signalCodec = codecOf(
  'signal',
  MAX_SIGNAL,
  tupleOf(oneOf(1), idShape, uintUpTo(MAX_COUNT), timeShape, bytesOf(NONCE), bytesOf(PADDED + 16)),
);

/** The last counter used or seen by epoch, of one session and direction. In memory is enough: counters are clock times. */
export type SignalCounters = readonly { readonly epoch: number; readonly counter: number }[];

/**
 * Encrypts a signal. Draws 24 B.
 * @returns null while the peer may have no epoch of ours to read it with
 */
export function encryptSignal({
  random,
  self,
  session,
  sent,
  signal,
  now,
}: {
  random: RandomBytes;
  self: Pick<DeviceKeys, 'id'>;
  session: SessionState;
  sent: SignalCounters;
  signal: Signal;
  now: number;
}): { readonly bytes: Uint8Array; readonly sent: SignalCounters } | null {
  const own = readableEpoch(session);
  if (own === null) return null;
  const counter = Math.max(now, (counterOf(sent, own.epoch) ?? -1) + 1);
  const nonce = random(NONCE);
  const aad = associatedData(session.id, own.epoch, counter, self.id, deviceIdOf(session.peerKey));
  const padded = padTo(contentCodec.encode(signal), PADDED);
  const ciphertext = xchacha20poly1305(own.key, nonce, aad).encrypt(padded);
  const bytes = signalCodec.encode([1, session.id, own.epoch, counter, nonce, ciphertext]);
  return { bytes, sent: [{ epoch: own.epoch, counter }] };
}

/** The session that signal bytes name. @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch` */
export function signalSessionOf(bytes: Uint8Array): Uint8Array {
  return signalCodec.decode(bytes)[1];
}

/**
 * Decrypts a signal; forget it after 10 seconds.
 * @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch`, `session-mismatch`, `signal-replayed` (counter
 *   or clock), `signal-undecryptable` (also for an epoch other than the peer's newest two)
 */
export function decryptSignal({
  self,
  session,
  seen,
  bytes,
  now,
}: {
  self: Pick<DeviceKeys, 'id'>;
  session: SessionState;
  seen: SignalCounters;
  bytes: Uint8Array;
  now: number;
}): { readonly signal: Signal; readonly seen: SignalCounters } {
  const [, id, epoch, counter, nonce, ciphertext] = signalCodec.decode(bytes);
  if (!equal(id, session.id)) throw peerError('session-mismatch', 'a signal of another session');
  const peer = peerEpochs(session).find((known) => known.epoch === epoch);
  if (peer === undefined) throw peerError('signal-undecryptable', 'a signal of an epoch that is not known');
  if (counter <= (counterOf(seen, epoch) ?? -1) || Math.abs(counter - now) > CLOCK_TOLERANCE)
    throw peerError('signal-replayed', 'the signal was seen, or is from another time');
  const aad = associatedData(id, epoch, counter, deviceIdOf(session.peerKey), self.id);
  const padded = decrypted(peer, nonce, aad, ciphertext);
  const signal = contentCodec.decode(unpadFrom(padded));
  const others = seen.filter((other) =>
    peerEpochs(session).some((known) => known.epoch === other.epoch && known.epoch !== epoch),
  );
  return { signal, seen: [...others, { epoch, counter }] };
}

/** The own newest epoch that the peer has: with the header gone it has the newest, else the one before. */
function readableEpoch({ sending }: SessionState): SignalEpoch | null {
  if (sending === null) return null;
  return sending.header === null ? { epoch: sending.epoch, key: sending.signal } : sending.before;
}

function peerEpochs({ receiving }: SessionState): SignalEpoch[] {
  if (receiving === null) return [];
  const newest = { epoch: receiving.epoch, key: receiving.signal };
  return receiving.before === null ? [newest] : [newest, receiving.before];
}

function counterOf(counters: SignalCounters, epoch: number): number | undefined {
  return counters.find((known) => known.epoch === epoch)?.counter;
}

function decrypted({ key }: SignalEpoch, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  try {
    return xchacha20poly1305(key, nonce, aad).decrypt(ciphertext);
  } catch (cause) {
    throw peerError('signal-undecryptable', 'the signal does not decrypt', { cause });
  }
}

function associatedData(
  session: Uint8Array,
  epoch: number,
  counter: number,
  sender: Uint8Array,
  receiver: Uint8Array,
): Uint8Array {
  return concat(label('ephemeral'), encodeCbor([1, session, epoch, counter]), sender, receiver);
}
