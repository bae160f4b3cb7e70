/**
 * A step of the engine: read under the lock, compute, write all or nothing. Nothing read is kept for the next step, so
 * two tabs never advance one ratchet state twice (docs/protocol.md §20).
 * @module
 */
import { codeOf } from '../errors.ts';
import type { Locks } from './ports.ts';
import {
  put,
  remove,
  type KeyPart,
  type SealedChange,
  type SealedStore,
  type SealedTable,
  type StorageKey,
} from './sealed-store.ts';

const LOCK = 'engine';
const ATTEMPTS = 3;

interface Touched {
  readonly table: SealedTable<unknown>;
  readonly key: readonly KeyPart[] | StorageKey;
  readonly version: number;
  value: unknown;
  changed: boolean;
}

/** What a step may do. Reads see the step's own writes. */
export class Step {
  readonly #store: SealedStore;
  readonly #rows = new Map<string, Touched>();

  constructor(store: SealedStore) {
    this.#store = store;
  }

  /** The value of a row; undefined if there is none. */
  async get<T>(table: SealedTable<T>, key: readonly KeyPart[]): Promise<T | undefined> {
    return (await this.#touch(table, key)).value as T | undefined;
  }

  /** Writes a row. */
  async put<T>(table: SealedTable<T>, key: readonly KeyPart[], value: T): Promise<void> {
    const row = await this.#touch(table, key);
    row.value = value;
    row.changed = true;
  }

  /** Removes a row; nothing happens if there is none. */
  async remove(table: SealedTable<unknown>, key: readonly KeyPart[]): Promise<void> {
    const row = await this.#touch(table, key);
    row.value = undefined;
    row.changed = true;
  }

  /**
   * All values under a prefix, in the order of their keys; rows made in this step come last.
   * @param after only rows whose first part after the prefix is a number above this, as stored
   */
  async list<T>(table: SealedTable<T>, prefix: readonly KeyPart[], after?: number): Promise<T[]> {
    const stored = await this.#store.list(table, after === undefined ? { prefix } : { prefix, after });
    for (const { key, value, version } of stored) {
      const name = this.#name(table, key);
      if (!this.#rows.has(name)) this.#rows.set(name, { table, key, version, value, changed: false });
    }
    const names = new Set(stored.map(({ key }) => this.#name(table, key)));
    for (const [name, row] of this.#rows) {
      if (
        row.table.table === table.table &&
        Array.isArray(row.key) &&
        this.#startsWith(table, row.key as readonly KeyPart[], prefix)
      )
        names.add(name);
    }
    return [...names]
      .map((name) => this.#rows.get(name)?.value as T | undefined)
      .filter((value) => value !== undefined);
  }

  /** What is to be committed. */
  changes(): SealedChange[] {
    const out: SealedChange[] = [];
    for (const { table, key, version, value, changed } of this.#rows.values()) {
      if (!changed) continue;
      if (value !== undefined) out.push(put(table, key, value, version));
      else if (version > 0) out.push(remove(table, key, version));
    }
    return out;
  }

  async #touch(table: SealedTable<unknown>, key: readonly KeyPart[]): Promise<Touched> {
    const name = this.#name(table, key);
    const known = this.#rows.get(name);
    if (known !== undefined) return known;
    const found = await this.#store.get(table, key);
    const row: Touched = { table, key, version: found?.version ?? 0, value: found?.value, changed: false };
    this.#rows.set(name, row);
    return row;
  }

  #name(table: SealedTable<unknown>, key: readonly KeyPart[] | StorageKey): string {
    return `${table.table} ${this.#store.keyOf(table, key)}`;
  }

  #startsWith(table: SealedTable<unknown>, key: readonly KeyPart[], prefix: readonly KeyPart[]): boolean {
    if (key.length < prefix.length) return false;
    return (
      prefix.length === 0 || this.#store.keyOf(table, key.slice(0, prefix.length)) === this.#store.keyOf(table, prefix)
    );
  }
}

/**
 * Runs a step and commits what it wrote. If it throws, nothing is written.
 * @throws ChatError whatever the step throws, and `store-conflict`, `store-full`, `store-lost` of the store
 */
export async function runStep<T>(
  ports: { store: SealedStore; locks: Locks },
  work: (step: Step) => Promise<T>,
): Promise<T> {
  return ports.locks.exclusive(LOCK, async () => {
    for (let attempt = 1; ; attempt++) {
      const step = new Step(ports.store);
      const result = await work(step);
      try {
        await ports.store.commit(step.changes());
        return result;
      } catch (error) {
        // Only a writer outside of the lock (a lock that the browser took away) can cause it: read afresh and try again.
        if (codeOf(error) !== 'store-conflict' || attempt === ATTEMPTS) throw error;
      }
    }
  });
}
