/**
 * Frames: what travels between two devices. docs/protocol.md §11.
 * @module
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, equal } from '../bytes/bytes.ts';
import { encodeCbor, type CborValue } from '../bytes/cbor.ts';
import { pad, unpad } from '../bytes/padding.ts';
import { bytesOf, codecOf, oneOf, orNull, tupleOf, uintUpTo } from '../bytes/shape.ts';
import { peerError, usageError } from '../errors.ts';
import { deviceIdOf, type DeviceKeys } from '../identity/device.ts';
import { idShape } from '../identity/fields.ts';
import { label } from '../identity/label.ts';
import type { PublicKeyCrypto, RandomBytes } from '../identity/public-key-crypto.ts';
import { signedOf, type Signed } from '../identity/signature.ts';
import { chainAfter, messageKeyOf, type MessageKey } from './chain-key.ts';
import { headerHashOf, mayOpenEpoch, openEpoch, owesEpoch } from './epoch.ts';
import { MAX_MESSAGE, opaqueMap, type PrivatePart } from './kinds.ts';
import { frameForm } from './malformed.ts';
import { kindOf } from './message.ts';
import { keyOfFrame } from './receiving.ts';
import { MAX_COUNT, MAX_HEADER, type SendingEpoch, type SessionState } from './session.ts';

export type { PrivatePart } from './kinds.ts';

/** Bytes of a frame and of a private part, §21. */
const MAX_FRAME = 131_072;
const MAX_PRIVATE = 8_192;
const NONCE = 24;
/** The shortest padded plaintext with its tag. */
const MIN_CIPHERTEXT = 256 + 16;

const countShape = uintUpTo(MAX_COUNT);
const frameCodec = codecOf(
  'frame',
  MAX_FRAME,
  tupleOf(
    oneOf(1),
    idShape,
    countShape,
    countShape,
    orNull(signedOf(MAX_HEADER)),
    bytesOf(NONCE),
    bytesOf(MIN_CIPHERTEXT, MAX_FRAME),
  ),
);
const plaintextCodec = codecOf(
  'plaintext',
  MAX_FRAME,
  tupleOf(orNull(countShape), signedOf(MAX_MESSAGE), orNull(opaqueMap)),
);

