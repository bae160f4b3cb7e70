/**
 * What time brings: sending again what did not arrive, giving up what is too old, forgetting keys. Done by the leading
 * tab every half minute and whenever it starts. docs/protocol.md §14.3, §14.7, §15.2.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { union, without } from './byte-sets.ts';
import { mayDo } from './backoff.ts';
import { stepOf, type EngineContext } from './context.ts';
import { forgetConversation } from './conversation-keeper.ts';
import { ROWS, type MessageRow, type SessionRow } from './rows.ts';
import { deleteSession, sessionsWith, setAside } from './session-keeper.ts';
import type { Step } from './step.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const FIRST_RETRY = 2 * MINUTE;
const SECOND_RETRY = 10 * MINUTE;
const GIVE_UP = 30 * DAY;
const RELEASED_LIFE = DAY;
const SESSION_LIFE = 14 * DAY;
const BUNDLE_LIFE = 35 * DAY;

/** @throws ChatError of the store */
export async function upkeep(context: EngineContext): Promise<void> {
  const work = await stepOf(context, (step) => step.list(ROWS.work, ['work']));
  for (const place of work) await stepOf(context, (step) => tendMessage(context, step, place));
  await stepOf(context, (step) => tidy(context, step));
}

/** Marks an undelivered message for sending again where the receiver has been heard from since. */
async function tendMessage(
  context: EngineContext,
  step: Step,
  { conversation, order }: { conversation: Uint8Array; order: number },
): Promise<void> {
  const now = context.ports.clock.now();
  const message = await step.get(ROWS.message, [conversation, order]);
  const row = await step.get(ROWS.conversation, [conversation]);
  if (message === undefined || row === undefined) return step.remove(ROWS.work, ['work', order]);
  if (message.pair === null) return;
  // Who is no longer in force, and who has nothing to do with an ended conversation, will not acknowledge.
  const gone = row.parties.filter(({ status }) => status === 'removed').map(({ device }) => device);
  const open = without(message.to, union(message.delivered, gone));
  if (open.length === 0 || now - message.at > GIVE_UP) {
    await step.remove(ROWS.work, ['work', order]);
    if (message.state === 'hidden') return step.remove(ROWS.message, [conversation, order]);
    const anywhere = message.delivered.length > 0;
    return step.put(ROWS.message, [conversation, order], {
      ...message,
      pending: [],
      state: anywhere || open.length === 0 ? message.state : 'failed',
    });
  }
  let pending = message.pending;
  for (const device of without(open, message.pending)) {
    if (await isDueAgain(context, step, message, device)) pending = union(pending, [device]);
  }
  if (pending !== message.pending) await step.put(ROWS.message, [conversation, order], { ...message, pending });
}

async function isDueAgain(
  context: EngineContext,
  step: Step,
  message: MessageRow,
  device: Uint8Array,
): Promise<boolean> {
  const now = context.ports.clock.now();
  const frames = message.frames.filter((frame) => equal(frame.device, device));
  const last = frames.at(-1);
  if (last === undefined) return false;
  const sessions = await sessionsWith(step, message.conversation, device);
  const carrier = sessions.find((session) => equal(session.id, last.session));
  if (carrier?.status === 'retired') return true;
  const heard = Math.max(0, ...sessions.map(({ lastAt }) => lastAt));
  if (heard <= last.at) return false;
  if (frames.length === 1) return now - last.at >= FIRST_RETRY;
  if (now - last.at < SECOND_RETRY || !(await mayDo(step, 'renew', message.conversation, device, now))) return false;
  await setAside(step, message.conversation, device, 'retired');
  return true;
}

async function tidy(context: EngineContext, step: Step): Promise<void> {
  const now = context.ports.clock.now();
  for (const row of await step.list(ROWS.conversation, [])) {
    const sessions: SessionRow[] = await step.list(ROWS.session, [row.id]);
    for (const session of sessions) {
      const idle = now - session.lastAt;
      if (
        session.status === 'released'
          ? idle > RELEASED_LIFE
          : idle > SESSION_LIFE && (session.status === 'retired' || row.state === 'ended')
      ) {
        await deleteSession(step, session);
      }
    }
    if (context.side === 'desk' && row.state === 'waiting' && now - row.lastAt > GIVE_UP)
      await forgetConversation(step, row);
  }
  for (const held of await step.list(ROWS.bundle, [])) {
    const newest = await step.get(ROWS.directory, ['directory']);
    if (now - held.at > BUNDLE_LIFE && newest !== undefined && !equal(newest.bundle, held.bundle)) {
      await step.remove(ROWS.bundle, [held.version, held.renewal]);
    }
  }
}
