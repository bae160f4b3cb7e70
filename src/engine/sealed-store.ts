/**
 * The logical side of the record store: values instead of bytes, named keys instead of blinded ones. Whatever the
 * engine stores goes through here, and nothing is kept in memory. docs/protocol.md §20, docs/vault.md §3.
 * @module
 */
import type { Codec } from '../bytes/shape.ts';
import { fromHex } from '../bytes/text.ts';
import { ChatError, usageError } from '../errors.ts';
import { NONCE_LENGTH, openRecord, sealRecord } from '../vault/record.ts';
import type { VaultKeys } from '../vault/vault-keys.ts';
import type { Random, RecordChange, RecordStore, StoredRecord, Table } from './ports.ts';
import {
  storageKeyOf,
  storageRangeOf,
  type RowKey,
  type SealedRange,
  type SealedTableName,
  type StorageKey,
} from './sealed-key.ts';
import { liveQuery } from './sealed-live.ts';
import type { Live } from './views.ts';

export type { KeyPart, RowKey, SealedRange, SealedTableName, StorageKey } from './sealed-key.ts';

/**
 * Rows of one kind: the table they lie in and the codec of their values. Several kinds may share a table if their keys
 * start with different parts.
 */
export interface SealedTable<T> {
  readonly table: SealedTableName;
  readonly codec: Codec<T>;
}

/** A row as read. */
export interface SealedRecord<T> {
  readonly key: StorageKey;
  readonly value: T;
  /** Counts the writes of the row from 1; what the next write of the row expects. */
  readonly version: number;
}

/** One change of a commit; made by `put` and `remove`. */
export interface SealedChange {
  readonly table: SealedTableName;
  readonly key: RowKey;
  readonly expects: number;
  /** The encoded value; null removes the row. */
  readonly value: Uint8Array | null;
}

/** Declares the rows of one kind. */
export function sealedTable<T>(table: SealedTableName, codec: Codec<T>): SealedTable<T> {
  return { table, codec };
}

/** The codec of values that are byte strings already. */
export const rawBytes: Codec<Uint8Array> = { encode: (value) => value, decode: (bytes) => bytes };

/**
 * Writes a row; its version becomes `expects + 1`.
 * @param expects the version it must have now: that of the record that was read, or 0 if it must not exist
 * @throws ChatError whatever the codec refuses
 */
export function put<T>(table: SealedTable<T>, key: RowKey, value: T, expects: number): SealedChange {
  return { table: table.table, key, expects, value: table.codec.encode(value) };
}

/** Removes a row that has this version now. */
export function remove(table: SealedTable<unknown>, key: RowKey, expects: number): SealedChange {
  return { table: table.table, key, expects, value: null };
}

/** The sealed store of one open vault. Reads and writes fail with `vault-locked` once its keys are erased. */
export interface SealedStore {
  /** @throws ChatError (internal) `record-damaged` when the stored row is not what was sealed for this place, or no such row */
  get<T>(table: SealedTable<T>, key: RowKey): Promise<SealedRecord<T> | undefined>;
  /** @throws ChatError as `get`; one damaged row fails the whole list */
  list<T>(table: SealedTable<T>, range: SealedRange): Promise<SealedRecord<T>[]>;
  /** The key a row has in the store; the same row always has the same. */
  keyOf(table: SealedTable<unknown>, key: RowKey): StorageKey;
  /** How many rows there are, without opening them (`limit` bounds the answer). */
  count(table: SealedTable<unknown>, range: SealedRange): Promise<number>;
  /**
   * All or nothing, durable when it resolves. No row may occur twice.
   * @throws ChatError `store-conflict` when a row's version is not the expected one, `store-full`, `store-lost`,
   *   `commit-duplicate` (usage); nothing is written then
   */
  commit(changes: readonly SealedChange[]): Promise<void>;
  /** Calls back after every commit, in this or another tab, that touched one of the tables. Returns the way to stop. */
  watch(tables: readonly Table[], listener: () => void): () => void;
  /**
   * A query that answers again after every commit that touched one of the tables. Each subscriber's queries never
   * overlap; changes that come during one are answered by one more. An error of the query or the listener goes to
   * `onError`, and the next change is answered all the same.
   */
  live<T>(tables: readonly Table[], query: () => Promise<T>): Live<T>;
}

/** The sealed store over a record store, for an open vault. */
export function openSealedStore(ports: { records: RecordStore; random: Random }, keys: VaultKeys): SealedStore {
  const { records, random } = ports;

  const opened = <T>({ table, codec }: SealedTable<T>, row: StoredRecord): SealedRecord<T> => {
    const place = { table, key: fromHex(row.key), version: row.version };
    return {
      key: row.key as StorageKey,
      value: codec.decode(openRecord(keys, place, row.bytes)),
      version: row.version,
    };
  };

  const sealed = ({ table, key, expects, value }: SealedChange): RecordChange => {
    const storageKey = storageKeyOf(keys, table, key);
    if (value === null) return { table, key: storageKey, expects, record: null };
    const place = { table, key: fromHex(storageKey), version: expects + 1 };
    const bytes = sealRecord(keys, place, value, random(NONCE_LENGTH));
    return { table, key: storageKey, expects, record: { version: place.version, bytes } };
  };

  const watch: SealedStore['watch'] = (tables, listener) => records.watch(tables, listener);

  return {
    watch,

    get: (table, key) =>
      notOfAPeer(table.table, async () => {
        const row = await records.get(table.table, storageKeyOf(keys, table.table, key));
        return row === undefined ? undefined : opened(table, row);
      }),

    list: (table, range) =>
      notOfAPeer(table.table, async () => {
        const rows = await records.list(table.table, storageRangeOf(keys, table.table, range));
        return rows.map((row) => opened(table, row));
      }),

    keyOf: ({ table }, key) => storageKeyOf(keys, table, key),

    async count({ table }, range) {
      return records.count(table, storageRangeOf(keys, table, range));
    },

    async commit(changes) {
      const rows = changes.map(sealed);
      if (new Set(rows.map(({ table, key }) => `${table} ${key}`)).size !== rows.length) {
        throw usageError('commit-duplicate', 'a row may be changed once in a commit');
      }
      if (rows.length > 0) await records.commit(rows);
    },

    live: (tables, query) => liveQuery((listener) => watch(tables, listener), query),
  };
}

/** What is wrong with the own store must not pass for a fault of whoever's frame was being decided: that would drop the frame. */
async function notOfAPeer<T>(table: Table, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof ChatError) || cause.kind !== 'peer') throw cause;
    const options = { cause, details: { ...cause.details, table } };
    throw new ChatError('internal', 'record-damaged', 'a stored row is not what was stored', options);
  }
}
