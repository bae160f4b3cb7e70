/**
 * Typing: sent to whoever is connected, shown for ten seconds, stored nowhere. docs/protocol.md §17.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import { decryptSignal, encryptSignal, signalSessionOf, type SignalCounters } from '../protocol/signal.ts';
import { isFresh } from '../identity/directory-order.ts';
import type { EngineContext } from './context.ts';
import { heldDirectory } from './directory-keeper.ts';
import { partyOf } from './conversation-record.ts';
import { LiveValue } from './relay-live-value.ts';
import { ROWS, type ConversationRow, type SessionRow } from './rows.ts';
import { sessionToSendOn, stateOf } from './session-keeper.ts';
import type { TypingView } from './views.ts';

const SHOWN = 10_000;
/** While someone goes on typing it is said again after this long. */
const REPEAT = 4_000;

/** Sends and receives typing signals of one tab. */
export class SignalKeeper {
  readonly typing = new LiveValue<readonly TypingView[]>([]);
  readonly #context: EngineContext;
  readonly #sent = new Map<string, SignalCounters>();
  readonly #seen = new Map<string, SignalCounters>();
  readonly #saidAt = new Map<string, number>();
  readonly #ends = new Map<string, () => void>();
  #hearing = Promise.resolve();
  #closed = false;

  constructor(context: EngineContext) {
    this.#context = context;
  }

  /** Tells the other side, if it is there; a failure is of no consequence. */
  async say(conversation: string, on: boolean): Promise<void> {
    const now = this.#context.ports.clock.now();
    const last = this.#saidAt.get(conversation);
    if (on ? last !== undefined && now - last < REPEAT : last === undefined) return;
    if (on) this.#saidAt.set(conversation, now);
    else this.#saidAt.delete(conversation);
    const row = (await this.#context.store.get(ROWS.conversation, [fromHex(conversation)]))?.value;
    if (row === undefined || row.state !== 'active' || !(await this.#isFresh())) return;
    for (const device of listeners(row, this.#context.self.id)) await this.#sayTo(row, device, on);
  }

  /** A signal came. What is wrong with it is nobody's concern: it is dropped. */
  hear(bytes: Uint8Array): void {
    // One after another, so that a replay meets the counter of the first.
    this.#hearing = this.#hearing.then(() => this.#heard(bytes)).catch(() => undefined);
  }

  async #heard(bytes: Uint8Array): Promise<void> {
    const { store, self, ports } = this.#context;
    const id = signalSessionOf(bytes);
    const place = (await store.get(ROWS.sessionPlace, ['session', id]))?.value;
    if (place === undefined) return;
    const row = (await store.get(ROWS.session, [place.conversation, place.peer, id]))?.value;
    const conversation = (await store.get(ROWS.conversation, [place.conversation]))?.value;
    // As with messages: of those who take part in what has not ended.
    if (row === undefined || conversation?.state !== 'active' || !(await this.#isFresh())) return;
    if (partyOf(conversation, place.peer)?.status !== 'joined') return;
    const name = toHex(id);
    const heard = decryptSignal({
      self,
      session: stateOf(row),
      seen: this.#seen.get(name) ?? [],
      bytes,
      now: ports.clock.now(),
    });
    this.#seen.set(name, heard.seen);
    if (heard.signal.kind === 'typing') this.#show(toHex(place.conversation), toHex(place.peer), heard.signal.on);
  }

  /** Without a fresh directory nothing is encrypted, and nothing shown as coming from a member (§5.4). */
  async #isFresh(): Promise<boolean> {
    const { store, ports } = this.#context;
    const directory = await heldDirectory(this.#context, {
      get: async (table, key) => (await store.get(table, key))?.value,
    });
    return directory !== null && isFresh(directory, ports.clock.now());
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#ends.values()) cancel();
    this.#ends.clear();
    this.#sent.clear();
  }

  async #sayTo(row: ConversationRow, device: Uint8Array, on: boolean): Promise<void> {
    const { store, self, ports, relay } = this.#context;
    const sessions: SessionRow[] = (await store.list(ROWS.session, { prefix: [row.id, device] })).map(
      ({ value }) => value,
    );
    const session = sessionToSendOn(sessions);
    if (session === undefined) return;
    const name = toHex(session.id);
    const made = encryptSignal({
      random: ports.random,
      self,
      session: stateOf(session),
      sent: this.#sent.get(name) ?? [],
      signal: { kind: 'typing', on },
      now: ports.clock.now(),
    });
    if (made === null) return;
    this.#sent.set(name, made.sent);
    await relay.request('signal', { to: device, bytes: made.bytes });
  }

  #show(conversation: string, device: string, on: boolean): void {
    if (this.#closed) return;
    const name = `${conversation} ${device}`;
    this.#ends.get(name)?.();
    this.#ends.delete(name);
    if (on)
      this.#ends.set(
        name,
        this.#context.ports.clock.after(SHOWN, () => this.#show(conversation, device, false)),
      );
    const others = this.typing.value.filter((view) => view.conversation !== conversation);
    const before = this.typing.value.find((view) => view.conversation === conversation)?.devices ?? [];
    const devices = on ? [...new Set([...before, device])] : before.filter((other) => other !== device);
    if (!on && before.length === devices.length) return;
    this.typing.set(devices.length > 0 ? [...others, { conversation, devices }] : others);
  }
}

/** Everybody in the conversation but the archives and oneself. */
function listeners(row: ConversationRow, self: Uint8Array): Uint8Array[] {
  return row.parties
    .filter(({ device, role, status }) => role !== 'archive' && status === 'joined' && !equal(device, self))
    .map(({ device }) => device);
}
