/**
 * Encrypted attachments: files in a directory, their owners and sizes in the store. docs/relay.md §5.8.
 * @module
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { equal } from '../bytes/bytes.ts';
import { bool, codecOf, mapOf, uintUpTo } from '../bytes/shape.ts';
import { toHex } from '../bytes/text.ts';
import type { OpenDirectory } from '../identity/directory.ts';
import { deviceIdShape, keyShape, timeShape } from '../identity/fields.ts';
import { MAX_BLOB } from '../wire/limits.ts';
import type { ReplyBody, RequestBody } from '../wire/requests.ts';
import { AddressShares } from './address-shares.ts';
import type { RelayLimits } from './limits.ts';
import { refused } from './refusal.ts';
import { Serial } from './serial.ts';
import type { Caller, Identity } from './session.ts';
import type { RelayStore } from './store.ts';

/** `at`: when it was begun or, once complete, completed. */
const recordShape = mapOf({
  desk: keyShape,
  owner: deviceIdShape,
  size: uintUpTo(MAX_BLOB, 1),
  at: timeShape,
  complete: bool,
});
const codec = codecOf('blob row', 192, recordShape);
type BlobRecord = ReturnType<typeof recordShape>;

const PAGE = 500;
const DAY = 86_400_000;

/**
 * Files are named by the hash of the blob's name, so that a listing gives nobody the right to read. While it is written
 * a file ends in `.part`; it is renamed, durably, before the last part is answered.
 */
export class Blobs {
  readonly #store: RelayStore;
  readonly #directory: string;
  readonly #limits: RelayLimits;
  readonly #now: () => number;
  readonly #random: (length: number) => Uint8Array;
  readonly #serial = new Serial();
  readonly #retentionOf: (desk: Uint8Array) => Promise<number | null>;
  /** Bytes promised to each device and to each desk, and in all. */
  readonly #promised = new Map<string, number>();
  readonly #shares = new AddressShares();
  #total = 0;
  readonly #sizes = new Map<string, { owner: string; desk: string; size: number }>();

  constructor(options: {
    store: RelayStore;
    directory: string;
    limits: RelayLimits;
    now: () => number;
    random: (length: number) => Uint8Array;
    /** For how many days a desk keeps things at the most; null: it says nothing of it. */
    retentionOf: (desk: Uint8Array) => Promise<number | null>;
  }) {
    this.#store = options.store;
    this.#directory = options.directory;
    this.#limits = options.limits;
    this.#now = options.now;
    this.#random = options.random;
    this.#retentionOf = options.retentionOf;
  }

