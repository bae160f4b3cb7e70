/**
 * The record store of a browser profile: IndexedDB by Dexie, one object store per table, keys beside the values.
 * docs/vault.md §2, docs/decisions/0012-indexeddb-store.md.
 * @module
 */
import { Dexie, type Table as DexieTable } from 'dexie';
import { ChatError, peerError, usageError } from '../../errors.ts';
import { TABLES, type KeyRange, type RecordStore, type StoredRecord, type Table } from '../../engine/ports.ts';

/** Which database this is: one that was deleted and made anew is another, even under the same name. */
const IDENTITY = 'identity';
const OPEN_LIMIT = 10_000;
const DELETE_LIMIT = 5_000;

/** A row's value: its version and sealed bytes. */
interface Row {
  readonly v: number;
  readonly d: Uint8Array;
}

/**
 * Opens the store, and makes it where there is none.
 * @param name the database's name: `recordsName(deskKey)`
 * @throws ChatError `store-lost` when the browser gives no database (private windows of some, a full or broken disk)
 */
export async function openDexieRecords(name: string): Promise<RecordStore> {
  const store = new DexieRecords(name);
  await store.open();
  return store;
}

/** The database's name for the client of a desk. @param deskKey `dk1_…` */
export function recordsName(deskKey: string): string {
  return `secure-chat ${deskKey}`;
}

class DexieRecords implements RecordStore {
  readonly #db: Dexie;
  readonly #watchers = new Set<() => void>();
  #identity: string | undefined;
  #gone: ChatError | null = null;

  constructor(name: string) {
    // `strict`: a commit that resolved survives a power cut; by default browsers may lose it.
    const db = new Dexie(name, { chromeTransactionDurability: 'strict', cache: 'disabled' });
    db.version(1).stores({ ...Object.fromEntries(TABLES.map((table) => [table, ''])), [IDENTITY]: '' });
    db.on('populate', (tx) => {
      void tx.table(IDENTITY).add(String(crypto.getRandomValues(new Uint32Array(4))), IDENTITY);
    });
    // Sticky: Dexie opens again by itself after a page came back from the browser's cache or the browser closed the database.
    db.on('ready', (opened) => this.#recognise(opened), true);
    db.on('versionchange', ({ newVersion }) => {
      this.#lose(newVersion === null ? 'the database was deleted' : 'another version of the program took the database');
      return false;
    });
    db.on('blocked', () => false);
    this.#db = db;
  }

  async open(): Promise<void> {
    await this.#mapped(() => within(OPEN_LIMIT, this.#db.open(), 'the database did not open in time'));
  }

  get(table: Table, key: string): Promise<StoredRecord | undefined> {
    return this.#mapped(async () => {
      const row = await this.#rows(table).get(key);
      return row === undefined ? undefined : recordOf(table, key, row);
    });
  }

  list(table: Table, range: KeyRange): Promise<StoredRecord[]> {
    return this.#mapped(async () => {
      const found: [string, Row][] = [];
      if (range.from < range.to) {
        await this.#range(table, range).each((row, { primaryKey }) => {
          found.push([primaryKey, row]);
        });
      }
      // Not in the callback above: Dexie drops what is thrown there.
      return found.map(([key, row]) => recordOf(table, key, row));
    });
  }

  count(table: Table, range: KeyRange): Promise<number> {
    return this.#mapped(async () => (range.from >= range.to ? 0 : this.#range(table, range).count()));
  }

  commit(changes: Parameters<RecordStore['commit']>[0]): Promise<void> {
    if (changes.length === 0) return Promise.resolve();
    const tables = [...new Set(changes.map(({ table }) => table))];
    return this.#mapped(() =>
      this.#db.transaction('rw', tables, async () => {
        const rows = await Promise.all(changes.map(({ table, key }) => this.#rows(table).get(key)));
        changes.forEach(({ table, expects }, i) => {
          const now = rows[i]?.v ?? 0;
          if (now === expects) return;
          throw new ChatError('environment', 'store-conflict', 'a row is not as expected', {
            details: { table, expects, now },
          });
        });
        await Promise.all(
          changes.map(async ({ table, key, record }) => {
            if (record === null) await this.#rows(table).delete(key);
            // A copy: the structured clone of a view would store all of the buffer beneath it.
            else await this.#rows(table).put({ v: record.version, d: record.bytes.slice() }, key);
          }),
        );
      }),
    );
  }

  watch(tables: readonly Table[], listener: () => void): () => void {
    const prefixes = tables.map((table) => `idb://${this.#db.name}/${table}/`);
    const later = (): void => {
      // Not within Dexie's chain of subscribers, which an error would break.
      queueMicrotask(() => {
        if (this.#watchers.has(later)) listener();
      });
    };
    const mutated = (parts: object): void => {
      const names = Object.keys(parts);
      // `all`: the page came back from the browser's cache and may have missed anything.
      if (names.some((name) => name === 'all' || prefixes.some((prefix) => name.startsWith(prefix)))) later();
    };
    this.#watchers.add(later);
    Dexie.on('storagemutated', mutated);
    return () => {
      this.#watchers.delete(later);
      Dexie.on.storagemutated.unsubscribe(mutated);
    };
  }

  async destroy(): Promise<void> {
    await this.#mapped(async () => {
      // First the contents: a deletion may have to wait for a tab that the browser has frozen.
      await this.#db.transaction('rw', [...TABLES, IDENTITY], async () => {
        await Promise.all([...TABLES, IDENTITY].map((table) => this.#db.table(table).clear()));
      });
      this.#lose('the database was deleted');
      await Promise.race([this.#db.delete({ disableAutoOpen: true }), delay(DELETE_LIMIT)]);
    });
  }

  close(): void {
    this.#gone ??= usageError('store-closed', 'the store was closed');
    this.#watchers.clear();
    this.#db.close({ disableAutoOpen: true });
  }

  async #recognise(db: Dexie): Promise<void> {
    const identity = (await db.table(IDENTITY).get(IDENTITY)) as string | undefined;
    this.#identity ??= identity;
    if (identity === undefined || identity !== this.#identity) {
      this.#lose('the database was deleted');
      throw storeLost('the database was deleted');
    }
    // The browser closed it by force, perhaps because the user cleared the site's data: whoever watches is to find out.
    db.backendDB().addEventListener('close', () => this.#wakeAll());
  }

  #lose(message: string): void {
    if (this.#gone !== null) return;
    this.#gone = storeLost(message);
    this.#db.close({ disableAutoOpen: true });
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of [...this.#watchers]) wake();
  }

  #rows(table: Table): DexieTable<Row, string> {
    return this.#db.table<Row, string>(table);
  }

  #range(table: Table, { from, to, limit, reverse = false }: KeyRange) {
    const rows = this.#rows(table).where(':id').between(from, to, true, false);
    const ordered = reverse ? rows.reverse() : rows;
    return limit === undefined ? ordered : ordered.limit(limit);
  }

  async #mapped<T>(work: () => PromiseLike<T>): Promise<T> {
    if (this.#gone !== null) throw this.#gone;
    try {
      return await work();
    } catch (error) {
      throw this.#gone ?? storeError(error);
    }
  }
}

