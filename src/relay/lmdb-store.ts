/**
 * The store in LMDB, embedded: one process, one directory. Every write is a transaction whose promise resolves after
 * the data was synchronised to the disk (LMDB's default here; https://github.com/kriszyp/lmdb-js).
 * @module
 */
import { mkdirSync } from 'node:fs';
import { open, type Database, type RootDatabase } from 'lmdb';
import { compare, concat } from '../bytes/bytes.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import { ChatError } from '../errors.ts';
import {
  afterPrefix,
  counterAt,
  countersValue,
  dayKey,
  expiryKey,
  expiryOf,
  mailKey,
  mailOf,
  mailValue,
  rowKey,
  rowNameOf,
  rowOf,
  rowValue,
} from './lmdb-layout.ts';
import {
  dayOf,
  mailSize,
  type Appended,
  type MailQuota,
  type OfferedMail,
  type RelayStore,
  type RowChange,
  type RowRange,
  type StoredMail,
  type StoredRow,
  type StoreTable,
  type Swept,
} from './store.ts';

type Bytes = Database<Uint8Array, Uint8Array>;

const VERSION = Uint8Array.of(0);
/** In `meta`: items and bytes of all mailboxes. */
const TOTALS = Uint8Array.of(1);
const MARK = Uint8Array.of(1);

/** Opens or creates the store in a directory that only its owner can read. One process may have it open. */
export function lmdbStore(directory: string): RelayStore {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // Batches of its own making would have a promise that nobody holds: the first full disk would end the process. Writes of
  // one turn share a transaction all the same.
  return new LmdbStore(open({ path: directory, maxDbs: 8, noSubdir: false, eventTurnBatching: false }));
}

/**
 * Transaction callbacks run one after the other on this thread, many to one commit; they must not throw after their first
 * write, for LMDB would keep it: each checks everything first.
 */
class LmdbStore implements RelayStore {
  readonly #root: RootDatabase;
  readonly #meta: Bytes;
  readonly #rows: Bytes;
  /** Row keys by the time they expire. */
  readonly #expiry: Bytes;
  readonly #mail: Bytes;
  /** Of a mailbox: next number, items, bytes. */
  readonly #boxes: Bytes;
  /** Of a mailbox and a sender: items, bytes. */
  readonly #shares: Bytes;
  /** On which days a mailbox took mail, so that old mail is found without walking all mailboxes. */
  readonly #days: Bytes;

  constructor(root: RootDatabase) {
    this.#root = root;
    const database = (name: string): Bytes => root.openDB(name, { encoding: 'binary', keyEncoding: 'binary' });
    this.#meta = database('meta');
    this.#rows = database('rows');
    this.#expiry = database('expiry');
    this.#mail = database('mail');
    this.#boxes = database('boxes');
    this.#shares = database('shares');
    this.#days = database('days');
    if (!this.#meta.doesExist(TOTALS)) this.#countMail();
  }

  async get(table: StoreTable, key: string): Promise<StoredRow | undefined> {
    const value = this.#rows.get(rowKey(table, key));
    return value === undefined ? undefined : rowOf(key, value);
  }

  async list(table: StoreTable, { prefix, after, limit }: RowRange): Promise<StoredRow[]> {
    const start =
      after !== undefined && after >= prefix ? concat(rowKey(table, after), VERSION) : rowKey(table, prefix);
    const end = afterPrefix(rowKey(table, prefix));
    if (compare(start, end) >= 0) return [];
    return [...this.#rows.getRange({ start, end, limit })].map(({ key, value }) => rowOf(rowNameOf(key).key, value));
  }

  async count(table: StoreTable, prefix: string): Promise<number> {
    const start = rowKey(table, prefix);
    return this.#rows.getKeysCount({ start, end: afterPrefix(start) });
  }

  async commit(changes: readonly RowChange[]): Promise<boolean> {
    return this.#write(() => {
      const holds = changes.every(({ table, key, expects }) => {
        if (expects === 'any') return true;
        const value = this.#rows.get(rowKey(table, key));
        return (value === undefined ? 0 : rowOf(key, value).version) === expects;
      });
      if (!holds) return false;
      for (const { table, key, put } of changes) {
        if (put === null) this.#removeRow(table, key);
        else this.#putRow(table, key, put.value, put.expires);
      }
      return true;
    });
  }

  async append(items: readonly OfferedMail[], quota: MailQuota): Promise<Appended[]> {
    return this.#write(() => items.map((item) => this.#appendOne(item, quota)));
  }

  async read(device: Uint8Array, after: number, limit: number): Promise<StoredMail[]> {
    const start = mailKey(device, after + 1);
    const range = this.#mail.getRange({ start, end: afterPrefix(device), limit });
    return [...range].map(({ key, value }) => mailOf(key, value));
  }

