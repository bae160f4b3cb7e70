/**
 * Deciding a frame: who sent it, which session, is it accepted. Accepted or not, it is decided once and for all, and only
 * then acknowledged to the relay. docs/protocol.md §9.2, §11.3.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { ChatError, peerError } from '../errors.ts';
import { deviceIdOf } from '../identity/device.ts';
import { memberById, type OpenDirectory } from '../identity/directory.ts';
import { decodeFrame, decryptFrame, frameHashOf, type Frame } from '../protocol/frame.ts';
import { helloOfFrame, respondSession, verifyHello, type ReadHello } from '../protocol/handshake.ts';
import type { Sender } from '../protocol/kinds.ts';
import { openMessage, readMessage } from '../protocol/message.ts';
import { outcomeOf, type Stage } from '../protocol/outcome.ts';
import { stepOf, type EngineContext } from './context.ts';
import { forgetConversation, isReleased } from './conversation-keeper.ts';
import { newConversation, underDirectory, withNotice } from './conversation-record.ts';
import { heldDirectory, namedDirectory, offerDirectory } from './directory-keeper.ts';
import { takeMessage } from './incoming-effects.ts';
import { askForSession } from './resets.ts';
import { ROWS, type ConversationRow, type SessionRow } from './rows.ts';
import { advanced, followPeer, newSessionRow, saveSession, sessionById, stateOf } from './session-keeper.ts';
import type { Step } from './step.ts';

const MAX_FAILURES = 5;
/** Conversations with one device of which a frame of an unknown session may be. */
const MAX_GUESSES = 4;

/**
 * What became of a frame. `fetch`: it needs a newer directory; nothing was stored, offer it again with one; `stranger`: the
 * same, and it is the hello of a device that the held one does not name. `unknown`: its session is not here,
 * `answerUnknownSession` may ask for a new one.
 */
export type Decision = 'accepted' | 'dropped' | 'refused' | 'fetch' | 'stranger' | 'unknown';

/** How far a frame got, for the table of §11.3. */
interface Progress {
  stage: Stage;
  session: SessionRow | null;
  hello: ReadHello | null;
  /** It begins a session with a device that is no member by the directory held. */
  stranger: boolean;
  conversation: Uint8Array | null;
  /** A directory that came in-band. */
  bundle: Uint8Array | null;
}

/**
 * Decides a frame and stores what follows from it.
 * @throws ChatError of kind `environment` or `internal` only: then nothing was decided and the frame must come again
 */
export async function receiveFrame(context: EngineContext, bytes: Uint8Array): Promise<Decision> {
  const progress: Progress = {
    stage: 'session',
    session: null,
    hello: null,
    stranger: false,
    conversation: null,
    bundle: null,
  };
  try {
    const frame = decodeFrame(bytes);
    await stepOf(context, (step) => accept(context, step, frame, progress));
  } catch (error) {
    if (!(error instanceof ChatError) || error.kind !== 'peer') throw error;
    return settle(context, bytes, error.code, progress);
  }
  if (progress.bundle !== null) await offerInBand(context, progress.bundle);
  return 'accepted';
}

/** A directory from a peer is taken if it is newer; what is wrong with it is the peer's affair, but an equivocation is told (§5.2). */
async function offerInBand(context: EngineContext, bundle: Uint8Array): Promise<void> {
  try {
    await offerDirectory(context, bundle);
  } catch (error) {
    if (!(error instanceof ChatError) || error.kind !== 'peer') throw error;
  }
}

