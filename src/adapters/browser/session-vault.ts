/**
 * The table `vault` of a session, in `sessionStorage`: one entry for all, so that a write is whole or not at all.
 * @module
 */
import { ChatError } from '../../errors.ts';
import type { KeyRange, RecordChange, StoredRecord } from '../../engine/ports.ts';
import { toBytes, toText } from './base64url.ts';
import { tabStorage } from './tab-storage.ts';

/** `rows`: version and base64url by key. */
interface Entry {
  readonly database: string;
  readonly rows: Readonly<Record<string, readonly [number, string]>>;
}

const watchers = new Map<string, Set<() => void>>();

export class SessionVault {
  readonly #key: string;
  readonly #storage = tabStorage();

  constructor(name: string) {
    this.#key = `${name} session vault`;
  }

  /** The database that the rows belong to; null: there is none in this tab. */
  get database(): string | null {
    return this.#read()?.database ?? null;
  }

  /** Begins anew, without a row. @returns false: the tab keeps nothing */
  begin(database: string): boolean {
    return this.#write({ database, rows: {} });
  }

  /** Forgets everything. */
  end(): void {
    this.#storage.remove(this.#key);
    this.#wake();
  }

  /** Rows in order. @throws ChatError `store-lost` when the tab has another database now, or none */
  list(database: string, { from, to, limit, reverse = false }: KeyRange): StoredRecord[] {
    const keys = Object.keys(this.#rowsOf(database)).filter((key) => key >= from && key < to);
    keys.sort();
    if (reverse) keys.reverse();
    return keys.slice(0, limit ?? keys.length).map((key) => this.get(database, key) as StoredRecord);
  }

  get(database: string, key: string): StoredRecord | undefined {
    const [version, text] = this.#rowsOf(database)[key] ?? [];
    if (version === undefined || text === undefined) return undefined;
    const bytes = toBytes(text);
    if (bytes === null) {
      throw new ChatError('peer', 'record-damaged', 'a stored row is not what was stored', {
        details: { table: 'vault' },
      });
    }
    return { key, version, bytes };
  }

  /** All or nothing. @throws ChatError `store-conflict`, `store-full`, `store-lost` */
  commit(database: string, changes: readonly RecordChange[]): void {
    const rows = new Map(Object.entries(this.#rowsOf(database)));
    for (const { table, key, expects } of changes) {
      const now = rows.get(key)?.[0] ?? 0;
      if (now === expects) continue;
      throw new ChatError('environment', 'store-conflict', 'a row is not as expected', {
        details: { table, expects, now },
      });
    }
    for (const { key, record } of changes) {
      if (record === null) rows.delete(key);
      else rows.set(key, [record.version, toText(record.bytes)]);
    }
    if (!this.#write({ database, rows: Object.fromEntries(rows) })) {
      throw new ChatError('environment', 'store-full', 'there is no room left in the tab');
    }
    this.#wake();
  }

  /** Calls back after every commit, in this and the other documents of the tab. Returns the way to stop. */
  watch(listener: () => void): () => void {
    const set = watchers.get(this.#key) ?? new Set();
    watchers.set(this.#key, set);
    const entry = (): void => listener();
    const heard = ({ key, storageArea }: StorageEvent): void => {
      // No key: everything was cleared.
      if ((key === this.#key || key === null) && storageArea !== localStorage) entry();
    };
    set.add(entry);
    addEventListener('storage', heard);
    return () => {
      set.delete(entry);
      removeEventListener('storage', heard);
    };
  }

  #wake(): void {
    const set = watchers.get(this.#key) ?? new Set();
    queueMicrotask(() => {
      for (const wake of [...set]) if (set.has(wake)) wake();
    });
  }

  #rowsOf(database: string): Entry['rows'] {
    const entry = this.#read();
    if (entry?.database === database) return entry.rows;
    throw new ChatError('environment', 'store-lost', 'the session has ended');
  }

  #read(): Entry | null {
    const text = this.#storage.read(this.#key);
    if (text === null) return null;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // Not ours: as if there were nothing.
      return null;
    }
    return isEntry(value) ? value : null;
  }

  #write(entry: Entry): boolean {
    return this.#storage.write(this.#key, JSON.stringify(entry));
  }
}

function isEntry(value: unknown): value is Entry {
  const { database, rows } = (value ?? {}) as { database?: unknown; rows?: unknown };
  if (typeof database !== 'string' || typeof rows !== 'object' || rows === null) return false;
  return Object.values(rows).every((row: unknown) => {
    const [version, text, ...rest] = Array.isArray(row) ? (row as unknown[]) : [];
    return Number.isSafeInteger(version) && typeof text === 'string' && rest.length === 0;
  });
}
