/**
 * Starting a session. docs/protocol.md §9.
 * @module
 */
import type { Shaped } from '../bytes/shape.ts';
import { codecOf, mapOf, oneOf, orNull } from '../bytes/shape.ts';
import type { DeviceKeys } from '../identity/device.ts';
import { idShape, kemCiphertextShape, kemKeyShape, keyShape, timeShape } from '../identity/fields.ts';
import type { PublicKeyCrypto, RandomBytes } from '../identity/public-key-crypto.ts';
import type { Signed } from '../identity/signature.ts';
import type { OpenPrekey } from './prekey.ts';
import { MAX_HEADER, type SessionState } from './session.ts';

const helloShape = mapOf({
  v: oneOf(1),
  desk: keyShape,
  conversation: idShape,
  customer: keyShape,
  salt: idShape,
  initiator: keyShape,
  responder: keyShape,
  signedPrekey: idShape,
  oneTime: orNull(idShape),
  ct1: kemCiphertextShape,
  ct2: orNull(kemCiphertextShape),
  ratchet: kemKeyShape,
  at: timeShape,
});
/** What the initiator signs; the header of epoch 0. */
export type Hello = Shaped<typeof helloShape>;
export const helloCodec = codecOf('hello', MAX_HEADER, helloShape);

/** A hello whose form alone was checked. */
export interface ReadHello {
  readonly hello: Hello;
  /** T, 32 B: what the replay cache keeps. */
  readonly transcript: Uint8Array;
  /** T[:16]. */
  readonly sessionId: Uint8Array;
}

/**
 * Starts a session with a device whose prekeys were opened. Draws 64 B, 64 B more with a one-time prekey, then 32 B.
 * Membership and freshness (§5.4, §9.2 2) are the caller's to check first.
 * @throws ChatError `kem-failed`; usage: `handshake-foreign` (with oneself), `conversation-foreign` (the id is not derived
 *   from customer key and salt)
 */
export declare function initiateSession(options: {
  crypto: PublicKeyCrypto;
  random: RandomBytes;
  desk: Uint8Array;
  conversation: Uint8Array;
  customerKey: Uint8Array;
  salt: Uint8Array;
  self: DeviceKeys;
  peerKey: Uint8Array;
  signedPrekey: OpenPrekey;
  oneTime: OpenPrekey | null;
  now: number;
}): Promise<SessionState>;

/**
 * Reads a frame's header as a hello, to find by its ids what `respondSession` needs. Nothing is verified.
 * @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch`
 */
export declare function readHello(header: Signed): ReadHello;

/**
 * Checks of §9.2 that need no directory: 1 (foreign), 2 (id of the conversation), signature.
 * The caller checks membership between (`handshake-sender`), and after it replay and the prekeys' secrets
 * (`handshake-replayed`, `prekey-unknown`) before it calls `respondSession`, which repeats these.
 */
export declare function verifyHello(options: {
  crypto: PublicKeyCrypto;
  self: DeviceKeys;
  desk: Uint8Array;
  header: Signed;
}): Promise<ReadHello>;

/**
 * Answers a hello: everything of §9.2 1–4 that needs no store. The caller has checked membership, replay, whether the
 * conversation may go on, and found the secrets by the hello's ids; it stores the session only when the frame that carried
 * the hello was accepted (`decryptFrame`, `openMessage`), and then deletes the one-time secret and keeps the transcript.
 * @param signedPrekeySeed secret of the prekey `hello.signedPrekey`
 * @param oneTimeSeed secret of `hello.oneTime`; null exactly when that is null
 * @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch`, `frame-malformed` (one-time id without
 *   ciphertext), `handshake-foreign`, `conversation-foreign`, `handshake-sender`, `handshake-signature`, `prekey-unknown`, `kem-failed`
 */
export declare function respondSession(options: {
  crypto: PublicKeyCrypto;
  self: DeviceKeys;
  desk: Uint8Array;
  header: Signed;
  signedPrekeySeed: Uint8Array;
  oneTimeSeed: Uint8Array | null;
}): Promise<SessionState>;
