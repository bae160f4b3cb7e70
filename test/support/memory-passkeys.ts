/**
 * An authenticator in memory: credentials with a PRF, as a browser gives them.
 * @module
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../../src/bytes/text.ts';
import type { Passkeys } from '../../src/engine/ports/device.ts';
import { ChatError, usageError } from '../../src/errors.ts';
import { realRandom } from './random.ts';

/** See the module. What was made stays, whatever happens to the profile. */
export class MemoryPasskeys implements Passkeys {
  /** What every output of the PRF follows from, by credential in hexadecimal. */
  readonly secrets = new Map<string, Uint8Array>();
  /** Names under which credentials were made, in order. */
  readonly names: string[] = [];
  uses = 0;
  /** Set to be less than well-behaved. */
  cancels = false;
  outputLength = 32;
  /** Runs while the user is asked. */
  whileAsked: () => Promise<void> = async () => undefined;

  async create({ name, salt }: { name: string; salt: Uint8Array }) {
    await this.#ask();
    const credential = realRandom(20);
    this.secrets.set(toHex(credential), realRandom(32));
    this.names.push(name);
    return { credential, output: this.#output(credential, salt) };
  }

  async use({ credential, salt }: { credential: Uint8Array; salt: Uint8Array }): Promise<Uint8Array> {
    await this.#ask();
    this.uses++;
    return this.#output(credential, salt);
  }

  async #ask(): Promise<void> {
    await this.whileAsked();
    if (this.cancels) throw usageError('passkey-cancelled', 'the user did not want to');
  }

  #output(credential: Uint8Array, salt: Uint8Array): Uint8Array {
    const secret = this.secrets.get(toHex(credential));
    if (secret === undefined) throw new ChatError('environment', 'passkey-unsupported', 'no such credential');
    return hmac(sha256, secret, salt).slice(0, this.outputLength);
  }
}
