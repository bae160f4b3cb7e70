/**
 * A signer: a key on a machine that is always on, which the root key trusts for a while to lengthen the directory and to
 * remove members, and for nothing else. docs/protocol.md §5.1, §5.2; docs/decisions/0002.
 * @module
 */
import { join } from 'node:path';
import { nodeClock, nodeRandom } from '../adapters/node/node-clock.ts';
import { compare, equal } from '../bytes/bytes.ts';
import { bytesOf, codecOf, mapOf, oneOf, orNull, textOf, type Shaped } from '../bytes/shape.ts';
import { toHex } from '../bytes/text.ts';
import type { Clock, Random } from '../engine/ports.ts';
import { ChatError, peerError, usageError } from '../errors.ts';
import { deviceKeysFrom, type DeviceKeys } from '../identity/device.ts';
import { isFresh, supersedes } from '../identity/directory-order.ts';
import type { Renewer } from '../identity/directory-shape.ts';
import { baseHashOf, decodeBundle, encodeBundle, openBundle, signRenewal } from '../identity/directory.ts';
import type { OpenDirectory } from '../identity/directory.ts';
import { keyShape } from '../identity/fields.ts';
import { nobleCrypto } from '../identity/noble-crypto.ts';
import { lockedPlace } from './desk-place.ts';
import { readPrivate, writeDurably } from './durable-file.ts';

const HOUR = 3_600_000;
/** The longest that §5.1 allows. */
const FRESH_FOR = 72 * HOUR;
/** It signs at this age, so that two days of trouble do no harm. */
const RENEW_AFTER = 24 * HOUR;

const signerShape = mapOf({
  v: oneOf(1),
  desk: keyShape,
  seed: bytesOf(32),
  relay: orNull(textOf(1, 300)),
  /** The newest bundle that was seen or signed. */
  bundle: orNull(bytesOf(1, 81_920)),
});
type SignerState = Shaped<typeof signerShape>;
const signerCodec = codecOf('signer', 1 << 17, signerShape);

const pathIn = (directory: string): string => join(directory, 'signer.cbor');

/** Where a signer is kept; all but the directory have the machine's own as default. */
export interface SignerPlace {
  readonly directory: string;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** @param options.desk the desk's root key, 32 B @throws ChatError `signer-exists` (usage), `desk-in-use`, `desk-directory-unusable` */
export async function createSigner(
  place: SignerPlace,
  { desk, relay }: { desk: Uint8Array; relay: string | null },
): Promise<Signer> {
  return lockedPlace(place.directory, async (unlock) => {
    if ((await readPrivate(pathIn(place.directory))) !== null) {
      throw usageError('signer-exists', 'there is a signer in this directory');
    }
    const state: SignerState = { v: 1, desk, seed: (place.random ?? nodeRandom)(32), relay, bundle: null };
    await writeDurably(pathIn(place.directory), signerCodec.encode(state));
    return new Signer(place, unlock, { state, keys: await deviceKeysFrom(nobleCrypto, state.seed), held: null });
  });
}

/** @throws ChatError `signer-missing` (usage), `desk-in-use`, `desk-file-exposed`, `desk-file-malformed`, `desk-directory-unusable` */
export async function openSigner(place: SignerPlace): Promise<Signer> {
  return lockedPlace(place.directory, async (unlock) => {
    const path = pathIn(place.directory);
    const bytes = await readPrivate(path);
    if (bytes === null) throw missing();
    try {
      const state = signerCodec.decode(bytes);
      const held = state.bundle === null ? null : await openBundle(nobleCrypto, state.bundle, state.desk);
      return new Signer(place, unlock, { state, keys: await deviceKeysFrom(nobleCrypto, state.seed), held });
    } catch (cause) {
      const details = { path };
      throw new ChatError('environment', 'desk-file-malformed', 'the file of the signer is damaged', {
        cause,
        details,
      });
    }
  });
}

/** An open signer: one process has it at a time. What it signs is on disk before its method resolves. */
export class Signer {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #keys: DeviceKeys;
  readonly #unlock: () => Promise<void>;
  #state: SignerState;
  #held: OpenDirectory | null;

