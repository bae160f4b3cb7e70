/**
 * Whether somebody is there.
 * @module
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** No more often than this, ms: a pointer tells of every pixel. */
const APART = 1000;

/** What only a person does. No `scroll`: a message that arrives scrolls too. */
const SIGNS = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchmove'] as const;

/**
 * Tells when the user does something in the host, or presses a key while nothing on the page has the focus; and when the page
 * comes back from the browser's memory, where no timer ran.
 */
export class Activity implements ReactiveController {
  readonly #host: HTMLElement;
  readonly #tell: () => void;
  #told = -Infinity;
  #pointer = '';

  constructor(host: ReactiveControllerHost & HTMLElement, tell: () => void) {
    this.#host = host;
    this.#tell = tell;
    host.addController(this);
  }

  hostConnected(): void {
    for (const sign of SIGNS) document.addEventListener(sign, this.#onSign, { capture: true, passive: true });
    addEventListener('pageshow', this.#onShow);
  }

  hostDisconnected(): void {
    for (const sign of SIGNS) document.removeEventListener(sign, this.#onSign, { capture: true });
    removeEventListener('pageshow', this.#onShow);
  }

  #onSign = (event: Event): void => {
    const nowhere = event.type === 'keydown' && event.target === document.body;
    if (!nowhere && !event.composedPath().includes(this.#host)) return;
    // What moves under a pointer that rests makes it "move" as well.
    if (event.type === 'pointermove' && !this.#moved(event as PointerEvent)) return;
    const now = performance.now();
    if (now - this.#told < APART) return;
    this.#told = now;
    this.#tell();
  };

  #onShow = (event: PageTransitionEvent): void => {
    if (event.persisted) this.#tell();
  };

  #moved({ screenX, screenY }: PointerEvent): boolean {
    const at = `${screenX} ${screenY}`;
    const moved = this.#pointer !== '' && this.#pointer !== at;
    this.#pointer = at;
    return moved;
  }
}
