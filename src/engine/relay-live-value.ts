/**
 * A value held in memory that can be watched like a query of the store.
 * @module
 */
import type { Live } from './views.ts';

/** One value and those who want to know when it changes. */
export class LiveValue<T> implements Live<T> {
  #value: T;
  readonly #subscribers = new Set<{ listener: (value: T) => void; onError: (error: unknown) => void }>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  /** Replaces the value and tells it, even if it is equal; a listener's error goes to its own `onError`. */
  set(value: T): void {
    this.#value = value;
    for (const subscriber of [...this.#subscribers]) {
      // One of those before may have stopped this one, or have set a newer value, which it was told already.
      if (this.#value === value && this.#subscribers.has(subscriber)) tell(subscriber, value);
    }
  }

  subscribe(listener: (value: T) => void, onError: (error: unknown) => void): () => void {
    const subscriber = { listener, onError };
    this.#subscribers.add(subscriber);
    tell(subscriber, this.#value);
    return () => {
      this.#subscribers.delete(subscriber);
    };
  }
}

function tell<T>({ listener, onError }: { listener: (value: T) => void; onError: (error: unknown) => void }, value: T) {
  try {
    listener(value);
  } catch (error) {
    onError(error);
  }
}