  /** Counts what is there and deletes files that nothing names. Before anything else. */
  async start(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    let after: string | undefined;
    do {
      const rows = await this.#store.list('blobs', {
        prefix: '',
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      });
      for (const { key, value } of rows) this.#count(key, codec.decode(value));
      after = rows.length < PAGE ? undefined : rows.at(-1)?.key;
    } while (after !== undefined);
    for (const file of await readdir(this.#directory)) {
      if (!this.#sizes.has(file.replace(/\.part$/, ''))) await unlink(join(this.#directory, file));
    }
  }

  /** A new, empty blob of a size; customers have the room of their address only. @throws ChatError `quota` */
  async create(
    { identity: { device, deviceName, desk, deskName }, address }: Caller,
    size: number,
    isMember: boolean,
  ): Promise<ReplyBody<'blob-create'>> {
    const { blobBytesPerDevice, blobBytesPerAddress, blobBytesPerDesk, blobBytes, blobUploadLife } = this.#limits;
    if (!isMember && this.#shares.of(address) + size > blobBytesPerAddress) {
      throw refused('quota', 'too much is promised to this address');
    }
    const exceeds = (name: string, most: number): boolean => (this.#promised.get(name) ?? 0) + size > most;
    const isFull = exceeds(deviceName, blobBytesPerDevice) || exceeds(deskName, blobBytesPerDesk);
    if (isFull || this.#total + size > blobBytes) throw refused('quota', 'no room for a blob of this size');
    const blob = this.#random(32);
    const key = keyOf(blob);
    const now = this.#now();
    const record = { desk, owner: device, size, at: now, complete: false };
    // Counted before anything is awaited: two at once must not both fit into the room of one.
    this.#count(key, record);
    if (!isMember) this.#shares.add(key, address, size);
    try {
      const put = { value: codec.encode(record), expires: now + blobUploadLife };
      await this.#store.commit([{ table: 'blobs', key, expects: 0, put }]);
    } catch (error) {
      this.#discount(key);
      throw error;
    }
    return { blob };
  }

  /** Appends a part. @throws ChatError `blob-unknown`, `blob-offset`, `too-large` */
  async write(
    { device }: Identity,
    { blob, offset, bytes }: RequestBody<'blob-write'>,
  ): Promise<ReplyBody<'blob-write'>> {
    const key = keyOf(blob);
    return this.#serial.run(key, async () => {
      const record = await this.#owned(key, device);
      const written = await this.#written(key, record);
      if (offset !== written) throw refused('blob-offset', 'parts are written one after the other');
      const end = offset + bytes.length;
      if (end > record.size) throw refused('too-large', 'more than the size of the blob');
      await this.#append(key, offset, bytes, end === record.size);
      if (end === record.size) await this.#finish(key, record);
      return { offset: end, complete: end === record.size };
    });
  }

  /** How much is there. @throws ChatError `blob-unknown` */
  async status({ device }: Identity, blob: Uint8Array): Promise<ReplyBody<'blob-status'>> {
    const key = keyOf(blob);
    return this.#serial.run(key, async () => {
      const record = await this.#owned(key, device);
      const offset = await this.#written(key, record);
      // All was written, and the relay died before it said so.
      if (offset === record.size && !record.complete) await this.#finish(key, record);
      return { offset, complete: offset === record.size };
    });
  }

  /** A part of a complete blob. @throws ChatError `blob-unknown`, `blob-offset` */
  async read({ blob, offset, length }: RequestBody<'blob-read'>): Promise<ReplyBody<'blob-read'>> {
    const key = keyOf(blob);
    const record = await this.#record(key);
    if (record?.complete !== true) throw refused('blob-unknown', 'no such blob');
    if (offset >= record.size) throw refused('blob-offset', 'at or past the end');
    const bytes = new Uint8Array(Math.min(length, record.size - offset));
    const file = await open(this.#path(key), 'r');
    try {
      const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
      return { bytes: bytes.subarray(0, bytesRead), size: record.size };
    } finally {
      await file.close();
    }
  }

  /** What is complete lives as long as the desk's directory now says. */
  async apply({ directory: { desk, policy } }: OpenDirectory): Promise<void> {
    const name = toHex(desk);
    const life = this.#lifeWith(policy.retentionDays);
    for (const [key, counted] of [...this.#sizes]) {
      if (counted.desk !== name) continue;
      await this.#serial.run(key, async () => {
        const row = await this.#store.get('blobs', key);
        const record = row === undefined ? null : codec.decode(row.value);
        if (row === undefined || record?.complete !== true || row.expires === record.at + life) return;
        const put = { value: row.value, expires: record.at + life };
        await this.#store.commit([{ table: 'blobs', key, expects: row.version, put }]);
      });
    }
  }

  /** Writes a file and deletes it. @throws Error when that cannot be done */
  async probe(): Promise<void> {
    const path = join(this.#directory, 'probe.part');
    await writeFile(path, 'probe', { mode: 0o600 });
    await unlink(path);
  }

  /** Bytes promised in all. */
  get total(): number {
    return this.#total;
  }

  /** A row was removed because it expired: the file goes as well. */
  async expired(key: string): Promise<void> {
    await this.#serial.run(key, async () => {
      this.#discount(key);
      for (const path of [this.#path(key), this.#partPath(key)]) await unlink(path).catch(ignoreMissing);
    });
  }

  async #append(key: string, offset: number, bytes: Uint8Array, isLast: boolean): Promise<void> {
    const path = this.#partPath(key);
    const file = await open(path, offset === 0 ? 'w' : 'r+', 0o600);
    try {
      let done = 0;
      while (done < bytes.length) {
        done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
      }
      if (isLast) await file.sync();
    } catch (error) {
      // A part is there as a whole or not at all: the disk may be full.
      await truncate(path, offset);
      throw error;
    } finally {
      await file.close();
    }
  }

  async #finish(key: string, record: BlobRecord): Promise<void> {
    await rename(this.#partPath(key), this.#path(key)).catch(ignoreMissing);
    const directory = await open(this.#directory, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
    const life = this.#lifeWith(await this.#retentionOf(record.desk));
    const at = this.#now();
    const put = { value: codec.encode({ ...record, at, complete: true }), expires: at + life };
    await this.#store.commit([{ table: 'blobs', key, expects: 'any', put }]);
  }

  /** The desk's retention, at least a day of it: what is deleted at once could be fetched by nobody. */
  #lifeWith(retentionDays: number | null): number {
    return Math.min(this.#limits.blobLife, Math.max(retentionDays ?? Infinity, 1) * DAY);
  }

  /** Bytes of a blob that are in its file. */
  async #written(key: string, { size, complete }: BlobRecord): Promise<number> {
    if (complete) return size;
    const part = await stat(this.#partPath(key)).catch(ignoreMissing);
    const whole = part ?? (await stat(this.#path(key)).catch(ignoreMissing));
    return whole?.size ?? 0;
  }

  async #owned(key: string, device: Uint8Array): Promise<BlobRecord> {
    const record = await this.#record(key);
    if (record === undefined || !equal(record.owner, device))
      throw refused('blob-unknown', 'no such blob of this device');
    return record;
  }

  async #record(key: string): Promise<BlobRecord | undefined> {
    const row = await this.#store.get('blobs', key);
    return row === undefined || (row.expires ?? Infinity) <= this.#now() ? undefined : codec.decode(row.value);
  }

  #count(key: string, record: BlobRecord): void {
    const { size } = record;
    const counted = { owner: toHex(record.owner), desk: toHex(record.desk), size };
    this.#sizes.set(key, counted);
    for (const name of [counted.owner, counted.desk]) this.#promised.set(name, (this.#promised.get(name) ?? 0) + size);
    this.#total += size;
  }

  #discount(key: string): void {
    this.#shares.remove(key);
    const counted = this.#sizes.get(key);
    if (counted === undefined) return;
    this.#sizes.delete(key);
    for (const name of [counted.owner, counted.desk]) {
      const left = (this.#promised.get(name) ?? 0) - counted.size;
      if (left > 0) this.#promised.set(name, left);
      else this.#promised.delete(name);
    }
    this.#total -= counted.size;
  }

  #path(key: string): string {
    return join(this.#directory, key);
  }

  #partPath(key: string): string {
    return `${this.#path(key)}.part`;
  }
}

function keyOf(blob: Uint8Array): string {
  return createHash('sha256').update(blob).digest('hex');
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
