/**
 * Acknowledgements: what this device owes, and what it is told. docs/protocol.md §15.1.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { ChatError } from '../errors.ts';
import { deviceIdOf } from '../identity/device.ts';
import { memberById, type OpenDirectory } from '../identity/directory.ts';
import { sortedIds } from '../protocol/head.ts';
import type { ContentOf } from '../protocol/kinds.ts';
import { couldDo, mayDo } from './backoff.ts';
import { union, without } from './byte-sets.ts';
import { stepOf, type EngineContext } from './context.ts';
import { isGone, owing } from './conversation-record.ts';
import { startSession } from './fan-out.ts';
import { fetchPrekeys } from './prekey-keeper.ts';
import { ROWS, type ConversationRow, type MessageRow } from './rows.ts';
import { isResting, rest } from './reach.ts';
import { replacesReset, sessionsWith } from './session-keeper.ts';
import type { Step } from './step.ts';
import { sendTransient } from './transient.ts';

const MAX_IDS = 256;
/** How long after a session was set aside a new one is left to the other side, ms. */
const PATIENCE = 60_000;

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
  const owed = (await context.store.list(ROWS.owe, { prefix: ['owe'] })).map(({ value }) => value);
  for (const { conversation } of owed) {
    const unpaid = await stepOf(context, (step) => payOne(context, step, conversation, directory));
    let made = false;
    for (const device of unpaid) made = (await makeSession(context, conversation, device, directory)) || made;
    if (made) await stepOf(context, (step) => payOne(context, step, conversation, directory));
  }
}

/**
 * A device that only listens has to make a session too when none is left to send on: but not before the other side had the time to
 * make one because of a reset.
 */
async function makeSession(
  context: EngineContext,
  conversation: Uint8Array,
  device: Uint8Array,
  directory: OpenDirectory,
): Promise<boolean> {
  const isDue = async (step: Step, row: ConversationRow): Promise<boolean> => {
    const sessions = await sessionsWith(step, conversation, device);
    const lostAt = Math.max(...sessions.map((session) => session.asideAt ?? Infinity));
    const now = context.ports.clock.now();
    if (row.state === 'ended' || isGone(row, { kind: 'receipt' }, device) || now - lostAt < PATIENCE) return false;
    return !replacesReset(sessions) || couldDo(step, 'after-reset', conversation, device, now);
  };
  const key = await stepOf(context, async (step) => {
    const row = await step.get(ROWS.conversation, [conversation]);
    if (row === undefined || !(await isDue(step, row))) return null;
    const isCustomer = equal(device, deviceIdOf(row.customer));
    return isCustomer ? row.customer : (memberById(directory, device)?.key ?? null);
  });
  if (key === null || isResting(context, device)) return false;
  try {
    const prekeys = await fetchPrekeys(context, device, key);
    return await stepOf(context, async (step) => {
      const row = await step.get(ROWS.conversation, [conversation]);
      if (row === undefined || !(await isDue(step, row))) return false;
      if (replacesReset(await sessionsWith(step, conversation, device)))
        await mayDo(step, 'after-reset', conversation, device, context.ports.clock.now());
      await startSession(context, step, row, prekeys);
      return true;
    });
  } catch (error) {
    // Its prekeys cannot be had, or are not right: later.
    if (!(error instanceof ChatError) || error.code === 'relay-disconnected') throw error;
    rest(context, device);
    return false;
  }
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

/** @returns the devices with whom there is no session to pay on */
async function payOne(
  context: EngineContext,
  step: Step,
  id: Uint8Array,
  directory: OpenDirectory,
): Promise<Uint8Array[]> {
  const row = await step.get(ROWS.conversation, [id]);
  if (row === undefined) {
    await step.remove(ROWS.owe, ['owe', id]);
    return [];
  }
  const later: ConversationRow['owes'] = [];
  for (const owed of row.owes) {
    const left = await payDevice(context, step, row, owed, directory);
    if (left !== null) later.push(left);
  }
  // Nothing is written when nothing could be paid, or the write would call for the next attempt.
  const unpaid = later.filter((owed) => row.owes.includes(owed)).map(({ device }) => device);
  if (later.length > 0 && later.length === row.owes.length && unpaid.length === later.length) return unpaid;
  if (later.length > 0) await step.put(ROWS.owe, ['owe', id], { conversation: id });
  else await step.remove(ROWS.owe, ['owe', id]);
  await step.put(ROWS.conversation, [id], { ...row, owes: later });
  return unpaid;
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
