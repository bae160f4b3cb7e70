/**
 * Whether clients should be sent here: what they are promised can be kept.
 * @module
 */
import type { Services } from './services.ts';

/** For how long an answer holds, ms: whoever reaches the port may ask, and each look is a write. */
const HOLDS = 2_000;

export class Readiness {
  readonly #services: Services;
  #asked: { at: number; answer: Promise<boolean> } | null = null;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Whether the store and the directory of blobs take what is written. A fault is logged. */
  async canWrite(): Promise<boolean> {
    const now = this.#services.clock.now();
    if (this.#asked === null || Math.abs(now - this.#asked.at) >= HOLDS)
      this.#asked = { at: now, answer: this.#look() };
    return this.#asked.answer;
  }

  async #look(): Promise<boolean> {
    const { store, blobs, onFault } = this.#services;
    try {
      const put = { value: new Uint8Array(), expires: null };
      await store.commit([{ table: 'probe', key: 'probe', expects: 'any', put }]);
      await blobs.probe();
      return true;
    } catch (error) {
      onFault(error);
      return false;
    }
  }
}
