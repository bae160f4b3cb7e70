/**
 * Starting a session. docs/protocol.md §9.
 * @module
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, equal } from '../bytes/bytes.ts';
import { codecOf, mapOf, oneOf, orNull, type Shaped } from '../bytes/shape.ts';
import { peerError, usageError } from '../errors.ts';
import type { DeviceKeys } from '../identity/device.ts';
import { idShape, kemCiphertextShape, kemKeyShape, keyShape, timeShape } from '../identity/fields.ts';
import { label } from '../identity/label.ts';
import type { PublicKeyCrypto, RandomBytes } from '../identity/public-key-crypto.ts';
import { sign, verifySigned, type Signed } from '../identity/signature.ts';
import { sessionKeys } from './chain-key.ts';
import { conversationIdOf } from './conversation-id.ts';
import { headerHashOf } from './epoch.ts';
import { frameForm } from './malformed.ts';
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
const helloCodec = codecOf('hello', MAX_HEADER, helloShape);

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
export async function initiateSession({
  crypto,
  random,
  desk,
  conversation,
  customerKey,
  salt,
  self,
  peerKey,
  signedPrekey,
  oneTime,
  now,
}: {
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
}): Promise<SessionState> {
  if (equal(peerKey, self.key)) throw usageError('handshake-foreign', 'a device has no session with itself');
  if (!equal(conversation, conversationIdOf({ desk, customerKey, salt })))
    throw usageError('conversation-foreign', 'the id is not that of customer and salt');
  const first = await crypto.encapsulate(signedPrekey.publicKey, random(64));
  const second = oneTime === null ? null : await crypto.encapsulate(oneTime.publicKey, random(64));
  const seed = random(32);
  const bytes = helloCodec.encode({
    v: 1,
    desk,
    conversation,
    customer: customerKey,
    salt,
    initiator: self.key,
    responder: peerKey,
    signedPrekey: signedPrekey.id,
    oneTime: oneTime?.id ?? null,
    ct1: first.ciphertext,
    ct2: second?.ciphertext ?? null,
    ratchet: await crypto.kemKey(seed),
    at: now,
  });
  const header = await sign(crypto, self.seed, 'handshake', bytes);
  const transcript = transcriptOf(header);
  const keys = sessionKeys({ transcript, secrets: concat(first.secret, second?.secret ?? new Uint8Array()) });
  return {
    v: 1,
    id: transcript.slice(0, 16),
    desk,
    conversation,
    customerKey,
    salt,
    peerKey,
    initiator: true,
    oneTime: oneTime !== null,
    confirmed: false,
    startedAt: now,
    root: keys.root,
    sending: { epoch: 0, chain: keys.chain, n: 0, seed, header, signal: keys.signal, before: null },
    receiving: null,
    skipped: [],
    olderHeaders: [],
  };
}

/**
 * Reads a frame's header as a hello, to find by its ids what `respondSession` needs. Nothing is verified.
 * @throws ChatError `frame-malformed`
 */
export function readHello(header: Signed): ReadHello {
  const hello = frameForm(() => helloCodec.decode(header[0]));
  if ((hello.oneTime === null) !== (hello.ct2 === null))
    throw peerError('frame-malformed', 'a one-time prekey without ciphertext, or the reverse');
  const transcript = transcriptOf(header);
  return { hello, transcript, sessionId: transcript.slice(0, 16) };
}

/**
 * The hello of a frame whose session is not known.
 * @throws ChatError `session-unknown` when it cannot be the first of a session: no header, or a later epoch;
 *   `frame-malformed`
 */
export function helloOfFrame(frame: {
  readonly session: Uint8Array;
  readonly epoch: number;
  readonly header: Signed | null;
}): ReadHello & { readonly header: Signed } {
  const { epoch, header, session } = frame;
  if (epoch !== 0 || header === null) throw peerError('session-unknown', 'a frame of an unknown session');
  const read = readHello(header);
  if (!equal(read.sessionId, session))
    throw peerError('frame-malformed', 'the hello is that of another session than the frame');
  return { ...read, header };
}