  async acknowledge(device: Uint8Array, upTo: number): Promise<void> {
    await this.#write(() => {
      this.#removeMail(device, this.#mailUpTo(device, upTo));
    });
  }

  async held(device: Uint8Array): Promise<{ items: number; bytes: number }> {
    const box = this.#boxes.get(device);
    return { items: counterAt(box, 1), bytes: counterAt(box, 2) };
  }

  async heldInAll(): Promise<{ items: number; bytes: number }> {
    return this.#totals();
  }

  async sweep({ now, mailBefore, limit }: { now: number; mailBefore: number; limit: number }): Promise<Swept> {
    return this.#write(() => {
      const expired = [...this.#expiry.getKeys({ end: expiryKey(now + 1, new Uint8Array()), limit })];
      const rows = expired.map((key) => rowNameOf(expiryOf(key).row));
      for (const { table, key } of rows) this.#removeRow(table, key);
      const days = [...this.#days.getKeys({ end: dayKey(mailBefore, new Uint8Array()), limit })];
      let mail = 0;
      for (const day of days) {
        const device = day.subarray(8);
        // Mail lies in the order it came, so what is old is at the front.
        const old: StoredMail[] = [];
        for (const { key, value } of this.#mail.getRange({ start: device, end: afterPrefix(device) })) {
          const item = mailOf(key, value);
          if (dayOf(item.at) >= dayOf(mailBefore)) break;
          old.push(item);
        }
        this.#removeMail(device, old);
        mail += old.length;
        void this.#days.remove(day);
      }
      return { rows, mail, more: expired.length === limit || days.length === limit };
    });
  }

  async close(): Promise<void> {
    await this.#root.flushed;
    await this.#root.close();
  }

  /** A transaction. @throws ChatError environment `store-write-failed`: the disk is full, say */
  async #write<T>(work: () => T): Promise<T> {
    try {
      return await this.#root.transaction(work);
    } catch (cause) {
      // It rejects too, with the number of the error alone, and is ours to handle.
      (cause as { commitError?: Promise<never> }).commitError?.catch(() => undefined);
      throw new ChatError('environment', 'store-write-failed', 'the store could not be written', { cause });
    }
  }

  #appendOne(item: OfferedMail, quota: MailQuota): Appended {
    const { to, from, at, share: most } = item;
    if (!this.#rows.doesExist(rowKey('devices', toHex(to)))) return 'device-unknown';
    const size = item.bytes.length;
    const box = this.#boxes.get(to);
    const [next, items, bytes] = [Math.max(1, counterAt(box, 0)), counterAt(box, 1) + 1, counterAt(box, 2) + size];
    const pair = concat(to, from);
    const share = this.#shares.get(pair);
    const [senderItems, senderBytes] = [counterAt(share, 0) + 1, counterAt(share, 1) + size];
    const totals = this.#totals();
    const total = { items: totals.items + 1, bytes: totals.bytes + size };
    const full = items > quota.items || bytes > quota.bytes || senderItems > most.items || senderBytes > most.bytes;
    if (full || mailSize(total) > most.total) return 'mailbox-full';
    void this.#meta.put(TOTALS, countersValue(total.items, total.bytes));
    void this.#mail.put(mailKey(to, next), mailValue(item));
    void this.#boxes.put(to, countersValue(next + 1, items, bytes));
    void this.#shares.put(pair, countersValue(senderItems, senderBytes));
    const day = dayKey(at, to);
    if (!this.#days.doesExist(day)) void this.#days.put(day, MARK);
    return 'accepted';
  }

  #mailUpTo(device: Uint8Array, upTo: number): StoredMail[] {
    const range = this.#mail.getRange({ start: device, end: mailKey(device, upTo + 1) });
    return [...range].map(({ key, value }) => mailOf(key, value));
  }

  #removeMail(device: Uint8Array, mail: readonly StoredMail[]): void {
    if (mail.length === 0) return;
    const shares = new Map<string, { pair: Uint8Array; items: number; bytes: number }>();
    let size = 0;
    for (const { seq, from, bytes } of mail) {
      void this.#mail.remove(mailKey(device, seq));
      size += bytes.length;
      const name = toHex(from);
      const share = shares.get(name) ?? { pair: concat(device, from), items: 0, bytes: 0 };
      shares.set(name, { ...share, items: share.items + 1, bytes: share.bytes + bytes.length });
    }
    const totals = this.#totals();
    void this.#meta.put(TOTALS, countersValue(totals.items - mail.length, totals.bytes - size));
    const box = this.#boxes.get(device);
    const left = [counterAt(box, 1) - mail.length, counterAt(box, 2) - size];
    void this.#boxes.put(device, countersValue(counterAt(box, 0), ...left));
    for (const { pair, items, bytes } of shares.values()) this.#shrinkShare(pair, items, bytes);
  }

  #totals(): { items: number; bytes: number } {
    const value = this.#meta.get(TOTALS);
    return { items: counterAt(value, 0), bytes: counterAt(value, 1) };
  }

  /** For a store that was made before totals were kept. */
  #countMail(): void {
    let [items, bytes] = [0, 0];
    for (const { value } of this.#boxes.getRange({})) {
      items += counterAt(value, 1);
      bytes += counterAt(value, 2);
    }
    this.#meta.putSync(TOTALS, countersValue(items, bytes));
  }

  #shrinkShare(pair: Uint8Array, items: number, bytes: number): void {
    const share = this.#shares.get(pair);
    const left = counterAt(share, 0) - items;
    if (left <= 0) void this.#shares.remove(pair);
    else void this.#shares.put(pair, countersValue(left, counterAt(share, 1) - bytes));
  }

  #putRow(table: StoreTable, key: string, value: Uint8Array, expires: number | null): void {
    const name = rowKey(table, key);
    this.#unlistExpiry(name);
    const version = counterAt(this.#meta.get(VERSION), 0) + 1;
    void this.#meta.put(VERSION, countersValue(version));
    void this.#rows.put(name, rowValue(version, expires, value));
    if (expires !== null) void this.#expiry.put(expiryKey(expires, name), MARK);
  }

  #removeRow(table: StoreTable, key: string): void {
    const name = rowKey(table, key);
    this.#unlistExpiry(name);
    void this.#rows.remove(name);
    if (table === 'devices') {
      const device = fromHex(key);
      this.#removeMail(device, this.#mailUpTo(device, Number.MAX_SAFE_INTEGER - 1));
      void this.#boxes.remove(device);
    }
  }

  #unlistExpiry(name: Uint8Array): void {
    const value = this.#rows.get(name);
    const expires = value === undefined ? null : rowOf('', value).expires;
    if (expires !== null) void this.#expiry.remove(expiryKey(expires, name));
  }
}
