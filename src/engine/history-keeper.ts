/**
 * Telling a joiner what was said before, and being told. docs/protocol.md §14.5.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { deviceIdOf } from '../identity/device.ts';
import type { OpenDirectory } from '../identity/directory.ts';
import type { Signed } from '../identity/signature.ts';
import type { Head } from '../protocol/head.ts';
import { openHistory } from '../protocol/history.ts';
import type { ContentOf } from '../protocol/kinds.ts';
import { readMessage } from '../protocol/message.ts';
import { union } from './byte-sets.ts';
import { acceptLink } from './chain-keeper.ts';
import type { EngineContext } from './context.ts';
import { partyOf } from './conversation-record.ts';
import { allDirectories } from './directory-keeper.ts';
import { keepMessage } from './incoming-rows.ts';
import { enqueue } from './outgoing.ts';
import { ROWS, type ConversationRow, type MessageRow } from './rows.ts';
import type { Step } from './step.ts';

/** Bytes of items in one message: well below the limit of a message. */
const MAX_BYTES = 64 * 1024;
const MAX_ITEMS = 128;

/** Queues everything of audience `all` that the joiner does not have, in order. */
export async function tellHistory(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  to: Uint8Array,
  have: readonly Head[],
): Promise<ConversationRow> {
  const rows = (await step.list(ROWS.message, [row.id])).filter(isTellable).sort((a, b) => a.order - b.order);
  const lacking = rows.filter((message) => !isKnown(message, have));
  let conversation = row;
  for (const batch of batches(lacking)) {
    const keys = union(batch.map((message) => keyOf(context, row, message)).filter((key) => key !== null));
    const items = batch.map((message) => message.pair as Signed);
    ({ conversation } = await enqueue(context, step, conversation, {
      kind: 'history',
      audience: 'direct',
      to,
      content: { items, keys },
    }));
  }
  return conversation;
}

/**
 * Stores what is not here yet, marked as history.
 * @throws ChatError as `openHistory`: one wrong item refuses them all
 */
export async function takeHistory(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  content: ContentOf<'history'>,
  newest: OpenDirectory,
): Promise<ConversationRow> {
  const directories = await allDirectories(context, step, newest);
  const items = await openHistory({
    crypto: context.crypto,
    content,
    session: { desk: context.desk, conversation: row.id, customerKey: row.customer },
    wasMember: (key) => directories.some(({ directory }) => directory.members.some((member) => equal(member.key, key))),
  });
  let next = row;
  for (const { signed, message, hash, verified } of items) {
    if (
      (await step.get(ROWS.messagePlace, ['message', message.from, message.id])) !== undefined ||
      message.audience !== 'all'
    )
      continue;
    const link = { chain: message.chain as Uint8Array, seq: message.seq as number, previous: message.previous };
    const own = equal(message.from, context.self.id);
    if (!own) next = await acceptLink(step, next, { device: message.from, audience: 'all', link, hash });
    if (message.kind === 'start') next = { ...next, topic: message.content.topic };
    next = await keepMessage(step, next, message, {
      signed,
      hash,
      sender: message.from,
      state: 'history',
      notInRecord: false,
      unverified: !verified,
      own,
      now: message.at,
    });
  }
  return next;
}

function isTellable(message: MessageRow): boolean {
  return message.audience === 'all' && message.pair !== null && message.state !== 'held';
}

function isKnown(message: MessageRow, have: readonly Head[]): boolean {
  const { chain, seq } = readMessage(message.pair as Signed);
  return have.some(
    (head) =>
      chain !== null && seq !== null && equal(head.device, message.from) && equal(head.chain, chain) && head.seq >= seq,
  );
}

function keyOf(context: EngineContext, row: ConversationRow, message: MessageRow): Uint8Array | null {
  if (equal(message.from, deviceIdOf(row.customer))) return row.customer;
  if (equal(message.from, context.self.id)) return context.self.key;
  return partyOf(row, message.from)?.key ?? null;
}

function batches(rows: readonly MessageRow[]): MessageRow[][] {
  const out: MessageRow[][] = [];
  let bytes = Infinity;
  for (const message of rows) {
    const size = (message.pair as Signed)[0].length + 128;
    const last = out.at(-1);
    if (last === undefined || bytes + size > MAX_BYTES || last.length >= MAX_ITEMS) {
      out.push([message]);
      bytes = size;
    } else {
      last.push(message);
      bytes += size;
    }
  }
  return out;
}
