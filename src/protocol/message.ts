/**
 * Messages: what devices say to each other, signed once for all recipients. docs/protocol.md §12.
 * @module
 */
import {
  bytesOf,
  codecOf,
  listOf,
  mapOf,
  oneOf,
  orNull,
  sortedBy,
  textOf,
  type Shape,
  type Shaped,
} from '../bytes/shape.ts';
import type { DeviceKeys } from '../identity/device.ts';
import type { OpenDirectory } from '../identity/directory.ts';
import { deviceIdShape, hashShape, idShape, keyShape, timeShape } from '../identity/fields.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import type { Signed } from '../identity/signature.ts';
import type { PrivatePart } from './frame.ts';
import { chainIdShape, headsOf, referenceShape, seqShape } from './head.ts';
import { MAX_MESSAGE, type Body, type OpaqueMap, type SealedPrivate, type Sender } from './kinds.ts';
import type { SessionState } from './session.ts';

const MAX_TO = 24;
const MAX_SEEN = 32;

const opaque: Shape<OpaqueMap> = (value, path) => {
  // An empty map, then whatever it holds: `mapOf` checks that it is a map at all.
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
  return isMap ? (value as OpaqueMap) : mapOf({})(value, path);
};

const messageShape = mapOf({
  v: oneOf(1),
  id: idShape,
  desk: keyShape,
  conversation: idShape,
  from: deviceIdShape,
  to: sortedBy(listOf(deviceIdShape, MAX_TO, 1), (id) => id),
  audience: oneOf('all', 'desk', 'direct'),
  chain: orNull(chainIdShape),
  seq: orNull(seqShape),
  previous: orNull(hashShape),
  seen: headsOf(MAX_SEEN),
  directory: referenceShape,
  at: timeShape,
  kind: textOf(1, 32),
  content: opaque,
});
type Fields = Shaped<typeof messageShape>;
const messageCodec = codecOf('message', MAX_MESSAGE, messageShape);

/** Everything of a message but kind and content. */
export type Envelope = Readonly<Omit<Fields, 'v' | 'kind' | 'content'>>;
/** A message: `switch` on `kind`. */
export type Message = Envelope & Body;

/** A message that passed §12.2 1–5. */
export interface OpenMessage {
  readonly message: Message;
  /** H(pair), 32 B. */
  readonly hash: Uint8Array;
  /** The private part of a `sealed` that is for this device; null otherwise. */
  readonly private: SealedPrivate | null;
  /**
   * Archives in force, by the receiver's newest bundle and the one named, that a chained message left out: mark it "not in
   * the record" and hand it to them.
   */
  readonly archivesMissing: readonly Uint8Array[];
}

/**
 * Reads a message's form, without kind-specific content: to find the bundle that it names. Nothing is verified.
 * @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch`
 */
export declare function readMessage(signed: Signed): Envelope & { readonly kind: string };

/**
 * Signs a message; `to` and all sets must be sorted (`sortedIds`, `sortedHeads`).
 * @throws ChatError (usage) `shape-mismatch`, `cbor-too-large`, `message-sender` (`from` is not the device),
 *   `message-recipient`, `message-chain`, `message-kind-forbidden` (an unknown kind)
 */
export declare function signMessage(options: {
  crypto: PublicKeyCrypto;
  device: DeviceKeys;
  message: Message;
}): Promise<Signed>;

/**
 * Checks a decrypted message by §12.2 1–5. 6 (ids), chains, participation and what a kind refers to are for the caller.
 * @param session the session that it came through
 * @param senderRole what the session's peer is
 * @param newest the receiver's newest bundle
 * @param named the bundle that the message names (position and hash), if the receiver keeps it
 * @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch`, `message-signature`, `message-sender`,
 *   `session-mismatch`, `message-recipient`, `message-kind-forbidden`, `message-audience`, `message-chain`;
 *   `directory-unknown` when the message names a higher position than `newest` (§11.3: hold the frame)
 */
export declare function openMessage(options: {
  crypto: PublicKeyCrypto;
  signed: Signed;
  private: PrivatePart;
  session: Pick<SessionState, 'peerKey' | 'desk' | 'conversation' | 'customerKey'>;
  self: Pick<DeviceKeys, 'id'>;
  senderRole: Sender;
  newest: OpenDirectory;
  named: OpenDirectory | null;
}): Promise<OpenMessage>;
