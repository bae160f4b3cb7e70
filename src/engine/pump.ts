/**
 * What moves messages out: choosing who is asked, signing, encrypting, acknowledging, sending. Run by the leading tab
 * whenever there may be something to do; everything it works on is in the store. docs/protocol.md §14.1, §15.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { ChatError, codeOf } from '../errors.ts';
import { isFresh } from '../identity/directory-order.ts';
import { memberById, type OpenDirectory } from '../identity/directory.ts';
import { union } from './byte-sets.ts';
import { stepOf, type EngineContext } from './context.ts';
import { forgetConversation, isReleased } from './conversation-keeper.ts';
import { withNotice } from './conversation-record.ts';
import { heldDirectory } from './directory-keeper.ts';
import { fanOut } from './fan-out.ts';
import { signIntent } from './outgoing.ts';
import { flushOutbox } from './outbox.ts';
import { payReceipts } from './receipts.ts';
import { ROWS, type MessageRow } from './rows.ts';
import { askMembers } from './selection.ts';
import { deleteSession } from './session-keeper.ts';
import type { Step } from './step.ts';

/** What no other part of the work would fare better with. */
const FOR_ALL = new Set(['relay-disconnected', 'store-full', 'store-lost', 'vault-locked']);

interface Place {
  readonly conversation: Uint8Array;
  readonly order: number;
}

/**
 * Does all that can be done now.
 * @returns whether members were asked, so that the relay is to be told that a conversation waits
 * @throws ChatError of the relay and the store; it can simply be run again
 */
export async function pump(context: EngineContext): Promise<boolean> {
  const directory = await stepOf(context, (step) => heldDirectory(context, step));
  if (directory === null || !isFresh(directory, context.ports.clock.now())) return false;
  // Nobody listens to a member that was removed.
  if (context.side === 'desk' && memberById(directory, context.self.id) === undefined) return false;
  let asked = false;
  await eachOf([
    // What was made before goes first.
    () => flushOutbox(context),
    async () => {
      asked = await askMembers(context, directory);
    },
    () => signAll(context, directory),
    () => encryptAll(context, directory),
    () => payReceipts(context, directory),
    () => flushOutbox(context),
    () => finishEnded(context),
  ]);
  return asked;
}

/** One after another: what the relay refuses of one, or a row of one that is damaged, does not keep the others from being done. */
async function eachOf(works: readonly (() => Promise<void>)[]): Promise<void> {
  const problems: unknown[] = [];
  for (const work of works) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ChatError) || FOR_ALL.has(error.code)) throw error;
      problems.push(error);
    }
  }
  if (problems.length > 0) throw problems[0];
}

async function signAll(context: EngineContext, directory: OpenDirectory): Promise<void> {
  const stuck: Uint8Array[] = [];
  for (const place of await places(context)) {
    // In the order of the intents: one that has nobody to go to holds back those behind it.
    if (stuck.some((id) => equal(id, place.conversation))) continue;
    if (!(await stepOf(context, (step) => signOne(context, step, place, directory)))) stuck.push(place.conversation);
  }
}

/** @returns false: there is nobody to send it to yet */
async function signOne(context: EngineContext, step: Step, place: Place, directory: OpenDirectory): Promise<boolean> {
  const { conversation, order } = place;
  const row = await step.get(ROWS.conversation, [conversation]);
  const message = await step.get(ROWS.message, [conversation, order]);
  if (row === undefined || message === undefined) {
    await step.remove(ROWS.work, ['work', order]);
    await step.remove(ROWS.todo, ['todo', order]);
    return true;
  }
  if (message.pair !== null) return true;
  try {
    const done = await signIntent(context, step, row, message, directory);
    if (done !== null) await step.put(ROWS.conversation, [conversation], done.conversation);
    // Nobody was ever asked, and nobody will be.
    else if (row.state === 'ended') await giveUp(step, message);
    return done !== null || row.state === 'ended';
  } catch (error) {
    // Only a fault of ours; it must not keep everything else from being said. It throws before it has written anything.
    if (!(error instanceof ChatError) || error.kind === 'environment') throw error;
    await giveUp(step, message);
    await step.put(ROWS.conversation, [conversation], withNotice(row, 'unsendable'));
    return true;
  }
}

async function giveUp(step: Step, message: MessageRow): Promise<void> {
  const { conversation, order } = message;
  await step.put(ROWS.message, [conversation, order], { ...message, state: 'failed' });
  await step.remove(ROWS.work, ['work', order]);
  await step.remove(ROWS.todo, ['todo', order]);
}

async function encryptAll(context: EngineContext, directory: OpenDirectory): Promise<void> {
  const waiting: { conversation: Uint8Array; devices: Uint8Array[] }[] = [];
  const encrypt = async (place: Place): Promise<void> => {
    const known = waiting.find((other) => equal(other.conversation, place.conversation));
    const unreachable = await fanOut(context, directory, place, known?.devices ?? []);
    if (unreachable.length === 0) return;
    const devices = union(known?.devices ?? [], unreachable);
    if (known === undefined) waiting.push({ conversation: place.conversation, devices });
    else known.devices = devices;
  };
  await eachOf((await places(context)).map((place) => () => encrypt(place)));
}

/** Tells the relay what has ended, and forgets what another member took; sessions go when nothing is due in them any more. */
async function finishEnded(context: EngineContext): Promise<void> {
  for (const { value } of await context.store.list(ROWS.finish, { prefix: ['finish'] })) {
    const id = value.conversation;
    const row = (await context.store.get(ROWS.conversation, [id]))?.value;
    const released = row !== undefined && isReleased(row);
    if (row !== undefined && !released && !value.told) {
      try {
        await context.relay.request('finish', { conversation: id });
      } catch (error) {
        // Someone else has told it already, or it never waited: there is nothing to tell.
        if (codeOf(error) !== 'conversation-unknown' && codeOf(error) !== 'forbidden') throw error;
      }
    }
    await stepOf(context, async (step) => {
      const now = await step.get(ROWS.conversation, [id]);
      if (now !== undefined && released) return forgetConversation(step, now);
      const sessions = await step.list(ROWS.session, [id]);
      if (!(await isSettled(step, id)))
        return value.told ? undefined : step.put(ROWS.finish, ['finish', id], { conversation: id, told: true });
      for (const session of sessions) await deleteSession(step, session);
      await step.remove(ROWS.finish, ['finish', id]);
    });
  }
}

/** Whether everything sent in a conversation is acknowledged, and everything received (§14.6). */
async function isSettled(step: Step, conversation: Uint8Array): Promise<boolean> {
  if ((await step.get(ROWS.owe, ['owe', conversation])) !== undefined) return false;
  const due = [...(await step.list(ROWS.work, ['work'])), ...(await step.list(ROWS.outbox, []))];
  return !due.some((other) => equal(other.conversation, conversation));
}

/** Messages that are not signed, or not encrypted for everyone, yet: what was said before someone came goes first. */
async function places(context: EngineContext): Promise<Place[]> {
  const all = (await context.store.list(ROWS.todo, { prefix: ['todo'] })).map(({ value }) => value);
  const isHistory = await Promise.all(
    all.map(async ({ conversation, order }) => {
      const row = await context.store.get(ROWS.message, [conversation, order]);
      return row?.value.kind === 'history';
    }),
  );
  return [...all.filter((_, i) => isHistory[i]), ...all.filter((_, i) => !isHistory[i])];
}
