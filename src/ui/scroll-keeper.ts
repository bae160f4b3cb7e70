/**
 * Keeps the reader's place in a scrolling log: at the end if they are there, else at the message they are reading,
 * whatever comes in above or below and however the box changes its size.
 * @module
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** As close to the end as this counts as being there, px. */
const NEAR_END = 40;
/** As close to the top as this asks for more, px. */
const NEAR_TOP = 160;

interface Handlers {
  /** The reader scrolled. */
  onMoved(): void;
  /** The end came into view. */
  onBottom(): void;
}

/** Messages are found again by their `data-id`. */
export class ScrollKeeper implements ReactiveController {
  /** The reader is at the end and follows what comes. */
  pinned = true;
  readonly #host: ReactiveControllerHost;
  readonly #find: () => HTMLElement | null;
  readonly #handlers: Handlers;
  readonly #sizes: ResizeObserver | null;
  #box: HTMLElement | null = null;
  #anchor: { id: string; bottom: number } | null = null;
  #smooth = false;
  /** Where the box was scrolled to last. */
  #top = 0;

  constructor(host: ReactiveControllerHost, find: () => HTMLElement | null, handlers: Handlers) {
    this.#host = host;
    this.#find = find;
    this.#handlers = handlers;
    this.#sizes = typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(() => this.#settle());
    host.addController(this);
  }

  get nearTop(): boolean {
    return (this.#box?.scrollTop ?? 0) < NEAR_TOP;
  }

  /** The next update shows the end. */
  pin(): void {
    this.pinned = true;
  }

  toEnd({ smooth = false } = {}): void {
    this.pinned = true;
    const box = this.#box;
    if (!box) return;
    this.#smooth = smooth && !matchMedia('(prefers-reduced-motion: reduce)').matches;
    box.scrollTo({ top: box.scrollHeight, behavior: this.#smooth ? 'smooth' : 'instant' });
    this.#host.requestUpdate();
    this.#handlers.onBottom();
  }

  hostUpdate(): void {
    const box = this.#box;
    this.#anchor = null;
    if (!box || this.pinned) return;
    const edge = box.getBoundingClientRect().top;
    for (const element of box.querySelectorAll<HTMLElement>('[data-id]')) {
      const { bottom } = element.getBoundingClientRect();
      if (bottom <= edge) continue;
      // Its lower edge: its name may go when a message of the same sender comes in above.
      this.#anchor = { id: element.dataset['id'] ?? '', bottom };
      return;
    }
  }

  hostUpdated(): void {
    this.#attach();
    const box = this.#box;
    if (!box) return;
    if (this.pinned) {
      if (!this.#smooth) box.scrollTop = box.scrollHeight;
      return;
    }
    const anchor = this.#anchor;
    if (!anchor) return;
    const element = box.querySelector(`[data-id="${CSS.escape(anchor.id)}"]`);
    if (element) box.scrollTop += element.getBoundingClientRect().bottom - anchor.bottom;
  }

  hostDisconnected(): void {
    this.#sizes?.disconnect();
    this.#box?.removeEventListener('scroll', this.#onScroll);
    this.#box = null;
  }

  #attach(): void {
    const box = this.#find();
    if (box === this.#box) return;
    this.hostDisconnected();
    this.#box = box;
    if (!box) return;
    box.addEventListener('scroll', this.#onScroll, { passive: true });
    this.#sizes?.observe(box);
    if (box.firstElementChild) this.#sizes?.observe(box.firstElementChild);
  }

  /** The box or its content changed its size without an update: the keyboard opened, a font came, text was zoomed. */
  #settle(): void {
    if (this.pinned && this.#box && !this.#smooth) this.#box.scrollTop = this.#box.scrollHeight;
  }

  #onScroll = (): void => {
    const box = this.#box;
    if (!box) return;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight <= NEAR_END;
    const up = box.scrollTop < this.#top - 1;
    this.#top = box.scrollTop;
    // The content grew before this event of the last move came; it is not the reader who left the end.
    if (this.pinned && !this.#smooth && !atEnd && !up) {
      this.#settle();
      return;
    }
    // On the way down by itself it is not the reader who left the end.
    if (this.#smooth && !atEnd) return;
    this.#smooth = false;
    const was = this.pinned;
    this.pinned = atEnd;
    if (atEnd !== was) this.#host.requestUpdate();
    this.#handlers.onMoved();
    if (atEnd && !was) this.#handlers.onBottom();
  };
}
