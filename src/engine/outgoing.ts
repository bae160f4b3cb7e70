/**
 * Messages of this device, from the intent to the signed pair. An intent is stored at once; it is signed when it is known
 * who receives it, in the order of the intents of its conversation. docs/protocol.md §12, §15.2.
 * @module
 */
import { decodeCbor, encodeCbor, type CborValue } from '../bytes/cbor.ts';
import { hashOfSigned } from '../identity/signature.ts';
import type { OpenDirectory } from '../identity/directory.ts';
import { referenceOf } from '../protocol/head.ts';
import { bodyOf, MAX_MESSAGE, type Audience, type ContentOf, type KnownKind } from '../protocol/kinds.ts';
import { signMessage, type Message } from '../protocol/message.ts';
import type { EngineContext } from './context.ts';
import { extendOwn, ownLink } from './chain-keeper.ts';
import { recipientsOf, seenBy } from './conversation-record.ts';
import { ROWS, type ConversationRow, type MessageRow } from './rows.ts';
import type { Step } from './step.ts';

/** What is to be said. */
export type Intent = {
  readonly [K in KnownKind]: { readonly kind: K; readonly content: ContentOf<K> };
}[KnownKind] & {
  readonly audience: Audience;
  /** The one recipient of a direct message. */
  readonly to?: Uint8Array;
};

const PREVIEW = 240;

/** Takes the next order number. */
export async function nextOrder(step: Step): Promise<number> {
  const counter = (await step.get(ROWS.counter, ['counter'])) ?? { next: 1 };
  await step.put(ROWS.counter, ['counter'], { next: counter.next + 1 });
  return counter.next;
}

/**
 * Stores an intent. The conversation row must be written by the caller afterwards.
 * @returns the message's row and the conversation with its preview
 * @throws ChatError `shape-mismatch` when the content breaks its kind's shape
 */
export async function enqueue(
  context: EngineContext,
  step: Step,
  conversation: ConversationRow,
  intent: Intent,
): Promise<{ message: MessageRow; conversation: ConversationRow }> {
  const { ports, self } = context;
  const now = ports.clock.now();
  const order = await nextOrder(step);
  const { content } = bodyOf(intent.kind, intent.content);
  const message: MessageRow = {
    order,
    id: ports.random(16),
    conversation: conversation.id,
    from: self.id,
    own: true,
    audience: intent.audience,
    kind: intent.kind,
    content: encodeCbor(content as CborValue),
    secrets: [],
    at: now,
    pair: null,
    to: intent.to === undefined ? [] : [intent.to],
    pending: [],
    frames: [],
    delivered: [],
    read: [],
    state: intent.audience === 'direct' ? 'hidden' : 'live',
    unverified: false,
    notInRecord: false,
  };
  await step.put(ROWS.message, [conversation.id, order], message);
  await step.put(ROWS.messagePlace, ['message', self.id, message.id], {
    conversation: conversation.id,
    order,
    hash: null,
  });
  await step.put(ROWS.work, ['work', order], { conversation: conversation.id, order });
  await step.put(ROWS.todo, ['todo', order], { conversation: conversation.id, order });
  return { message, conversation: touched(conversation, intent.kind, intent.content, now) };
}

/** The conversation with the time and start of what was last said. */
export function touched(row: ConversationRow, kind: string, content: unknown, now: number): ConversationRow {
  if (kind !== 'text') return kind === 'start' || kind === 'join' || kind === 'file' ? { ...row, lastAt: now } : row;
  const text = (content as ContentOf<'text'>).text;
  return { ...row, lastAt: now, preview: [...text].slice(0, PREVIEW).join('') };
}

/**
 * Signs a stored intent, if there is anybody to receive it.
 * @returns the signed row and the conversation; null: nobody yet
 */
export async function signIntent(
  context: EngineContext,
  step: Step,
  conversation: ConversationRow,
  row: MessageRow,
  directory: OpenDirectory,
): Promise<{ message: MessageRow; conversation: ConversationRow } | null> {
  const { crypto, self, side, desk, ports } = context;
  const chained = row.audience === 'direct' ? null : row.audience;
  const to = chained === null ? row.to : recipientsOf(conversation, chained, { side, self: self.id, directory });
  if (to.length === 0) return null;
  const link = chained === null ? null : ownLink(conversation, chained, ports.random(8));
  const message = {
    id: row.id,
    desk,
    conversation: conversation.id,
    from: self.id,
    to: [...to],
    audience: row.audience,
    chain: link?.chain ?? null,
    seq: link?.seq ?? null,
    previous: link?.previous ?? null,
    seen: chained === null ? [] : seenBy(conversation, chained),
    directory: referenceOf(directory),
    at: row.at,
    ...bodyOf(row.kind, decodeCbor(row.content, MAX_MESSAGE)),
  } as Message;
  const pair = await signMessage({ crypto, device: self, message });
  const hash = hashOfSigned(pair);
  const signed: MessageRow = { ...row, pair, to: [...to], pending: [...to] };
  await step.put(ROWS.message, [conversation.id, row.order], signed);
  await step.put(ROWS.messagePlace, ['message', self.id, row.id], {
    conversation: conversation.id,
    order: row.order,
    hash,
  });
  if (link === null || chained === null) return { message: signed, conversation };
  const next = await extendOwn(step, conversation, { device: self.id, audience: chained, link, hash });
  return { message: signed, conversation: next };
}
