/**
 * A signal that the core can give itself.
 * @module
 */
import type { CancelSignal } from './ports.ts';

/** Makes one signal and aborts it once. */
export class CancelSource {
  readonly #listeners = new Set<() => void>();
  #aborted = false;

  readonly signal: CancelSignal;

  constructor() {
    const isAborted = (): boolean => this.#aborted;
    this.signal = {
      get aborted() {
        return isAborted();
      },
      addEventListener: (_type, listener) => void this.#listeners.add(listener),
      removeEventListener: (_type, listener) => void this.#listeners.delete(listener),
    };
  }

  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    for (const listener of [...this.#listeners]) listener();
    this.#listeners.clear();
  }
}
