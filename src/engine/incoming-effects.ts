/**
 * What an accepted message does to a conversation, by its kind. docs/protocol.md §12.2, §14.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { peerError } from '../errors.ts';
import type { OpenDirectory } from '../identity/directory.ts';
import type { Signed } from '../identity/signature.ts';
import { compareReference } from '../protocol/head.ts';
import { isAcknowledged, type Sender } from '../protocol/kinds.ts';
import type { OpenMessage } from '../protocol/message.ts';
import { mayDo } from './backoff.ts';
import { union } from './byte-sets.ts';
import { acceptLink, noteHeads } from './chain-keeper.ts';
import type { EngineContext } from './context.ts';
import { RELEASED } from './conversation-keeper.ts';
import { partyOf, withNotice } from './conversation-record.ts';
import { ended } from './ending.ts';
import { takeHistory } from './history-keeper.ts';
import { keepMessage, revive } from './incoming-rows.ts';
import { enqueue } from './outgoing.ts';
import { heldOf, isJoinDue, memberActs, takeParticipants } from './participation.ts';
import { owe, takeReceipt } from './receipts.ts';
import { sendAgain } from './resets.ts';
import { ROWS, type ConversationRow } from './rows.ts';
import { aside, saveSession } from './session-keeper.ts';
import type { Step } from './step.ts';
import { tellDirectory } from './transient.ts';

const MAX_HELD = 64;
const MAX_DISOWNED = 64;

/** A message that passed §12.2 1–5, and where it came from. */
export interface Arrived extends OpenMessage {
  readonly signed: Signed;
  /** The session's peer. */
  readonly sender: Uint8Array;
  readonly senderKey: Uint8Array;
  readonly senderRole: Sender;
  readonly newest: OpenDirectory;
}

/**
 * Stores a message and does what its kind says; writes the conversation's row.
 * @throws ChatError `message-conflict` (another message with this id), `message-kind-forbidden` (a `join` that can take no
 *   effect)
 */
export async function takeMessage(
  context: EngineContext,
  step: Step,
  before: ConversationRow,
  arrived: Arrived,
): Promise<void> {
  const { message, sender, hash, newest } = arrived;
  const acknowledged = isAcknowledged(message.kind);
  const place = acknowledged ? await step.get(ROWS.messagePlace, ['message', sender, message.id]) : undefined;
  if (place !== undefined && (place.hash === null || !equal(place.hash, hash)))
    throw peerError('message-conflict', 'another message with this id is here');
  const held = await isHeld(step, before, arrived);
  // Not stored, so not acknowledged: it will come again.
  if (held && place === undefined && (await heldOf(context, step, before, sender)).length >= MAX_HELD) return;
  let row = acknowledged ? await owe(step, before, sender, 'delivered', [message.id]) : before;
  // Seen before in another session: acknowledged again, not shown again.
  if (place !== undefined && (held || !(await revive(step, place)))) return write(step, row);
  if (held) {
    row = await keep(context, step, row, arrived, 'held');
  } else {
    row = await takeHeads(context, step, row, arrived);
    if (message.audience === 'direct') await remember(step, row, arrived);
    else if (place === undefined) row = await keep(context, step, row, arrived, 'live');
    row = await act(context, step, row, arrived);
  }
  if (place === undefined) row = await tellArchives(context, step, row, arrived);
  await write(step, row);
  const comparison = compareReference(message.directory, newest);
  if (comparison === 'lower' || comparison === 'other') await tellDirectory(context, step, row, sender, newest);
}

/** What takes effect of a live message. A `directory` is taken by the caller: it has a step of its own. */
async function act(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  arrived: Arrived,
): Promise<ConversationRow> {
  const { message, signed, sender, senderRole, newest } = arrived;
  switch (message.kind) {
    case 'start':
      return { ...row, topic: message.content.topic };
    case 'close':
      return ended(step, row);
    case 'participants':
      return takeParticipants(context, step, row, { pair: signed, content: message.content, newest });
    case 'release':
      // Deleted when it is acknowledged; who has joined, even if it has left since, ignores it (§14.3).
      if (context.side !== 'desk' || partyOf(row, context.self.id) !== undefined) return row;
      return withNotice(await ended(step, row), RELEASED);
    case 'history':
      return takeHistory(context, step, row, message.content, newest);
    case 'receipt':
      await takeReceipt(step, context.self.id, sender, message.content);
      return row;
    default:
      if (senderRole === 'customer') return row;
      return memberActs(context, step, row, { member: sender, body: message, pair: signed, newest });
  }
}

