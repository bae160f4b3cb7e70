/**
 * The relay's side of tickets in memory, as docs/relay.md §5.9 has it.
 * @module
 */
import { equal } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/text.ts';
import type { Clock } from '../../src/engine/ports.ts';
import type { TicketAccess } from '../../src/engine/unlock.ts';
import { ChatError } from '../../src/errors.ts';

const LIFE = 7 * 24 * 3_600_000;

/** Keeps halves for seven days; can be cut off. */
export class TicketRelay implements TicketAccess {
  /** By id in hexadecimal. */
  readonly held = new Map<string, { half: Uint8Array; expires: number }>();
  /** Refuses every call while set. */
  offline = false;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async put(id: Uint8Array, half: Uint8Array, life = LIFE): Promise<void> {
    this.#answer();
    const known = this.held.get(toHex(id));
    if (known !== undefined && !equal(known.half, half))
      throw new ChatError('environment', 'ticket-conflict', 'another half');
    this.held.set(toHex(id), { half: half.slice(), expires: this.#clock.now() + Math.min(life, LIFE) });
  }

  async read(id: Uint8Array): Promise<Uint8Array | undefined> {
    this.#answer();
    const known = this.held.get(toHex(id));
    return known === undefined || known.expires <= this.#clock.now() ? undefined : known.half.slice();
  }

  async drop(id: Uint8Array): Promise<void> {
    this.#answer();
    this.held.delete(toHex(id));
  }

  #answer(): void {
    if (this.offline) throw new ChatError('environment', 'relay-unreachable', 'no connection');
  }
}
