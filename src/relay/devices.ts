/**
 * The devices that the relay knows: who has authenticated here. A known device has a mailbox. docs/relay.md §5.2, §5.3.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import type { RelayLimits } from './limits.ts';
import type { Rates } from './rates.ts';
import { refused } from './refusal.ts';
import type { Identity } from './session.ts';
import type { RelayStore } from './store.ts';

const DAY = 86_400_000;

export class Devices {
  readonly #store: RelayStore;
  readonly #rates: Rates;
  readonly #life: number;
  readonly #now: () => number;

  constructor(options: { store: RelayStore; rates: Rates; limits: RelayLimits; now: () => number }) {
    this.#store = options.store;
    this.#rates = options.rates;
    this.#life = options.limits.deviceLife;
    this.#now = options.now;
  }

  /**
   * Notes that a device is here; its mailbox exists, durably, when this resolves.
   * @throws ChatError `rate-limited` when the address brings too many new devices
   */
  async seen({ deviceName, key }: Identity, address: string): Promise<void> {
    const row = await this.#store.get('devices', deviceName);
    const expires = this.#now() + this.#life;
    // Once a day is enough for what lives for hundreds.
    if (row !== undefined && row.expires !== null && row.expires > expires - DAY && equal(row.value, key)) return;
    if (row === undefined) {
      const retryAfter = this.#rates.take('addressNewDevices', address);
      if (retryAfter !== null) throw refused('rate-limited', 'too many new devices of this address', { retryAfter });
    }
    await this.#store.commit([{ table: 'devices', key: deviceName, expects: 'any', put: { value: key, expires } }]);
  }

  /** The identity key of a device; undefined: it never authenticated here. */
  async keyOf(deviceName: string): Promise<Uint8Array | undefined> {
    return (await this.#store.get('devices', deviceName))?.value;
  }
}
