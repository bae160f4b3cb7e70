/**
 * The desks' directories: the newest of each is held and says who is a member. docs/relay.md §5.4.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/text.ts';
import { ChatError } from '../errors.ts';
import { supersedes } from '../identity/directory-order.ts';
import { directoryCodec } from '../identity/directory-shape.ts';
import { decodeBundle, openBundle, type OpenDirectory } from '../identity/directory.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import type { Standing } from '../wire/fields.ts';
import type { RelayLimits } from './limits.ts';
import { refused } from './refusal.ts';
import { Serial } from './serial.ts';
import type { Identity } from './session.ts';
import type { RelayStore } from './store.ts';

/** The desks' root keys that a relay serves; `open`: any. */
export type ServedDesks = readonly Uint8Array[] | 'open';

/** Whether a standing is that of somebody who talks with customers. */
export function isServing(standing: Standing): boolean {
  return standing === 'agent' || standing === 'supervisor' || standing === 'bot';
}

/** Of desks that are not held in memory the directory is read and verified again. */
const MOST_HELD = 1_000;

export class Directories {
  readonly #store: RelayStore;
  readonly #crypto: PublicKeyCrypto;
  readonly #served: ReadonlySet<string> | 'open';
  readonly #most: number;
  readonly #now: () => number;
  readonly #held = new Map<string, OpenDirectory>();
  readonly #serial = new Serial();
  readonly #listeners: ((directory: OpenDirectory) => Promise<void>)[] = [];

  constructor(options: {
    store: RelayStore;
    crypto: PublicKeyCrypto;
    desks: ServedDesks;
    limits: RelayLimits;
    now: () => number;
  }) {
    this.#store = options.store;
    this.#most = options.limits.desks;
    this.#crypto = options.crypto;
    this.#served = options.desks === 'open' ? 'open' : new Set(options.desks.map(toHex));
    this.#now = options.now;
  }

  /** Whether it serves any desk, so that anybody can make himself a member of one. */
  get isOpen(): boolean {
    return this.#served === 'open';
  }

  serves(desk: Uint8Array): boolean {
    return this.#served === 'open' || this.#served.has(toHex(desk));
  }

  /** Calls back with every directory that takes another's place; the publication is answered when all have done. */
  onChange(listener: (directory: OpenDirectory) => Promise<void>): void {
    this.#listeners.push(listener);
  }

  /** What a key is to a desk now, if that is known without waiting. */
  standingHeld({ desk, deskName, key, deviceName }: Identity): Standing | undefined {
    if (equal(desk, key)) return 'root';
    const directory = this.#held.get(deskName);
    return directory === undefined ? undefined : (directory.membersById.get(deviceName)?.role ?? null);
  }

  /** The directory held for a desk. */
  async of(desk: Uint8Array): Promise<OpenDirectory | null> {
    const name = toHex(desk);
    const held = this.#held.get(name);
    if (held !== undefined) return held;
    return this.#serial.run(name, () => this.#load(desk, name));
  }

  /** What a key is to a desk now. */
  async standing(identity: Identity): Promise<Standing> {
    const held = this.standingHeld(identity);
    if (held !== undefined) return held;
    const directory = await this.of(identity.desk);
    return directory?.membersById.get(identity.deviceName)?.role ?? null;
  }

  /**
   * Takes a bundle in the place of the one held, durably.
   * @throws ChatError `desk-unknown`, `directory-refused`, `directory-older`, `directory-equivocation`,
   *   `directory-not-shrinking`, `directory-stale`, `quota` where any desk is served and there are too many
   */
  async publish(bundle: Uint8Array): Promise<void> {
    const candidate = await this.#opened(bundle);
    const { desk } = candidate.directory;
    const name = toHex(desk);
    const isNewer = await this.#serial.run(name, async () => {
      const held = await this.#load(desk, name);
      if (supersedes(held, candidate, this.#now()) === 'same') return false;
      const isOneMore = this.isOpen && held === null;
      if (isOneMore && (await this.#store.count('directories', '')) >= this.#most) {
        throw refused('quota', 'no room for another desk');
      }
      const put = { value: candidate.bytes, expires: null };
      await this.#store.commit([{ table: 'directories', key: name, expects: 'any', put }]);
      this.#hold(name, candidate);
      return true;
    });
    if (isNewer) for (const listener of this.#listeners) await listener(candidate);
  }

  async #opened(bundle: Uint8Array): Promise<OpenDirectory> {
    try {
      const { desk } = directoryCodec.decode(decodeBundle(bundle).base[0]);
      if (!this.serves(desk)) throw refused('desk-unknown', 'this relay does not serve the desk');
      return await openBundle(this.#crypto, bundle, desk);
    } catch (error) {
      if (error instanceof ChatError && error.code !== 'desk-unknown') {
        throw refused('directory-refused', `the bundle does not open: ${error.code}`);
      }
      throw error;
    }
  }

  async #load(desk: Uint8Array, name: string): Promise<OpenDirectory | null> {
    const held = this.#held.get(name);
    if (held !== undefined) return held;
    const row = await this.#store.get('directories', name);
    // Nothing is remembered of a desk without one: whoever asks for random desks must not push out the real ones.
    return row === undefined ? null : this.#hold(name, await openBundle(this.#crypto, row.value, desk));
  }

  #hold(name: string, directory: OpenDirectory): OpenDirectory {
    this.#held.delete(name);
    this.#held.set(name, directory);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= MOST_HELD) break;
      this.#held.delete(oldest);
    }
    return directory;
  }
}
