/**
 * The text in the composer, kept in the store as it is typed and taken from there when another tab or page wrote it.
 * @module
 */

const SAVE_MS = 300;
/** So long after the last key the store's answers may still be echoes of what was typed here. */
const QUIET_MS = 1500;

/** One composer's text, now of this conversation, now of that. */
export class DraftKeeper {
  /** What the composer shows. */
  text = '';
  readonly #onChange: () => void;
  readonly #onError: (error: unknown) => void;
  #save: ((text: string) => Promise<void>) | null = null;
  /** What the store was last told. */
  #told = '';
  /** What the store last said; null before it answered. */
  #stored: string | null = null;
  #saving: ReturnType<typeof setTimeout> | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #busy = false;

  constructor(onChange: () => void, onError: (error: unknown) => void) {
    this.#onChange = onChange;
    this.#onError = onError;
  }

  /** Turns to another draft. What was typed in the old one is stored first. */
  turnTo(save: (text: string) => Promise<void>, stored: string | null): void {
    void this.flush();
    clearTimeout(this.#quiet);
    this.#busy = false;
    this.#save = save;
    this.#stored = stored;
    this.#told = stored ?? '';
    this.text = this.#told;
    this.#onChange();
  }

  /** The store's value: shown unless somebody is typing here. */
  offer(stored: string): void {
    const changed = stored !== this.#stored;
    this.#stored = stored;
    if (changed && !this.#busy) this.#take();
  }

  /** Typed or set: shown at once, stored soon. */
  write(text: string): void {
    if (text === this.text) return;
    this.text = text;
    this.#busy = true;
    clearTimeout(this.#saving);
    clearTimeout(this.#quiet);
    // A tab that is hidden may be gone any moment.
    if (isHidden()) void this.flush();
    else this.#saving = setTimeout(() => void this.flush(), SAVE_MS);
    this.#quiet = setTimeout(() => {
      this.#busy = false;
      this.#take();
    }, QUIET_MS);
    this.#onChange();
  }

  /** Stores now what is not yet stored; resolves when it is, or when its failure was reported. */
  async flush(): Promise<void> {
    clearTimeout(this.#saving);
    if (!this.#save || this.text === this.#told) return;
    this.#told = this.text;
    await this.#save(this.text).catch(this.#onError);
  }

  #take(): void {
    const stored = this.#stored;
    if (stored === null || stored === this.text) return;
    this.text = stored;
    this.#told = stored;
    this.#onChange();
  }
}

/** Where there is no document nothing is hidden. */
function isHidden(): boolean {
  return (globalThis.document as Document | undefined)?.visibilityState === 'hidden';
}
