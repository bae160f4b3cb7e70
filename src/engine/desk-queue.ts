/**
 * The desk's waiting list as the relay tells it, completed by what is stored here. docs/relay.md §5.7.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/text.ts';
import { memberById } from '../identity/directory.ts';
import type { QueueEntry as RelayEntry } from '../wire/fields.ts';
import type { EngineContext } from './context.ts';
import { heldDirectory } from './directory-keeper.ts';
import { changesOf, jointLive } from './live-joint.ts';
import { LiveValue } from './relay-live-value.ts';
import { ROWS } from './rows.ts';
import { conversationView } from './view-of.ts';
import type { Live, QueueEntry } from './views.ts';

/** Follows the queue of one connection after another. */
export class DeskQueue {
  readonly live: Live<readonly QueueEntry[]>;
  readonly #context: EngineContext;
  readonly #entries = new LiveValue<ReadonlyMap<string, RelayEntry>>(new Map());

  constructor(context: EngineContext) {
    this.#context = context;
    this.live = jointLive(
      [changesOf(this.#entries), (changed) => context.store.watch(['conversations', 'self'], changed)],
      () => this.#now(),
    );
    context.relay.onPush('queue', ({ entries }) => this.#take(entries, this.#entries.value));
  }

  /** Asks for the whole queue; changes are pushed from then on. */
  async watch(): Promise<void> {
    const { entries } = await this.#context.relay.request('queue-watch', {});
    this.#take(entries, new Map());
  }

  /** What the relay says of a conversation. */
  entry(conversation: string): RelayEntry | undefined {
    return this.#entries.value.get(conversation);
  }

  /** What the relay says a device has claimed. */
  claimedBy(device: Uint8Array): RelayEntry[] {
    return [...this.#entries.value.values()].filter(({ by }) => by !== null && equal(by, device));
  }

  #take(entries: readonly RelayEntry[], before: ReadonlyMap<string, RelayEntry>): void {
    const next = new Map(before);
    for (const entry of entries) {
      if (entry.state === 'gone') next.delete(toHex(entry.conversation));
      else next.set(toHex(entry.conversation), entry);
    }
    this.#entries.set(next);
  }

  async #now(): Promise<QueueEntry[]> {
    const { store, self } = this.#context;
    const directory = await heldDirectory(this.#context, {
      get: async (table, key) => (await store.get(table, key))?.value,
    });
    // Who was removed is told nothing more: what is left here is of before.
    if (directory === null || memberById(directory, self.id) === undefined) return [];
    const out: QueueEntry[] = [];
    for (const entry of this.#entries.value.values()) {
      if (entry.state === 'gone') continue;
      const row = (await store.get(ROWS.conversation, [entry.conversation]))?.value;
      // What the customer has closed waits no longer, whatever the relay still says.
      if (row?.state === 'ended') continue;
      out.push({
        conversation: toHex(entry.conversation),
        since: entry.since,
        state: entry.state,
        by: entry.by === null ? null : toHex(entry.by),
        byName: entry.by === null ? null : (memberById(directory, entry.by)?.name ?? null),
        known: row === undefined ? null : conversationView(row, self.id),
      });
    }
    return out.sort((a, b) => a.since - b.since || (a.conversation < b.conversation ? -1 : 1));
  }
}
