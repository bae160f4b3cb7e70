/**
 * Checking a transcript: who signed, what is missing, what was said twice, what an archive vouches for.
 * docs/protocol.md §15.3.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/text.ts';
import { ChatError, peerError } from '../errors.ts';
import { deviceIdOf } from '../identity/device.ts';
import { openBundle, type Member, type OpenDirectory } from '../identity/directory.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import { hashOfSigned, type Signed } from '../identity/signature.ts';
import { conversationIdOf } from './conversation-id.ts';
import type { Head, Reference } from './head.ts';
import { maySend } from './kinds.ts';
import {
  checkChaining,
  checkCustomersPart,
  checkRecipients,
  openSigned,
  readMessage,
  type Message,
} from './message.ts';
import { ChainBook, type MissingRange, type Place } from './chain-book.ts';
import type { Transcript } from './transcript.ts';

export type { MissingRange, Place } from './chain-book.ts';

/** Who signed a message: a key that the transcript's bundles, or its conversation's id, vouch for. */
export type TranscriptSender =
  | { readonly kind: 'customer'; readonly key: Uint8Array }
  | { readonly kind: 'member'; readonly key: Uint8Array; readonly name: string; readonly role: Member['role'] };

/** A message of a transcript that its sender did sign. */
export interface TranscriptItem {
  readonly message: Message;
  /** H(pair), 32 B. */
  readonly hash: Uint8Array;
  readonly sender: TranscriptSender;
  /** Time of the earliest checkpoint that covers it, ms; null: none does. */
  readonly coveredAt: number | null;
}

/** What a verifier found. The transcript is whole when `refused`, `missing`, `forked`, `directoriesMissing` are empty. */
export interface TranscriptReport {
  /** In the transcript's order, without repetitions. */
  readonly items: readonly TranscriptItem[];
  /** What cannot be relied on: its place in the transcript, and why. */
  readonly refused: readonly {
    readonly list: 'items' | 'checkpoints';
    readonly index: number;
    readonly code: string;
  }[];
  /** Messages that must exist and are not there. */
  readonly missing: readonly MissingRange[];
  /** Places at which two different messages, or hashes of messages, are named. */
  readonly forked: readonly Place[];
  /** Directories that messages or checkpoints name and that are not among the bundles: who was a member, or an archive, may be hidden. */
  readonly directoriesMissing: readonly Reference[];
  /** Ids of the messages that no checkpoint covers: a key stolen later could have made them. Without an archive: all. */
  readonly uncovered: readonly Uint8Array[];
  /** Whether some bundle given has an archive; without one there are no checkpoints. */
  readonly archived: boolean;
}

/**
 * Checks a transcript.
 * @param deskKey the root key that the verifier trusts
 * @throws ChatError `directory-foreign`, `directory-signature`, `directory-invalid`, `directory-renewer`,
 *   `directory-equivocation`, `conversation-foreign`: nothing in it can be relied on
 */
export async function verifyTranscript({
  crypto,
  transcript,
  deskKey,
}: {
  crypto: PublicKeyCrypto;
  transcript: Transcript;
  deskKey: Uint8Array;
}): Promise<TranscriptReport> {
  const { desk, conversation, customerKey, salt } = transcript;
  if (!equal(desk, deskKey)) throw peerError('directory-foreign', 'the transcript is of another desk');
  if (!equal(conversation, conversationIdOf({ desk, customerKey, salt })))
    throw peerError('conversation-foreign', 'the conversation is not that of customer and salt');
  const directories: OpenDirectory[] = [];
  for (const bundle of transcript.bundles) directories.push(await openBundle(crypto, bundle, deskKey));
  refuseEquivocation(directories);
  const senders = sendersOf(customerKey, directories);
  const refused: TranscriptReport['refused'][number][] = [];
  const opened = async (list: 'items' | 'checkpoints'): Promise<Opened[]> => {
    const out: Opened[] = [];
    const ids = new Map<string, string>();
    for (const [index, signed] of transcript[list].entries()) {
      try {
        const entry = await openEntry(crypto, signed, transcript, senders, list);
        refuseConflict(ids, entry);
        out.push(entry);
      } catch (error) {
        if (!(error instanceof ChatError) || error.kind !== 'peer') throw error;
        refused.push({ list, index, code: error.code });
      }
    }
    return out;
  };
  const items = distinct(await opened('items'));
  const checkpoints = await opened('checkpoints');
  const book = new ChainBook();
  for (const { message, hash } of items) book.add(message, hash);
  for (const { message } of items) for (const head of headsIn(message)) book.name(head);
  for (const { message } of checkpoints) for (const head of headsIn(message)) book.name(head);
  const covered = coverage(book, checkpoints);
  const judged = items.map((item) => ({ ...item, coveredAt: covered.get(toHex(item.hash)) ?? null }));
  return {
    items: judged,
    refused,
    missing: book.missing(),
    forked: book.forked(),
    directoriesMissing: directoriesNotIn(directories, [...items, ...checkpoints]),
    uncovered: judged.filter(({ coveredAt }) => coveredAt === null).map(({ message }) => message.id),
    archived: directories.some(({ directory }) => directory.policy.recorded),
  };
}

