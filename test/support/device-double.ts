/**
 * A device in memory, as far as locks of vaults need one: tabs with a memory of their own and a channel between them, an authenticator
 * with passkeys, and Argon2id that is checked as the real one and cheap to compute.
 * @module
 */
import { argon2id } from '@noble/hashes/argon2.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8 } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/text.ts';
import type {
  DevicePorts,
  MissingProtection,
  Passkeys,
  PinStretcher,
  TabChannel,
  TabMemory,
} from '../../src/engine/ports/device.ts';
import { ChatError, usageError } from '../../src/errors.ts';
import { checkPin, checkStretch } from '../../src/vault/pin-parameters.ts';
import { realRandom } from './random.ts';

/** One tab's `sessionStorage`; it outlives the pages that are loaded in the tab. */
export class TabMemoryDouble implements TabMemory {
  bytes: Uint8Array | null = null;
  /** Forbids writing while set. */
  full = false;

  read(): Uint8Array | null {
    return this.bytes?.slice() ?? null;
  }

  write(bytes: Uint8Array): boolean {
    if (!this.full) this.bytes = bytes.slice();
    return !this.full;
  }

  clear(): void {
    this.bytes = null;
  }

  /** Another tab's, made by duplicating this one; or what a thief has copied. */
  copy(): TabMemoryDouble {
    const copy = new TabMemoryDouble();
    copy.bytes = this.read();
    return copy;
  }
}

/** An authenticator: a secret for each credential. */
class PasskeysDouble implements Passkeys {
  readonly names: string[] = [];
  /** Thrown once by the next use. */
  failure: ChatError | null = null;
  readonly #secrets = new Map<string, Uint8Array>();

  async create({ name, salt }: { name: string; salt: Uint8Array }) {
    await Promise.resolve();
    this.#failing();
    const credential = realRandom(16);
    this.#secrets.set(toHex(credential), realRandom(32));
    this.names.push(name);
    return { credential, output: await this.use({ credential, salt }) };
  }

  async use({ credential, salt }: { credential: Uint8Array; salt: Uint8Array }): Promise<Uint8Array> {
    await Promise.resolve();
    this.#failing();
    const secret = this.#secrets.get(toHex(credential));
    if (secret === undefined) throw usageError('passkey-cancelled', 'there is no such passkey');
    return hmac(sha256, secret, salt);
  }

  #failing(): void {
    const { failure } = this;
    this.failure = null;
    if (failure !== null) throw failure;
  }
}

/** See the module. */
export class DeviceDouble {
  readonly passkeys = new PasskeysDouble();
  /** How many PINs were stretched, and what the last of them cost. */
  stretched = 0;
  /** Set: a worker cannot run, passkeys are not to be had. */
  readonly lacks = { worker: false, passkeys: false };
  /** How often the browser was asked not to evict. */
  persisted = 0;
  readonly #listeners = new Set<(bytes: Uint8Array) => void>();
  /** Everything that was said between tabs. */
  readonly said: Uint8Array[] = [];

  /** The ports of one page in a tab with this memory. */
  page(memory: TabMemory = new TabMemoryDouble()): DevicePorts {
    return {
      stretcher: this.#stretcher,
      passkeys: this.lacks.passkeys ? null : this.passkeys,
      memory,
      channel: this.#channel(),
      persist: async () => {
        this.persisted++;
        await Promise.resolve();
        return true;
      },
      missing: () => {
        const missing: MissingProtection[] = this.persisted > 0 ? [] : ['persistence'];
        return this.lacks.passkeys ? [...missing, 'passkeys'] : missing;
      },
    };
  }

  /** Says something as another script of the page's origin could; own listeners do not hear it. */
  say(bytes: Uint8Array, own: ReadonlySet<(bytes: Uint8Array) => void> = new Set()): void {
    this.said.push(bytes.slice());
    for (const listener of [...this.#listeners]) {
      if (own.has(listener)) continue;
      queueMicrotask(() => {
        if (this.#listeners.has(listener)) listener(bytes.slice());
      });
    }
  }

  readonly #stretcher: PinStretcher = {
    stretch: async (pin, salt, cost) => {
      await Promise.resolve();
      if (this.lacks.worker) throw new ChatError('environment', 'worker-unavailable', 'no worker');
      checkPin(pin);
      checkStretch(cost);
      this.stretched++;
      return argon2id(utf8(pin), salt, { m: 8, t: 1, p: 1, dkLen: 32 });
    },
  };

  #channel(): TabChannel {
    const own = new Set<(bytes: Uint8Array) => void>();
    return {
      post: (bytes) => this.say(bytes, own),
      listen: (listener) => {
        const entry = (bytes: Uint8Array): void => listener(bytes);
        own.add(entry);
        this.#listeners.add(entry);
        return () => {
          own.delete(entry);
          this.#listeners.delete(entry);
        };
      },
    };
  }
}
