/**
 * Messages: what devices say to each other, signed once for all recipients. docs/protocol.md §12.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { codecOf, listOf, mapOf, oneOf, orNull, sortedBy, textOf, type Shaped } from '../bytes/shape.ts';
import { ChatError, peerError, usageError } from '../errors.ts';
import { deviceIdOf, type DeviceKeys } from '../identity/device.ts';
import { memberById, type OpenDirectory } from '../identity/directory.ts';
import { deviceIdShape, hashShape, idShape, keyShape, timeShape } from '../identity/fields.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import { hashOfSigned, sign, verifySigned, type Signed } from '../identity/signature.ts';
import { chainIdShape, compareReference, headsOf, referenceShape, seqShape } from './head.ts';
import {
  bodyOf,
  MAX_MESSAGE,
  MAX_TO,
  maySend,
  opaqueMap,
  privateOf,
  type Body,
  type OpaqueMap,
  type PrivatePart,
  type SealedPrivate,
  type Sender,
} from './kinds.ts';
import type { SessionState } from './session.ts';

const MAX_SEEN = 32;

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
  content: opaqueMap,
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

/** The part of a session that messages are checked against. */
type Belonging = Pick<SessionState, 'peerKey' | 'desk' | 'conversation' | 'customerKey'>;

/**
 * Reads a message's form, without kind-specific content: to find the bundle that it names. Nothing is verified.
 * @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch`
 */
export function readMessage([bytes]: Signed): Envelope & { readonly kind: string; readonly content: OpaqueMap } {
  const { v: _, ...fields } = messageCodec.decode(bytes);
  return fields;
}

/** The kind that a message says it is; null when it is not a message. Nothing is verified. */
export function kindOf(signed: Signed): string | null {
  try {
    return readMessage(signed).kind;
  } catch (error) {
    // Not hidden: whoever opens the message is told what is wrong with it.
    if (error instanceof ChatError && error.kind === 'peer') return null;
    throw error;
  }
}

/**
 * Signs a message; `to` and all sets must be sorted (`sortedIds`, `sortedHeads`).
 * @throws ChatError (usage) `shape-mismatch`, `cbor-too-large`, `message-sender` (`from` is not the device),
 *   `message-recipient`, `message-chain`, `message-kind-forbidden` (an unknown kind)
 */
export async function signMessage({
  crypto,
  device,
  message,
}: {
  crypto: PublicKeyCrypto;
  device: DeviceKeys;
  message: Message;
}): Promise<Signed> {
  if (message.kind === 'unknown') throw usageError('message-kind-forbidden', 'only kinds of this version are sent');
  if (!equal(message.from, device.id)) throw usageError('message-sender', 'the message is from another device');
  const bytes = messageCodec.encode({ v: 1, ...message });
  checkBySelf(() => {
    bodyOf(message.kind, message.content);
    checkRecipients(message);
    checkChaining(message);
  });
  return sign(crypto, device.seed, 'message', bytes);
}

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
export async function openMessage({
  crypto,
  signed,
  private: privatePart,
  session,
  self,
  senderRole,
  newest,
  named,
}: {
  crypto: PublicKeyCrypto;
  signed: Signed;
  private: PrivatePart;
  session: Belonging;
  self: Pick<DeviceKeys, 'id'>;
  senderRole: Sender;
  newest: OpenDirectory;
  named: OpenDirectory | null;
}): Promise<OpenMessage> {
  const message = await openSigned({ crypto, signed, key: session.peerKey, session });
  if (!message.to.some((id) => equal(id, self.id)))
    throw peerError('message-recipient', 'the message is not for this device');
  checkRecipients(message);
  // The bundle itself arrives in such a message: it is decided at once.
  if (message.kind !== 'directory' && compareReference(message.directory, newest) === 'higher')
    throw peerError('directory-unknown', 'the message names a directory that is not known yet');
  const members = new Members(newest, named, session.customerKey);
  const [first] = message.to;
  const recipient = first && members.roleOf(first);
  if (!maySend({ kind: message.kind, sender: senderRole, audience: message.audience, recipient }))
    throw peerError('message-kind-forbidden', 'the sender may not send this kind to this audience');
  const privateContent = privateOf(message, privatePart, self.id);
  checkAudience(message, members);
  checkChaining(message);
  const archivesMissing = message.audience === 'direct' ? [] : members.archivesNotIn(message.to);
  return { message, hash: hashOfSigned(signed), private: privateContent, archivesMissing };
}

