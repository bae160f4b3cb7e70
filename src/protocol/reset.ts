/**
 * Asking for a new session when one is lost. docs/protocol.md §16.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { codecOf, listOf, mapOf, oneOf, sortedBy, type Shaped } from '../bytes/shape.ts';
import { peerError } from '../errors.ts';
import type { DeviceKeys } from '../identity/device.ts';
import { deviceIdShape, hashShape, idShape, isFuture, isPast, keyShape, timeShape } from '../identity/fields.ts';
import type { PublicKeyCrypto, RandomBytes } from '../identity/public-key-crypto.ts';
import { sign, signedOf, verifySigned, type Signed } from '../identity/signature.ts';
import { createPrekey, MAX_PREKEY, openPrekey, type OpenPrekey, type Prekey } from './prekey.ts';
import type { SessionState } from './session.ts';

const MAX_RESET = 3_072;
/** How long a reset, and the prekey in it, are good for. */
const LIFE = 30 * 24 * 3_600_000;

const resetShape = mapOf({
  v: oneOf(1),
  desk: keyShape,
  conversation: idShape,
  session: idShape,
  from: keyShape,
  to: deviceIdShape,
  frameHashes: sortedBy(listOf(hashShape, 8, 1), (hash) => hash),
  at: timeShape,
  fresh: signedOf(MAX_PREKEY),
});
export type Reset = Shaped<typeof resetShape>;
const resetCodec = codecOf('reset', MAX_RESET, resetShape);

/** The pair: three lengths and the signature are added. */
const pairCodec = codecOf('reset', MAX_RESET + 72, signedOf(MAX_RESET));

/** A reset as it travels: the signed pair in CBOR. */
export function encodeReset(signed: Signed): Uint8Array {
  return pairCodec.encode(signed);
}

/**
 * A reset that arrived, its form alone checked: to find the session that it names.
 * @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch`
 */
export function readReset(bytes: Uint8Array): { readonly signed: Signed; readonly reset: Reset } {
  const signed = pairCodec.decode(bytes);
  return { signed, reset: resetCodec.decode(signed[0]) };
}

/**
 * Makes a reset. Draws 32 B. The caller keeps `fresh` (its secret) as a one-time prekey that is never published.
 * @param frameHashes `frameHashOf` of the frames that caused it, 1 to 8, sorted (`sortedIds`)
 * @throws ChatError (usage) `shape-mismatch`
 */
export async function createReset({
  crypto,
  random,
  self,
  desk,
  conversation,
  session,
  peerId,
  frameHashes,
  now,
}: {
  crypto: PublicKeyCrypto;
  random: RandomBytes;
  self: DeviceKeys;
  desk: Uint8Array;
  conversation: Uint8Array;
  session: Uint8Array;
  peerId: Uint8Array;
  frameHashes: readonly Uint8Array[];
  now: number;
}): Promise<{ readonly signed: Signed; readonly fresh: Prekey }> {
  const fresh = await createPrekey({ crypto, random, desk, device: self, kind: 'one-time', notAfter: now + LIFE });
  const bytes = resetCodec.encode({
    v: 1,
    desk,
    conversation,
    session,
    from: self.key,
    to: peerId,
    frameHashes: [...frameHashes],
    at: now,
    fresh: fresh.signed,
  });
  return { signed: await sign(crypto, self.seed, 'reset', bytes), fresh };
}

/**
 * Checks a reset against the session that it names. The caller has checked that the conversation has not ended.
 * @param repeated whether a reset was accepted for this session before
 * @param outstanding whether the hash is that of a frame sent in this session whose message is not acknowledged yet
 * @param used whether a session was made with the one-time prekey of this id before (§8)
 * @returns the one-time prekey for the new session
 * @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch`, `reset-foreign`, `reset-signature`,
 *   `reset-stale` (the time, or no outstanding frame), `reset-repeated`, `prekey-reused`, and what `openPrekey` throws
 */
export async function openReset({
  crypto,
  signed,
  self,
  session,
  repeated,
  outstanding,
  used,
  now,
}: {
  crypto: PublicKeyCrypto;
  signed: Signed;
  self: Pick<DeviceKeys, 'id'>;
  session: Pick<SessionState, 'id' | 'desk' | 'conversation' | 'peerKey'>;
  repeated: boolean;
  outstanding: (frameHash: Uint8Array) => boolean;
  used: (prekeyId: Uint8Array) => Promise<boolean>;
  now: number;
}): Promise<OpenPrekey> {
  const reset = resetCodec.decode(signed[0]);
  const isOwn =
    equal(reset.from, session.peerKey) &&
    equal(reset.to, self.id) &&
    equal(reset.desk, session.desk) &&
    equal(reset.conversation, session.conversation) &&
    equal(reset.session, session.id);
  if (!isOwn) throw peerError('reset-foreign', 'the reset is of another session, or for another device');
  if (!(await verifySigned(crypto, session.peerKey, 'reset', signed)))
    throw peerError('reset-signature', 'the reset is not signed by the session’s peer');
  if (isFuture(reset.at, now) || isPast(reset.at + LIFE, now))
    throw peerError('reset-stale', 'the reset is from another time');
  if (repeated) throw peerError('reset-repeated', 'the session was reset before');
  if (!reset.frameHashes.some(outstanding)) throw peerError('reset-stale', 'no frame that it names is outstanding');
  const { desk, peerKey } = session;
  const fresh = await openPrekey({ crypto, signed: reset.fresh, desk, deviceKey: peerKey, kind: 'one-time', now });
  if (await used(fresh.id)) throw peerError('prekey-reused', 'the prekey for the new session was used before');
  return fresh;
}
