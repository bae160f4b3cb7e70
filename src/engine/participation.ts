/**
 * Who takes part in a conversation: what members' `join`, `leave`, `transfer` and `close` and the customer's `participants`
 * do. docs/protocol.md §12.2 (participation), §14.2–14.4.
 * @module
 */
import { compare, equal } from '../bytes/bytes.ts';
import { decodeCbor } from '../bytes/cbor.ts';
import { peerError } from '../errors.ts';
import { memberById, type OpenDirectory } from '../identity/directory.ts';
import { hashOfSigned, type Signed } from '../identity/signature.ts';
import { bodyOf, MAX_MESSAGE, type Body, type ContentOf } from '../protocol/kinds.ts';
import { readMessage } from '../protocol/message.ts';
import { includes } from './byte-sets.ts';
import { acceptLink, withBaseline } from './chain-keeper.ts';
import type { EngineContext } from './context.ts';
import { joinedMembers, knownHeads, partyOf, settled, withMember, withStatus } from './conversation-record.ts';
import { ended } from './ending.ts';
import { tellHistory } from './history-keeper.ts';
import { enqueue, nextOrder, touched } from './outgoing.ts';
import { ROWS, type ConversationRow, type MessageRow } from './rows.ts';
import { setAside } from './session-keeper.ts';
import type { Step } from './step.ts';

/** More cannot be named in a message's `to` beside the archives (§21). */
const MAX_JOINED = 20;
const HELD_LIFE = 30 * 24 * 3_600_000;

/** What a member did, and the newest directory. */
export interface MemberAct {
  /** Device id. */
  readonly member: Uint8Array;
  readonly body: Body;
  /** The signed message. */
  readonly pair: Signed;
  readonly newest: OpenDirectory;
}

/**
 * Whether a `join` takes effect now, or has to wait for the `transfer` that names the joiner.
 * @throws ChatError `message-kind-forbidden` when it never can
 */
export async function isJoinDue(
  step: Step,
  row: ConversationRow,
  { member, how, newest }: { member: Uint8Array; how: ContentOf<'join'>['how']; newest: OpenDirectory },
): Promise<boolean> {
  const joined = joinedMembers(row);
  if (how === 'supervise' && memberById(newest, member)?.role !== 'supervisor')
    throw peerError('message-kind-forbidden', 'only a supervisor may join to supervise');
  if (joined.length >= MAX_JOINED && !includes(joined, member))
    throw peerError('message-kind-forbidden', 'too many have joined already');
  return how !== 'transfer' || isNamed(await step.list(ROWS.message, [row.id]), member);
}

/** What a member's message that takes effect does to the conversation; every kind but the four does nothing here. */
export async function memberActs(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  act: MemberAct,
): Promise<ConversationRow> {
  switch (act.body.kind) {
    case 'join':
      return memberJoins(context, step, row, act, act.body.content);
    case 'leave':
      return memberLeaves(context, step, row, act);
    case 'transfer':
      return memberIsCalled(context, step, row, act.body.content.device, act.newest);
    case 'close':
      return ended(step, row);
    default:
      return row;
  }
}

/** The customer says who takes part; for a joiner it says what it has not missed. */
export async function takeParticipants(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  { pair, content, newest }: { pair: Signed; content: ContentOf<'participants'>; newest: OpenDirectory },
): Promise<ConversationRow> {
  const { self } = context;
  // A relay that delivers an older one late does not bring back who has left.
  if (await isOvertaken(step, row, pair, 'participants')) return row;
  const isFirst = !includes(content.devices, self.id) || !includes(row.participants ?? [], self.id);
  let next: ConversationRow = { ...row, participants: content.devices };
  for (const device of content.devices) {
    const member = memberById(newest, device);
    // Whether this device takes part it knows best itself: its own `leave` may be on the way.
    if (member === undefined || equal(device, self.id) || partyOf(next, device)?.status === 'joined') continue;
    next = await heldTakesEffect(context, step, withMember(next, member, 'joined'), member.id, newest);
  }
  for (const device of joinedMembers(next)) {
    if (!includes(content.devices, device) && !equal(device, self.id)) next = withStatus(next, device, 'left');
  }
  // For a joiner nothing from before is missing; for the others nothing that a newcomer said on its way in: it went to the
  // customer alone. An archive misses whatever it has not.
  const before = row.participants ?? [];
  const isArchive = memberById(newest, self.id)?.role === 'archive';
  const heads = content.heads.filter(({ device }) => !isArchive && (isFirst || !includes(before, device)));
  return settled(await withBaseline(step, next, heads));
}

/** Messages of a member that are kept unseen until it has joined, in the order they came; those of 30 days ago are dropped. */
export async function heldOf(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  member: Uint8Array,
): Promise<MessageRow[]> {
  const rows = await step.list(ROWS.message, [row.id]);
  const held = rows.filter(({ state, from }) => state === 'held' && equal(from, member));
  const isOld = ({ at }: MessageRow): boolean => Math.abs(context.ports.clock.now() - at) > HELD_LIFE;
  for (const { order } of held.filter(isOld)) await step.remove(ROWS.message, [row.id, order]);
  return held.filter((message) => !isOld(message)).sort((a, b) => a.order - b.order);
}

