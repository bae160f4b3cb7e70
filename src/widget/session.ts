/**
 * What the element knows while its client is open: the latest answer of every live query, which conversation is on screen,
 * and the events that follow from a change.
 * @module
 */
import type {
  ClientStatus,
  ConversationView,
  CustomerClient,
  Live,
  Party,
  TypingView,
  Verification,
} from '../engine/views.ts';
import { codeOf, usageError } from '../errors.ts';
import {
  ScAgentChangeEvent,
  ScConversationEndEvent,
  ScConversationStartEvent,
  ScErrorEvent,
  ScMessageReceivedEvent,
  ScMessageSentEvent,
  ScStorageLostEvent,
  ScTypingEvent,
  ScUnreadEvent,
  ScVerificationChangeEvent,
} from '../ui/events.ts';
import { isBubble } from '../ui/transcript-rows.ts';
import { DraftKeeper } from './draft-keeper.ts';
import { STORAGE_LOST } from './storage-lost.ts';

/** What is on screen: a conversation, a new one that has no message yet, or the list. */
export type Screen =
  | { readonly name: 'conversation'; readonly id: string }
  | { readonly name: 'new'; readonly topic: string | null }
  | { readonly name: 'list' };

/** How the session reaches the element. */
export interface SessionHost {
  /** Dispatches an event on the element. */
  emit(event: Event): void;
  /** Something that is shown changed. */
  onChange(): void;
}

/** So long after its end a conversation is what a user expects to see. */
const RECENT_MS = 3_600_000;

/** Enough of the newest messages to see each one that arrives. */
const WATCHED = 50;

/** One open client. Ends with `close`. */
export class Session {
  readonly client: CustomerClient;
  /** Resolves with the first status and list of conversations. */
  readonly ready: Promise<void>;
  readonly draft: DraftKeeper;
  status: ClientStatus | null = null;
  conversations: readonly ConversationView[] | null = null;
  typing: readonly TypingView[] = [];
  screen: Screen = { name: 'new', topic: null };
  /** Code of the last thing the user asked for that failed; null once they go on. */
  failure: string | null = null;

