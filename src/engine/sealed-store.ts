/**
 * The logical side of the record store: values instead of bytes, named keys instead of blinded ones. Whatever the
 * engine stores goes through here, and nothing is kept in memory. docs/protocol.md §20, docs/vault.md §3.
 * @module
 */
import type { Codec } from '../bytes/shape.ts';
import { usageError } from '../errors.ts';
import type { VaultKeys } from '../vault/vault-keys.ts';
import type { Random, RecordStore, Table } from './ports.ts';
import type { Live } from './views.ts';

/** Every table but `vault`, which is readable before unlocking. */
export type SealedTableName = Exclude<Table, 'vault'>;

/**
 * One part of a logical key. Texts and byte strings are blinded (16 B in the store: equal parts of one table stay equal,
 * nothing else shows). Numbers (0 … 2^53 − 1) stay readable as u64 big-endian and keep their order.
 */
export type KeyPart = string | Uint8Array | number;

/** A row's key as the store sees it, for going on from a row that was listed; lower-case hexadecimal. */
export type StorageKey = string & { readonly [storageKeyBrand]: true };
declare const storageKeyBrand: unique symbol;

/** Names a row: by its parts, or by the storage key of a row that was read. */
export type RowKey = readonly KeyPart[] | StorageKey;

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

/** The rows whose keys start with the parts of `prefix` (`[]`: all of the table), in the order of their keys. */
export interface SealedRange {
  readonly prefix: readonly KeyPart[];
  /** Only rows behind this one, or whose first part after the prefix is a number above this. */
  readonly after?: number | StorageKey;
  /** Only rows in front of this one, or whose first part after the prefix is a number below this. */
  readonly before?: number | StorageKey;
  readonly limit?: number;
  /** From the last to the first; `limit` then takes the last ones. */
  readonly reverse?: boolean;
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
  /** @throws ChatError `record-damaged` when the stored row is not what was sealed for this place; whatever the codec refuses */
  get<T>(table: SealedTable<T>, key: RowKey): Promise<SealedRecord<T> | undefined>;
  /** @throws ChatError as `get`; one damaged row fails the whole list */
  list<T>(table: SealedTable<T>, range: SealedRange): Promise<SealedRecord<T>[]>;
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
export function openSealedStore(_ports: { records: RecordStore; random: Random }, _keys: VaultKeys): SealedStore {
  throw usageError('not-ready', 'filled by the next commit');
}
