/**
 * Asking for a new session, and making one when asked. docs/protocol.md §16.
 * @module
 */
import { compare, equal } from '../bytes/bytes.ts';
import { ChatError, peerError } from '../errors.ts';
import { deviceIdOf } from '../identity/device.ts';
import { memberById } from '../identity/directory.ts';
import { createReset, encodeReset, openReset, readReset } from '../protocol/reset.ts';
import type { OpenPrekey } from '../protocol/prekey.ts';
import { union } from './byte-sets.ts';
import { mayDo } from './backoff.ts';
import { stepOf, type EngineContext } from './context.ts';
import { heldDirectory } from './directory-keeper.ts';
import { startSession } from './fan-out.ts';
import { nextOrder } from './outgoing.ts';
import { fetchPrekeys, wasUsed } from './prekey-keeper.ts';
import { ROWS, type SessionRow } from './rows.ts';
import { aside, saveSession, sessionById, setAside, stateOf } from './session-keeper.ts';
import type { Step } from './step.ts';

const HOUR = 3_600_000;
const MAX_STRANGERS = 60;
/** Failures of the connection: the same request may succeed on the next one. */
const TRANSIENT = new Set(['relay-disconnected', 'relay-timeout', 'unavailable']);

/** Asks a device for a new session, if the limits allow. The session, if it is here, is retired. */
export async function askForSession(
  context: EngineContext,
  step: Step,
  about: { conversation: Uint8Array; session: Uint8Array; peer: Uint8Array; frameHashes: readonly Uint8Array[] },
): Promise<void> {
  const { crypto, ports, self, desk } = context;
  const now = ports.clock.now();
  const conversation = await step.get(ROWS.conversation, [about.conversation]);
  if (conversation?.state === 'ended' || !(await mayDo(step, 'reset', about.conversation, about.peer, now))) return;
  // Everybody can send hellos that do not open, of ever new conversations.
  if (conversation === undefined && !(await mayAskStranger(context, step, now))) return;
  const { signed, fresh } = await createReset({
    crypto,
    random: ports.random,
    self,
    desk,
    conversation: about.conversation,
    session: about.session,
    peerId: about.peer,
    frameHashes: [...about.frameHashes].sort(compare).slice(0, 8),
    now,
  });
  await step.put(ROWS.prekey, ['own', fresh.id], {
    id: fresh.id,
    kind: 'one-time',
    seed: fresh.seed,
    notAfter: fresh.notAfter,
    madeAt: now,
    signed: fresh.signed,
    published: true,
  });
  const known = await sessionById(step, about.session);
  if (known !== undefined) {
    await saveSession(step, aside(known, 'retired', now));
    await sendAgain(step, known.conversation, known.peer);
  }
  const order = await nextOrder(step);
  await step.put(ROWS.outbox, [order], {
    order,
    to: about.peer,
    kind: 'reset',
    bytes: encodeReset(signed),
    conversation: about.conversation,
    message: null,
    at: now,
  });
}

/** Resets in conversations that are not known here: so many an hour. */
async function mayAskStranger({ self }: EngineContext, step: Step, now: number): Promise<boolean> {
  const key = ['backoff', 'strangers', self.id, self.id];
  const before = await step.get(ROWS.backoff, key);
  const row = before === undefined || Math.abs(now - before.at) > HOUR ? { times: 0, at: now } : before;
  if (row.times >= MAX_STRANGERS) return false;
  await step.put(ROWS.backoff, key, { ...row, times: row.times + 1 });
  return true;
}

/**
 * Answers a reset: a new session with the offered key, in which everything undelivered is sent again.
 * @throws ChatError `session-unknown`, `reset-…`, `prekey-…`: nothing has changed then; of the relay and the store
 */
