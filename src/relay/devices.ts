/**
 * The devices that the relay knows: who has authenticated here. A known device has a mailbox. docs/relay.md §5.2, §5.3.
 * @module
 */
import { concat, equal } from '../bytes/bytes.ts';
import type { RelayLimits } from './limits.ts';
import type { Rates } from './rates.ts';
import { refused } from './refusal.ts';
import { Serial } from './serial.ts';
import type { Identity } from './session.ts';
import type { RelayStore } from './store.ts';

const DAY = 86_400_000;
const KEY = 32;
/** When to ask again whether there is room for one more device, ms. */
const FULL = 600_000;

/** Row: the identity key, then the root key of the desk that the device was last here for. */
export class Devices {
  readonly #store: RelayStore;
  readonly #rates: Rates;
  readonly #limits: RelayLimits;
  readonly #now: () => number;
  readonly #serial = new Serial();
  #count = 0;

  constructor(options: { store: RelayStore; rates: Rates; limits: RelayLimits; now: () => number }) {
    this.#store = options.store;
    this.#rates = options.rates;
    this.#limits = options.limits;
    this.#now = options.now;
  }

  /** Counts what is there. Before anything else. */
  async start(): Promise<void> {
    this.#count = await this.#store.count('devices', '');
  }

  /** How many are known. */
  get count(): number {
    return this.#count;
  }

  /**
   * Notes that a device is here; its mailbox exists, durably, when this resolves.
   * @param isMember of a device that is not known yet: whether it may use what is kept for members
   * @throws ChatError `rate-limited` when the address brings too many new devices, or there are too many
   */
  async seen({ deviceName, key, desk }: Identity, address: string, isMember: boolean): Promise<void> {
    const value = concat(key, desk);
    // In turn: two first connections of a device at once are one device.
    await this.#serial.run(deviceName, async () => {
      const row = await this.#store.get('devices', deviceName);
      const expires = this.#now() + this.#limits.deviceLife;
      // Once a day is enough for what lives for hundreds.
      if (row !== undefined && row.expires !== null && row.expires > expires - DAY && equal(row.value, value)) return;
      if (row === undefined) this.#admit(address, isMember);
      try {
        await this.#store.commit([{ table: 'devices', key: deviceName, expects: 'any', put: { value, expires } }]);
      } catch (error) {
        if (row === undefined) this.#count -= 1;
        throw error;
      }
    });
  }

  /** A row was removed because it expired. */
  expired(): void {
    this.#count -= 1;
  }

  /** The identity key of a device; undefined: it never authenticated here. */
  async keyOf(deviceName: string): Promise<Uint8Array | undefined> {
    return (await this.#store.get('devices', deviceName))?.value.subarray(0, KEY);
  }

  /** Which of these devices were last here for a desk. */
  async ofDesk(desk: Uint8Array, deviceNames: Iterable<string>): Promise<Set<string>> {
    const found = [...new Set(deviceNames)].map(async (name) => {
      const row = await this.#store.get('devices', name);
      return row !== undefined && equal(row.value.subarray(KEY), desk) ? [name] : [];
    });
    return new Set((await Promise.all(found)).flat());
  }

  /** Counts one more, before anything is awaited. */
  #admit(address: string, isMember: boolean): void {
    const { devices, memberReserve } = this.#limits;
    if (this.#count >= devices * (isMember ? 1 : 1 - memberReserve)) {
      throw refused('rate-limited', 'too many devices', { retryAfter: FULL });
    }
    const retryAfter = this.#rates.take('addressNewDevices', address);
    if (retryAfter !== null) throw refused('rate-limited', 'too many new devices of this address', { retryAfter });
    this.#count += 1;
  }
}
