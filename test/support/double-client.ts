/**
 * A customer's client in memory, for tests of the interface: it keeps the contract of `src/engine/views.ts` (asynchronous,
 * all or nothing, ChatErrors with codes) without cryptography, store or network. `desk` is the other side.
 * @module
 */
import type {
  ClientStatus,
  ClientVault,
  ConnectionState,
  ConversationView,
  CustomerClient,
  Live,
  MessageView,
  Party,
  PartyRole,
  Progress,
  TypingView,
  Verification,
} from '../../src/engine/views.ts';
import { usageError } from '../../src/errors.ts';
import { DoubleVault } from './double-vault.ts';

const MAX_TEXT_BYTES = 16_384;
const encoder = new TextEncoder();

export const DESK_KEY = 'dk1_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9yaFFX';

const VERIFIED: Verification = {
  state: 'verified',
  deskName: 'Bank Example',
  recorded: true,
  retentionDays: 400,
  notice: null,
  deskKey: DESK_KEY,
  issuedAt: Date.UTC(2025, 2, 12, 9, 30),
  freshUntil: Date.UTC(2025, 2, 15, 9, 30),
  storage: 'guest',
  missing: [],
};

interface Conversation {
  view: ConversationView;
  messages: MessageView[];
}

export interface DoubleOptions {
  readonly verification?: Partial<Verification>;
  readonly connection?: ConnectionState;
  /** ms; messages are a second apart. */
  readonly start?: number;
  /** One that outlives this client; else one of its own. */
  readonly lock?: DoubleVault;
}

/** Runs the listeners after a change, never within the call that made it: a store answers later. */
class Cells {
  readonly #listeners = new Set<() => void>();

  live<T>(read: () => T): Live<T> {
    return {
      subscribe: (listener) => {
        let open = true;
        let pending = false;
        const answer = (): void => {
          if (pending) return;
          pending = true;
          queueMicrotask(() => {
            pending = false;
            if (open) listener(read());
          });
        };
        this.#listeners.add(answer);
        answer();
        return () => {
          open = false;
          this.#listeners.delete(answer);
        };
      },
    };
  }

  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** The client, and by `desk` the power to be everybody else. */
export class DoubleClient implements CustomerClient {
  readonly desk: DoubleDesk;
  /** Calls of `setTyping`, in order. */
  readonly typed: { conversation: string; on: boolean }[] = [];
  /** Calls of `markRead`, in order. */
  readonly read: string[] = [];
  closed = false;
  wiped = false;
  /** Thrown by the next call that stores something. */
  failNext: Error | null = null;

  readonly #cells = new Cells();
  readonly #conversations = new Map<string, Conversation>();
  #status: ClientStatus;
  #typing: TypingView[] = [];
  #openingDraft = '';
  #time: number;
  #ids = 0;
  #order = 0;

  readonly status = this.#cells.live(() => this.#status);
  readonly conversations = this.#cells.live(() => [...this.#conversations.values()].map(({ view }) => view));
  readonly typing = this.#cells.live<readonly TypingView[]>(() => this.#typing);
  readonly openingDraft = this.#cells.live(() => this.#openingDraft);
  /** The profile's lock. */
  readonly lock: DoubleVault;
  readonly vault: ClientVault;
  readonly ended: Promise<'locked' | 'closed'>;
  #end!: (how: 'locked' | 'closed') => void;

  constructor({ verification = {}, connection = 'online', start = Date.now() - 600_000, lock }: DoubleOptions = {}) {
    this.#time = start;
    this.lock = lock ?? new DoubleVault();
    this.vault = this.lock.control();
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.lock.onLock(() => this.#end('locked'));
    this.#status = {
      connection,
      verification: { ...VERIFIED, ...verification },
      leader: true,
      pending: 0,
      latency: 40,
      problem: null,
    };
    this.desk = new DoubleDesk(this);
  }

  messages(conversation: string, limit: number): Live<readonly MessageView[]> {
    return this.#cells.live(() => this.#conversations.get(conversation)?.messages.slice(-limit) ?? []);
  }

