/**
 * Telling a joiner what was said before, and being told. docs/protocol.md §14.5.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { decodeCbor } from '../bytes/cbor.ts';
import { deviceIdOf } from '../identity/device.ts';
import { memberById, type Member, type OpenDirectory } from '../identity/directory.ts';
import type { Signed } from '../identity/signature.ts';
import type { Head } from '../protocol/head.ts';
import { openHistory } from '../protocol/history.ts';
import { bodyOf, MAX_MESSAGE, type ContentOf } from '../protocol/kinds.ts';
import { readMessage } from '../protocol/message.ts';
import { union } from './byte-sets.ts';
import { acceptLink } from './chain-keeper.ts';
import type { EngineContext } from './context.ts';
import { partyOf, underDirectory, withMember } from './conversation-record.ts';
import { allDirectories } from './directory-keeper.ts';
import { keepMessage } from './incoming-rows.ts';
import { enqueue, touched } from './outgoing.ts';
import { ROWS, type ConversationRow, type MessageRow } from './rows.ts';
import type { Step } from './step.ts';

/** Bytes of items in one message: well below the limit of a message. */
const MAX_BYTES = 64 * 1024;
const MAX_ITEMS = 128;
/** What no message can carry beside everything else that is in one. */
const MAX_ITEM = MAX_MESSAGE - 4_096;
/** Of so many senders: the keys in one message are fewer (§13). */
const MAX_KEYS = 32;

/** Queues everything of audience `all` that the device does not have, in order. */
export async function tellHistory(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  { to, have, newest }: { to: Uint8Array; have: readonly Head[]; newest: OpenDirectory },
): Promise<ConversationRow> {
  const rows = (await step.list(ROWS.message, [row.id])).filter(isTellable).sort((a, b) => a.order - b.order);
  const lacking = rows.filter((message) => !isKnown(message, have));
  const directories = await allDirectories(context, step, newest);
  let conversation = row;
  for (const batch of batches(lacking)) {
    // Without its key nobody can check a message: better to leave it out than to have all of them refused.
    const known = batch.flatMap((message) => {
      const key = keyOf(context, row, message, directories);
      return key === null ? [] : [{ key, item: message.pair as Signed }];
    });
    if (known.length === 0) continue;
    ({ conversation } = await enqueue(context, step, conversation, {
      kind: 'history',
      audience: 'direct',
      to,
      content: { items: known.map(({ item }) => item), keys: union(known.map(({ key }) => key)) },
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
  const memberWith = (key: Uint8Array): Member | undefined =>
    directories.flatMap(({ directory }) => directory.members).find((member) => equal(member.key, key));
  const items = await openHistory({
    crypto: context.crypto,
    content,
    session: { desk: context.desk, conversation: row.id, customerKey: row.customer },
    wasMember: (key) => memberWith(key) !== undefined,
    archive: memberById(newest, context.self.id)?.role === 'archive',
  });
  let next = row;
  for (const { signed, message, hash, verified } of items) {
    if ((await step.get(ROWS.messagePlace, ['message', message.from, message.id])) !== undefined) continue;
    const link = { chain: message.chain as Uint8Array, seq: message.seq as number, previous: message.previous };
    const own = equal(message.from, context.self.id);
    const key = content.keys.find((other) => equal(deviceIdOf(other), message.from));
    const author = key === undefined ? undefined : memberWith(key);
    // Who left before is named as the directory named it.
    if (author !== undefined && !own && partyOf(next, message.from) === undefined)
      next = underDirectory(withMember(next, { ...author, id: message.from }, 'left'), newest);
    const audience = message.audience === 'desk' ? 'desk' : 'all';
    if (!own) next = await acceptLink(step, next, { device: message.from, audience, link, hash });
    const isStart = message.kind === 'start' && equal(message.from, deviceIdOf(row.customer));
    if (isStart && next.topic === null) next = { ...next, topic: message.content.topic };
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
  return { ...next, preview: await previewOf(step, next) };
}

/** The start of the last live text or, if there is none, of the last one that is known from history. */
async function previewOf(step: Step, row: ConversationRow): Promise<string> {
  const texts = (await step.list(ROWS.message, [row.id]))
    .filter(({ kind, audience }) => kind === 'text' && audience === 'all')
    .sort((a, b) => a.order - b.order);
  const last =
    texts.filter(({ state }) => state === 'live').at(-1) ?? texts.filter(({ state }) => state === 'history').at(-1);
  const body = last && bodyOf('text', decodeCbor(last.content, MAX_MESSAGE));
  return body?.kind === 'text' ? touched(row, body.kind, body.content, row.lastAt).preview : row.preview;
}

function isTellable(message: MessageRow): boolean {
  const { audience, pair, state } = message;
  return audience === 'all' && state !== 'held' && pair !== null && pair[0].length <= MAX_ITEM;
}

function isKnown(message: MessageRow, have: readonly Head[]): boolean {
  const { chain, seq } = readMessage(message.pair as Signed);
  return have.some(
    (head) =>
      chain !== null && seq !== null && equal(head.device, message.from) && equal(head.chain, chain) && head.seq >= seq,
  );
}

function keyOf(
  context: EngineContext,
  row: ConversationRow,
  { from }: MessageRow,
  directories: readonly OpenDirectory[],
): Uint8Array | null {
  if (equal(from, deviceIdOf(row.customer))) return row.customer;
  if (equal(from, context.self.id)) return context.self.key;
  const members = directories.flatMap(({ directory }) => directory.members);
  return partyOf(row, from)?.key ?? members.find(({ key }) => equal(deviceIdOf(key), from))?.key ?? null;
}

function batches(rows: readonly MessageRow[]): MessageRow[][] {
  const out: MessageRow[][] = [];
  let bytes = Infinity;
  for (const message of rows) {
    const size = (message.pair as Signed)[0].length + 128;
    const last = out.at(-1);
    const senders = last === undefined ? [] : union([...last, message].map(({ from }) => from));
    if (last === undefined || bytes + size > MAX_BYTES || last.length >= MAX_ITEMS || senders.length > MAX_KEYS) {
      out.push([message]);
      bytes = size;
    } else {
      last.push(message);
      bytes += size;
    }
  }
  return out;
}
