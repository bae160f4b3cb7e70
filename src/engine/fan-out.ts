/**
 * From the signed pair to final frames: one for each recipient, in its own session, stored with the advanced ratchet
 * before anything leaves. docs/protocol.md §10.2, §14.7, §15.2.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { ChatError, codeOf } from '../errors.ts';
import { memberById, type OpenDirectory } from '../identity/directory.ts';
import { deviceIdOf } from '../identity/device.ts';
import type { Signed } from '../identity/signature.ts';
import { encryptFrame, frameHashOf } from '../protocol/frame.ts';
import { initiateSession } from '../protocol/handshake.ts';
import { decodeCbor } from '../bytes/cbor.ts';
import { isContent, isKnownKind, type PrivatePart } from '../protocol/kinds.ts';
import { couldDo, mayDo } from './backoff.ts';
import { without } from './byte-sets.ts';
import { stepOf, type EngineContext } from './context.ts';
import { isGone } from './conversation-record.ts';
import { nextOrder } from './outgoing.ts';
import { fetchPrekeys, markUsed, type FetchedPrekeys } from './prekey-keeper.ts';
import { isAway, isResting, reached, rest } from './reach.ts';
import { ROWS, type ConversationRow, type MessageRow, type SessionRow } from './rows.ts';
import {
  advanced,
  aside,
  newSessionRow,
  replacesReset,
  saveSession,
  sessionsWith,
  sessionToSendOn,
  setAside,
  stateOf,
} from './session-keeper.ts';
import type { Step } from './step.ts';

const MAX_PRIVATE = 8_192;
/** Frames remembered of one message and recipient: the newest. */
const MAX_FRAMES = 4;
/** Hashes of receipts remembered of a session: the newest. */
const MAX_TRANSIENTS = 64;

/**
 * Encrypts a message for the recipients that still lack it, but for those in `skip`. Prekeys are fetched where there is no session.
 * @returns the devices that have to wait, because no session can be made with them now; the others' copies go out all the same
 * @throws ChatError of the relay when it is not connected, and of the store
 */
export async function fanOut(
  context: EngineContext,
  directory: OpenDirectory,
  place: { conversation: Uint8Array; order: number },
  skip: readonly Uint8Array[],
): Promise<Uint8Array[]> {
  const unreachable: Uint8Array[] = [];
  const lacking = await stepOf(context, (step) => lackingSession(context, step, directory, place, skip));
  const fetched = new Map<Uint8Array, FetchedPrekeys>();
  for (const { device, key } of lacking) {
    if (key === null || isResting(context, device)) {
      unreachable.push(device);
      continue;
    }
    try {
      fetched.set(device, await fetchPrekeys(context, device, key));
      reached(context, device);
    } catch (error) {
      if (!(error instanceof ChatError) || error.code === 'relay-disconnected') throw error;
      rest(context, device);
      unreachable.push(device);
    }
  }
  const failed = await stepOf(context, async (step) => {
    const failures: Uint8Array[] = [];
    const row = await loadMessage(step, place);
    if (row === undefined) return failures;
    let { message } = row;
    for (const device of without(message.pending, [...skip, ...unreachable])) {
      const prekeys = [...fetched].find(([other]) => equal(other, device))?.[1] ?? null;
      try {
        message = await encryptFor(context, step, { ...row, message }, directory, device, prekeys);
      } catch (error) {
        // What is wrong with one device's keys keeps nothing from the others. It throws before it has written anything.
        if (!(error instanceof ChatError) || error.kind !== 'peer') throw error;
        failures.push(device);
      }
    }
    if (message !== row.message) await step.put(ROWS.message, [place.conversation, place.order], message);
    // To those that have to wait for long `tendMessages` comes back.
    if (message.pending.every((device) => isAway(context, device))) await step.remove(ROWS.todo, ['todo', place.order]);
    return failures;
  });
  for (const device of failed) rest(context, device);
  return [...unreachable, ...failed];
}

/** The recipients with whom a session must be made; `key` is null where that may not be done yet (§16). */
async function lackingSession(
  context: EngineContext,
  step: Step,
  directory: OpenDirectory,
  place: { conversation: Uint8Array; order: number },
  skip: readonly Uint8Array[],
): Promise<{ device: Uint8Array; key: Uint8Array | null }[]> {
  const row = await loadMessage(step, place);
  if (row === undefined || !mayBegin(row)) return [];
  const now = context.ports.clock.now();
  const devices: { device: Uint8Array; key: Uint8Array | null }[] = [];
  for (const device of without(row.message.pending, skip)) {
    const key = keyOf(row, directory, device);
    const sessions = await sessionsWith(step, place.conversation, device);
    if (key === null || sessionToSendOn(sessions) !== undefined) continue;
    const mayMake = !replacesReset(sessions) || (await couldDo(step, 'after-reset', place.conversation, device, now));
    devices.push({ device, key: mayMake ? key : null });
  }
  return devices;
}

/**
 * Encrypts a signed pair in a session and puts the frame into the outbox.
 * @returns the frame's hash; null: the peer's key is of no use, and the session is retired
 */
