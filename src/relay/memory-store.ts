/**
 * The store in memory: for tests and for trying out. "Durable" is as long as the process lives.
 * @module
 */
import { toHex } from '../bytes/text.ts';
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

interface Box {
  next: number;
  mail: StoredMail[];
}

/** A fresh, empty store. */
export function memoryStore(): RelayStore {
  return new MemoryStore();
}

class MemoryStore implements RelayStore {
  readonly #tables = new Map<StoreTable, Map<string, StoredRow>>();
  readonly #boxes = new Map<string, Box>();
  #version = 0;
  #total = { items: 0, bytes: 0 };

  async get(table: StoreTable, key: string): Promise<StoredRow | undefined> {
    return this.#rows(table).get(key);
  }

  async list(table: StoreTable, { prefix, after = '', limit }: RowRange): Promise<StoredRow[]> {
    const keys = [...this.#rows(table).keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    return keys.slice(0, limit).flatMap((key) => this.#rows(table).get(key) ?? []);
  }

  async count(table: StoreTable, prefix: string): Promise<number> {
    return [...this.#rows(table).keys()].filter((key) => key.startsWith(prefix)).length;
  }

  async commit(changes: readonly RowChange[]): Promise<boolean> {
    const holds = changes.every(
      ({ table, key, expects }) => expects === 'any' || (this.#rows(table).get(key)?.version ?? 0) === expects,
    );
    if (!holds) return false;
    for (const { table, key, put } of changes) {
      if (put === null) this.#remove(table, key);
      else {
        const row = { key, version: ++this.#version, value: Uint8Array.from(put.value), expires: put.expires };
        this.#rows(table).set(key, row);
      }
    }
    return true;
  }

  async append(items: readonly OfferedMail[], quota: MailQuota): Promise<Appended[]> {
    return items.map(({ share, ...item }) => {
      const name = toHex(item.to);
      if (!this.#rows('devices').has(name)) return 'device-unknown';
      const box = this.#boxes.get(name) ?? { next: 1, mail: [] };
      const own = box.mail.filter((mail) => toHex(mail.from) === toHex(item.from));
      const size = item.bytes.length;
      const full =
        box.mail.length >= quota.items ||
        bytesOf(box.mail) + size > quota.bytes ||
        own.length >= share.items ||
        bytesOf(own) + size > share.bytes;
      const total = { items: this.#total.items + 1, bytes: this.#total.bytes + size };
      if (full || mailSize(total) > share.total) return 'mailbox-full';
      this.#total = total;
      box.mail.push({ ...item, bytes: Uint8Array.from(item.bytes), seq: box.next++ });
      this.#boxes.set(name, box);
      return 'accepted';
    });
  }

  async read(device: Uint8Array, after: number, limit: number): Promise<StoredMail[]> {
    const mail = this.#boxes.get(toHex(device))?.mail ?? [];
    return mail.filter(({ seq }) => seq > after).slice(0, limit);
  }

  async acknowledge(device: Uint8Array, upTo: number): Promise<void> {
    const box = this.#boxes.get(toHex(device));
    if (box !== undefined) this.#keep(box, ({ seq }) => seq > upTo);
  }

  async held(device: Uint8Array): Promise<{ items: number; bytes: number }> {
    const mail = this.#boxes.get(toHex(device))?.mail ?? [];
    return { items: mail.length, bytes: bytesOf(mail) };
  }

  async heldInAll(): Promise<{ items: number; bytes: number }> {
    return this.#total;
  }

  async sweep({ now, mailBefore, limit }: { now: number; mailBefore: number; limit: number }): Promise<Swept> {
    const expired = [...this.#tables].flatMap(([table, rows]) =>
      [...rows.values()].filter(({ expires }) => expires !== null && expires <= now).map(({ key }) => ({ table, key })),
    );
    const rows = expired.slice(0, limit);
    for (const { table, key } of rows) this.#remove(table, key);
    let mail = 0;
    for (const box of this.#boxes.values()) {
      mail += this.#keep(box, ({ at }) => dayOf(at) >= dayOf(mailBefore));
    }
    return { rows, mail, more: expired.length > rows.length };
  }

  async close(): Promise<void> {
    this.#tables.clear();
    this.#boxes.clear();
  }

  #rows(table: StoreTable): Map<string, StoredRow> {
    let rows = this.#tables.get(table);
    if (rows === undefined) this.#tables.set(table, (rows = new Map<string, StoredRow>()));
    return rows;
  }

  #remove(table: StoreTable, key: string): void {
    this.#rows(table).delete(key);
    const box = table === 'devices' ? this.#boxes.get(key) : undefined;
    if (box !== undefined) this.#keep(box, () => false);
    if (table === 'devices') this.#boxes.delete(key);
  }

  /** Drops what does not pass; returns how many that were. */
  #keep(box: Box, passes: (mail: StoredMail) => boolean): number {
    const dropped = box.mail.filter((mail) => !passes(mail));
    box.mail = box.mail.filter(passes);
    this.#total = {
      items: this.#total.items - dropped.length,
      bytes: this.#total.bytes - bytesOf(dropped),
    };
    return dropped.length;
  }
}

function bytesOf(mail: readonly StoredMail[]): number {
  return mail.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
