/**
 * A live query as part of a Lit element: the element renders again at every new value.
 * @module
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Live } from '../engine/views.ts';

/** Follows one `Live` at a time, while its element is in the document. */
export class LiveController<T> implements ReactiveController {
  /** The latest value; undefined until the first one of the present source. */
  value: T | undefined;
  /** Why the query ended; undefined while it runs. */
  error: unknown;
  readonly #host: ReactiveControllerHost;
  #source: Live<T> | null = null;
  #stop: (() => void) | null = null;
  #connected = false;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /**
   * Follows another source, or none.
   * @param keep the old value stays until the new source's first (a longer part of the same list)
   */
  follow(source: Live<T> | null, { keep = false } = {}): void {
    if (source === this.#source) return;
    this.#unsubscribe();
    this.#source = source;
    if (!keep) this.value = undefined;
    this.error = undefined;
    if (this.#connected) this.#subscribe();
    this.#host.requestUpdate();
  }

  hostConnected(): void {
    this.#connected = true;
    this.#subscribe();
  }

  hostDisconnected(): void {
    this.#connected = false;
    this.#unsubscribe();
  }

  #subscribe(): void {
    const source = this.#source;
    if (!source || this.#stop) return;
    let current = true;
    const stop = source.subscribe(
      (value) => {
        if (!current) return;
        this.value = value;
        this.error = undefined;
        this.#host.requestUpdate();
      },
      (error) => {
        if (!current) return;
        this.error = error;
        this.#host.requestUpdate();
      },
    );
    this.#stop = () => {
      current = false;
      stop();
    };
  }

  #unsubscribe(): void {
    this.#stop?.();
    this.#stop = null;
  }
}
