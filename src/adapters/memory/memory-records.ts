/**
 * A record store in memory: for clients that are to leave nothing behind, and for tests.
 * @module
 */
import { ChatError, usageError } from '../../errors.ts';
import type { KeyRange, RecordStore, Table } from '../../engine/ports.ts';

type Rows = Map<string, { readonly version: number; readonly bytes: Uint8Array }>;
type Watcher = { readonly tables: readonly Table[]; readonly listener: () => void };

/** What several stores share, as the tabs of one browser profile share a database. */
export class MemoryDisk {
  #tables: Map<Table, Rows> | null = new Map();
  readonly #watchers = new Set<Watcher>();

  /** Another store over the same rows. */
  open(): RecordStore {
    // After a destruction the first store that is opened finds a new, empty disk; the old ones stay lost.
    this.#tables ??= new Map();
    const tables = this.#tables;
    let closed = false;
    const own = new Set<Watcher>();

    const rowsOf = (table: Table): Rows => {
      if (closed) throw usageError('store-closed', 'the store was closed');
      if (this.#tables !== tables) throw new ChatError('environment', 'store-lost', 'the store was destroyed');
      const rows = tables.get(table) ?? (new Map() as Rows);
      tables.set(table, rows);
      return rows;
    };

    return {
      async get(table, key) {
        const row = rowsOf(table).get(key);
        return row === undefined ? undefined : { key, version: row.version, bytes: row.bytes.slice() };
      },

      async list(table, range) {
        const found = [...rowsOf(table)].filter(([key]) => key >= range.from && key < range.to);
        return inOrder(found, range).map(([key, { version, bytes }]) => ({ key, version, bytes: bytes.slice() }));
      },

      async count(table, { from, to, limit }) {
        const found = [...rowsOf(table).keys()].filter((key) => key >= from && key < to).length;
        return limit === undefined ? found : Math.min(limit, found);
      },

      commit: async (changes) => {
        for (const { table, key, expects } of changes) {
          const now = rowsOf(table).get(key)?.version ?? 0;
          if (now !== expects) {
            throw new ChatError('environment', 'store-conflict', 'a row is not as expected', {
              details: { table, expects, now },
            });
          }
        }
        for (const { table, key, record } of changes) {
          if (record === null) rowsOf(table).delete(key);
          else rowsOf(table).set(key, { version: record.version, bytes: record.bytes.slice() });
        }
        this.#wake(changes.map(({ table }) => table));
      },

      watch: (watched, listener) => {
        const watcher = { tables: watched, listener };
        own.add(watcher);
        this.#watchers.add(watcher);
        return () => {
          own.delete(watcher);
          this.#watchers.delete(watcher);
        };
      },

      destroy: async () => {
        if (closed) throw usageError('store-closed', 'the store was closed');
        if (this.#tables === tables) this.#tables = null;
        this.#wake(null);
      },

      close: () => {
        closed = true;
        for (const watcher of own) this.#watchers.delete(watcher);
        own.clear();
      },
    };
  }

  /** A disk with the same rows that goes its own way from now on: a copy that somebody made, or a restored one. */
  copy(): MemoryDisk {
    const copy = new MemoryDisk();
    copy.#tables = new Map([...(this.#tables ?? [])].map(([table, rows]) => [table, new Map(rows)]));
    return copy;
  }

  /** Null: whatever they watch. */
  #wake(tables: readonly Table[] | null): void {
    void Promise.resolve().then(() => {
      for (const watcher of [...this.#watchers]) {
        const concerned = tables === null || watcher.tables.some((table) => tables.includes(table));
        if (concerned && this.#watchers.has(watcher)) watcher.listener();
      }
    });
  }
}

function inOrder<T>(rows: [string, T][], { limit, reverse = false }: KeyRange): [string, T][] {
  rows.sort(([a], [b]) => (a < b ? -1 : 1));
  if (reverse) rows.reverse();
  return limit === undefined ? rows : rows.slice(0, limit);
}

/** A store of its own that shares its rows with nobody. */
export function memoryRecords(): RecordStore {
  return new MemoryDisk().open();
}