  constructor(
    place: SignerPlace,
    unlock: () => Promise<void>,
    { state, keys, held }: { state: SignerState; keys: DeviceKeys; held: OpenDirectory | null },
  ) {
    this.#directory = place.directory;
    this.#clock = place.clock ?? nodeClock;
    this.#unlock = unlock;
    this.#state = state;
    this.#keys = keys;
    this.#held = held;
  }

  /** The key as a device, to authenticate at a relay with. */
  get keys(): DeviceKeys {
    return this.#keys;
  }

  /** The desk's root key, 32 B. */
  get desk(): Uint8Array {
    return this.#state.desk;
  }

  get relay(): string | null {
    return this.#state.relay;
  }

  /** The newest directory that it has seen or signed. */
  get held(): OpenDirectory | null {
    return this.#held;
  }

  /** Until when the held directory trusts this signer, ms; null: it does not name it. */
  get trustedUntil(): number | null {
    return this.#renewer()?.until ?? null;
  }

  /** Whether it is time to sign: a day has passed, or what is held is not fresh. */
  get due(): boolean {
    const held = this.#held;
    const now = this.#clock.now();
    return held !== null && (!isFresh(held, now) || now - held.issuedAt >= RENEW_AFTER);
  }

  /**
   * Takes a bundle of the relay if it is newer.
   * @returns `older`: what is held is newer, and the relay must be given it
   * @throws ChatError as `openBundle`; `directory-equivocation`, `directory-not-shrinking`, `directory-stale`
   */
  async take(bundle: Uint8Array): Promise<'newer' | 'same' | 'older'> {
    const candidate = await openBundle(nobleCrypto, bundle, this.desk);
    try {
      // A first one may be stale: to renew it is what this signer is for. Its root signed it, and nothing is relied on.
      const verdict = this.#held === null ? 'newer' : supersedes(this.#held, candidate, this.#clock.now());
      if (verdict === 'newer') await this.#keep(candidate);
      return verdict;
    } catch (error) {
      if (error instanceof ChatError && error.code === 'directory-older') return 'older';
      throw error;
    }
  }

  /**
   * Signs the next renewal of what is held, and keeps it.
   * @param removing device id of a member to be removed; those removed before stay so
   * @throws ChatError `directory-missing` (nothing is held), `signer-not-delegated`, `signer-expired`; `directory-invalid`
   *   for an archive
   */
  async sign(removing: Uint8Array | null = null): Promise<OpenDirectory> {
    const held = this.#held;
    if (held === null) throw peerError('directory-missing', 'no directory is known yet');
    const now = this.#clock.now();
    const issuedAt = Math.max(now, held.directory.issuedAt);
    const freshUntil = Math.min(issuedAt + FRESH_FOR, held.directory.renewUntil, this.#renewerNow().until);
    if (freshUntil <= issuedAt) throw peerError('signer-expired', 'the base cannot be renewed any longer');
    const before = held.renewal?.removed ?? [];
    const removed = removing === null || before.some((id) => equal(id, removing)) ? before : [...before, removing];
    const { base } = decodeBundle(held.bytes);
    const renewal = await signRenewal(nobleCrypto, this.#keys.seed, {
      desk: this.desk,
      version: held.position.version,
      base: baseHashOf(base[0]),
      renewal: held.position.renewal + 1,
      issuedAt,
      freshUntil,
      removed: [...removed].sort(compare),
    });
    const open = await openBundle(nobleCrypto, encodeBundle({ base, renewal }), this.desk);
    await this.#keep(open);
    return open;
  }

  /** Lets another process work with the signer. */
  close(): Promise<void> {
    return this.#unlock();
  }

  #renewerNow(): Renewer {
    const renewer = this.#renewer();
    if (renewer === undefined) throw peerError('signer-not-delegated', 'the directory does not name this signer');
    if (renewer.until <= this.#clock.now()) throw peerError('signer-expired', 'the time of this signer is over');
    return renewer;
  }

  #renewer(): Renewer | undefined {
    const mine = toHex(this.#keys.key);
    return this.#held?.directory.renewers.find(({ key }) => toHex(key) === mine);
  }

  async #keep(open: OpenDirectory): Promise<void> {
    const next = { ...this.#state, bundle: open.bytes };
    await writeDurably(pathIn(this.#directory), signerCodec.encode(next));
    this.#state = next;
    this.#held = open;
  }
}

function missing(): ChatError {
  return usageError('signer-missing', 'there is no signer in this directory');
}
