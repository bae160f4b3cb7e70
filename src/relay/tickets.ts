/**
 * Half-keys of clients' vaults. Who knows a ticket's id may read and drop it; the store knows only the id's hash.
 * docs/relay.md §5.9.
 * @module
 */
import { createHash } from 'node:crypto';
import { equal } from '../bytes/bytes.ts';
import { MAX_TICKET_LIFE } from '../wire/limits.ts';
import type { RequestBody } from '../wire/requests.ts';
import type { RelayLimits } from './limits.ts';
import type { Rates } from './rates.ts';
import { refused } from './refusal.ts';
import { Serial } from './serial.ts';
import type { Session } from './session.ts';
import type { RelayStore } from './store.ts';

export class Tickets {
  readonly #store: RelayStore;
  readonly #rates: Rates;
  readonly #limits: RelayLimits;
  readonly #now: () => number;
  readonly #serial = new Serial();
  #count: number | null = null;

  constructor(options: { store: RelayStore; rates: Rates; limits: RelayLimits; now: () => number }) {
    this.#store = options.store;
    this.#rates = options.rates;
    this.#limits = options.limits;
    this.#now = options.now;
  }

  /**
   * Keeps a half, durably, or moves its end.
   * @throws ChatError `ticket-lifetime`, `ticket-conflict`, `quota`, `rate-limited` when the address brings too many new ones
   */
  async put({ address }: Session, { id, half, expires }: RequestBody<'ticket-put'>): Promise<void> {
    const now = this.#now();
    if (expires <= now || expires > now + MAX_TICKET_LIFE) {
      throw refused('ticket-lifetime', 'a ticket ends within seven days');
    }
    const key = keyOf(id);
    await this.#serial.run(key, async () => {
      const row = await this.#store.get('tickets', key);
      const isLive = row !== undefined && (row.expires ?? 0) > now;
      if (isLive && !equal(row.value, half)) throw refused('ticket-conflict', 'the id has another half');
      const count = (this.#count ??= await this.#store.count('tickets', ''));
      if (row === undefined && count >= this.#limits.tickets) throw refused('quota', 'no room for tickets');
      const retryAfter = isLive ? null : this.#rates.take('addressNewTickets', address);
      if (retryAfter !== null) throw refused('rate-limited', 'too many tickets of this address', { retryAfter });
      await this.#store.commit([{ table: 'tickets', key, expects: 'any', put: { value: half, expires } }]);
      if (row === undefined) this.#count += 1;
    });
  }

  /** @throws ChatError `ticket-unknown` */
  async read(id: Uint8Array): Promise<Uint8Array> {
    const row = await this.#store.get('tickets', keyOf(id));
    if (row === undefined || (row.expires ?? 0) <= this.#now()) throw refused('ticket-unknown', 'no such ticket');
    return row.value;
  }

  /** Forgets a half, durably. @throws ChatError `ticket-unknown` */
  async drop(id: Uint8Array): Promise<void> {
    const key = keyOf(id);
    await this.#serial.run(key, async () => {
      await this.read(id);
      await this.#store.commit([{ table: 'tickets', key, expects: 'any', put: null }]);
      this.expired();
    });
  }

  /** A row was removed. */
  expired(): void {
    if (this.#count !== null) this.#count -= 1;
  }
}

function keyOf(id: Uint8Array): string {
  return createHash('sha256').update(id).digest('hex');
}