async function accept(context: EngineContext, step: Step, frame: Frame, progress: Progress): Promise<void> {
  const { crypto, self, ports } = context;
  const newest = await heldDirectory(context, step);
  if (newest === null) throw new ChatError('environment', 'directory-missing', 'no directory yet');
  const known = await sessionById(step, frame.session);
  progress.session = known ?? null;
  progress.stage = known === undefined ? 'hello' : 'session';
  const opened =
    known === undefined
      ? await openHello(context, step, frame, newest, progress)
      : { session: known, conversation: await conversationOf(step, known) };
  progress.conversation = opened.conversation.id;
  const state = stateOf(opened.session);
  const now = ports.clock.now();
  const decrypted = await decryptFrame({ crypto, self, session: state, frame, now });
  progress.stage = 'message';
  const senderRole = roleOf(opened.conversation, newest, state.peerKey);
  if (senderRole === null) throw peerError('message-sender', 'the sender is no member any more');
  const { directory } = readMessage(decrypted.message);
  const open = await openMessage({
    crypto,
    signed: decrypted.message,
    private: decrypted.private,
    session: state,
    self,
    senderRole,
    newest,
    named: await namedDirectory(context, step, directory),
  });
  const isLater = (decrypted.session.receiving?.epoch ?? 0) > (state.receiving?.epoch ?? 0);
  const session: SessionRow = {
    ...advanced(opened.session, decrypted.session),
    failures: [],
    // What the peer has seen of ours when it opened its epoch is not outstanding any more (§16).
    transients: isLater ? [] : opened.session.transients,
    lastAt: now,
  };
  await saveSession(step, session);
  await followPeer(step, session, now);
  await takeMessage(context, step, opened.conversation, {
    ...open,
    signed: decrypted.message,
    sender: opened.session.peer,
    senderKey: state.peerKey,
    senderRole,
    newest,
  });
  if (open.message.kind === 'directory') progress.bundle = open.message.content.bundle;
}

/** Answers a hello; what it used up goes with the same commit as what its frame brought. */
async function openHello(
  context: EngineContext,
  step: Step,
  frame: Frame,
  newest: OpenDirectory,
  progress: Progress,
): Promise<{ session: SessionRow; conversation: ConversationRow }> {
  const { crypto, self, desk, side, ports } = context;
  const { header } = helloOfFrame(frame);
  const read = await verifyHello({ crypto, self, desk, header });
  const { hello, transcript } = read;
  const stored = await conversationFor(step, hello.conversation);
  if (side === 'customer' && (stored === undefined || !equal(hello.customer, self.key)))
    throw peerError('conversation-foreign', 'a conversation that was not made here');
  if (stored?.state === 'ended') throw peerError('conversation-foreign', 'the conversation has ended');
  const isMember = (key: Uint8Array): boolean => memberById(newest, deviceIdOf(key)) !== undefined;
  if (isMember(hello.customer)) throw peerError('handshake-sender', 'a member cannot be the customer');
  progress.stranger = !equal(hello.initiator, hello.customer) && !isMember(hello.initiator);
  if (progress.stranger) throw peerError('handshake-sender', 'the initiator is no member in force');
  const now = ports.clock.now();
  // From here on the signature and the pairing are known to be right: a reset may answer what fails.
  progress.hello = read;
  progress.conversation = hello.conversation;
  if ((await step.get(ROWS.replay, ['hello', transcript])) !== undefined)
    throw peerError('handshake-replayed', 'a hello that was answered before');
  const signedPrekey = await step.get(ROWS.prekey, ['own', hello.signedPrekey]);
  const oneTime = hello.oneTime === null ? null : await step.get(ROWS.prekey, ['own', hello.oneTime]);
  if (signedPrekey?.kind !== 'signed' || oneTime === undefined || (oneTime !== null && oneTime.kind !== 'one-time')) {
    throw peerError('prekey-unknown', 'the secret of a prekey is not here');
  }
  const state = await respondSession({
    crypto,
    self,
    desk,
    header,
    signedPrekeySeed: signedPrekey.seed,
    oneTimeSeed: oneTime?.seed ?? null,
  });
  if (oneTime !== null) await step.remove(ROWS.prekey, ['own', oneTime.id]);
  await step.put(ROWS.replay, ['hello', transcript], { transcript, until: signedPrekey.notAfter + 24 * 3_600_000 });
  const fresh = newConversation({
    id: hello.conversation,
    customer: hello.customer,
    salt: hello.salt,
    topic: null,
    now,
  });
  return { session: newSessionRow(state, now), conversation: stored ?? underDirectory(fresh, newest) };
}

