/**
 * Final bytes on their way to the relay. Retries send the same bytes. docs/protocol.md §15.2, docs/relay.md §5.3.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { sendBatches } from '../wire/send-batches.ts';
import { stepOf, type EngineContext } from './context.ts';
import { ROWS, type OutboxRow } from './rows.ts';
import type { Step } from './step.ts';

/** Rows read at once. */
const CHUNK = 96;

/**
 * Sends everything in the outbox, in order. What the relay has accepted leaves it; what it cannot take now (a full mailbox, a
 * device it does not know yet) stays for the next time.
 * @throws ChatError of the relay and the store; what was accepted before stays accepted
 */
export async function flushOutbox(context: EngineContext): Promise<void> {
  let after = 0;
  for (;;) {
    const rows = (await context.store.list(ROWS.outbox, { prefix: [], after, limit: CHUNK })).map(({ value }) => value);
    if (rows.length === 0) return;
    let next = 0;
    for (const batch of sendBatches(rows.map(({ to, kind, bytes }) => ({ to, kind, bytes })))) {
      const sent = rows.slice(next, next + batch.items.length);
      next += batch.items.length;
      const { results } = await context.relay.request('send', batch);
      await stepOf(context, (step) => settleSent(step, sent, results));
    }
    after = rows.at(-1)?.order ?? after;
  }
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
