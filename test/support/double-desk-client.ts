/**
 * One agent's device on a desk in memory (`double-desk.ts`), for tests of the console. It keeps the contract of `DeskClient` as strictly as the engine: queries answer later and
 * after every change, a refused call changes nothing, of two claims one wins, what cannot be sent waits.
 * @module
 */
import { ChatError, usageError } from '../../src/errors.ts';
import type {
  ClientStatus,
  ClientVault,
  ConversationView,
  DeskClient,
  DutyState,
  Live,
  MessageView,
  Party,
  Progress,
  QueueEntry,
  TypingView,
} from '../../src/engine/views.ts';
import { DoubleVault } from './double-vault.ts';
import type { Conversation, DoubleDesk, Membership, Message } from './double-desk.ts';

const ONLINE: ClientStatus = {
  connection: 'online',
  verification: {
    state: 'verified',
    deskName: 'Example Bank',
    recorded: true,
    retentionDays: 365,
    notice: null,
    deskKey: 'dk1_x',
    issuedAt: null,
    freshUntil: null,
    storage: 'pin',
    missing: [],
  },
  leader: true,
  pending: 0,
  latency: 40,
  problem: null,
};

/** One agent's device. */
export class DoubleDeskClient implements DeskClient {
  readonly desk: DoubleDesk;
  readonly device: string;
  #status: ClientStatus;
  #duty: DutyState = 'off';
  #typing: readonly TypingView[] = [];
  #closed = false;
  readonly #changed = new Set<() => void>();
  readonly #forward = (): void => this.#touch();
  /** What `setTyping` was told last, for each conversation. */
  readonly typed = new Map<string, boolean>();

  readonly status = this.#live(() => this.#status);
  readonly conversations = this.#live(() => this.#conversations());
  readonly typing = this.#live(() => this.#typing);
  readonly membership = this.#live(() => this.#membership());
  readonly queue = this.#live(() => this.#queue());
  readonly duty = this.#live(() => this.#duty);
  /** The profile's lock: a PIN is set, unless the test brings another. */
  readonly lock: DoubleVault;
  readonly vault: ClientVault;
  readonly ended: Promise<'locked' | 'closed'>;
  #end!: (how: 'locked' | 'closed') => void;

