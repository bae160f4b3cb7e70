/**
 * The client of a member of the desk.
 * @module
 */
import { fromHex, toHex } from '../bytes/text.ts';
import { codeOf, peerError, usageError } from '../errors.ts';
import { deviceIdOf, deviceKeysFrom } from '../identity/device.ts';
import { memberById, type DeskMember } from '../identity/directory.ts';
import { requestEnrolment, type Invitation } from '../identity/enrolment.ts';
import { isPast } from '../identity/fields.ts';
import { fingerprintOf } from '../identity/fingerprint.ts';
import { nobleCrypto } from '../identity/noble-crypto.ts';
import { conversationIdOf } from '../protocol/conversation-id.ts';
import { equal } from '../bytes/bytes.ts';
import type { QueueEntry as RelayEntry } from '../wire/fields.ts';
import { relayOriginOf } from '../wire/relay-auth.ts';
import { startEngine, type ChatEngine } from './chat-engine.ts';
import { stepOf, type EngineContext } from './context.ts';
import { forgetConversation, isReleased } from './conversation-keeper.ts';
import {
  headsToJoinWith,
  newConversation,
  partyOf,
  settled,
  underDirectory,
  withMember,
  withStatus,
} from './conversation-record.ts';
import { commonOf } from './customer.ts';
import { DeskQueue } from './desk-queue.ts';
import { heldDirectory } from './directory-keeper.ts';
import { jointLive } from './live-joint.ts';
import type { Ports } from './ports.ts';
import type { DevicePorts } from './ports/device.ts';
import { identityOf, openProfile, storedIdentity, type Identity } from './profile.ts';
import { ROWS, type ConversationRow } from './rows.ts';
import type { Step } from './step.ts';
import type { VaultKeeper } from './vault-keeper.ts';
import type { DeskClient, DutyState, Unlocking } from './views.ts';

/** How long `leave` waits until the relay has the signed message, ms. */
const LEAVE_LIMIT = 5_000;

export interface DeskOptions {
  readonly ports: Ports;
  readonly relay: string;
  /** What this device was invited with; null: it is enrolled already, or has asked. */
  readonly invitation: Invitation | null;
  /** What the agent wants to be called; needed with an invitation. */
  readonly name: string | null;
  /** What a lock needs. */
  readonly device: DevicePorts;
  /** Idle time after which what has a lock locks itself, ms. No page goes on without PIN or passkey, unless another tab is open. */
  readonly lockAfter: number;
  /** How to open what is locked; not given: what may open by itself does. */
  readonly unlock?: Unlocking;
}

/** Whether this profile holds a desk's identity (or one that nobody can open any more: opening it says so). */
export async function findDesk(ports: Pick<Ports, 'records'>): Promise<boolean> {
  return (await ports.records.count('vault', { from: '', to: 'g', limit: 1 })) > 0;
}

/**
 * Opens the desk that is stored in this profile or, with an invitation, makes a device that asks to be enrolled.
 * @throws ChatError `desk-not-enrolled` (no identity and no invitation), `enrolment-expired`, `shape-mismatch` (the name);
 *   `relay-url-malformed`, `relay-insecure`; `vault-locked` (`details`: `{pin, passkey, unread}`): only `unlock` opens it; `vault-…`,
 *   `passkey-…`, `store-…`
 */
export async function openDeskClient(options: DeskOptions): Promise<DeskClient> {
  const { ports, relay, invitation, name } = options;
  relayOriginOf(relay);
  if (invitation === null && !(await findDesk(ports)))
    throw usageError('desk-not-enrolled', 'this browser has no desk identity and no invitation');
  if (invitation !== null && isPast(invitation.expires, ports.clock.now()))
    throw peerError('enrolment-expired', 'the invitation has expired');
  const profile = await openProfile({ ...options, kind: 'guest', tabTickets: false });
  const { keeper, store } = profile;
  try {
    const stored = await storedIdentity(store);
    if (stored === undefined && invitation === null)
      throw usageError('desk-not-enrolled', 'this browser has no desk identity and no invitation');
    const identity = stored ?? (await identityOf(ports, store, () => invited(ports, invitation as Invitation, name)));
    let queue: DeskQueue | null = null;
    const engine = await startEngine(
      {
        ports,
        store,
        crypto: nobleCrypto,
        seed: identity.seed,
        desk: identity.desk,
        side: 'desk',
        relay,
        receipts: true,
        vault: keeper,
      },
      (context) => {
        queue = new DeskQueue(context);
        return async () => askToBeEnrolled(context);
      },
    );
    return deskOf(engine, keeper, queue as unknown as DeskQueue);
  } catch (error) {
    await keeper.close();
    throw error;
  }
}