/**
 * A message with its content typed, signed by this key, of this desk and conversation: §12.2 1 and the content of 3.
 * @throws ChatError `message-signature`, `cbor-too-large`, `cbor-malformed`, `shape-mismatch`, `message-sender`,
 *   `session-mismatch`
 */
export async function openSigned({
  crypto,
  signed,
  key,
  session,
}: {
  crypto: PublicKeyCrypto;
  signed: Signed;
  key: Uint8Array;
  session: Pick<SessionState, 'desk' | 'conversation'>;
}): Promise<Message> {
  if (!(await verifySigned(crypto, key, 'message', signed)))
    throw peerError('message-signature', 'the message is not signed by this device');
  const { kind, content, ...envelope } = readMessage(signed);
  if (!equal(envelope.from, deviceIdOf(key))) throw peerError('message-sender', 'the message is from another device');
  if (!equal(envelope.desk, session.desk) || !equal(envelope.conversation, session.conversation))
    throw peerError('session-mismatch', 'the message is of another desk or conversation');
  return { ...envelope, ...bodyOf(kind, content) };
}

/** §12.2 5. @throws ChatError `message-chain` */
export function checkChaining({ audience, chain, seq, previous, seen }: Envelope): void {
  const isChained = chain !== null && seq !== null && (previous === null) === (seq === 0);
  const isFree = chain === null && seq === null && previous === null && seen.length === 0;
  if (!(audience === 'direct' ? isFree : isChained))
    throw peerError('message-chain', 'chain, seq, previous or seen do not fit the audience');
}

/** The form of `to` (§12); its order is the decoder's. @throws ChatError `message-recipient` */
export function checkRecipients({ to, from, audience }: Envelope): void {
  if (to.some((id) => equal(id, from)) || (audience === 'direct' && to.length !== 1))
    throw peerError('message-recipient', 'the recipients include the sender, or are too many');
}

/** §12.2 4. */
function checkAudience(message: Message, members: Members): void {
  if (!message.to.every((id) => members.roleOf(id) !== undefined))
    throw peerError('message-audience', 'a recipient is neither the customer nor a member');
  checkCustomersPart(message, members.customer);
}

/**
 * What of §12.2 4 needs no directory: the customer is a party to what is for all, and to nothing that is for the desk.
 * @param customer device id
 * @throws ChatError `message-audience`
 */
export function checkCustomersPart({ to, from, audience }: Envelope, customer: Uint8Array): void {
  const isOpen = equal(from, customer) || to.some((id) => equal(id, customer));
  if ((audience === 'desk' && isOpen) || (audience === 'all' && !isOpen))
    throw peerError('message-audience', 'the recipients are not those of the audience');
}

/** Whom a receiver knows in a conversation: by its newest bundle and the one that the message names. */
class Members {
  /** Device id. */
  readonly customer: Uint8Array;
  readonly #newest: OpenDirectory;
  readonly #named: OpenDirectory;

  constructor(newest: OpenDirectory, named: OpenDirectory | null, customerKey: Uint8Array) {
    this.#newest = newest;
    this.#named = named ?? newest;
    this.customer = deviceIdOf(customerKey);
  }

  roleOf(id: Uint8Array): Sender | undefined {
    if (equal(id, this.customer)) return 'customer';
    return (memberById(this.#newest, id) ?? memberById(this.#named, id))?.role;
  }

  /** Archives in force in both bundles that are not among these devices. */
  archivesNotIn(to: readonly Uint8Array[]): Uint8Array[] {
    return this.#newest.members
      .filter(({ role, id }) => role === 'archive' && memberById(this.#named, id)?.role === 'archive')
      .map(({ id }) => id)
      .filter((id) => !to.some((other) => equal(other, id)));
  }
}

/** What the caller itself hands in is not a peer's fault. */
function checkBySelf(check: () => void): void {
  try {
    check();
  } catch (cause) {
    if (!(cause instanceof ChatError)) throw cause;
    throw usageError(cause.code, cause.message, { cause });
  }
}
