/**
 * Asking for a new session when one is lost. docs/protocol.md §16.
 * @module
 */
import { codecOf, listOf, mapOf, oneOf, sortedBy, type Shaped } from '../bytes/shape.ts';
import type { DeviceKeys } from '../identity/device.ts';
import { deviceIdShape, hashShape, idShape, keyShape, timeShape } from '../identity/fields.ts';
import type { PublicKeyCrypto, RandomBytes } from '../identity/public-key-crypto.ts';
import { signedOf, type Signed } from '../identity/signature.ts';
import { MAX_PREKEY, type OpenPrekey, type Prekey } from './prekey.ts';
import type { SessionState } from './session.ts';

const MAX_RESET = 3_072;

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

/** A reset as it travels: the signed pair in CBOR. */
export declare function encodeReset(signed: Signed): Uint8Array;

/**
 * A reset that arrived, its form alone checked: to find the session that it names.
 * @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch`
 */
export declare function readReset(bytes: Uint8Array): { readonly signed: Signed; readonly reset: Reset };

/**
 * Makes a reset. Draws 32 B. The caller keeps `fresh` (its secret) as a one-time prekey that is never published.
 * @param frameHashes `frameHashOf` of the frames that caused it, 1 to 8, sorted
 */
export declare function createReset(options: {
  crypto: PublicKeyCrypto;
  random: RandomBytes;
  self: DeviceKeys;
  desk: Uint8Array;
  conversation: Uint8Array;
  session: Uint8Array;
  peerId: Uint8Array;
  frameHashes: readonly Uint8Array[];
  now: number;
}): Promise<{ readonly signed: Signed; readonly fresh: Prekey }>;

/**
 * Checks a reset against the session that it names. The caller has checked that the conversation has not ended.
 * @param repeated whether a reset was accepted for this session before
 * @param outstanding whether the hash is that of a frame sent in this session whose message is not acknowledged yet
 * @returns the one-time prekey for the new session
 * @throws ChatError `cbor-malformed`, `shape-mismatch`, `reset-foreign`, `reset-signature`, `reset-stale` (the time, or no
 *   outstanding frame), `reset-repeated`, and what `openPrekey` throws
 */
export declare function openReset(options: {
  crypto: PublicKeyCrypto;
  signed: Signed;
  self: Pick<DeviceKeys, 'id'>;
  session: SessionState;
  repeated: boolean;
  outstanding: (frameHash: Uint8Array) => boolean;
  now: number;
}): Promise<OpenPrekey>;