  readonly #host: SessionHost;
  readonly #stops: (() => void)[] = [];
  readonly #watched = new Map<string, () => void>();
  #onReady!: () => void;
  /** The user or the page has chosen a screen. */
  #chosen = false;
  #openingDraft: string | null = null;
  #unread = 0;
  #agent: string | null = null;
  #problem: string | null = null;
  #sending: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(client: CustomerClient, host: SessionHost) {
    this.client = client;
    this.#host = host;
    this.ready = new Promise((resolve) => (this.#onReady = resolve));
    this.draft = new DraftKeeper(
      () => host.onChange(),
      (error) => this.report(error),
    );
    this.#turnDraft();
    this.#follow(client.status, (status) => this.#onStatus(status));
    this.#follow(client.conversations, (conversations) => this.#onConversations(conversations));
    this.#follow(client.typing, (typing) => this.#onTyping(typing));
    this.#follow(client.openingDraft, (text) => {
      this.#openingDraft = text;
      if (this.screen.name === 'new') this.draft.offer(text);
    });
  }

  /** The conversation on screen. */
  get current(): ConversationView | null {
    const { screen } = this;
    if (screen.name !== 'conversation') return null;
    return this.conversations?.find(({ id }) => id === screen.id) ?? null;
  }

  get unread(): number {
    return this.#unread;
  }

  get verification(): Verification | null {
    return this.status?.verification ?? null;
  }

  /** Who answers: the last that joined and is still there. */
  get agent(): Party | null {
    return this.current?.parties.findLast(isPresent) ?? null;
  }

  /** Names of those of the desk who type in the conversation on screen. */
  get typers(): readonly Party[] {
    const { current } = this;
    const devices = this.typing.find(({ conversation }) => conversation === current?.id)?.devices ?? [];
    return (current?.parties ?? []).filter(({ device, self }) => !self && devices.includes(device));
  }

  /** @throws ChatError `conversation-unknown` */
  open(id: string): void {
    if (!this.conversations?.some((conversation) => conversation.id === id)) {
      throw usageError('conversation-unknown', 'no such conversation on this device');
    }
    this.#show({ name: 'conversation', id });
  }

  startNew({ topic = null, draft }: { topic?: string | null; draft?: string } = {}): void {
    this.#show({ name: 'new', topic });
    if (draft !== undefined) this.draft.write(draft);
  }

  showList(): void {
    this.#show({ name: 'list' });
  }

  /** Sends in the conversation on screen, or begins the new one; one after the other. Rejects with the engine's ChatError. */
  send(text: string): Promise<{ conversation: string; message: string }> {
    this.#chosen = true;
    this.failure = null;
    const sent = this.#sending.then(() => this.#send(text));
    this.#sending = sent.then(
      () => undefined,
      () => undefined, // whoever asked is told
    );
    return sent;
  }

  async #send(text: string): Promise<{ conversation: string; message: string }> {
    const { current, screen } = this;
    if (screen.name === 'conversation' && current?.state !== 'ended') {
      const { message } = await this.client.sendText(screen.id, text);
      this.#host.emit(new ScMessageSentEvent(screen.id, message));
      return { conversation: screen.id, message };
    }
    const topic = screen.name === 'new' ? screen.topic : null;
    const started = await this.client.startConversation({ topic, text });
    if (this.#closed) return started;
    this.#host.emit(new ScMessageSentEvent(started.conversation, started.message));
    // Only if the user has not gone elsewhere meanwhile.
    if (this.screen === screen) this.#show({ name: 'conversation', id: started.conversation });
    return started;
  }

  /** Ends the conversation on screen. @throws ChatError `conversation-unknown` */
  async end(): Promise<void> {
    const { current } = this;
    if (!current) throw usageError('conversation-unknown', 'no conversation is on screen');
    await this.client.endConversation(current.id);
  }

  /** Everything in the conversation on screen was seen. */
  seen(): void {
    const { current } = this;
    if (current && current.unread > 0) this.client.markRead(current.id).catch((error: unknown) => this.report(error));
  }

  compose(on: boolean): void {
    const { current } = this;
    if (current && current.state !== 'ended') this.client.setTyping(current.id, on);
  }

  /** Says that something failed, to the user and the page. */
  report(error: unknown): void {
    if (this.#closed) return;
    const code = codeOf(error);
    this.failure = code;
    this.#emitProblem(code, true);
    this.#host.onChange();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    const saved = this.draft.flush();
    this.#closed = true;
    for (const stop of [...this.#stops, ...this.#watched.values()]) stop();
    this.#watched.clear();
    await saved;
    await this.client.close();
  }

  #follow<T>(live: Live<T>, listener: (value: T) => void): void {
    const stop = live.subscribe(
      (value) => {
        if (this.#closed) return;
        listener(value);
        if (this.status && this.conversations) this.#onReady();
        this.#host.onChange();
      },
      (error) => this.report(error),
    );
    this.#stops.push(stop);
  }

  #show(screen: Screen): void {
    this.#chosen = true;
    this.failure = null;
    this.screen = screen;
    this.#turnDraft();
    this.#checkAgent();
    this.#host.onChange();
  }

  #turnDraft(): void {
    const { screen, client } = this;
    if (screen.name === 'conversation') {
      this.draft.turnTo((text) => client.saveDraft(screen.id, text), this.current?.draft ?? null);
    } else {
      this.draft.turnTo((text) => client.saveOpeningDraft(text), this.#openingDraft);
    }
  }

  #onStatus(status: ClientStatus): void {
    const before = this.status?.verification.state;
    this.status = status;
    const { state } = status.verification;
    if (state !== (before ?? 'none')) this.#host.emit(new ScVerificationChangeEvent(state));
    const code = status.problem?.code ?? null;
    if (code !== this.#problem && code !== null) this.#emitProblem(code, status.problem?.recoverable ?? false);
    this.#problem = code;
  }

  #emitProblem(code: string, recoverable: boolean): void {
    if (STORAGE_LOST.has(code)) this.#host.emit(new ScStorageLostEvent(code));
    this.#host.emit(new ScErrorEvent(code, recoverable));
  }

  #onConversations(conversations: readonly ConversationView[]): void {
    const before = this.conversations;
    this.conversations = conversations;
    if (before) this.#emitLife(before, conversations);
    if (!this.#chosen) this.#chooseScreen(conversations);
    else if (
      this.screen.name === 'conversation' &&
      !this.current &&
      before?.some(({ id }) => id === this.#screenId())
    ) {
      this.#show({ name: 'new', topic: null }); // deleted meanwhile
    }
    if (this.current) this.draft.offer(this.current.draft);
    for (const { id, state } of conversations) if (state !== 'ended') this.#watch(id);
    const unread = conversations.reduce((sum, conversation) => sum + conversation.unread, 0);
    if (unread !== this.#unread) {
      this.#unread = unread;
      this.#host.emit(new ScUnreadEvent(unread));
    }
    this.#checkAgent();
  }

  #screenId(): string | null {
    return this.screen.name === 'conversation' ? this.screen.id : null;
  }

  #emitLife(before: readonly ConversationView[], now: readonly ConversationView[]): void {
    for (const { id, state } of now) {
      const old = before.find((conversation) => conversation.id === id);
      if (!old) this.#host.emit(new ScConversationStartEvent(id));
      if (state === 'ended' && old && old.state !== 'ended') this.#host.emit(new ScConversationEndEvent(id));
    }
  }

  /** Where the user left off: the newest that goes on, has something new, or has only just ended. */
  #chooseScreen(conversations: readonly ConversationView[]): void {
    const recent = Date.now() - RECENT_MS;
    const [next] = conversations
      .filter(({ state, unread, lastAt }) => state !== 'ended' || unread > 0 || lastAt > recent)
      .sort((a, b) => b.lastAt - a.lastAt);
    if (!next) return;
    this.#chosen = true;
    this.screen = { name: 'conversation', id: next.id };
    this.#turnDraft();
  }

  /** Tells of each message that arrives while the client is open. */
  #watch(id: string): void {
    if (this.#watched.has(id)) return;
    let newest: number | null = null;
    const stop = this.client.messages(id, WATCHED).subscribe(
      (messages) => {
        if (this.#closed) return;
        const known = newest;
        for (const message of messages) {
          if (message.order > (known ?? Infinity) && !message.own && !message.history && isBubble(message)) {
            this.#host.emit(new ScMessageReceivedEvent(id, message.id));
          }
        }
        newest = Math.max(known ?? -1, messages.at(-1)?.order ?? -1);
      },
      (error) => this.report(error),
    );
    this.#watched.set(id, stop);
  }

  #onTyping(typing: readonly TypingView[]): void {
    const before = this.typing;
    this.typing = typing;
    const isOn = (list: readonly TypingView[], id: string): boolean =>
      list.some(({ conversation, devices }) => conversation === id && devices.length > 0);
    for (const id of new Set([...before, ...typing].map(({ conversation }) => conversation))) {
      const on = isOn(typing, id);
      if (on !== isOn(before, id)) this.#host.emit(new ScTypingEvent(id, on));
    }
  }

  #checkAgent(): void {
    const device = this.agent?.device ?? null;
    if (device === this.#agent) return;
    this.#agent = device;
    this.#host.emit(new ScAgentChangeEvent(device));
  }
}

/** Someone of the desk who takes part and writes. */
export function isPresent({ self, status, role }: Party): boolean {
  return !self && status === 'joined' && role !== 'customer' && role !== 'archive';
}
