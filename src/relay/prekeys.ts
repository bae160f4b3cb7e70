/**
 * Prekeys: stocked by their devices, one-time ones handed out once. docs/relay.md §5.2.
 * @module
 */
import { createHash } from 'node:crypto';
import { codecOf } from '../bytes/shape.ts';
import { toHex } from '../bytes/text.ts';
import { signedOf, type Signed } from '../identity/signature.ts';
import { MAX_PREKEY, MAX_PREKEY_STOCK } from '../wire/limits.ts';
import type { ReplyBody, RequestBody } from '../wire/requests.ts';
import type { Devices } from './devices.ts';
import type { RelayLimits } from './limits.ts';
import type { Rates } from './rates.ts';
import { refused } from './refusal.ts';
import { Serial } from './serial.ts';
import type { Identity } from './session.ts';
import type { RelayStore, RowChange, StoredRow } from './store.ts';

const codec = codecOf('prekey', MAX_PREKEY + 128, signedOf(MAX_PREKEY));

export class Prekeys {
  readonly #store: RelayStore;
  readonly #devices: Devices;
  readonly #rates: Rates;
  readonly #limits: RelayLimits;
  readonly #now: () => number;
  readonly #serial = new Serial();
  /** One-time prekeys in stock and remembered. */
  #kept = 0;

  constructor(options: { store: RelayStore; devices: Devices; rates: Rates; limits: RelayLimits; now: () => number }) {
    this.#store = options.store;
    this.#devices = options.devices;
    this.#rates = options.rates;
    this.#limits = options.limits;
    this.#now = options.now;
  }

  /** Counts what is there. Before anything else. */
  async start(): Promise<void> {
    this.#kept = (await this.#store.count('one-time', '')) + (await this.#store.count('spent', ''));
  }

  /** How many one-time prekeys are in stock or remembered. */
  get kept(): number {
    return this.#kept;
  }

  /**
   * Adds to a device's stock. @param isMember whether it may use what is kept for members
   * @throws ChatError `quota`: nothing was added
   */
  async publish(
    { deviceName }: Identity,
    { signed, oneTime }: RequestBody<'prekeys-publish'>,
    isMember: boolean,
  ): Promise<ReplyBody<'prekeys-publish'>> {
    return this.#serial.run(deviceName, async () => {
      const now = this.#now();
      const fresh = await this.#fresh(deviceName, oneTime);
      const stock = await this.#store.count('one-time', `${deviceName}/`);
      if (stock + fresh.size > MAX_PREKEY_STOCK)
        throw refused('quota', 'the stock of one-time prekeys would be too large');
      const changes: RowChange[] = [...fresh].map(([key, value]) => ({
        table: 'one-time',
        key,
        expects: 0,
        put: { value, expires: now + this.#limits.oneTimePrekeyLife },
      }));
      if (signed !== null) {
        const put = { value: codec.encode(signed), expires: now + this.#limits.signedPrekeyLife };
        changes.push({ table: 'prekeys', key: deviceName, expects: 'any', put });
      }
      this.#reserve(fresh.size, isMember);
      try {
        if (changes.length > 0) await this.#store.commit(changes);
      } catch (error) {
        this.#kept -= fresh.size;
        throw error;
      }
      return { oneTime: stock + fresh.size };
    });
  }

  async count({ deviceName }: Identity): Promise<ReplyBody<'prekeys-count'>> {
    return {
      signed: this.#live(await this.#store.get('prekeys', deviceName)) !== undefined,
      oneTime: await this.#store.count('one-time', `${deviceName}/`),
    };
  }

  /**
   * A device's key, signed prekey and, unless somebody takes too many, one of its one-time prekeys, which is gone from
   * the store, durably, when this resolves. @throws ChatError `device-unknown`
   */
  async fetch(requester: Identity, device: Uint8Array): Promise<ReplyBody<'prekeys-fetch'>> {
    const target = toHex(device);
    const key = await this.#devices.keyOf(target);
    if (key === undefined) throw refused('device-unknown', 'the device never authenticated here');
    const signed = this.#live(await this.#store.get('prekeys', target));
    const oneTime = await this.#serial.run(target, () => this.#take(requester.deviceName, target));
    return { key, signed: signed === undefined ? null : codec.decode(signed.value), oneTime };
  }

  /** A row of `one-time` or `spent` was removed because it expired. */
  expired(): void {
    this.#kept -= 1;
  }

  #reserve(count: number, isMember: boolean): void {
    const { prekeys, memberReserve } = this.#limits;
    if (count > 0 && this.#kept + count > prekeys * (isMember ? 1 : 1 - memberReserve)) {
      throw refused('quota', 'no room for more prekeys');
    }
    this.#kept += count;
  }

  async #take(requester: string, target: string): Promise<Signed | null> {
    const [row] = await this.#store.list('one-time', { prefix: `${target}/`, limit: 1 });
    if (row === undefined) return null;
    if (this.#rates.take('oneTimePerPair', `${requester}/${target}`) !== null) return null;
    if (this.#rates.take('oneTimePerTarget', target) !== null) return null;
    const remembered = { value: new Uint8Array(), expires: this.#now() + this.#limits.spentPrekeyLife };
    const taken = await this.#store.commit([
      { table: 'one-time', key: row.key, expects: row.version, put: null },
      { table: 'spent', key: row.key, expects: 'any', put: remembered },
    ]);
    // The queue of this target lets nobody else in: a row that changed was swept, and the next one is as good.
    if (!taken) return this.#take(requester, target);
    return this.#live(row) === undefined ? this.#take(requester, target) : codec.decode(row.value);
  }

  /** Those that are neither in stock nor were handed out, encoded, by their row's key. */
  async #fresh(deviceName: string, oneTime: readonly Signed[]): Promise<Map<string, Uint8Array>> {
    const fresh = new Map<string, Uint8Array>();
    for (const prekey of oneTime) {
      const key = `${deviceName}/${createHash('sha256').update(prekey[0]).digest('hex')}`;
      const known = (await this.#store.get('one-time', key)) ?? (await this.#store.get('spent', key));
      if (known === undefined) fresh.set(key, codec.encode(prekey));
    }
    return fresh;
  }

  #live(row: StoredRow | undefined): StoredRow | undefined {
    return row !== undefined && (row.expires ?? Infinity) > this.#now() ? row : undefined;
  }
}
