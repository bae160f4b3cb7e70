/**
 * A clock that stands still until it is told to go on.
 * @module
 */
import type { Clock } from '../../engine/ports.ts';

/** How many turns of the microtask queue count as "everything that follows has happened". */
const TURNS = 200;

/** See the module. Only what waits for microtasks settles by itself; real I/O does not. */
export class DrivenClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Map<number, { readonly at: number; readonly callback: () => void }>();

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const id = this.#order++;
    this.#timers.set(id, { at: this.#now + Math.max(0, ms), callback });
    return () => {
      this.#timers.delete(id);
    };
  }

  /** Lets time pass, calling what is due in its order and letting everything that follows from each happen. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let due = this.#firstUntil(end); due !== undefined; due = this.#firstUntil(end)) {
      const [id, { at, callback }] = due;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, at);
      callback();
      await settled();
    }
    this.#now = end;
  }

  /** Sets another time without calling anything, as a person or a time server does. */
  set(now: number): void {
    const shift = now - this.#now;
    this.#now = now;
    for (const [id, timer] of this.#timers) this.#timers.set(id, { ...timer, at: timer.at + shift });
  }

  /** How many timers run. */
  get timers(): number {
    return this.#timers.size;
  }

  #firstUntil(end: number): [number, { readonly at: number; readonly callback: () => void }] | undefined {
    const due = [...this.#timers].filter(([, { at }]) => at <= end);
    return due.sort(([a, { at: atA }], [b, { at: atB }]) => atA - atB || a - b)[0];
  }
}

/** Waits until everything that waits for nothing but microtasks has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
}