export async function sendInSession(
  context: EngineContext,
  step: Step,
  session: SessionRow,
  about: { pair: Signed; private: PrivatePart; content: boolean; message: number | null },
): Promise<Uint8Array | null> {
  const { crypto, ports, self } = context;
  const now = ports.clock.now();
  const encrypted = await encryptFrame({
    crypto,
    random: ports.random,
    self,
    session: stateOf(session),
    message: about.pair,
    private: about.private,
    content: about.content,
    now,
  }).catch((error: unknown) => {
    if (codeOf(error) === 'kem-failed') return null;
    throw error;
  });
  if (encrypted === null) {
    await saveSession(step, aside(session, 'retired', now));
    return null;
  }
  const { session: state, frame } = encrypted;
  const hash = frameHashOf(frame);
  const transients = about.message === null ? [...session.transients, hash].slice(-MAX_TRANSIENTS) : session.transients;
  await saveSession(step, { ...advanced(session, state), transients });
  const order = await nextOrder(step);
  await step.put(ROWS.outbox, [order], {
    order,
    to: session.peer,
    kind: 'frame',
    bytes: frame,
    conversation: session.conversation,
    message: about.message,
    at: now,
  });
  return hash;
}

/** Makes a session with a device and stores it. */
export async function startSession(
  context: EngineContext,
  step: Step,
  conversation: ConversationRow,
  prekeys: FetchedPrekeys,
): Promise<SessionRow> {
  const { crypto, ports, self, desk } = context;
  const now = ports.clock.now();
  const state = await initiateSession({
    crypto,
    random: ports.random,
    desk,
    conversation: conversation.id,
    customerKey: conversation.customer,
    salt: conversation.salt,
    self,
    peerKey: prekeys.key,
    signedPrekey: prekeys.signed,
    oneTime: prekeys.oneTime,
    now,
  });
  await markUsed(step, prekeys.oneTime, now);
  const row = newSessionRow(state, now);
  await saveSession(step, row);
  return row;
}

interface Loaded {
  readonly message: MessageRow;
  readonly conversation: ConversationRow;
}

async function loadMessage(
  step: Step,
  { conversation, order }: { conversation: Uint8Array; order: number },
): Promise<Loaded | undefined> {
  const message = await step.get(ROWS.message, [conversation, order]);
  const row = await step.get(ROWS.conversation, [conversation]);
  return message === undefined || row === undefined || message.pair === null
    ? undefined
    : { message, conversation: row };
}

async function encryptFor(
  context: EngineContext,
  step: Step,
  { message, conversation }: Loaded,
  directory: OpenDirectory,
  device: Uint8Array,
  prekeys: FetchedPrekeys | null,
): Promise<MessageRow> {
  const done = { ...message, pending: without(message.pending, [device]) };
  // Who is no longer in force gets nothing; who has nothing to do with an ended conversation any more neither.
  if (message.pair === null || keyOf({ message, conversation }, directory, device) === null) return done;
  const now = context.ports.clock.now();
  const sessions = await sessionsWith(step, conversation.id, device);
  let session = sessionToSendOn(sessions);
  if (session === undefined) {
    if (!mayBegin({ message, conversation })) return done;
    // The session went away between the two steps: next time.
    if (prekeys === null) return message;
    if (replacesReset(sessions) && !(await mayDo(step, 'after-reset', conversation.id, device, now))) return message;
    session = await startSession(context, step, conversation, prekeys);
  }
  const secret = message.secrets.find((other) => equal(other.device, device));
  const hash = await sendInSession(context, step, session, {
    pair: message.pair,
    private: secret === undefined ? null : (decodeCbor(secret.value, MAX_PRIVATE) as PrivatePart),
    content: isKnownKind(message.kind) && isContent(message.kind),
    message: message.order,
  });
  if (hash === null) {
    // A write, so that the pump comes back for it and makes another session.
    await step.put(ROWS.todo, ['todo', message.order], { conversation: conversation.id, order: message.order });
    return message;
  }
  // Nothing more goes to who was released; what is on its way from there is still taken (§14.3).
  if (message.kind === 'release') await setAside(step, conversation.id, device, 'released', now);
  const frame = { device, session: session.id, hash, at: now, accepted: false, heardAt: null };
  const mine = message.frames.filter((other) => equal(other.device, device)).slice(1 - MAX_FRAMES);
  const others = message.frames.filter((other) => !equal(other.device, device));
  return { ...done, frames: [...others, ...mine, frame] };
}

/** Whether a message is worth a session of its own: nobody begins one in what has ended, or to take leave in it. */
function mayBegin({ message, conversation }: Loaded): boolean {
  return conversation.state !== 'ended' && message.kind !== 'release';
}

/** The key of a recipient: the customer's, or that of a member in force; null: nobody to send to (any more). */
function keyOf({ message, conversation }: Loaded, directory: OpenDirectory, device: Uint8Array): Uint8Array | null {
  if (equal(device, deviceIdOf(conversation.customer))) return conversation.customer;
  const member = memberById(directory, device);
  return member === undefined || isGone(conversation, message, device) ? null : member.key;
}