async function invited(ports: Ports, invitation: Invitation, name: string | null): Promise<Identity> {
  if (name === null) throw usageError('desk-name-missing', 'an invitation needs the name of the agent');
  const seed = ports.random(32);
  const device = await deviceKeysFrom(nobleCrypto, seed);
  const enrolment = await requestEnrolment(nobleCrypto, { invitation, device, name });
  return { seed, desk: invitation.desk, name, at: ports.clock.now(), memberSince: null, enrolment };
}

/** Sends the request as long as no directory has answered it; the relay takes the same one as often as it comes. */
async function askToBeEnrolled(context: EngineContext): Promise<void> {
  const identity = (await context.store.get(ROWS.identity, ['identity']))?.value;
  if (identity === undefined || identity.enrolment === null || context.relay.now.connection !== 'online') return;
  await context.relay.request('enrol', { desk: context.desk, request: identity.enrolment });
}

function deskOf(engine: ChatEngine, keeper: VaultKeeper, queue: DeskQueue): DeskClient {
  const { context } = engine;
  const { store, relay, self } = context;
  const duty = store.live(
    ['self'],
    async (): Promise<DutyState> => (await store.get(ROWS.duty, ['duty']))?.value.state ?? 'on',
  );
  const stopMember = followMembership(engine, queue);
  keeper.start({
    unread: () => engine.unread(),
    deskName: () => engine.deskName(),
    close: () => {
      stopMember();
      return engine.close();
    },
    erase: () => engine.erase(),
  });

  return {
    ...commonOf(engine, keeper),
    queue: queue.live,
    duty,

    membership: jointLive([(changed) => store.watch(['self'], changed)], async () => {
      const identity = await storedIdentity(store);
      const directory = await heldDirectory(context, {
        get: async (table, key) => (await store.get(table, key))?.value,
      });
      const member = directory === null ? undefined : memberById(directory, self.id);
      const state = member !== undefined ? 'member' : (identity?.memberSince ?? null) === null ? 'pending' : 'removed';
      return {
        state,
        name: member?.name ?? identity?.name ?? '',
        fingerprint: fingerprintOf(self.key),
        device: toHex(self.id),
      };
    }),

    async setDuty(state) {
      const before = (await store.get(ROWS.duty, ['duty']))?.value.state ?? 'on';
      const write = (next: DutyState) => stepOf(context, (step) => step.put(ROWS.duty, ['duty'], { state: next }));
      await write(state);
      try {
        await relay.request('duty', { state });
      } catch (error) {
        // The next connection tells it.
        if (codeOf(error) === 'relay-disconnected') return;
        await write(before);
        throw error;
      }
    },

    async claim(conversation) {
      const entry = queue.entry(conversation);
      if (entry === undefined) throw usageError('conversation-unknown', 'the conversation does not wait');
      // Before the relay gives it to us: what cannot be joined is left to others.
      await stepOf(context, (step) => joinable(context, step, entry));
      await relay.request('claim', { conversation: entry.conversation });
      await join(engine, entry);
    },

    async leave(conversation, { requeue }) {
      const order = await engine.change(conversation, async (step, row) => {
        if (row.state === 'ended') throw usageError('conversation-ended', 'the conversation has ended');
        if (partyOf(row, self.id)?.status !== 'joined')
          throw usageError('conversation-not-joined', 'this device has not joined the conversation');
        const made = await engine.say(step, row, { kind: 'leave', audience: 'all', content: {} });
        return { row: settled(withStatus(made.conversation, self.id, 'left')), result: made.message.order };
      });
      // Whoever comes next is to find that we left before: the customer tells a second one nothing of what was said.
      if (!(await engine.handedOver(conversation, order, LEAVE_LIMIT))) return;
      const tell = requeue ? 'requeue' : 'finish';
      try {
        await relay.request(tell, { conversation: fromHex(conversation) });
      } catch (error) {
        // The customer's client announces it again as well; the relay need not know of us any more.
        if (!['conversation-unknown', 'forbidden', 'relay-disconnected'].includes(codeOf(error))) throw error;
      }
    },
  };
}