  async startConversation(first: {
    topic: string | null;
    text: string;
  }): Promise<{ conversation: string; message: string }> {
    await this.#ready(first.text);
    const id = this.#id('c');
    this.#openingDraft = '';
    const self: Party = { device: 'self', name: null, role: 'customer', status: 'joined', self: true };
    this.#conversations.set(id, {
      view: {
        id,
        topic: first.topic,
        state: 'waiting',
        startedAt: this.#time,
        lastAt: this.#time,
        preview: '',
        unread: 0,
        parties: [self],
        draft: '',
        joined: true,
        customer: 'self',
        customerFingerprint: '12345 67890 12345 67890 12345 67890',
        notices: [],
      },
      messages: [],
    });
    this.add(id, { kind: 'start', from: self, own: true, text: first.topic ?? '', progress: this.#firstProgress() });
    const message = this.#sendOwn(id, first.text);
    return { conversation: id, message };
  }

  async sendText(conversation: string, text: string): Promise<{ message: string }> {
    await this.#ready(text);
    const { view } = this.#get(conversation);
    if (view.state === 'ended') throw usageError('conversation-ended', 'it has ended');
    return { message: this.#sendOwn(conversation, text) };
  }

  async endConversation(conversation: string): Promise<void> {
    await this.#ready();
    const { view } = this.#get(conversation);
    if (view.state === 'ended') return;
    this.add(conversation, {
      kind: 'close',
      from: this.self(conversation),
      own: true,
      progress: this.#firstProgress(),
    });
    this.patch(conversation, { state: 'ended' });
  }

  async markRead(conversation: string): Promise<void> {
    await this.#ready();
    this.#get(conversation);
    this.read.push(conversation);
    this.patch(conversation, { unread: 0 });
  }

  async saveDraft(conversation: string, text: string): Promise<void> {
    await this.#ready();
    this.#get(conversation);
    this.patch(conversation, { draft: text });
  }

  async saveOpeningDraft(text: string): Promise<void> {
    await this.#ready();
    this.#openingDraft = text;
    this.#cells.changed();
  }

  setTyping(conversation: string, on: boolean): void {
    this.typed.push({ conversation, on });
  }

  async wipe(): Promise<void> {
    await this.#ready();
    this.#conversations.clear();
    this.#openingDraft = '';
    this.wiped = true;
    this.#cells.changed();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.#end('closed');
  }

  /** @internal for `DoubleDesk` */
  setStatus(patch: Partial<ClientStatus>): void {
    this.#status = { ...this.#status, ...patch };
    if (patch.connection === 'online') this.#flush();
    this.#cells.changed();
  }

  /** @internal */
  get currentStatus(): ClientStatus {
    return this.#status;
  }

  /** @internal */
  setTypers(conversation: string, devices: readonly string[]): void {
    this.#typing = this.#typing.filter((entry) => entry.conversation !== conversation);
    if (devices.length > 0) this.#typing.push({ conversation, devices });
    this.#cells.changed();
  }

  /** @internal */
  view(conversation: string): ConversationView {
    return this.#get(conversation).view;
  }

  /** @internal */
  self(conversation: string): Party {
    const self = this.view(conversation).parties.find((party) => party.self);
    if (!self) throw new Error('a conversation without its customer');
    return self;
  }

  /** @internal */
  patch(conversation: string, patch: Partial<ConversationView>): void {
    const entry = this.#get(conversation);
    entry.view = { ...entry.view, ...patch };
    this.#cells.changed();
  }

  /** @internal */
  add(conversation: string, message: Partial<MessageView> & Pick<MessageView, 'kind' | 'from'>): string {
    const entry = this.#get(conversation);
    this.#time += 1000;
    const id = this.#id('m');
    const full: MessageView = {
      id,
      conversation,
      order: this.#order++,
      own: false,
      text: '',
      file: null,
      at: this.#time,
      progress: null,
      history: false,
      unverified: false,
      ...message,
    };
    entry.messages.push(full);
    const said = full.kind === 'text';
    entry.view = {
      ...entry.view,
      lastAt: full.at,
      preview: said ? full.text.slice(0, 120) : entry.view.preview,
      unread: entry.view.unread + (said && !full.own ? 1 : 0),
    };
    this.#cells.changed();
    return id;
  }

  /** @internal */
  setProgress(conversation: string, progress: Progress, message?: string): void {
    const entry = this.#get(conversation);
    entry.messages = entry.messages.map((one) =>
      one.own && (message === undefined || one.id === message) ? { ...one, progress } : one,
    );
    this.#cells.changed();
  }

  /** @internal */
  prepend(conversation: string, count: number): void {
    const entry = this.#get(conversation);
    const [oldest] = entry.messages;
    if (!oldest) return;
    const older = Array.from({ length: count }, (_, at): MessageView => {
      const before = count - at;
      return {
        ...oldest,
        id: `old${before}`,
        order: oldest.order - before,
        kind: 'text',
        text: `Older ${before}`,
        at: oldest.at - before * 60_000,
      };
    });
    entry.messages = [...older, ...entry.messages];
    this.#cells.changed();
  }

  #sendOwn(conversation: string, text: string): string {
    const progress = this.#firstProgress();
    const id = this.add(conversation, { kind: 'text', from: this.self(conversation), own: true, text, progress });
    this.patch(conversation, { draft: '' });
    if (progress === 'sending' && this.#status.connection === 'online') {
      queueMicrotask(() => this.setProgress(conversation, 'sent', id));
    } else {
      this.setStatus({ pending: this.#status.pending + 1 });
    }
    return id;
  }

  #firstProgress(): Progress {
    return this.#status.verification.state === 'verified' ? 'sending' : 'held';
  }

  /** What waited for the connection goes out. */
  #flush(): void {
    this.#status = { ...this.#status, pending: 0 };
    for (const entry of this.#conversations.values()) {
      entry.messages = entry.messages.map((one) => (one.progress === 'sending' ? { ...one, progress: 'sent' } : one));
    }
  }

  #get(conversation: string): Conversation {
    const entry = this.#conversations.get(conversation);
    if (!entry) throw usageError('conversation-unknown', 'no such conversation');
    return entry;
  }

