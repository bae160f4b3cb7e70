/**
 * Acknowledgements: what this device owes, and what it is told. docs/protocol.md §15.1.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { deviceIdOf } from '../identity/device.ts';
import { memberById, type OpenDirectory } from '../identity/directory.ts';
import { sortedIds } from '../protocol/head.ts';
import type { ContentOf } from '../protocol/kinds.ts';
import { union, without } from './byte-sets.ts';
import { stepOf, type EngineContext } from './context.ts';
import { owing } from './conversation-record.ts';
import { ROWS, type ConversationRow, type MessageRow } from './rows.ts';
import type { Step } from './step.ts';
import { sendTransient } from './transient.ts';

const MAX_IDS = 256;

/** Notes that a device is owed an acknowledgement. The conversation row must be written by the caller afterwards. */
export async function owe(
  step: Step,
  row: ConversationRow,
  device: Uint8Array,
  what: 'delivered' | 'read',
  ids: readonly Uint8Array[],
): Promise<ConversationRow> {
  if (ids.length === 0) return row;
  await step.put(ROWS.owe, ['owe', row.id], { conversation: row.id });
  return owing(row, device, what, ids);
}

/** Turns everything owed into frames in the outbox. */
export async function payReceipts(context: EngineContext, directory: OpenDirectory): Promise<void> {
  const owed = await stepOf(context, (step) => step.list(ROWS.owe, ['owe']));
  for (const { conversation } of owed) await stepOf(context, (step) => payOne(context, step, conversation, directory));
}

/** Takes a receipt: marks messages of this device as delivered or read by the sender of the receipt. */
export async function takeReceipt(
  step: Step,
  self: Uint8Array,
  by: Uint8Array,
  content: ContentOf<'receipt'>,
): Promise<void> {
  for (const id of content.delivered) await mark(step, self, by, id, false);
  for (const id of content.read) await mark(step, self, by, id, true);
}

async function mark(step: Step, self: Uint8Array, by: Uint8Array, id: Uint8Array, read: boolean): Promise<void> {
  const place = await step.get(ROWS.messagePlace, ['message', self, id]);
  if (place === undefined) return;
  const key = [place.conversation, place.order];
  const row = await step.get(ROWS.message, key);
  // Only a recipient can acknowledge.
  if (row === undefined || !row.to.some((device) => equal(device, by))) return;
  const after: MessageRow = {
    ...row,
    delivered: union(row.delivered, [by]),
    read: read ? union(row.read, [by]) : row.read,
    pending: without(row.pending, [by]),
    frames: row.frames.map((frame) => (equal(frame.device, by) ? { ...frame, accepted: true } : frame)),
    secrets: row.secrets.filter((secret) => !equal(secret.device, by)),
  };
  const everywhere = without(after.to, after.delivered).length === 0;
  if (everywhere) await step.remove(ROWS.work, ['work', row.order]);
  if (everywhere && row.state === 'hidden') {
    // What was never for eyes has done its work.
    await step.remove(ROWS.message, key);
    await step.remove(ROWS.messagePlace, ['message', self, id]);
  } else {
    await step.put(ROWS.message, key, after);
  }
}

async function payOne(context: EngineContext, step: Step, id: Uint8Array, directory: OpenDirectory): Promise<void> {
  const row = await step.get(ROWS.conversation, [id]);
  if (row === undefined) return step.remove(ROWS.owe, ['owe', id]);
  const later: ConversationRow['owes'] = [];
  for (const owed of row.owes) {
    const left = await payDevice(context, step, row, owed, directory);
    if (left !== null) later.push(left);
  }
  // Nothing is written when nothing could be paid, or the write would call for the next attempt.
  if (later.length > 0 && later.every((owed, i) => owed === row.owes[i])) return;
  if (later.length > 0) await step.put(ROWS.owe, ['owe', id], { conversation: id });
  else await step.remove(ROWS.owe, ['owe', id]);
  await step.put(ROWS.conversation, [id], { ...row, owes: later });
}

async function payDevice(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  owed: ConversationRow['owes'][number],
  directory: OpenDirectory,
): Promise<ConversationRow['owes'][number] | null> {
  const inForce = equal(owed.device, deviceIdOf(row.customer)) || memberById(directory, owed.device) !== undefined;
  // Who is gone waits for nothing.
  if (!inForce) return null;
  const delivered = sortedIds(owed.delivered.slice(0, MAX_IDS));
  const read = sortedIds(context.receipts ? owed.read.slice(0, MAX_IDS) : []);
  if (delivered.length + read.length > 0) {
    const sent = await sendTransient(context, step, row, owed.device, directory, {
      kind: 'receipt',
      content: { delivered, read, heads: [] },
    });
    // The session is being made anew; until then it stays owed. Where none will be made, nobody waits for it.
    if (!sent) return row.state === 'ended' ? null : owed;
  }
  const rest = { device: owed.device, delivered: owed.delivered.slice(MAX_IDS), read: owed.read.slice(MAX_IDS) };
  return rest.delivered.length + rest.read.length > 0 ? rest : null;
}