/** Says the signed `join` that is the claim (§14.2). Nothing is said again by a device that has joined. */
async function join(engine: ChatEngine, entry: RelayEntry): Promise<void> {
  const { context } = engine;
  await stepOf(context, async (step) => {
    const { row, member } = await joinable(context, step, entry);
    if (partyOf(row, member.id)?.status === 'joined') return;
    const have = headsToJoinWith(row);
    const made = await engine.say(step, row, { kind: 'join', audience: 'all', content: { how: 'claim', have } });
    // What the customer says next of who takes part is this joiner's beginning (§14.3).
    const joined = { ...withMember(made.conversation, member, 'joined'), participants: null };
    await step.put(ROWS.conversation, [row.id], settled(joined));
  });
}

/**
 * The conversation that a queue entry names, as stored or new, and who would join it.
 * @throws ChatError `desk-not-enrolled`, `conversation-ended` (usage); `conversation-foreign`, `handshake-sender` when the relay
 *   names what cannot be a customer's conversation (§7, §9.2)
 */
async function joinable(
  context: EngineContext,
  step: Step,
  entry: RelayEntry,
): Promise<{ row: ConversationRow; member: DeskMember }> {
  const { self, desk, ports } = context;
  const directory = await heldDirectory(context, step);
  const member = directory === null ? undefined : memberById(directory, self.id);
  if (directory === null || member === undefined)
    throw usageError('desk-not-enrolled', 'this device is no member of the desk');
  const stored = await step.get(ROWS.conversation, [entry.conversation]);
  if (stored !== undefined && !isReleased(stored)) {
    if (stored.state === 'ended') throw usageError('conversation-ended', 'the conversation has ended');
    return { row: stored, member };
  }
  if (!equal(conversationIdOf({ desk, customerKey: entry.key, salt: entry.salt }), entry.conversation))
    throw peerError('conversation-foreign', 'the relay names a conversation that is not of its customer');
  if (memberById(directory, deviceIdOf(entry.key)) !== undefined)
    throw peerError('handshake-sender', 'the relay names a member as the customer');
  if (stored !== undefined) await forgetConversation(step, stored);
  const fresh = newConversation({
    id: entry.conversation,
    customer: entry.key,
    salt: entry.salt,
    topic: null,
    now: ports.clock.now(),
  });
  return { row: underDirectory(fresh, directory), member };
}

/** What this device has left, and could not tell the relay of then, waits for others: once the customer will hear of it first. */
async function giveBack(engine: ChatEngine, queue: DeskQueue): Promise<void> {
  const { store, relay, self } = engine.context;
  for (const { conversation } of queue.claimedBy(self.id)) {
    const row = (await store.get(ROWS.conversation, [conversation]))?.value;
    if (row === undefined || row.state === 'ended' || partyOf(row, self.id)?.status !== 'left') continue;
    const rows = (await store.list(ROWS.message, { prefix: [conversation], reverse: true })).map(({ value }) => value);
    const leave = rows.find(({ own, kind }) => own && kind === 'leave');
    if (leave === undefined || !(await engine.handedOver(toHex(conversation), leave.order, LEAVE_LIMIT))) continue;
    await relay.request('requeue', { conversation });
  }
}

/** While connected as a member: the queue is followed and the duty told, anew on every connection. */
function followMembership(engine: ChatEngine, queue: DeskQueue): () => void {
  const { context } = engine;
  const { relay, store, self } = context;
  let member = false;
  let watching = false;
  const follow = async (): Promise<void> => {
    const directory = await heldDirectory(context, { get: async (table, key) => (await store.get(table, key))?.value });
    member = directory !== null && memberById(directory, self.id) !== undefined;
    // The relay tells nothing more to who is removed; who comes back asks again.
    if (!member) watching = false;
    if (!member || watching || relay.now.connection !== 'online') return;
    watching = true;
    try {
      await queue.watch();
      const state = (await store.get(ROWS.duty, ['duty']))?.value.state ?? 'on';
      await relay.request('duty', { state });
      await giveBack(engine, queue);
    } catch (error) {
      watching = false;
      // The relay may not know yet that we are a member, or be gone: the next change or connection tries again.
      if (!['forbidden', 'relay-disconnected', 'relay-timeout', 'rate-limited'].includes(codeOf(error))) throw error;
    }
  };
  let tail = Promise.resolve();
  const later = (): void => {
    tail = tail.then(follow).catch(() => undefined);
  };
  const stops = [
    store.watch(['self'], later),
    relay.onPush('directory', later),
    relay.onOnline(() => {
      watching = false;
      later();
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