const LOST = new Set([
  'AbortError',
  'DatabaseClosedError',
  'InvalidStateError',
  'MissingAPIError',
  'NotFoundError',
  'OpenFailedError',
  'SecurityError',
  'UnknownError',
  'VersionError',
]);

/** What a failure of Dexie's or the browser's means; the innermost error tells. */
function storeError(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  const names: string[] = [];
  for (
    let e = error, depth = 0;
    typeof e === 'object' && e !== null && depth < 5;
    e = (e as { inner?: unknown }).inner, depth++
  ) {
    if (e instanceof ChatError) return e;
    if ('name' in e) names.push(String(e.name));
  }
  const details = { reason: names.join(' ') };
  if (names.includes('QuotaExceededError')) {
    return new ChatError('environment', 'store-full', 'there is no room left', { cause: error, details });
  }
  if (names.some((name) => LOST.has(name))) {
    return new ChatError('environment', 'store-lost', 'the database cannot be used', { cause: error, details });
  }
  return new ChatError('internal', 'internal', 'the database failed', { cause: error, details });
}

function storeLost(message: string): ChatError {
  return new ChatError('environment', 'store-lost', message);
}

function recordOf(table: Table, key: string, row: Row): StoredRecord {
  if (!Number.isSafeInteger(row.v) || !(row.d instanceof Uint8Array)) {
    throw peerError('record-damaged', 'a stored row is not what was stored', { details: { table } });
  }
  return { key, version: row.v, bytes: row.d };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function within<T>(ms: number, work: PromiseLike<T>, message: string): Promise<T> {
  return Promise.race([
    work,
    delay(ms).then(() => {
      throw storeLost(message);
    }),
  ]);
}
