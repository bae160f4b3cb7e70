/**
 * Logical keys of rows and the storage keys made of them. docs/protocol.md §20, docs/vault.md §3.
 * @module
 */
import { u64be } from '../bytes/bytes.ts';
import { toHex } from '../bytes/text.ts';
import { usageError } from '../errors.ts';
import { blindPart } from '../vault/record.ts';
import type { VaultKeys } from '../vault/vault-keys.ts';
import type { KeyRange, Table } from './ports.ts';

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

/** Behind every storage key that starts with what precedes it: no hexadecimal digit is greater. */
const END = 'g';
/** The least hexadecimal digit: what follows a key directly is the key and this. */
const NEXT = '0';

const MAX_BLINDED = 2_048;
const blinded = new WeakMap<VaultKeys, Map<string, string>>();

/** The storage key of a row. @throws ChatError `key-malformed` (usage), `vault-locked` */
export function storageKeyOf(keys: VaultKeys, table: SealedTableName, key: RowKey): StorageKey {
  if (typeof key === 'string') return key;
  if (key.length === 0) throw usageError('key-malformed', 'a key has at least one part');
  return startOf(keys, table, key) as StorageKey;
}

/** The range of storage keys. @throws ChatError `key-malformed` (usage), `vault-locked` */
export function storageRangeOf(keys: VaultKeys, table: SealedTableName, range: SealedRange): KeyRange {
  const { prefix, after, before, limit, reverse } = range;
  const start = startOf(keys, table, prefix);
  const end = start + END;
  const from = after === undefined ? start : typeof after === 'string' ? after + NEXT : start + numberPart(after) + END;
  const to = before === undefined ? end : typeof before === 'string' ? before : start + numberPart(before);
  return {
    from: from > start ? from : start,
    to: to < end ? to : end,
    ...(limit === undefined ? {} : { limit }),
    ...(reverse === undefined ? {} : { reverse }),
  };
}

function startOf(keys: VaultKeys, table: SealedTableName, parts: readonly KeyPart[]): string {
  return parts.map((part) => (typeof part === 'number' ? numberPart(part) : blindedPart(keys, table, part))).join('');
}

/**
 * `blindPart` in hexadecimal. The same few parts are asked for over and over, and what comes out lies open in the store: the
 * latest are kept, as long as the keys are.
 */
function blindedPart(keys: VaultKeys, table: SealedTableName, part: string | Uint8Array): string {
  if (keys.erased) return toHex(blindPart(keys, table, part));
  const known = blinded.get(keys) ?? new Map<string, string>();
  blinded.set(keys, known);
  const name = `${table} ${typeof part === 'string' ? `text ${part}` : `bytes ${toHex(part)}`}`;
  let value = known.get(name);
  if (value === undefined) {
    value = toHex(blindPart(keys, table, part));
    if (known.size >= MAX_BLINDED) known.clear();
    known.set(name, value);
  }
  return value;
}

function numberPart(number: number): string {
  if (!Number.isSafeInteger(number) || number < 0)
    throw usageError('key-malformed', 'a number of a key is 0 … 2^53 − 1');
  return toHex(u64be(number));
}