  constructor(desk: DoubleDesk, device: string, lock?: DoubleVault) {
    this.desk = desk;
    this.device = device;
    this.lock = lock ?? new DoubleVault();
    if (!lock) this.lock.pin = '284937';
    this.vault = this.lock.control();
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.lock.onLock(() => {
      this.#end('locked');
      void this.close();
    });
    const issuedAt = desk.now() - 2 * 3_600_000;
    const verification = { ...ONLINE.verification, issuedAt, freshUntil: issuedAt + 24 * 3_600_000 };
    this.#status = { ...ONLINE, verification };
    desk.changed.add(this.#forward);
  }

  get closed(): boolean {
    return this.#closed;
  }

  messages(conversation: string, limit: number): Live<readonly MessageView[]> {
    return this.#live(() => {
      const found = this.desk.conversations.get(conversation);
      if (!found || !this.#knows(found)) return [];
      return found.messages.slice(-limit).map((message) => this.#messageView(found, message));
    });
  }

  async sendText(conversation: string, text: string): Promise<{ message: string }> {
    const found = this.#joined(conversation);
    const length = new TextEncoder().encode(text).length;
    if (length < 1 || length > 16_384) throw usageError('text-length', 'a text has 1 to 16384 bytes');
    found.drafts.delete(this.device);
    return {
      message: this.desk.add(conversation, { from: this.device, kind: 'text', text, progress: this.#progress() }),
    };
  }

  async endConversation(conversation: string): Promise<void> {
    const found = this.#joined(conversation);
    found.ended = true;
    found.waitingSince = null;
    this.desk.add(conversation, { from: this.device, kind: 'close', text: '', progress: this.#progress() });
  }

  async markRead(conversation: string): Promise<void> {
    this.#member();
    const found = this.desk.of(conversation);
    found.read.set(this.device, found.messages.at(-1)?.order ?? 0);
    this.desk.touch();
  }

  async saveDraft(conversation: string, text: string): Promise<void> {
    this.#member();
    const { drafts } = this.desk.of(conversation);
    if (text === '') drafts.delete(this.device);
    else drafts.set(this.device, text);
    this.desk.touch();
  }

  setTyping(conversation: string, on: boolean): void {
    this.typed.set(conversation, on);
  }

  async setDuty(state: DutyState): Promise<void> {
    this.#member();
    this.#duty = state; // offline as well: the next connection tells the relay
    this.#touch();
  }

  async claim(conversation: string): Promise<void> {
    this.#member();
    this.#online();
    const found = this.desk.of(conversation);
    const { claimedBy } = found;
    if (claimedBy !== null && claimedBy !== this.device) {
      throw new ChatError('peer', 'already-claimed', 'another device was first', { details: { by: claimedBy } });
    }
    if (found.waitingSince === null) throw usageError('not-waiting', 'the conversation does not wait');
    found.claimedBy = this.device;
    found.waitingSince = null;
    found.joined.set(this.device, true);
    found.reached.add(this.device);
    found.read.set(this.device, found.messages.at(-1)?.order ?? 0);
    this.desk.add(conversation, { from: this.device, kind: 'join', text: '' });
  }

  async leave(conversation: string, { requeue }: { requeue: boolean }): Promise<void> {
    const found = this.#joined(conversation);
    found.joined.set(this.device, false);
    found.claimedBy = null;
    if (requeue || ![...found.joined.values()].includes(true)) found.waitingSince = this.desk.now();
    this.desk.add(conversation, { from: this.device, kind: 'leave', text: '' });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#end('closed');
    this.desk.changed.delete(this.#forward);
    this.#changed.clear();
  }

  /** The network, the directory or the relay changes. What could not be sent goes out when it can. */
  setStatus(
    change: Partial<Omit<ClientStatus, 'verification'>> & { verification?: Partial<ClientStatus['verification']> },
  ): void {
    const verification = { ...this.#status.verification, ...change.verification };
    this.#status = { ...this.#status, ...change, verification };
    const progress = this.#progress();
    for (const { messages } of this.desk.conversations.values()) {
      for (const message of messages) {
        const waits = message.progress === 'sending' || message.progress === 'held';
        if (message.from === this.device && waits) message.progress = progress;
      }
    }
    this.desk.touch();
  }

  /** Customers type. */
  setOthersTyping(typing: readonly TypingView[]): void {
    this.#typing = typing;
    this.#touch();
  }

  #progress(): Progress {
    if (this.#status.verification.state === 'stale') return 'held';
    return this.#status.connection === 'online' ? 'delivered' : 'sending';
  }

  #online(): void {
    if (this.#status.connection !== 'online') throw new ChatError('environment', 'relay-unreachable', 'no connection');
  }

  #member(): void {
    if (this.#closed) throw usageError('client-closed', 'the client was closed');
    if (this.#membership().state !== 'member') throw usageError('not-a-member', 'the device is not a member');
  }

  #joined(conversation: string): Conversation {
    this.#member();
    const found = this.desk.of(conversation);
    if (found.joined.get(this.device) !== true) throw usageError('not-joined', 'the device has not joined');
    if (found.ended) throw usageError('conversation-ended', 'the conversation has ended');
    return found;
  }

  #knows(found: Conversation): boolean {
    if (this.#membership().state !== 'member') return false;
    if (found.joined.has(this.device)) return true;
    return found.reached.has(this.device) && found.claimedBy === null && !found.ended;
  }

  #membership(): Membership {
    const member = this.desk.members.get(this.device);
    if (!member) throw usageError('not-a-member', 'the device never enrolled');
    return member;
  }

  #conversations(): readonly ConversationView[] {
    const known = [...this.desk.conversations.values()].filter((found) => this.#knows(found));
    return known.map((found) => this.#view(found)).sort((a, b) => b.lastAt - a.lastAt);
  }

  #queue(): readonly QueueEntry[] {
    if (this.#membership().state !== 'member') return [];
    const entries = [...this.desk.conversations.values()].filter(
      ({ ended, waitingSince, claimedBy }) => !ended && (waitingSince !== null || claimedBy !== null),
    );
    return entries.map((found) => ({
      conversation: found.id,
      since: found.waitingSince ?? found.startedAt,
      state: found.waitingSince === null ? 'claimed' : 'waiting',
      by: found.claimedBy,
      byName: found.claimedBy === null ? null : (this.desk.members.get(found.claimedBy)?.name ?? null),
      known: this.#knows(found) ? this.#view(found) : null,
    }));
  }

  #view(found: Conversation): ConversationView {
    const texts = found.messages.filter(({ kind }) => kind === 'text');
    const joined = found.joined.get(this.device) === true;
    const read = found.read.get(this.device) ?? 0;
    return {
      id: found.id,
      topic: found.topic,
      state: found.ended ? 'ended' : [...found.joined.values()].includes(true) ? 'active' : 'waiting',
      startedAt: found.startedAt,
      lastAt: found.messages.at(-1)?.at ?? found.startedAt,
      preview: (texts.at(-1)?.text ?? '').slice(0, 120),
      unread: joined ? texts.filter(({ order, from }) => order > read && from !== this.device).length : 0,
      parties: this.#parties(found),
      draft: found.drafts.get(this.device) ?? '',
      joined,
      customer: found.customer,
      customerFingerprint: found.fingerprint,
      notices: found.notices,
    };
  }

  #parties(found: Conversation): Party[] {
    const agents = new Set([...found.joined.keys(), ...(this.desk.members.has('archive') ? ['archive'] : [])]);
    return [this.#party(found, found.customer), ...[...agents].map((device) => this.#party(found, device))];
  }

  #party(found: Conversation, device: string): Party {
    if (device === found.customer) return { device, name: null, role: 'customer', status: 'joined', self: false };
    const member = this.desk.members.get(device);
    const present = device === 'archive' || found.joined.get(device) === true;
    const status = member?.state === 'removed' ? 'removed' : present ? 'joined' : 'left';
    const role = device === 'archive' ? 'archive' : 'agent';
    return { device, name: member?.name ?? null, role, status, self: device === this.device };
  }

  #messageView(found: Conversation, message: Message): MessageView {
    const { id, order, kind, text, file, at, from } = message;
    const own = from === this.device;
    const progress = own ? (message.progress ?? 'delivered') : null;
    const view = { id, conversation: found.id, order, kind, text, file, at, own, progress };
    return { ...view, from: this.#party(found, from), history: false, unverified: false };
  }

  /** Like a live query of a store: the first answer comes later, each change answers again, a refusal goes to `onError`. */
  #live<T>(answer: () => T): Live<T> {
    return {
      subscribe: (listener, onError) => {
        let waiting = false;
        const later = (): void => {
          if (waiting) return;
          waiting = true;
          queueMicrotask(() => {
            waiting = false;
            if (!this.#changed.has(later)) return;
            try {
              listener(answer());
            } catch (error) {
              onError(error);
            }
          });
        };
        this.#changed.add(later);
        later();
        return () => this.#changed.delete(later);
      },
    };
  }

  #touch(): void {
    for (const listener of [...this.#changed]) listener();
  }
}