/**
 * The checks of §9.2 1–3 that need neither directory nor store: whose it is, the conversation's id, the signature. The
 * caller checks pairing and membership (`handshake-sender`), the own conversation, replay and the prekeys' secrets. An
 * answer by reset (§11.3) needs this much.
 * @throws ChatError `frame-malformed`, `handshake-foreign`, `conversation-foreign`, `handshake-signature`
 */
export async function verifyHello({
  crypto,
  self,
  desk,
  header,
}: {
  crypto: PublicKeyCrypto;
  self: Pick<DeviceKeys, 'key'>;
  desk: Uint8Array;
  header: Signed;
}): Promise<ReadHello> {
  const read = readHello(header);
  const { hello } = read;
  if (!equal(hello.responder, self.key) || equal(hello.initiator, self.key) || !equal(hello.desk, desk))
    throw peerError('handshake-foreign', 'the hello is for another device or desk');
  const id = conversationIdOf({ desk, customerKey: hello.customer, salt: hello.salt });
  if (!equal(hello.conversation, id))
    throw peerError('conversation-foreign', 'the conversation is not that of customer and salt');
  if (!(await verifySigned(crypto, hello.initiator, 'handshake', header)))
    throw peerError('handshake-signature', 'the hello is not signed by its initiator');
  return read;
}

/**
 * Answers a hello: `verifyHello`, then the keys. The caller stores the session only when the frame that carried the hello
 * was accepted (`decryptFrame`, `openMessage`), and then deletes the one-time secret and keeps the transcript (§9.3).
 * @param signedPrekeySeed secret of the prekey `hello.signedPrekey`
 * @param oneTimeSeed secret of `hello.oneTime`; null when that is null
 * @throws ChatError as `verifyHello`, `prekey-unknown` (a one-time prekey is named and no secret given), `kem-failed`
 */
export async function respondSession({
  crypto,
  self,
  desk,
  header,
  signedPrekeySeed,
  oneTimeSeed,
}: {
  crypto: PublicKeyCrypto;
  self: Pick<DeviceKeys, 'key'>;
  desk: Uint8Array;
  header: Signed;
  signedPrekeySeed: Uint8Array;
  oneTimeSeed: Uint8Array | null;
}): Promise<SessionState> {
  const { hello, transcript, sessionId } = await verifyHello({ crypto, self, desk, header });
  const first = await crypto.decapsulate(signedPrekeySeed, hello.ct1);
  const second = await secondSecret(crypto, hello, oneTimeSeed);
  const keys = sessionKeys({ transcript, secrets: concat(first, second) });
  return {
    v: 1,
    id: sessionId,
    desk,
    conversation: hello.conversation,
    customerKey: hello.customer,
    salt: hello.salt,
    peerKey: hello.initiator,
    initiator: false,
    oneTime: hello.oneTime !== null,
    confirmed: false,
    startedAt: hello.at,
    root: keys.root,
    sending: null,
    receiving: {
      epoch: 0,
      chain: keys.chain,
      n: 0,
      ratchet: hello.ratchet,
      headerHash: headerHashOf(header),
      since: null,
      brought: 0,
      signal: keys.signal,
      before: null,
    },
    skipped: [],
    olderHeaders: [],
  };
}

/** ss2 (§9.1 1): empty without a one-time prekey. */
async function secondSecret(crypto: PublicKeyCrypto, hello: Hello, seed: Uint8Array | null): Promise<Uint8Array> {
  if (hello.ct2 === null) return new Uint8Array();
  if (seed === null) throw peerError('prekey-unknown', 'the secret of the one-time prekey is gone');
  return crypto.decapsulate(seed, hello.ct2);
}

function transcriptOf([bytes, signature]: Signed): Uint8Array {
  return sha256(concat(label('transcript'), signature, bytes));
}