/** A frame whose form alone was checked. */
export interface Frame {
  readonly session: Uint8Array;
  readonly epoch: number;
  readonly n: number;
  /** The signed hello (epoch 0) or epoch header; null once the sender knows that the receiver has it. */
  readonly header: Signed | null;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** @throws ChatError `frame-malformed` whatever is wrong, the form's error being the cause */
export function decodeFrame(bytes: Uint8Array): Frame {
  const [, session, epoch, n, header, nonce, ciphertext] = frameForm(() => frameCodec.decode(bytes));
  return { session, epoch, n, header, nonce, ciphertext };
}

/** SHA-256(L("frame-hash") ‖ frame), 32 B: what a reset names (§16). */
export function frameHashOf(bytes: Uint8Array): Uint8Array {
  return sha256(concat(label('frame-hash'), bytes));
}

/**
 * Encrypts a message for the session's peer, in a new epoch when §10.2 says so. Draws 96 B when it opens one, then 24 B.
 * @param content whether the kind is marked *content* (`isContent` of kinds.ts)
 * @returns the state to store together with the frame before the frame leaves (§15.2)
 * @throws ChatError `kem-failed` (the peer's key is unusable: the session can send nothing more); usage:
 *   `cbor-too-large`, `shape-mismatch`
 */
export async function encryptFrame({
  crypto,
  random,
  self,
  session,
  message,
  private: privatePart,
  content,
  now,
}: {
  crypto: PublicKeyCrypto;
  random: RandomBytes;
  self: DeviceKeys;
  session: SessionState;
  message: Signed;
  private: PrivatePart;
  content: boolean;
  now: number;
}): Promise<{ readonly session: SessionState; readonly frame: Uint8Array }> {
  const plaintext = plaintextCodec.encode([session.receiving?.epoch ?? null, message, privatePart]);
  if (privateSize(privatePart) > MAX_PRIVATE) throw usageError('cbor-too-large', 'the private part is too long');
  const opens = mayOpenEpoch(session) && (content || owesEpoch(session, now));
  const state = opens ? await openEpoch({ crypto, random, self, session }) : session;
  const sending = sendingOf(state);
  const place = { session: session.id, epoch: sending.epoch, n: sending.n, header: sending.header };
  const aad = associatedData(place, self.id, deviceIdOf(session.peerKey));
  const nonce = random(NONCE);
  const ciphertext = xchacha20poly1305(messageKeyOf(sending.chain), nonce, aad).encrypt(pad(plaintext));
  return {
    session: { ...state, sending: { ...sending, chain: chainAfter(sending.chain), n: sending.n + 1 } },
    frame: frameCodec.encode([1, place.session, place.epoch, place.n, place.header, nonce, ciphertext]),
  };
}

/**
 * Decrypts a frame of the session's peer. It is not accepted yet: the caller checks the message (`openMessage` and what
 * only a store knows) and stores the new state with what the message causes, or keeps the old one (§11.3).
 * @throws ChatError `session-mismatch`, `frame-malformed`, `frame-duplicate`, `frame-undecryptable`, `ratchet-fork`,
 *   `ratchet-epoch-unexpected`, `ratchet-jump-too-far`, `ratchet-header-signature`, `kem-failed`
 */
export async function decryptFrame({
  crypto,
  self,
  session,
  frame,
  now,
}: {
  crypto: PublicKeyCrypto;
  self: Pick<DeviceKeys, 'id'>;
  session: SessionState;
  frame: Frame;
  now: number;
}): Promise<{ readonly session: SessionState; readonly message: Signed; readonly private: PrivatePart }> {
  if (!equal(frame.session, session.id)) throw peerError('session-mismatch', 'a frame of another session');
  const found = await keyOfFrame({ crypto, session, place: frame });
  const aad = associatedData(frame, deviceIdOf(session.peerKey), self.id);
  const padded = decrypted(found.key, frame, aad);
  const [acked, message, privatePart] = frameForm(() => plaintextCodec.decode(unpad(padded)));
  if (privateSize(privatePart) > MAX_PRIVATE) throw peerError('frame-malformed', 'the private part is too long');
  checkAcked(acked, session.sending);
  return {
    session: counted(acknowledged(found.session, frame.epoch, acked), frame.epoch, isReceipt(message), now),
    message,
    private: privatePart,
  };
}

function decrypted(key: MessageKey, { nonce, ciphertext }: Frame, aad: Uint8Array): Uint8Array {
  try {
    return xchacha20poly1305(key, nonce, aad).decrypt(ciphertext);
  } catch (cause) {
    throw peerError('frame-undecryptable', 'the frame does not decrypt', { cause });
  }
}

function associatedData(
  { session, epoch, n, header }: Pick<Frame, 'session' | 'epoch' | 'n' | 'header'>,
  sender: Uint8Array,
  receiver: Uint8Array,
): Uint8Array {
  const place = encodeCbor([1, session, epoch, n, header === null ? null : headerHashOf(header)]);
  return concat(label('frame'), place, sender, receiver);
}

/** §11.2: an epoch acknowledged is one that was opened here. */
function checkAcked(acked: number | null, sending: SendingEpoch | null): void {
  if (acked === null) return;
  if (sending === null || acked > sending.epoch || acked % 2 !== sending.epoch % 2)
    throw peerError('ratchet-epoch-unexpected', 'the peer acknowledges an epoch that was never opened');
}

/** The own newest epoch needs its header no more when the peer has shown that it has it (§11.2). */
function acknowledged(session: SessionState, epoch: number, acked: number | null): SessionState {
  const { sending } = session;
  const isKnown = sending !== null && (epoch > sending.epoch || (acked !== null && acked >= sending.epoch));
  if (!isKnown) return { ...session, confirmed: true };
  return { ...session, confirmed: true, sending: { ...sending, header: null, before: null } };
}

/** What §10.2 b and c count: frames of the peer's newest epoch that hold more than a receipt. */
function counted(session: SessionState, epoch: number, receipt: boolean, now: number): SessionState {
  const { receiving } = session;
  if (receipt || receiving === null || epoch !== receiving.epoch) return session;
  return {
    ...session,
    receiving: { ...receiving, brought: receiving.brought + 1, since: receiving.since ?? now },
  };
}

/** A message that cannot be read is none; `openMessage` will refuse it, and this state with it. */
function isReceipt(message: Signed): boolean {
  return kindOf(message) === 'receipt';
}

function privateSize(part: PrivatePart): number {
  return part === null ? 0 : encodeCbor(part as CborValue).length;
}

function sendingOf({ sending }: SessionState): SendingEpoch {
  if (sending === null) throw usageError('session-silent', 'nothing can be sent before the first frame was received');
  return sending;
}