export async function receiveReset(context: EngineContext, bytes: Uint8Array): Promise<void> {
  const { crypto, ports, self } = context;
  const { signed, reset } = readReset(bytes);
  const now = ports.clock.now();
  const checked = await stepOf(context, async (step) => {
    const session = await sessionById(step, reset.session);
    if (session === undefined) throw peerError('session-unknown', 'a reset of a session that is not here');
    const conversation = await step.get(ROWS.conversation, [session.conversation]);
    if (conversation === undefined || conversation.state === 'ended')
      throw peerError('session-unknown', 'a reset in an ended conversation');
    const hashes = await undelivered(step, session);
    const fresh = await openReset({
      crypto,
      signed,
      self,
      session: stateOf(session),
      repeated: session.wasReset,
      outstanding: (hash) => hashes.some((other) => equal(other, hash)),
      used: (prekey) => wasUsed(step, prekey),
      now,
    });
    return { session, fresh };
  });
  const key = stateOf(checked.session).peerKey;
  const prekeys = await fetchPrekeys(context, checked.session.peer, key).catch((error: unknown) => {
    // With the connection everything comes again. Prekeys that cannot be had must not keep the rest of the mail waiting.
    if (!(error instanceof ChatError) || TRANSIENT.has(error.code)) throw error;
    return null;
  });
  await stepOf(context, (step) =>
    renew(context, step, reset.session, prekeys === null ? null : { ...prekeys, oneTime: checked.fresh }),
  );
}

/** Marks everything sent to a device in a conversation and not delivered as to be encrypted again. */
export async function sendAgain(step: Step, conversation: Uint8Array, peer: Uint8Array): Promise<void> {
  for (const work of await step.list(ROWS.work, ['work'])) {
    if (!equal(work.conversation, conversation)) continue;
    const row = await step.get(ROWS.message, [conversation, work.order]);
    if (
      row === undefined ||
      row.pair === null ||
      !row.to.some((to) => equal(to, peer)) ||
      row.delivered.some((to) => equal(to, peer))
    )
      continue;
    await step.put(ROWS.message, [conversation, work.order], { ...row, pending: union(row.pending, [peer]) });
    await step.put(ROWS.todo, ['todo', work.order], work);
  }
}

async function renew(
  context: EngineContext,
  step: Step,
  id: Uint8Array,
  prekeys: { key: Uint8Array; signed: OpenPrekey; oneTime: OpenPrekey } | null,
): Promise<void> {
  const session = await sessionById(step, id);
  const conversation = session && (await step.get(ROWS.conversation, [session.conversation]));
  if (session === undefined || conversation === undefined || session.wasReset) return;
  const directory = await heldDirectory(context, step);
  const isCustomer = equal(session.peer, deviceIdOf(conversation.customer));
  if (directory === null || (!isCustomer && memberById(directory, session.peer) === undefined)) return;
  const now = context.ports.clock.now();
  await saveSession(step, { ...aside(session, 'retired', now), wasReset: true });
  // Of the others the peer may know as little as of this one.
  await setAside(step, session.conversation, session.peer, 'retired', now);
  await sendAgain(step, session.conversation, session.peer);
  if (prekeys === null) return;
  // Beyond the limit the messages wait until a session may be made again (`replacesReset`).
  if (await mayDo(step, 'after-reset', session.conversation, session.peer, now))
    await startSession(context, step, conversation, prekeys);
}

/** Hashes of frames sent in the session whose messages the peer has not acknowledged, and of the latest receipts. */
async function undelivered(step: Step, session: SessionRow): Promise<Uint8Array[]> {
  const hashes: Uint8Array[] = [...session.transients];
  for (const work of await step.list(ROWS.work, ['work'])) {
    if (!equal(work.conversation, session.conversation)) continue;
    const row = await step.get(ROWS.message, [work.conversation, work.order]);
    if (row === undefined || row.delivered.some((device) => equal(device, session.peer))) continue;
    for (const frame of row.frames) if (equal(frame.session, session.id)) hashes.push(frame.hash);
  }
  return hashes;
}
