/**
 * The record store of a headless agent: LMDB, for one process at a time. docs/vault.md §2.
 * @module
 */
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import { ChatError, usageError } from '../../errors.ts';
import { TABLES, type KeyRange, type RecordStore, type StoredRecord, type Table } from '../../engine/ports.ts';

const VERSION_LENGTH = 8;
const NO_SPACE = new Set(['ENOSPC', 'EDQUOT', 'MDB_MAP_FULL', '-30792']);

interface Watcher {
  readonly tables: readonly Table[];
  readonly listener: () => void;
}

/** One environment, shared by all stores of this process that were opened at its path. */
interface Shared {
  readonly path: string;
  readonly env: RootDatabase;
  readonly owner: Database<number, string>;
  readonly tables: ReadonlyMap<Table, Database<Buffer, string>>;
  readonly watchers: Set<Watcher>;
  users: number;
  gone: ChatError | null;
}

const opened = new Map<string, Shared>();

/**
 * Opens the store in a directory, and makes it where there is none.
 * @throws ChatError `store-in-use` when another process has it open (`details.pid`), `store-lost` when it cannot be opened
 */
export function openLmdbRecords(directory: string): RecordStore {
  const path = resolve(directory);
  const shared = opened.get(path) ?? openShared(path);
  opened.set(path, shared);
  shared.users++;
  return storeOf(shared);
}

function openShared(path: string): Shared {
  let env: RootDatabase;
  try {
    env = open({ path, maxDbs: TABLES.length + 1, encoding: 'binary' });
  } catch (cause) {
    throw new ChatError('environment', 'store-lost', 'the database cannot be opened', { cause });
  }
  const owner = env.openDB<number, string>({ name: 'owner', encoding: 'ordered-binary' });
  const other = claim(env, owner);
  if (other !== null) {
    void env.close();
    throw new ChatError('environment', 'store-in-use', 'another process has the database open', {
      details: { pid: other },
    });
  }
  const tables = new Map(
    TABLES.map((table) => [table, env.openDB<Buffer, string>({ name: table, encoding: 'binary' })]),
  );
  return { path, env, owner, tables, watchers: new Set(), users: 0, gone: null };
}

/** Marks the database as this process's; the id of a living process that has it already, else null. */
function claim(env: RootDatabase, owner: Database<number, string>): number | null {
  return env.transactionSync(() => {
    const pid = owner.get('pid');
    if (pid !== undefined && pid !== process.pid && isAlive(pid)) return pid;
    owner.putSync('pid', process.pid);
    return null;
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return codeOf(error) === 'EPERM';
  }
}

function storeOf(shared: Shared): RecordStore {
  const own = new Set<Watcher>();
  let closed = false;

  const rowsOf = (table: Table): Database<Buffer, string> => {
    if (closed) throw usageError('store-closed', 'the store was closed');
    const rows = shared.tables.get(table);
    if (shared.gone !== null || rows === undefined) throw shared.gone ?? usageError('table-unknown', 'no such table');
    return rows;
  };

  const leave = (): boolean => {
    if (closed) return false;
    closed = true;
    for (const watcher of own) shared.watchers.delete(watcher);
    own.clear();
    return --shared.users === 0;
  };

  return {
    async get(table, key) {
      const value = rowsOf(table).get(key);
      return value === undefined ? undefined : recordOf(key, value);
    },

    async list(table, range) {
      const rows = rowsOf(table);
      if (range.from >= range.to) return [];
      return [...rows.getRange(lmdbRange(range))].map(({ key, value }) => recordOf(key, value));
    },

    async count(table, range) {
      const rows = rowsOf(table);
      if (range.from >= range.to) return 0;
      // LMDB's own count does not mind the limit.
      return Math.min(range.limit ?? Infinity, rows.getKeysCount({ start: range.from, end: range.to }));
    },

    async commit(changes) {
      if (changes.length === 0) return;
      const rows = changes.map(({ table }) => rowsOf(table));
      await written(() =>
        // Resolves after the sync to disk. A child transaction: what throws inside leaves nothing behind.
        shared.env.childTransaction(() => {
          changes.forEach(({ table, key, expects, record }, i) => {
            const value = rows[i]?.get(key);
            const now = value === undefined ? 0 : versionOf(value);
            if (now !== expects) {
              throw new ChatError('environment', 'store-conflict', 'a row is not as expected', {
                details: { table, expects, now },
              });
            }
            if (record === null) rows[i]?.removeSync(key);
            else rows[i]?.putSync(key, valueOf(record));
          });
        }),
      );
      wake(
        shared,
        changes.map(({ table }) => table),
      );
    },

    watch(tables, listener) {
      const watcher = { tables, listener };
      own.add(watcher);
      shared.watchers.add(watcher);
      return () => {
        own.delete(watcher);
        shared.watchers.delete(watcher);
      };
    },

    async destroy() {
      rowsOf('vault');
      shared.gone = new ChatError('environment', 'store-lost', 'the database was deleted');
      opened.delete(shared.path);
      await shared.env.close();
      await rm(shared.path, { recursive: true, force: true });
      wake(shared, TABLES);
    },

    close() {
      if (!leave() || shared.gone !== null) return;
      opened.delete(shared.path);
      shared.owner.removeSync('pid');
      void shared.env.close();
    },
  };
}

function wake(shared: Shared, tables: readonly Table[]): void {
  queueMicrotask(() => {
    for (const watcher of [...shared.watchers]) {
      if (shared.watchers.has(watcher) && watcher.tables.some((table) => tables.includes(table))) watcher.listener();
    }
  });
}

async function written(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ChatError) throw error;
    const details = { reason: codeOf(error) };
    if (NO_SPACE.has(details.reason)) {
      throw new ChatError('environment', 'store-full', 'there is no room left', { cause: error, details });
    }
    throw new ChatError('environment', 'store-lost', 'the database cannot be written', { cause: error, details });
  }
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

function lmdbRange({ from, to, limit, reverse = false }: KeyRange) {
  const bounds = reverse
    ? { start: to, exclusiveStart: true, end: from, inclusiveEnd: true, reverse: true }
    : { start: from, end: to };
  return limit === undefined ? bounds : { ...bounds, limit };
}

function valueOf({ version, bytes }: { version: number; bytes: Uint8Array }): Buffer {
  const value = Buffer.alloc(VERSION_LENGTH + bytes.length);
  value.writeBigUInt64BE(BigInt(version));
  value.set(bytes, VERSION_LENGTH);
  return value;
}

function versionOf(value: Buffer): number {
  return Number(value.readBigUInt64BE());
}

function recordOf(key: string, value: Buffer): StoredRecord {
  // A copy: the buffer may lie in the mapped file.
  return { key, version: versionOf(value), bytes: new Uint8Array(value.subarray(VERSION_LENGTH)) };
}