/** A member joins: a customer tells everyone whom it concerns, and what the member said before becomes live. */
async function memberJoins(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  { member: device, newest }: Pick<MemberAct, 'member' | 'newest'>,
  { how, have }: ContentOf<'join'>,
): Promise<ConversationRow> {
  const member = memberById(newest, device);
  if (member === undefined) return row;
  const unattended = joinedMembers(row).length === 0;
  let next = settled(withMember(row, member, 'joined'));
  const tells = context.side === 'customer' || memberById(newest, context.self.id)?.role === 'archive';
  if (next.state !== 'ended') {
    if (context.side === 'customer') next = await releaseOthers(context, step, next, device);
    if (tells && how === 'claim' && unattended)
      next = await tellHistory(context, step, next, { to: device, have, newest });
    if (context.side === 'customer') next = await announceParticipants(context, step, next);
  }
  return heldTakesEffect(context, step, next, device, newest);
}

/** A member leaves: a customer stops sending to it and tells the others. */
async function memberLeaves(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  { member, pair }: MemberAct,
): Promise<ConversationRow> {
  // It has joined again since: the relay has delivered the `leave` late.
  if (await isOvertaken(step, row, pair, 'join')) return row;
  const next = settled(withStatus(row, member, 'left'));
  if (context.side !== 'customer') return next;
  await setAside(step, row.id, member, 'released', context.ports.clock.now());
  return next.state === 'active' ? announceParticipants(context, step, next) : next;
}

/** A participant has named who should come: if its `join` is here already, it takes effect. */
async function memberIsCalled(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  device: Uint8Array,
  newest: OpenDirectory,
): Promise<ConversationRow> {
  const held = (await heldOf(context, step, row, device)).find(({ kind }) => kind === 'join');
  if (held === undefined || partyOf(row, device)?.status === 'joined') return row;
  const live = await goLive(context, step, row, held);
  const body = bodyIn(held);
  return body.kind === 'join' ? memberJoins(context, step, live, { member: device, newest }, body.content) : live;
}

/** What was held of a member that has joined is live now, in the order it came, and does what it says. */
async function heldTakesEffect(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  member: Uint8Array,
  newest: OpenDirectory,
): Promise<ConversationRow> {
  let next = row;
  for (const held of await heldOf(context, step, row, member)) {
    // What it said after a `leave` waits for its next `join`.
    if (partyOf(next, member)?.status !== 'joined') break;
    const body = bodyIn(held);
    // A `leave` of before its `join` means nothing any more.
    const isVoid = body.kind === 'leave' && (await isOvertaken(step, next, held.pair as Signed, 'join'));
    next = await goLive(context, step, next, held, isVoid ? 'hidden' : 'live');
    if (!isVoid && body.kind !== 'join')
      next = await memberActs(context, step, next, { member, body, pair: held.pair as Signed, newest });
  }
  return next;
}

/** Gives a held message its place behind all that is shown, and in its chain. */
async function goLive(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  held: MessageRow,
  state: 'live' | 'hidden' = 'live',
): Promise<ConversationRow> {
  const order = await nextOrder(step);
  const pair = held.pair as Signed;
  const { chain, seq, previous } = readMessage(pair);
  const hash = hashOfSigned(pair);
  await step.remove(ROWS.message, [row.id, held.order]);
  await step.put(ROWS.message, [row.id, order], { ...held, order, state });
  await step.put(ROWS.messagePlace, ['message', held.from, held.id], { conversation: row.id, order, hash });
  let next = row;
  if (chain !== null && seq !== null)
    next = await acceptLink(step, next, { device: held.from, audience: 'all', link: { chain, seq, previous }, hash });
  next = touched(next, held.kind, decodeCbor(held.content, MAX_MESSAGE), context.ports.clock.now());
  return held.kind === 'text' || held.kind === 'file' ? { ...next, unread: next.unread + 1 } : next;
}

/** Every other device of the first contact may forget the conversation (§14.3). */
async function releaseOthers(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  joined: Uint8Array,
): Promise<ConversationRow> {
  let next = row;
  for (const other of row.parties.filter(({ status }) => status === 'asked')) {
    ({ conversation: next } = await enqueue(context, step, next, {
      kind: 'release',
      audience: 'direct',
      to: other.device,
      content: { joined },
    }));
    next = withStatus(next, other.device, 'left');
  }
  return next;
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

/** Whether a participant's `transfer` names the member, and it has not joined since. */
function isNamed(rows: readonly MessageRow[], member: Uint8Array): boolean {
  const live = rows.filter(({ state }) => state === 'live');
  const joins = live.filter(({ kind, from }) => kind === 'join' && equal(from, member)).map(({ order }) => order);
  return live.some((row) => {
    const body = row.kind === 'transfer' && row.order > Math.max(0, ...joins) ? bodyIn(row) : null;
    return body?.kind === 'transfer' && equal(body.content.device, member);
  });
}

/** Whether a later message of this kind in the chain of the given one is live already. */
async function isOvertaken(
  step: Step,
  row: ConversationRow,
  pair: Signed,
  kind: 'participants' | 'join',
): Promise<boolean> {
  const { from, chain, seq } = readMessage(pair);
  const rows = await step.list(ROWS.message, [row.id]);
  return rows.some((other) => {
    if (other.kind !== kind || other.state !== 'live' || other.pair === null || !equal(other.from, from)) return false;
    const link = readMessage(other.pair);
    return chain !== null && seq !== null && link.chain !== null && equal(link.chain, chain) && (link.seq ?? 0) > seq;
  });
}

function bodyIn(row: MessageRow): Body {
  return bodyOf(row.kind, decodeCbor(row.content, MAX_MESSAGE));
}
