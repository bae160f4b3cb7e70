/**
 * Final bytes on their way to the relay. Retries send the same bytes. docs/protocol.md §15.2, docs/relay.md §5.3.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/text.ts';
import { sendBatches } from '../wire/send-batches.ts';
import { stepOf, type EngineContext } from './context.ts';
import { partyOf } from './conversation-record.ts';
import { ROWS, type OutboxRow } from './rows.ts';
import type { Step } from './step.ts';

/** Rows read at once. */
const CHUNK = 96;
/** How long a device whose mail the relay did not take is left alone, ms. */
const PAUSE = 30_000;
/** What could not be handed over for so long is given up, as its message is (§15.2). */
const LIFE = 30 * 24 * 3_600_000;

/** Devices whose mail the relay did not take, and until when they are left alone. */
const paused = new WeakMap<EngineContext, Map<string, number>>();

/**
 * Sends everything in the outbox, in order. What the relay has accepted leaves it; what it cannot take now (a full mailbox, a
 * device it does not know yet) stays for a later time.
 * @throws ChatError of the relay and the store; what was accepted before stays accepted
 */
export async function flushOutbox(context: EngineContext): Promise<void> {
  const pauses = paused.get(context) ?? new Map<string, number>();
  paused.set(context, pauses);
  const now = context.ports.clock.now();
  for (const [device, until] of pauses) if (until <= now || until > now + PAUSE) pauses.delete(device);
  let after = 0;
  for (;;) {
    const rows = (await context.store.list(ROWS.outbox, { prefix: [], after, limit: CHUNK })).map(({ value }) => value);
    if (rows.length === 0) return;
    after = rows.at(-1)?.order ?? after;
    const due = (await withoutUseless(context, rows)).filter(({ to }) => !pauses.has(toHex(to)));
    let next = 0;
    for (const batch of sendBatches(due.map(({ to, kind, bytes }) => ({ to, kind, bytes })))) {
      const sent = due.slice(next, next + batch.items.length);
      next += batch.items.length;
      const { results } = await context.relay.request('send', batch);
      for (const [i, { to }] of sent.entries()) {
        if (results[i] === 'mailbox-full' || results[i] === 'device-unknown') pauses.set(toHex(to), now + PAUSE);
      }
      await stepOf(context, (step) => settleSent(step, sent, results));
    }
  }
}

/** The rows that are still to go: nothing goes to who was removed (§5.5), and nothing that is too old. */
async function withoutUseless(context: EngineContext, rows: readonly OutboxRow[]): Promise<OutboxRow[]> {
  const now = context.ports.clock.now();
  const useless: OutboxRow[] = [];
  const conversations = new Map<string, (device: Uint8Array) => boolean>();
  for (const row of rows) {
    const name = toHex(row.conversation);
    let isRemoved = conversations.get(name);
    if (isRemoved === undefined) {
      const found = (await context.store.get(ROWS.conversation, [row.conversation]))?.value;
      isRemoved = (device) => found !== undefined && partyOf(found, device)?.status === 'removed';
      conversations.set(name, isRemoved);
    }
    if (isRemoved(row.to) || now - row.at > LIFE) useless.push(row);
  }
  if (useless.length === 0) return [...rows];
  await stepOf(context, async (step) => {
    for (const { order } of useless) await step.remove(ROWS.outbox, [order]);
  });
  return rows.filter((row) => !useless.includes(row));
}

async function settleSent(step: Step, sent: readonly OutboxRow[], results: readonly string[]): Promise<void> {
  for (const [i, row] of sent.entries()) {
    // Too large can only be a fault of ours; keeping it would block nothing and help nobody.
    if (results[i] !== 'accepted' && results[i] !== 'too-large') continue;
    await step.remove(ROWS.outbox, [row.order]);
    if (results[i] === 'accepted' && row.message !== null) await markAccepted(step, row, row.message);
  }
}

async function markAccepted(step: Step, { conversation, to, at }: OutboxRow, order: number): Promise<void> {
  const message = await step.get(ROWS.message, [conversation, order]);
  if (message === undefined) return;
  const frames = message.frames.map((frame) =>
    equal(frame.device, to) && frame.at <= at ? { ...frame, accepted: true } : frame,
  );
  await step.put(ROWS.message, [conversation, order], { ...message, frames });
}