type Opened = Omit<TranscriptItem, 'coveredAt'>;

/** §5.2: no position twice with other bytes, no version with two bases. */
function refuseEquivocation(directories: readonly OpenDirectory[]): void {
  const bases = new Map<number, Uint8Array>();
  const hashes = new Map<string, Uint8Array>();
  for (const { position, baseBytes, hash } of directories) {
    const base = bases.get(position.version) ?? baseBytes;
    const place = `${position.version}.${position.renewal}`;
    const other = hashes.get(place) ?? hash;
    if (!equal(base, baseBytes) || !equal(other, hash))
      throw peerError('directory-equivocation', 'two directories of one position');
    bases.set(position.version, base);
    hashes.set(place, other);
  }
}

/** By device id in hexadecimal, members of all bundles, also those removed since. */
function sendersOf(customerKey: Uint8Array, directories: readonly OpenDirectory[]): Map<string, TranscriptSender> {
  const senders = new Map<string, TranscriptSender>();
  const byAge = [...directories].sort((a, b) => a.position.version - b.position.version);
  for (const { directory } of byAge) {
    for (const { key, name, role } of directory.members)
      senders.set(toHex(deviceIdOf(key)), { kind: 'member', key, name, role });
  }
  return senders.set(toHex(deviceIdOf(customerKey)), { kind: 'customer', key: customerKey });
}

/** §12.2 6: of two messages with one id the first in the transcript counts; what targets the id targets that one. */
function refuseConflict(ids: Map<string, string>, { message, hash }: Opened): void {
  const name = `${toHex(message.from)}/${toHex(message.id)}`;
  const first = ids.get(name);
  if (first !== undefined && first !== toHex(hash)) throw peerError('message-conflict', 'two messages have one id');
  ids.set(name, toHex(hash));
}

/** References to bundles that are not given, each once. A wrong hash counts too: nothing shows that it is one. */
function directoriesNotIn(directories: readonly OpenDirectory[], entries: readonly Opened[]): Reference[] {
  const given = new Set(directories.map(({ hash }) => toHex(hash)));
  const named = entries.map(({ message }) => message.directory);
  return [...new Map(named.map((reference) => [toHex(reference.hash), reference]))]
    .filter(([hash]) => !given.has(hash))
    .map(([, reference]) => reference);
}

async function openEntry(
  crypto: PublicKeyCrypto,
  signed: Signed,
  session: Pick<Transcript, 'desk' | 'conversation' | 'customerKey'>,
  senders: ReadonlyMap<string, TranscriptSender>,
  list: 'items' | 'checkpoints',
): Promise<Opened> {
  const sender = senders.get(toHex(readMessage(signed).from));
  if (sender === undefined) throw peerError('message-sender', 'the sender is neither the customer nor a member');
  const message = await openSigned({ crypto, signed, key: sender.key, session });
  const isCheckpoint = list === 'checkpoints';
  if (isCheckpoint !== (message.kind === 'checkpoint') || isCheckpoint !== (message.audience === 'direct'))
    throw peerError('message-audience', 'it does not belong in this list');
  const role = sender.kind === 'customer' ? 'customer' : sender.role;
  const recipient = isCheckpoint ? 'customer' : undefined;
  if (!maySend({ kind: message.kind, sender: role, audience: message.audience, recipient }))
    throw peerError('message-kind-forbidden', 'the sender may not send this kind to this audience');
  checkRecipients(message);
  checkCustomersPart(message, deviceIdOf(session.customerKey));
  checkChaining(message);
  return { message, hash: hashOfSigned(signed), sender };
}

function distinct(items: readonly Opened[]): Opened[] {
  return [...new Map(items.map((item) => [toHex(item.hash), item])).values()];
}

/** What a message says of other chains. */
function headsIn(message: Message): readonly Head[] {
  if (message.kind === 'participants' || message.kind === 'checkpoint')
    return [...message.seen, ...message.content.heads];
  return message.kind === 'join' ? [...message.seen, ...message.content.have] : message.seen;
}

/** The earliest time that a checkpoint vouches for, by hash: its heads, and all before them as far as the links reach. */
function coverage(book: ChainBook, checkpoints: readonly Opened[]): Map<string, number> {
  const covered = new Map<string, number>();
  const vouched = checkpoints.flatMap(({ message }) => (message.kind === 'checkpoint' ? [message.content] : []));
  for (const { heads, time } of vouched.sort((a, b) => a.time - b.time)) {
    for (const head of heads) {
      for (const hash of book.backFrom(head)) {
        // An earlier checkpoint has covered it and all before it.
        if (covered.has(hash)) break;
        covered.set(hash, time);
      }
    }
  }
  return covered;
}
