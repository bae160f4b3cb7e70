/**
 * Programs that stop at a chosen step, as when the power fails.
 * @module
 */
import type { MemoryDisk } from '../../src/adapters/memory/memory-records.ts';
import type { RecordStore } from '../../src/engine/ports.ts';
import type { TicketAccess } from '../../src/engine/unlock.ts';
import type { VaultAccess } from '../../src/engine/vault-access.ts';

/**
 * Counts the effects that a program has on its store and its relay, and ends the program before or after one of them:
 * from then on nothing that it waits for ever happens.
 */
export class Crash {
  /** Effects that have happened. */
  steps = 0;
  happened = false;
  /** The disk as it was before each write, the last one last. */
  readonly beforeWrites: MemoryDisk[] = [];
  /** Resolves when the program has ended at its step. */
  readonly ended: Promise<void>;
  #onEnd = (): void => undefined;
  readonly #at: number;
  readonly #when: 'before' | 'after';

  /** @param at the number of the effect, from 0; Infinity: never */
  constructor(at: number, when: 'before' | 'after') {
    this.#at = at;
    this.#when = when;
    this.ended = new Promise((resolve) => (this.#onEnd = resolve));
  }

  /** The disk as it was before the last write. */
  get beforeLastWrite(): MemoryDisk | null {
    return this.beforeWrites.at(-1) ?? null;
  }

  /** The store, opened on this disk, for the program that will crash. */
  records(disk: MemoryDisk): RecordStore {
    const store = disk.open();
    return {
      ...store,
      commit: (changes) =>
        this.#effect(async () => {
          this.beforeWrites.push(disk.copy());
          await store.commit(changes);
        }),
      destroy: () => this.#effect(() => store.destroy()),
    };
  }

  /** The relay for the program that will crash. */
  tickets(relay: TicketAccess): TicketAccess {
    return {
      put: (id, half, life) => this.#effect(() => relay.put(id, half, life)),
      read: (id) => this.#effect(() => relay.read(id)),
      drop: (id) => this.#effect(() => relay.drop(id)),
    };
  }

  /** The relay's part of vaults with a PIN, for the program that will crash. */
  vaults(relay: VaultAccess): VaultAccess {
    return {
      create: (seed, fields) => this.#effect(() => relay.create(seed, fields)),
      renew: (seed, fields) => this.#effect(() => relay.renew(seed, fields)),
      register: (seed, fields) => this.#effect(() => relay.register(seed, fields)),
      evaluate: (seed, fields) => this.#effect(() => relay.evaluate(seed, fields)),
      prove: (seed, fields) => this.#effect(() => relay.prove(seed, fields)),
      retire: (seed, fields) => this.#effect(() => relay.retire(seed, fields)),
      destroy: (seed) => this.#effect(() => relay.destroy(seed)),
    };
  }

  async #effect<T>(work: () => Promise<T>): Promise<T> {
    const step = this.steps++;
    if (this.happened || (step === this.#at && this.#when === 'before')) return this.#end();
    const result = await work();
    return step === this.#at ? this.#end() : result;
  }

  #end(): Promise<never> {
    this.happened = true;
    this.#onEnd();
    return new Promise(() => undefined);
  }
}
