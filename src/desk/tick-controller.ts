/**
 * The time for an element that shows how long something lasts.
 * @module
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Renders its host again every `period` ms while it is in the document and the page is visible. */
export class TickController implements ReactiveController {
  /** ms */
  now = Date.now();
  readonly #host: ReactiveControllerHost;
  readonly #period: number;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(host: ReactiveControllerHost, period = 1000) {
    this.#host = host;
    this.#period = period;
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener('visibilitychange', this.#onVisibility);
    this.#onVisibility();
  }

  hostDisconnected(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility);
    clearInterval(this.#timer);
  }

  #onVisibility = (): void => {
    clearInterval(this.#timer);
    if (document.visibilityState === 'hidden') return;
    this.#tick();
    this.#timer = setInterval(this.#tick, this.#period);
  };

  #tick = (): void => {
    this.now = Date.now();
    this.#host.requestUpdate();
  };
}