/** Keeps what §11.3 wants kept of a frame that was not accepted. */
async function settle(context: EngineContext, bytes: Uint8Array, code: string, progress: Progress): Promise<Decision> {
  const outcome = outcomeOf(code, progress.stage);
  if (outcome === 'hold') return 'fetch';
  // It may have been enrolled since our directory was signed.
  if (progress.stranger) return 'stranger';
  if (code === 'session-unknown' && progress.hello === null) return 'unknown';
  if (outcome === 'drop') return 'dropped';
  await stepOf(context, async (step) => {
    const hash = frameHashOf(bytes);
    if (outcome === 'refused') return refuse(step, progress.conversation, code);
    const session = progress.session === null ? undefined : await sessionById(step, progress.session.id);
    if (session !== undefined) {
      const failures = session.failures.some((other) => equal(other, hash))
        ? session.failures
        : [...session.failures, hash].slice(-8);
      await saveSession(step, { ...session, failures });
      if (outcome === 'failure' && failures.length < MAX_FAILURES) return;
      return askForSession(context, step, {
        conversation: session.conversation,
        session: session.id,
        peer: session.peer,
        frameHashes: failures,
      });
    }
    if (progress.hello === null) return;
    const { hello, sessionId } = progress.hello;
    await askForSession(context, step, {
      conversation: hello.conversation,
      session: sessionId,
      peer: deviceIdOf(hello.initiator),
      frameHashes: [hash],
    });
  });
  return outcome === 'refused' ? 'refused' : 'dropped';
}

/** A frame of a session that is not here, from a device that is known: asks for a new one. */
export async function answerUnknownSession(context: EngineContext, bytes: Uint8Array, from: Uint8Array): Promise<void> {
  await stepOf(context, async (step) => {
    const frame = decodeFrame(bytes);
    if ((await sessionById(step, frame.session)) !== undefined) return;
    const directory = await heldDirectory(context, step);
    // Which conversation it was of is not known: one of the newest with this device, of those that go on. The device takes
    // the reset that names the right one.
    const candidates = (await step.list(ROWS.conversation, [])).filter(
      (row) =>
        row.state !== 'ended' && row.parties.some((party) => equal(party.device, from) && party.status !== 'removed'),
    );
    if (directory === null) return;
    for (const { id } of candidates.sort((a, b) => b.lastAt - a.lastAt).slice(0, MAX_GUESSES)) {
      const about = { conversation: id, session: frame.session, peer: from, frameHashes: [frameHashOf(bytes)] };
      await askForSession(context, step, about);
    }
  });
}

/** What is stored of a conversation. One that was released, and is asked for again, begins anew. */
async function conversationFor(step: Step, id: Uint8Array): Promise<ConversationRow | undefined> {
  const row = await step.get(ROWS.conversation, [id]);
  if (row === undefined || !isReleased(row)) return row;
  await forgetConversation(step, row);
  return undefined;
}

async function refuse(step: Step, conversation: Uint8Array | null, code: string): Promise<void> {
  const row = conversation === null ? undefined : await step.get(ROWS.conversation, [conversation]);
  if (row !== undefined) await step.put(ROWS.conversation, [row.id], withNotice(row, `refused:${code}`.slice(0, 40)));
}

async function conversationOf(step: Step, session: SessionRow): Promise<ConversationRow> {
  const row = await step.get(ROWS.conversation, [session.conversation]);
  if (row === undefined) throw peerError('session-unknown', 'a session without its conversation');
  return row;
}

function roleOf(conversation: ConversationRow, directory: OpenDirectory, key: Uint8Array): Sender | null {
  if (equal(key, conversation.customer)) return 'customer';
  return memberById(directory, deviceIdOf(key))?.role ?? null;
}
