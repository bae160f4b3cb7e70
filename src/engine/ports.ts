/**
 * What the engine needs from the world. Adapters fill these ports in browsers, in Node and in memory; every filling
 * passes the contract suites under `test/contracts`.
 * @module
 */

/** Tables of the record store. `vault` alone holds what must be readable before unlocking; all else is sealed. */
export const TABLES = [
  'vault',
  'self',
  'prekeys',
  'conversations',
  'sessions',
  'messages',
  'index',
  'outbox',
  'replays',
  'bundles',
  'files',
] as const;
export type Table = (typeof TABLES)[number];

/** A stored row. `version` counts its writes from 1 and is bound into the sealing (docs/protocol.md §20). */
export interface StoredRecord {
  readonly key: string;
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** One change of a commit: a row written or (with `record` null) removed. */
export interface RecordChange {
  readonly table: Table;
  /** Lower-case hexadecimal; order is that of the text. */
  readonly key: string;
  /** The version the row must have now; 0: it must not exist. */
  readonly expects: number;
  readonly record: { readonly version: number; readonly bytes: Uint8Array } | null;
}

/** A range of keys: `from` inclusive, `to` exclusive, both any text, compared as text; `to` not behind `from`: nothing. */
export interface KeyRange {
  readonly from: string;
  readonly to: string;
  readonly limit?: number;
  readonly reverse?: boolean;
}

/** Durable rows shared by every tab of one profile. */
export interface RecordStore {
  get(table: Table, key: string): Promise<StoredRecord | undefined>;
  list(table: Table, range: KeyRange): Promise<StoredRecord[]>;
  count(table: Table, range: KeyRange): Promise<number>;
  /**
   * All or nothing, durable when it resolves.
   * @throws ChatError `store-conflict` when a row's version is not the expected one, `store-full` when the quota is used
   *   up, `store-lost` when the database is gone; nothing is written then
   */
  commit(changes: readonly RecordChange[]): Promise<void>;
  /** Calls back after every commit that touched one of the tables, in this or another tab. Returns the way to stop. */
  watch(tables: readonly Table[], listener: () => void): () => void;
  /** Deletes everything, in all tabs. Every store of the profile, this one too, is `store-lost` then and wakes its watches. */
  destroy(): Promise<void>;
  /** Ends watches; every call from now on throws `store-closed` (usage). Nothing stored is lost. */
  close(): void;
}

/** Mutual exclusion between all tabs of one profile. */
export interface Locks {
  /** Runs `work` while holding the lock; waits for it. The lock is not reentrant. */
  exclusive<T>(name: string, work: () => Promise<T>): Promise<T>;
  /**
   * Waits for the lock and then holds it until `signal` aborts; `onHeld` is called when it is ours.
   * Resolves when it was given up (or never got because of the abort).
   */
  hold(name: string, signal: CancelSignal, onHeld: () => void): Promise<void>;
}

/** The part of AbortSignal that the core may know. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Calls back once after `ms`; returns the way to cancel. */
  after(ms: number, callback: () => void): () => void;
}

/** Cryptographically secure random bytes. */
export type Random = (length: number) => Uint8Array;

/**
 * One open connection. Callbacks are called in order, each in a turn of its own, never from within `open`, and never after
 * `onClose` or `close`. What is sent when it is not open goes nowhere.
 */
export interface Link {
  send(bytes: Uint8Array): void;
  close(): void;
}

export interface LinkHandlers {
  onOpen(): void;
  onMessage(bytes: Uint8Array): void;
  /** The connection ended or never came to be; `code` is the close code, 1006 if there was none. */
  onClose(code: number): void;
}

/** Opens connections to the relay. */
export interface Transport {
  open(url: string, handlers: LinkHandlers): Link;
  /** Calls back when the device goes offline (false) or online (true), and at once if it is offline. Returns the way to stop. */
  onReachable(listener: (online: boolean) => void): () => void;
}

/** Everything together. */
export interface Ports {
  readonly records: RecordStore;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
}
