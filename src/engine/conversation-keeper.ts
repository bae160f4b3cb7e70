/**
 * Conversations in the store: forgetting them, and what every change of who takes part brings with it.
 * docs/protocol.md §14.2–14.4.
 * @module
 */
import { compare, equal } from '../bytes/bytes.ts';
import type { OpenDirectory } from '../identity/directory.ts';
import { memberById } from '../identity/directory.ts';
import type { Head } from '../protocol/head.ts';
import type { ContentOf } from '../protocol/kinds.ts';
import { withBaseline } from './chain-keeper.ts';
import type { EngineContext } from './context.ts';
import { joinedMembers, knownHeads, partyOf, settled, withMember, withStatus } from './conversation-record.ts';
import { tellHistory } from './history-keeper.ts';
import { releaseHeld } from './incoming-rows.ts';
import { enqueue } from './outgoing.ts';
import { ROWS, type ConversationRow, type MessageRow } from './rows.ts';
import { deleteSession, setAside } from './session-keeper.ts';
import type { Step } from './step.ts';

/** The notice of a conversation that another member took: it goes as soon as that is acknowledged. */
export const RELEASED = 'released';

/** A member joins: what it said before becomes live, and a customer tells everyone whom it concerns. */
export async function memberJoins(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  about: { member: Uint8Array; how: ContentOf<'join'>['how']; have: readonly Head[]; newest: OpenDirectory },
): Promise<ConversationRow> {
  const member = memberById(about.newest, about.member);
  if (member === undefined || (about.how === 'supervise' && member.role !== 'supervisor')) return row;
  const unattended = joinedMembers(row).length === 0;
  let next = settled(withMember(row, member, 'joined'));
  next = await releaseHeld(step, next, await heldOf(step, next, about.member));
  if (context.side !== 'customer') return next;
  for (const other of next.parties.filter(({ status }) => status === 'asked')) {
    ({ conversation: next } = await enqueue(context, step, next, {
      kind: 'release',
      audience: 'direct',
      to: other.device,
      content: { joined: about.member },
    }));
    next = withStatus(next, other.device, 'left');
  }
  if (about.how === 'claim' && unattended) next = await tellHistory(context, step, next, about.member, about.have);
  return announceParticipants(context, step, next);
}

/** A member leaves: a customer stops sending to it and tells the others. */
export async function memberLeaves(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  member: Uint8Array,
): Promise<ConversationRow> {
  if (partyOf(row, member)?.status !== 'joined') return row;
  const next = settled(withStatus(row, member, 'left'));
  if (context.side !== 'customer') return next;
  await setAside(step, row.id, member, 'released');
  return joinedMembers(next).length === 0 ? next : announceParticipants(context, step, next);
}

/** The customer says who takes part; for a joiner it says what it has not missed. */
export async function takeParticipants(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  content: ContentOf<'participants'>,
  newest: OpenDirectory,
): Promise<ConversationRow> {
  let next: ConversationRow = { ...row, participants: content.devices };
  for (const device of content.devices) {
    const member = memberById(newest, device);
    if (member === undefined || partyOf(next, device)?.status === 'joined') continue;
    next = withMember(next, member, 'joined');
    next = await releaseHeld(step, next, await heldOf(step, next, device));
  }
  for (const device of joinedMembers(next)) {
    if (!content.devices.some((other) => equal(other, device)) && !equal(device, context.self.id))
      next = withStatus(next, device, 'left');
  }
  return settled(row.participants === null ? await withBaseline(step, next, content.heads) : next);
}

/** Messages of a member that are kept unseen until it has joined, in the order they came. */
export async function heldOf(step: Step, row: ConversationRow, member: Uint8Array): Promise<MessageRow[]> {
  const rows = await step.list(ROWS.message, [row.id]);
  return rows.filter(({ state, from }) => state === 'held' && equal(from, member)).sort((a, b) => a.order - b.order);
}

/** Deletes a conversation with all that belongs to it. */
export async function forgetConversation(step: Step, row: ConversationRow): Promise<void> {
  for (const message of await step.list(ROWS.message, [row.id])) {
    await step.remove(ROWS.message, [row.id, message.order]);
    await step.remove(ROWS.messagePlace, ['message', message.from, message.id]);
    await step.remove(ROWS.work, ['work', message.order]);
  }
  for (const session of await step.list(ROWS.session, [row.id])) await deleteSession(step, session);
  await step.remove(ROWS.owe, ['owe', row.id]);
  await step.remove(ROWS.conversation, [row.id]);
}

async function announceParticipants(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
): Promise<ConversationRow> {
  const devices = joinedMembers(row).sort(compare);
  const heads = knownHeads(row, 'all', { self: context.self.id });
  const { conversation } = await enqueue(context, step, row, {
    kind: 'participants',
    audience: 'all',
    content: { devices, heads },
  });
  return conversation;
}
