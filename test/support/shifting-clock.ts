/**
 * The machine's clock, which a test can put forward: what is due by then happens at once.
 * @module
 */
import type { Clock } from '../../src/engine/ports.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
  handle: NodeJS.Timeout;
}

/** See the module. Several devices may share one. */
export class ShiftingClock implements Clock {
  #offset = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return Date.now() + this.#offset;
  }

  after(ms: number, callback: () => void): () => void {
    const timer: Timer = { at: this.now() + ms, callback, handle: setTimeout(() => this.#fire(timer), ms) };
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer.handle);
      this.#timers.delete(timer);
    };
  }

  /** Lets so much time pass at once, and calls what is due. */
  forward(ms: number): void {
    this.#offset += ms;
    const now = this.now();
    for (const timer of [...this.#timers].sort((a, b) => a.at - b.at)) {
      clearTimeout(timer.handle);
      if (timer.at <= now) this.#fire(timer);
      else timer.handle = setTimeout(() => this.#fire(timer), timer.at - now);
    }
  }

  /** Shows another time without calling anything yet, as after sleep, or when it was set. */
  sleep(ms: number): void {
    this.#offset += ms;
  }

  #fire(timer: Timer): void {
    if (this.#timers.delete(timer)) timer.callback();
  }
}
