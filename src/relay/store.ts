/**
 * The relay's port to durable storage: rows that are compared and set, and mailboxes. Every filling passes
 * `test/contracts/relay-store.ts`. What resolves is durable: it survives the process being killed at any moment after.
 * @module
 */

/**
 * The tables of rows. A key is ASCII, at most 200 characters. `devices` is special: a mailbox exists exactly as long as
 * the row of its device (key: the id in hexadecimal).
 */
export const STORE_TABLES = [
  'devices',
  'directories',
  'prekeys',
  'one-time',
  'spent',
  'queue',
  'enrolments',
  'blobs',
  'tickets',
  'vaults',
  /** One row, written now and then to see whether that can be done. */
  'probe',
] as const;
export type StoreTable = (typeof STORE_TABLES)[number];

export interface StoredRow {
  readonly key: string;
  /** Never given twice in the life of a store, to whatever row. */
  readonly version: number;
  readonly value: Uint8Array;
  /** ms; from then on `sweep` removes the row. Until it did, the row is still read: callers judge. Null: stays. */
  readonly expires: number | null;
}

export interface RowChange {
  readonly table: StoreTable;
  readonly key: string;
  /** The version that the row must have; 0: no such row; `any`: whatever there is. */
  readonly expects: number | 'any';
  /** What is written; null: the row is removed. */
  readonly put: { readonly value: Uint8Array; readonly expires: number | null } | null;
}

export interface RowRange {
  readonly prefix: string;
  /** Only keys after this one. */
  readonly after?: string;
  readonly limit: number;
}

export interface NewMail {
  /** Device ids, 16 B. */
  readonly to: Uint8Array;
  readonly from: Uint8Array;
  readonly kind: 'frame' | 'reset';
  /** The relay's clock, ms. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

export interface StoredMail extends NewMail {
  /** Above that of every mail before it in the mailbox, also of deleted ones. */
  readonly seq: number;
}

/** What a mailbox may hold, from all senders together; bytes are those of the mail alone. */
export interface MailQuota {
  readonly items: number;
  readonly bytes: number;
}

/** Mail on its way in, and what its sender is entitled to in that mailbox. */
export interface OfferedMail extends NewMail {
  readonly share: {
    /** What the mailbox may hold from this sender. */
    readonly items: number;
    readonly bytes: number;
    /** What all mailboxes together may hold with this mail, as `mailSize` counts. */
    readonly total: number;
  };
}

/** What mail takes of the disk, about: its bytes, and a head, keys and counters for each. */
export function mailSize({ items, bytes }: { readonly items: number; readonly bytes: number }): number {
  return bytes + items * 256;
}

export type Appended = 'accepted' | 'device-unknown' | 'mailbox-full';

export interface Swept {
  /** The rows removed. */
  readonly rows: readonly { readonly table: StoreTable; readonly key: string }[];
  /** How many mails were removed. */
  readonly mail: number;
  /** Whether there may be more to remove. */
  readonly more: boolean;
}

/** The day (UTC) of a time in ms: the grain in which mail grows old. */
export function dayOf(time: number): number {
  return Math.floor(time / 86_400_000);
}

/** Methods reject only when the storage itself fails; what a rejected write did is then unknown. */
export interface RelayStore {
  get(table: StoreTable, key: string): Promise<StoredRow | undefined>;
  /** Rows whose key starts with the prefix, by key ascending. */
  list(table: StoreTable, range: RowRange): Promise<StoredRow[]>;
  /** How many keys start with the prefix. */
  count(table: StoreTable, prefix: string): Promise<number>;
  /**
   * All or nothing; false: an expectation did not hold, and nothing was written. Changes name distinct rows. Removing a
   * row of `devices` removes the mailbox with all its mail.
   */
  commit(changes: readonly RowChange[]): Promise<boolean>;

  /**
   * Puts mail into mailboxes, in the order given; calls take effect in the order they were made. All that is accepted in
   * one call becomes durable together. An item counts against the quota of the items before it.
   */
  append(items: readonly OfferedMail[], quota: MailQuota): Promise<Appended[]>;
  /** The oldest mail of a mailbox with a higher number, ascending. */
  read(device: Uint8Array, after: number, limit: number): Promise<StoredMail[]>;
  /** Removes the mail up to and with this number. */
  acknowledge(device: Uint8Array, upTo: number): Promise<void>;
  /** How much mail a mailbox holds; zero for one that does not exist. */
  held(device: Uint8Array): Promise<{ items: number; bytes: number }>;
  /** How much mail all mailboxes hold. */
  heldInAll(): Promise<{ items: number; bytes: number }>;

  /**
   * Removes rows that expired at `now` or before, and mail that came on a day (UTC) before that of `mailBefore`; at most
   * `limit` rows and the old mail of `limit` mailboxes at a time.
   */
  sweep(options: { now: number; mailBefore: number; limit: number }): Promise<Swept>;
  /** Waits for what is under way and releases the storage. Nothing may be called after it. */
  close(): Promise<void>;
}
