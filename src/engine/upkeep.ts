/**
 * What time brings: sending again what did not arrive, giving up what is too old, forgetting keys. Done by the leading
 * tab every half minute. docs/protocol.md §14.3, §14.7, §15.2.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/text.ts';
import { union, without } from './byte-sets.ts';
import { mayDo } from './backoff.ts';
import { stepOf, type EngineContext } from './context.ts';
import { forgetConversation } from './conversation-keeper.ts';
import { isGone } from './conversation-record.ts';
import { isResting } from './reach.ts';
import { ROWS, type MessageRow, type SessionRow } from './rows.ts';
import { deleteSession, sessionsWith, sessionToSendOn, setAside } from './session-keeper.ts';
import type { Step } from './step.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const FIRST_RETRY = 2 * MINUTE;
const SECOND_RETRY = 10 * MINUTE;
const GIVE_UP = 30 * DAY;
const RELEASED_LIFE = DAY;
const SESSION_LIFE = 14 * DAY;
const BUNDLE_LIFE = 35 * DAY;
/** Messages looked at in one step, so that no step holds the lock for long. */
const BATCH = 32;

/** Sessions by conversation and device, as long as a step lasts: reading them is what costs. */
type KnownSessions = Map<string, readonly SessionRow[]>;

interface Place {
  readonly conversation: Uint8Array;
  readonly order: number;
}

/** Marks what has to be sent again, and gives up what is too old. @throws ChatError of the store */
export async function tendMessages(context: EngineContext): Promise<void> {
  const work = (await context.store.list(ROWS.work, { prefix: ['work'] })).map(({ value }) => value);
  for (let i = 0; i < work.length; i += BATCH) {
    await stepOf(context, async (step) => {
      const known: KnownSessions = new Map();
      for (const place of work.slice(i, i + BATCH)) await tendMessage(context, step, place, known);
    });
  }
}

async function tendMessage(
  context: EngineContext,
  step: Step,
  { conversation, order }: Place,
  known: KnownSessions,
): Promise<void> {
  const now = context.ports.clock.now();
  const message = await step.get(ROWS.message, [conversation, order]);
  const row = await step.get(ROWS.conversation, [conversation]);
  if (message === undefined || row === undefined) return step.remove(ROWS.work, ['work', order]);
  if (message.pair === null) return;
  // Who is no longer in force or has left will not acknowledge.
  const open = without(message.to, message.delivered).filter((device) => !isGone(row, message, device));
  if (open.length === 0 || now - message.at > GIVE_UP) return giveUp(step, message, open.length > 0);
  let after = message;
  for (const device of without(open, message.pending)) after = await tendCopy(step, after, device, now, known);
  if (after !== message) await step.put(ROWS.message, [conversation, order], after);
  if (after.pending.every((device) => isResting(context, device))) return;
  // Also those that had to wait for somebody: the pump looks at them again.
  if ((await step.get(ROWS.todo, ['todo', order])) === undefined)
    await step.put(ROWS.todo, ['todo', order], { conversation, order });
}

/** What nobody can acknowledge any more, or nobody did in time, is not looked at again. */
async function giveUp(step: Step, message: MessageRow, late: boolean): Promise<void> {
  const { conversation, order } = message;
  await step.remove(ROWS.work, ['work', order]);
  if (message.state === 'hidden') {
    await step.remove(ROWS.messagePlace, ['message', message.from, message.id]);
    return step.remove(ROWS.message, [conversation, order]);
  }
  const failed = late && message.delivered.length === 0;
  const state = failed ? 'failed' : message.state;
  await step.put(ROWS.message, [conversation, order], { ...message, pending: [], state });
}

/** One recipient's copy: to be made again when the recipient was heard from and it is still not acknowledged (§15.2). */
async function tendCopy(
  step: Step,
  message: MessageRow,
  device: Uint8Array,
  now: number,
  known: KnownSessions,
): Promise<MessageRow> {
  const copies = message.frames.filter((frame) => equal(frame.device, device));
  const last = copies.at(-1);
  if (last === undefined) return message;
  const again = (): MessageRow => ({ ...message, pending: union(message.pending, [device]) });
  const name = `${toHex(message.conversation)} ${toHex(device)}`;
  const sessions = known.get(name) ?? (await sessionsWith(step, message.conversation, device));
  known.set(name, sessions);
  if (sessions.find((session) => equal(session.id, last.session))?.status === 'retired') return again();
  // What the relay has not taken yet is still on its way.
  if (!last.accepted) return message;
  if (last.heardAt === null) {
    const heard = sessions.some((session) => session.confirmed && session.lastAt > last.at);
    if (!heard) return message;
    const frames = message.frames.map((frame) => (frame === last ? { ...frame, heardAt: now } : frame));
    return { ...message, frames };
  }
  if (copies.length === 1) return now - last.heardAt >= FIRST_RETRY ? again() : message;
  if (now - last.heardAt < SECOND_RETRY || !(await mayDo(step, 'renew', message.conversation, device, now)))
    return message;
  await setAside(step, message.conversation, device, 'retired', now);
  known.delete(name);
  return again();
}

/** Forgets sessions, bundles and notes whose time is over. @throws ChatError of the store */
export async function tidy(context: EngineContext): Promise<void> {
  const rows = (await context.store.list(ROWS.conversation, { prefix: [] })).map(({ value }) => value);
  for (const { id } of rows) await stepOf(context, (step) => tidyConversation(context, step, id));
  await stepOf(context, (step) => tidyBundles(context, step));
}

async function tidyConversation(context: EngineContext, step: Step, id: Uint8Array): Promise<void> {
  const row = await step.get(ROWS.conversation, [id]);
  if (row === undefined) return;
  const now = context.ports.clock.now();
  const sessions: SessionRow[] = await step.list(ROWS.session, [id]);
  for (const session of sessions) {
    if (isOver(session, now, row.state === 'ended', sessions)) await deleteSession(step, session);
  }
  if (context.side === 'desk' && row.state === 'waiting' && now - row.lastAt > GIVE_UP)
    await forgetConversation(step, row);
}

function isOver(session: SessionRow, now: number, ended: boolean, all: readonly SessionRow[]): boolean {
  if (session.status === 'released') return now - (session.asideAt ?? session.lastAt) > RELEASED_LIFE;
  if (now - session.lastAt <= SESSION_LIFE) return false;
  return ended || sessionToSendOn(all.filter(({ peer }) => equal(peer, session.peer))) !== session;
}

async function tidyBundles(context: EngineContext, step: Step): Promise<void> {
  const now = context.ports.clock.now();
  const newest = await step.get(ROWS.directory, ['directory']);
  for (const held of await step.list(ROWS.bundle, [])) {
    if (now - held.at > BUNDLE_LIFE && newest !== undefined && !equal(newest.bundle, held.bundle))
      await step.remove(ROWS.bundle, [held.version, held.renewal]);
  }
}
