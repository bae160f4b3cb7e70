/**
 * The state of a session: everything the ratchet knows, as plain data. docs/protocol.md §9.4, §10, §20, §21.
 * @module
 */
import {
  bool,
  bytesOf,
  codecOf,
  listOf,
  mapOf,
  oneOf,
  orNull,
  tupleOf,
  uintUpTo,
  type Codec,
  type Shape,
} from '../bytes/shape.ts';
import { hashShape, idShape, kemKeyShape, keyShape, timeShape } from '../identity/fields.ts';
import { signedOf, type Signed } from '../identity/signature.ts';
import type { ChainKey, MessageKey, RootKey, SignalKey } from './chain-key.ts';

/** Epochs, numbers and seqs are below 2^32 (§21). */
export const MAX_COUNT = 2 ** 32 - 1;
/** A hello's or an epoch header's signed bytes, whichever is longer (§21). */
export const MAX_HEADER = 4_608;
/** Keys of frames not seen yet that a session keeps (§10.4). */
export const MAX_SKIPPED = 2_000;
/** An encoded session: its kept keys, header and all else. */
const MAX_SESSION = 131_072;

/**
 * A session with one other device in one conversation. Every function returns a new one and leaves the old untouched.
 * It is full of secrets: never log it.
 */
export interface SessionState {
  readonly v: 1;
  /** T[:16] of the hello. */
  readonly id: Uint8Array;
  /** The desk's root key. */
  readonly desk: Uint8Array;
  /** The only conversation its messages may carry (§9.4). */
  readonly conversation: Uint8Array;
  readonly customerKey: Uint8Array;
  /** The salt that the conversation's id is derived with. */
  readonly salt: Uint8Array;
  readonly peerKey: Uint8Array;
  /** Whether this device sent the hello: its epochs are the even ones. */
  readonly initiator: boolean;
  /** Whether the hello used a one-time prekey. */
  readonly oneTime: boolean;
  /** Whether a frame of the peer's was accepted in it (§14.7). */
  readonly confirmed: boolean;
  /** `at` of the hello, by the initiator's clock, ms. */
  readonly startedAt: number;
  readonly root: RootKey;
  /** The own newest epoch; null in a responder that has sent nothing. */
  readonly sending: SendingEpoch | null;
  /** The peer's newest epoch; null in an initiator that has received nothing. */
  readonly receiving: ReceivingEpoch | null;
  /** Keys of passed-over frames by epoch, then number. */
  readonly skipped: readonly SkippedKey[];
  /** Header hashes of the peer's earlier epochs that `skipped` still has keys of, by epoch. */
  readonly olderHeaders: readonly PeerHeader[];
}

/** The own newest epoch. */
export interface SendingEpoch {
  readonly epoch: number;
  readonly chain: ChainKey;
  /** The number of the next frame. */
  readonly n: number;
  /** X-Wing private key of this epoch; null when the peer's next epoch has used it. */
  readonly seed: Uint8Array | null;
  /** What every frame carries until the peer has shown that it has this epoch (§11.2); then null. */
  readonly header: Signed | null;
  readonly signal: SignalKey;
  /** The epoch before, which the peer has: for signals while `header` is not null. */
  readonly before: SignalEpoch | null;
}

/** The peer's newest epoch. */
export interface ReceivingEpoch {
  readonly epoch: number;
  readonly chain: ChainKey;
  /** The lowest number that the chain has not been derived to yet. */
  readonly n: number;
  /** The peer's X-Wing public key of this epoch; null when the own next epoch has used it. */
  readonly ratchet: Uint8Array | null;
  readonly headerHash: Uint8Array;
  /** When its first frame other than a receipt came, ms; null before. §10.2 c */
  readonly since: number | null;
  /** How many frames other than receipts it has brought. §10.2 b */
  readonly brought: number;
  readonly signal: SignalKey;
  /** The peer's epoch before, for its late signals. */
  readonly before: SignalEpoch | null;
}

export interface SignalEpoch {
  readonly epoch: number;
  readonly key: SignalKey;
}

export interface SkippedKey {
  readonly epoch: number;
  readonly n: number;
  readonly key: MessageKey;
}

export interface PeerHeader {
  readonly epoch: number;
  readonly hash: Uint8Array;
}

const countShape = uintUpTo(MAX_COUNT);
const secretOf = <K extends Uint8Array>(): Shape<K> => bytesOf(32) as Shape<K>;

const signalEpochShape: Shape<SignalEpoch> = mapOf({ epoch: countShape, key: secretOf<SignalKey>() });

const sendingShape: Shape<SendingEpoch> = mapOf({
  epoch: countShape,
  chain: secretOf<ChainKey>(),
  n: countShape,
  seed: orNull(bytesOf(32)),
  header: orNull(signedOf(MAX_HEADER)),
  signal: secretOf<SignalKey>(),
  before: orNull(signalEpochShape),
});

const receivingShape: Shape<ReceivingEpoch> = mapOf({
  epoch: countShape,
  chain: secretOf<ChainKey>(),
  n: countShape,
  ratchet: orNull(kemKeyShape),
  headerHash: hashShape,
  since: orNull(timeShape),
  brought: countShape,
  signal: secretOf<SignalKey>(),
  before: orNull(signalEpochShape),
});

/** Thousands of them: tuples are a third shorter than maps. */
const skippedTuple = tupleOf(countShape, countShape, secretOf<MessageKey>());

const storedShape = mapOf({
  v: oneOf(1),
  id: idShape,
  desk: keyShape,
  conversation: idShape,
  customerKey: keyShape,
  salt: idShape,
  peerKey: keyShape,
  initiator: bool,
  oneTime: bool,
  confirmed: bool,
  startedAt: timeShape,
  root: secretOf<RootKey>(),
  sending: orNull(sendingShape),
  receiving: orNull(receivingShape),
  skipped: listOf(skippedTuple, MAX_SKIPPED),
  olderHeaders: listOf(mapOf({ epoch: countShape, hash: hashShape }), MAX_SKIPPED),
});
const storedCodec = codecOf('session', MAX_SESSION, storedShape);

/** The record of a session: deterministic CBOR, strict. Throws `cbor-too-large`, `cbor-malformed`, `shape-mismatch`. */
export const sessionCodec: Codec<SessionState> = {
  encode: (session) =>
    storedCodec.encode({
      ...session,
      skipped: session.skipped.map(({ epoch, n, key }) => [epoch, n, key]),
      olderHeaders: [...session.olderHeaders],
    }),
  decode: (bytes) => {
    const stored = storedCodec.decode(bytes);
    return { ...stored, skipped: stored.skipped.map(([epoch, n, key]) => ({ epoch, n, key })) };
  },
};
