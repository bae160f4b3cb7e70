/**
 * Requests of invited devices, waiting for the administrator. docs/relay.md §5.5.
 * @module
 */
import { codecOf, mapOf } from '../bytes/shape.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import { timeShape } from '../identity/fields.ts';
import { hashOfSigned, signedOf, type Signed } from '../identity/signature.ts';
import { MAX_ENROLMENT, MAX_ENROLMENTS } from '../wire/limits.ts';
import type { ReplyBody } from '../wire/requests.ts';
import type { Hub } from './hub.ts';
import type { RelayLimits } from './limits.ts';
import type { Rates } from './rates.ts';
import { refused } from './refusal.ts';
import { Serial } from './serial.ts';
import type { Identity, Session } from './session.ts';
import type { RelayStore } from './store.ts';

const codec = codecOf('enrolment row', MAX_ENROLMENT + 256, mapOf({ at: timeShape, request: signedOf(MAX_ENROLMENT) }));

export class Enrolments {
  readonly #store: RelayStore;
  readonly #hub: Hub;
  readonly #rates: Rates;
  readonly #limits: RelayLimits;
  readonly #now: () => number;
  /** From which address the waiting requests came, in memory only: a restart forgives. */
  readonly #addresses = new Map<string, string>();
  readonly #serial = new Serial();

  constructor(options: { store: RelayStore; hub: Hub; rates: Rates; limits: RelayLimits; now: () => number }) {
    this.#store = options.store;
    this.#hub = options.hub;
    this.#rates = options.rates;
    this.#limits = options.limits;
    this.#now = options.now;
  }

  /** Keeps a request, durably. The same again changes nothing. @throws ChatError `rate-limited`, `quota` */
  async add({ address }: Session, desk: Uint8Array, request: Signed): Promise<void> {
    const deskName = toHex(desk);
    const key = `${deskName}/${toHex(hashOfSigned(request).subarray(0, 16))}`;
    await this.#serial.run(deskName, async () => {
      if ((await this.#store.get('enrolments', key)) !== undefined) return;
      const retryAfter = this.#rates.take('addressEnrolments', address);
      if (retryAfter !== null) throw refused('rate-limited', 'too many enrolments of this address', { retryAfter });
      const own = [...this.#addresses.values()].filter((other) => other === address).length;
      const all = await this.#store.count('enrolments', `${deskName}/`);
      if (own >= this.#limits.enrolmentsPerAddress || all >= MAX_ENROLMENTS) {
        throw refused('quota', 'too many enrolments wait');
      }
      const at = this.#now();
      const put = { value: codec.encode({ at, request }), expires: at + this.#limits.enrolmentLife };
      await this.#store.commit([{ table: 'enrolments', key, expects: 0, put }]);
      this.#addresses.set(key, address);
    });
    this.#hub.publish(`root/${deskName}`, 'enrolment', {});
  }

  async list({ deskName }: Identity): Promise<ReplyBody<'enrolments'>> {
    const prefix = `${deskName}/`;
    const rows = await this.#store.list('enrolments', { prefix, limit: MAX_ENROLMENTS });
    const live = rows.filter(({ expires }) => (expires ?? Infinity) > this.#now());
    return {
      requests: live.map(({ key, value }) => ({ id: fromHex(key.slice(prefix.length)), ...codec.decode(value) })),
    };
  }

  async drop({ deskName }: Identity, ids: readonly Uint8Array[]): Promise<void> {
    const keys = new Set(ids.map((id) => `${deskName}/${toHex(id)}`));
    await this.#store.commit([...keys].map((key) => ({ table: 'enrolments', key, expects: 'any', put: null })));
    for (const key of keys) this.expired(key);
  }

  /** A row was removed because it expired. */
  expired(key: string): void {
    this.#addresses.delete(key);
  }
}