/** Hands a message past the record to the archives that it left out, and says so (§12.2). */
async function tellArchives(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  { archivesMissing, signed, senderKey }: Arrived,
): Promise<ConversationRow> {
  const left = archivesMissing.filter((id) => !equal(id, context.self.id));
  if (archivesMissing.length === 0) return row;
  let next = withNotice(row, 'not-in-record');
  for (const to of left) {
    ({ conversation: next } = await enqueue(context, step, next, {
      kind: 'history',
      audience: 'direct',
      to,
      content: { items: [signed], keys: [senderKey] },
    }));
  }
  return next;
}

/** Takes a message into its chain and compares what the sender has seen with what is here. */
async function takeHeads(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  { message, sender, hash }: Arrived,
): Promise<ConversationRow> {
  if (message.kind === 'receipt') return noted(context, step, row, 'all', message.content.heads);
  if (message.audience === 'direct') return row;
  const { audience } = message;
  const link = { chain: message.chain as Uint8Array, seq: message.seq as number, previous: message.previous };
  const linked = await acceptLink(step, row, { device: sender, audience, link, hash });
  return noted(context, step, linked, audience, message.seen);
}

async function noted(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  audience: 'all' | 'desk',
  heads: OpenMessage['message']['seen'],
): Promise<ConversationRow> {
  const { row: next, strange } = await noteHeads(step, row, audience, heads, context.self.id);
  return strange.length > 0 ? beginAnew(context, step, next, strange) : next;
}

/**
 * A head names a message of this device that it does not know: its state is an older one (§11.3). It gives up the sessions
 * of the conversation that are as old, and its next message begins a new chain, so that no seq is knowingly used twice (§12.1). As anybody
 * can name such a head, it is done as rarely as resets are.
 */
async function beginAnew(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  strange: readonly Uint8Array[],
): Promise<ConversationRow> {
  const now = context.ports.clock.now();
  if (!(await mayDo(step, 'rolled-back', row.id, context.self.id, now))) return row;
  for (const session of await step.list(ROWS.session, [row.id])) {
    if (session.status !== 'open' || session.madeAt >= context.openedAt) continue;
    await saveSession(step, aside(session, 'retired', now));
    await sendAgain(step, row.id, session.peer);
  }
  const disowned = union(
    row.disowned,
    strange,
    row.own.map(({ chain }) => chain),
  ).slice(-MAX_DISOWNED);
  return withNotice({ ...row, own: [], disowned }, 'rolled-back');
}

/**
 * Messages of a member that has not joined, or has left, are kept unseen (§12.2, participation), and so is a `join` that
 * waits for a `transfer`.
 */
async function isHeld(
  step: Step,
  row: ConversationRow,
  { message, sender, senderRole, newest }: Arrived,
): Promise<boolean> {
  if (senderRole === 'customer' || message.audience !== 'all') return false;
  if (message.kind !== 'join') return partyOf(row, sender)?.status !== 'joined';
  return !(await isJoinDue(step, row, { member: sender, how: message.content.how, newest }));
}

function keep(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  arrived: Arrived,
  state: 'live' | 'held',
): Promise<ConversationRow> {
  const { message, signed, hash, sender, archivesMissing } = arrived;
  const now = context.ports.clock.now();
  return keepMessage(step, row, message, {
    signed,
    hash,
    sender,
    state,
    notInRecord: archivesMissing.length > 0,
    unverified: false,
    own: false,
    now,
  });
}

/** Direct messages that are acknowledged leave their id, so that they take effect once. */
async function remember(step: Step, row: ConversationRow, { message, sender, hash }: Arrived): Promise<void> {
  await step.put(ROWS.messagePlace, ['message', sender, message.id], { conversation: row.id, order: 0, hash });
}

async function write(step: Step, row: ConversationRow): Promise<void> {
  await step.put(ROWS.conversation, [row.id], row);
}
