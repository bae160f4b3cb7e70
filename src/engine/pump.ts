/**
 * What moves messages out: choosing who is asked, signing, encrypting, acknowledging, sending. Run by the leading tab
 * whenever there may be something to do; everything it works on is in the store. docs/protocol.md §14.1, §15.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { isFresh } from '../identity/directory-order.ts';
import type { OpenDirectory } from '../identity/directory.ts';
import { union } from './byte-sets.ts';
import { stepOf, type EngineContext } from './context.ts';
import { forgetConversation, RELEASED } from './conversation-keeper.ts';
import { heldDirectory } from './directory-keeper.ts';
import { fanOut } from './fan-out.ts';
import { signIntent } from './outgoing.ts';
import { flushOutbox } from './outbox.ts';
import { payReceipts } from './receipts.ts';
import { ROWS } from './rows.ts';
import { askMembers } from './selection.ts';
import { codeOf } from '../errors.ts';

/** Does all that can be done now. @throws ChatError of the relay and the store; it can simply be run again */
export async function pump(context: EngineContext): Promise<void> {
  const directory = await stepOf(context, (step) => heldDirectory(context, step));
  if (directory === null || !isFresh(directory, context.ports.clock.now())) return;
  // What was made before goes first.
  await flushOutbox(context);
  await askMembers(context, directory);
  await signAll(context, directory);
  await encryptAll(context, directory);
  await payReceipts(context, directory);
  await flushOutbox(context);
  await finishEnded(context);
}

async function signAll(context: EngineContext, directory: OpenDirectory): Promise<void> {
  const stuck: Uint8Array[] = [];
  for (const { conversation, order } of await workRows(context)) {
    // In the order of the intents: one that has nobody to go to holds back those behind it.
    if (stuck.some((id) => equal(id, conversation))) continue;
    const signed = await stepOf(context, async (step) => {
      const row = await step.get(ROWS.conversation, [conversation]);
      const message = await step.get(ROWS.message, [conversation, order]);
      if (row === undefined || message === undefined) {
        await step.remove(ROWS.work, ['work', order]);
        return true;
      }
      if (message.pair !== null) return true;
      const done = await signIntent(context, step, row, message, directory);
      if (done !== null) await step.put(ROWS.conversation, [conversation], done.conversation);
      return done !== null;
    });
    if (!signed) stuck.push(conversation);
  }
}

async function encryptAll(context: EngineContext, directory: OpenDirectory): Promise<void> {
  const waiting: { conversation: Uint8Array; devices: Uint8Array[] }[] = [];
  for (const place of await workRows(context)) {
    const message = (await context.store.get(ROWS.message, [place.conversation, place.order]))?.value;
    if (message === undefined || message.pair === null || message.pending.length === 0) continue;
    const known = waiting.find((other) => equal(other.conversation, place.conversation));
    const unreachable = await fanOut(context, directory, place, known?.devices ?? []);
    if (unreachable.length === 0) continue;
    const devices = union(
      known?.devices ?? [],
      unreachable.map(({ device }) => device),
    );
    if (known === undefined) waiting.push({ conversation: place.conversation, devices });
    else known.devices = devices;
  }
}

/** Tells the relay what has ended, and forgets what another member took. */
async function finishEnded(context: EngineContext): Promise<void> {
  const rows = (await context.store.list(ROWS.conversation, { prefix: [] })).map(({ value }) => value);
  for (const row of rows.filter(({ state, finished }) => state === 'ended' && !finished)) {
    const released = row.notices.includes(RELEASED);
    if (!released) {
      try {
        await context.relay.request('finish', { conversation: row.id });
      } catch (error) {
        // Someone else has told it already, or it never waited: there is nothing to tell.
        if (codeOf(error) !== 'conversation-unknown' && codeOf(error) !== 'forbidden') throw error;
      }
    }
    await stepOf(context, async (step) => {
      const now = await step.get(ROWS.conversation, [row.id]);
      if (now === undefined) return;
      if (released) await forgetConversation(step, now);
      else await step.put(ROWS.conversation, [row.id], { ...now, finished: true });
    });
  }
}

async function workRows(context: EngineContext): Promise<{ conversation: Uint8Array; order: number }[]> {
  return (await context.store.list(ROWS.work, { prefix: ['work'] })).map(({ value }) => value);
}