  /** Every call is asynchronous, and refused once the client is closed. */
  async #ready(text?: string): Promise<void> {
    await Promise.resolve();
    if (this.closed) throw usageError('client-closed', 'the client is closed');
    const fail = this.failNext;
    this.failNext = null;
    if (fail) throw fail;
    if (text === undefined) return;
    if (text === '') throw usageError('text-empty', 'a text has at least one character');
    if (encoder.encode(text).length > MAX_TEXT_BYTES) throw usageError('text-too-long', 'more than 16384 bytes');
  }

  #id(prefix: string): string {
    return `${prefix}${(this.#ids++).toString(16).padStart(4, '0')}`;
  }
}

/** Everybody else: the team, the relay, the network. */
export class DoubleDesk {
  readonly #client: DoubleClient;

  constructor(client: DoubleClient) {
    this.#client = client;
  }

  join(conversation: string, name = 'Sara', role: PartyRole = 'agent'): void {
    const party = this.#party(conversation, name, role);
    this.#client.add(conversation, { kind: 'join', from: party });
    if (role !== 'supervisor') this.#client.patch(conversation, { state: 'active' });
  }

  leave(conversation: string, name = 'Sara'): void {
    const party = this.#party(conversation, name);
    this.#client.add(conversation, { kind: 'leave', from: party });
    const parties = this.#client
      .view(conversation)
      .parties.map((one) => (one.device === party.device ? { ...one, status: 'left' as const } : one));
    const attended = parties.some(({ self, status }) => !self && status === 'joined');
    this.#client.patch(conversation, { parties, state: attended ? 'active' : 'waiting' });
  }

  say(conversation: string, text: string, options: { name?: string; message?: Partial<MessageView> } = {}): string {
    this.#client.setTypers(conversation, []);
    const from = this.#party(conversation, options.name ?? 'Sara');
    return this.#client.add(conversation, { kind: 'text', from, text, ...options.message });
  }

  happen(conversation: string, message: Partial<MessageView> & Pick<MessageView, 'kind'>): string {
    return this.#client.add(conversation, { from: this.#party(conversation, 'Sara'), ...message });
  }

  end(conversation: string, name = 'Sara'): void {
    this.#client.add(conversation, { kind: 'close', from: this.#party(conversation, name) });
    this.#client.patch(conversation, { state: 'ended' });
  }

  type(conversation: string, on = true, name = 'Sara'): void {
    this.#client.setTypers(conversation, on ? [this.#party(conversation, name).device] : []);
  }

  progress(conversation: string, progress: Progress, message?: string): void {
    this.#client.setProgress(conversation, progress, message);
  }

  notice(conversation: string, ...notices: string[]): void {
    this.#client.patch(conversation, { notices });
  }

  older(conversation: string, count: number): void {
    this.#client.prepend(conversation, count);
  }

  connection(connection: ConnectionState): void {
    this.#client.setStatus({ connection });
  }

  verification(patch: Partial<Verification>): void {
    this.#client.setStatus({ verification: { ...this.#client.currentStatus.verification, ...patch } });
  }

  problem(code: string | null, recoverable = true): void {
    this.#client.setStatus({ problem: code === null ? null : { code, recoverable, details: {} } });
  }

  /** The member of that name, joined from now on. */
  #party(conversation: string, name: string, role: PartyRole = 'agent'): Party {
    const { parties } = this.#client.view(conversation);
    const known = parties.find((party) => party.name === name);
    if (known?.status === 'joined') return known;
    const party: Party = { device: `device-${name}`, name, role: known?.role ?? role, status: 'joined', self: false };
    this.#client.patch(conversation, { parties: [...parties.filter((one) => one !== known), party] });
    return party;
  }
}
