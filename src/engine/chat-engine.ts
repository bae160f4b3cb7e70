/**
 * A running engine: what widget, desk and headless agents have in common. docs/decisions/0030-one-leading-tab.md
 * @module
 */
import { fromHex, toHex } from '../bytes/text.ts';
import { usageError } from '../errors.ts';
import { formatDeskKey } from '../identity/desk-key.ts';
import { deviceKeysFrom } from '../identity/device.ts';
import { isFresh } from '../identity/directory-order.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import { stepOf, type EngineContext, type Side } from './context.ts';
import { partyOf } from './conversation-record.ts';
import { RELEASED } from './conversation-keeper.ts';
import { heldDirectory } from './directory-keeper.ts';
import { ended } from './ending.ts';
import { Leader, type Extra } from './leader.ts';
import { changesOf, jointLive } from './live-joint.ts';
import { enqueue, type Intent } from './outgoing.ts';
import type { Ports } from './ports.ts';
import { owe } from './receipts.ts';
import { connectRelay } from './relay-connection.ts';
import { ROWS, type ConversationRow, type MessageRow } from './rows.ts';
import type { SealedStore } from './sealed-store.ts';
import { SignalKeeper } from './signal-keeper.ts';
import type { Step } from './step.ts';
import { conversationView, isShown, messageView } from './view-of.ts';
import type { VaultKeeper } from './vault-keeper.ts';
import type { ChatClient, ClientStatus, ConversationView, Live, MessageView, TypingView } from './views.ts';

const MAX_TEXT_BYTES = 16_384;

export interface EngineOptions {
  readonly ports: Ports;
  readonly store: SealedStore;
  readonly crypto: PublicKeyCrypto;
  /** The device's Ed25519 seed; overwritten. */
  readonly seed: Uint8Array;
  /** The desk's root key. */
  readonly desk: Uint8Array;
  readonly side: Side;
  /** The relay's URL. */
  readonly relay: string;
  readonly receipts: boolean;
  /** What opens what is stored, for the status. */
  readonly vault: Pick<VaultKeeper, 'watch' | 'protection'>;
}

/** Starts to connect, and to lead when no other tab does. @throws ChatError `relay-insecure`, `relay-url-malformed` */
export async function startEngine(
  options: EngineOptions,
  extra: (context: EngineContext) => Extra,
): Promise<ChatEngine> {
  const { ports, store, crypto, seed, desk, side, receipts } = options;
  const self = await deviceKeysFrom(crypto, seed);
  seed.fill(0);
  const relay = connectRelay({ ports, url: options.relay, device: { keys: self, crypto, desk } });
  const openedAt = ports.clock.now();
  const context: EngineContext = { ports, store, crypto, self, desk, side, relay, receipts, openedAt };
  return new ChatEngine(context, options.vault, extra(context));
}

/** The common client, but for its vault. */
export class ChatEngine implements Omit<ChatClient, 'vault' | 'ended'> {
  readonly context: EngineContext;
  readonly status: Live<ClientStatus>;
  readonly conversations: Live<readonly ConversationView[]>;
  readonly typing: Live<readonly TypingView[]>;
  readonly #leader: Leader;
  readonly #signals: SignalKeeper;
  readonly #stops: (() => void)[] = [];

  constructor(context: EngineContext, vault: EngineOptions['vault'], extra: Extra) {
    this.context = context;
    this.#leader = new Leader(context, extra);
    this.#signals = new SignalKeeper(context);
    this.typing = this.#signals.typing;
    this.status = jointLive(
      [
        changesOf(context.relay.state),
        changesOf(this.#leader.leading),
        changesOf(this.#leader.problem),
        changesOf(this.#leader.directoryProblem),
        (changed) => context.store.watch(['self', 'outbox', 'index'], changed),
        (changed) => vault.watch(changed),
      ],
      () => this.#statusNow(vault),
    );
    this.conversations = context.store.live(['conversations'], () => this.#conversationsNow());
    this.#stops.push(context.relay.onPush('signal', ({ bytes }) => this.#signals.hear(bytes)));
    this.#leader.start();
  }

  messages(conversation: string, limit: number): Live<readonly MessageView[]> {
    const id = fromHex(conversation);
    return this.context.store.live(['messages', 'conversations', 'self'], () => this.#messagesNow(id, limit));
  }

  async sendText(conversation: string, text: string): Promise<{ message: string }> {
    const body = checkedText(text);
    const message = await this.change(conversation, async (step, row) => {
      this.#refuseUnlessSpeaking(row);
      const made = await this.say(step, row, { kind: 'text', audience: 'all', content: { text: body } });
      return { row: { ...made.conversation, draft: '' }, result: toHex(made.message.id) };
    });
    this.setTyping(conversation, false);
    return { message };
  }

  async endConversation(conversation: string): Promise<void> {
    await this.change(conversation, async (step, row) => {
      if (row.state === 'ended') return { row, result: undefined };
      this.#refuseUnlessSpeaking(row);
      const made = await this.say(step, row, { kind: 'close', audience: 'all', content: {} });
      return { row: await ended(step, made.conversation), result: undefined };
    });
  }

  async markRead(conversation: string): Promise<void> {
    const id = fromHex(conversation);
    await stepOf(this.context, async (step) => {
      const row = await step.get(ROWS.conversation, [id]);
      if (row === undefined || row.unread === 0) return;
      const fresh = (await step.list(ROWS.message, [id], row.readUpTo)).filter(
        (message) => !message.own && message.state === 'live',
      );
      let next = { ...row, unread: 0, readUpTo: Math.max(row.readUpTo, ...fresh.map(({ order }) => order)) };
      if (this.context.receipts) {
        for (const message of fresh) next = await owe(step, next, message.from, 'read', [message.id]);
      }
      await step.put(ROWS.conversation, [id], next);
    });
  }

  async saveDraft(conversation: string, text: string): Promise<void> {
    await this.change(conversation, async (_step, row) => ({ row: { ...row, draft: text }, result: undefined }));
  }

  setTyping(conversation: string, on: boolean): void {
    // Of no consequence when it fails: the next one may succeed.
    void this.#signals.say(conversation, on).catch(() => undefined);
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#leader.close();
    this.#signals.close();
    this.context.relay.close();
    return Promise.resolve();
  }

  erase(): void {
    this.context.self.seed.fill(0);
  }

  /** Messages that were not read yet, a member's in its own conversations, as they are when everything begun before is done. */
  async unread(): Promise<number> {
    const { side, self } = this.context;
    const rows = await stepOf(this.context, (step) => step.list(ROWS.conversation, []));
    return rows
      .filter(({ notices }) => !notices.includes(RELEASED))
      .filter((row) => side === 'customer' || (row.state !== 'ended' && partyOf(row, self.id)?.status === 'joined'))
      .reduce((sum, { unread }) => sum + unread, 0);
  }

  /** As the desk has signed it. */
  async deskName(): Promise<string> {
    const { store } = this.context;
    const directory = await heldDirectory(this.context, {
      get: async (table, key) => (await store.get(table, key))?.value,
    });
    return directory?.directory.name ?? 'Chat';
  }

  /** Changes a conversation in one step. @throws ChatError `conversation-unknown` (usage) */
  async change<T>(
    conversation: string,
    work: (step: Step, row: ConversationRow) => Promise<{ row: ConversationRow; result: T }>,
  ): Promise<T> {
    const id = fromHex(conversation);
    return stepOf(this.context, async (step) => {
      const before = await step.get(ROWS.conversation, [id]);
      if (before === undefined) throw usageError('conversation-unknown', 'there is no such conversation');
      const { row, result } = await work(step, before);
      await step.put(ROWS.conversation, [id], row);
      return result;
    });
  }

  /** Waits until the relay has taken a message for somebody. @returns false: not within that many ms */
  async handedOver(conversation: string, order: number, within: number): Promise<boolean> {
    const { store, ports } = this.context;
    const place = [fromHex(conversation), order];
    const message = store.live(['messages'], async () => (await store.get(ROWS.message, place))?.value);
    return new Promise((resolve) => {
      const stops: (() => void)[] = [];
      const settle = (handed: boolean): void => {
        for (const stop of stops) stop();
        resolve(handed);
      };
      stops.push(ports.clock.after(within, () => settle(false)));
      const changed = (row: MessageRow | undefined): void => {
        if (row === undefined || row.frames.some(({ accepted }) => accepted)) settle(row !== undefined);
      };
      stops.push(message.subscribe(changed, () => settle(false)));
    });
  }

  /** Stores what is to be said; the conversation's row must be written by the caller. */
  say(step: Step, row: ConversationRow, intent: Intent): ReturnType<typeof enqueue> {
    return enqueue(this.context, step, row, intent);
  }

  #refuseUnlessSpeaking(row: ConversationRow): void {
    if (row.state === 'ended') throw usageError('conversation-ended', 'the conversation has ended');
    const joined = this.context.side === 'customer' || partyOf(row, this.context.self.id)?.status === 'joined';
    if (!joined) throw usageError('conversation-not-joined', 'this device has not joined the conversation');
  }

  async #conversationsNow(): Promise<ConversationView[]> {
    const rows = (await this.context.store.list(ROWS.conversation, { prefix: [] })).map(({ value }) => value);
    return rows
      .filter(({ notices }) => !notices.includes(RELEASED))
      .sort((a, b) => b.lastAt - a.lastAt)
      .map((row) => conversationView(row, this.context.self.id));
  }

  async #messagesNow(id: Uint8Array, limit: number): Promise<MessageView[]> {
    const { store, self, ports } = this.context;
    const conversation = (await store.get(ROWS.conversation, [id]))?.value;
    if (conversation === undefined) return [];
    const directory = await heldDirectory(this.context, {
      get: async (table, key) => (await store.get(table, key))?.value,
    });
    const fresh = directory !== null && isFresh(directory, ports.clock.now());
    const views: MessageView[] = [];
    let before: number | undefined;
    while (views.length < limit) {
      const rows = (
        await store.list(ROWS.message, {
          prefix: [id],
          reverse: true,
          limit,
          ...(before === undefined ? {} : { before }),
        })
      ).map(({ value }) => value);
      views.push(...rows.filter(isShown).map((row) => messageView(row, { conversation, self: self.id, fresh })));
      before = rows.at(-1)?.order;
      if (rows.length < limit) break;
    }
    return views.slice(0, limit).reverse();
  }

  async #statusNow(vault: EngineOptions['vault']): Promise<ClientStatus> {
    const { store, relay, desk, ports } = this.context;
    const row = (await store.get(ROWS.directory, ['directory']))?.value;
    const directory = await heldDirectory(this.context, {
      get: async (table, key) => (await store.get(table, key))?.value,
    });
    const { connection, latency, problem } = relay.now;
    const fresh = directory !== null && isFresh(directory, ports.clock.now());
    const { storage, missing, problem: undone } = await vault.protection();
    const trouble = this.#leader.directoryProblem.value ?? this.#leader.problem.value ?? undone ?? problem;
    return {
      connection,
      latency,
      leader: this.#leader.leading.value,
      pending: await store.count(ROWS.outbox, { prefix: [] }),
      problem:
        trouble === null
          ? null
          : { code: trouble.code, recoverable: trouble.kind !== 'usage', details: trouble.details },
      verification: {
        state: row?.alarm === true ? 'alarm' : directory === null ? 'none' : fresh ? 'verified' : 'stale',
        deskName: directory?.directory.name ?? null,
        recorded: directory?.directory.policy.recorded ?? false,
        retentionDays: directory?.directory.policy.retentionDays ?? null,
        notice: directory?.directory.policy.notice ?? null,
        deskKey: formatDeskKey(desk),
        issuedAt: directory?.issuedAt ?? null,
        freshUntil: directory?.freshUntil ?? null,
        storage,
        missing,
      },
    };
  }
}

/** A text as it may be sent. @throws ChatError `text-empty`, `text-too-long`, `text-malformed` (usage) */
export function checkedText(text: string): string {
  if (text.trim() === '') throw usageError('text-empty', 'there is nothing to send');
  // Half of a surrogate pair has no encoding.
  if (/\p{Surrogate}/u.test(text)) throw usageError('text-malformed', 'the text is not well-formed Unicode');
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MAX_TEXT_BYTES)
    throw usageError('text-too-long', 'the text is too long', { details: { bytes, limit: MAX_TEXT_BYTES } });
  return text;
}
