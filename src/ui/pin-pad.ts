/**
 * Where a PIN is entered.
 * @module
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { base } from './base-styles.ts';
import { icon } from './icons.ts';
import { pinPadStyles } from './pin-pad-styles.ts';
import { Phrases } from './strings.ts';

const LEAST = 4;
const MOST = 12;
/** As many as a new PIN is suggested to have. */
const SUGGESTED = 6;
const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', 'delete', '0', 'confirm'] as const;
type Key = (typeof KEYS)[number];
const COLUMNS = 3;
/** Zeros of the decimal digits that keyboards of the supported languages write. */
const ZEROS = [0x30, 0x660, 0x6f0, 0x966];

/**
 * A pad for a PIN: keys for thumbs, the digits of a keyboard, paste. What was entered is shown as dots and stands nowhere in the
 * document: not as text, not in an attribute, not in an event of ours.
 *
 * @summary Where a PIN is entered.
 * @tag sc-pin-pad
 * @csspart pin - The whole pad.
 */
export class ScPinPad extends LitElement {
  static override styles = [base, pinPadStyles];

  /** What to enter, as a heading. */
  @property({ attribute: false }) label = '';
  /** The heading's level on its page. */
  @property({ attribute: false }) level = 3;
  /** One more sentence below it. */
  @property({ attribute: false }) hint = '';
  /** What was wrong; empty: nothing. Each change is announced at once. */
  @property({ attribute: false }) failure = '';
  /** Something is under way: no key does anything. It is so by itself while `submit` runs. */
  @property({ attribute: false }) busy = false;
  /** A new PIN is chosen: six digits are suggested. */
  @property({ attribute: false }) fresh = false;
  /** No try before this time, ms; null: now. */
  @property({ attribute: false }) disabledUntil: number | null = null;
  @property({ attribute: false }) phrases = new Phrases();
  /** Takes the PIN. Whether it resolves or rejects, the pad is empty then; who gave the function says what was wrong. */
  @property({ attribute: false }) submit: ((pin: string) => Promise<void>) | null = null;

  /** How many digits are shown: those entered, or those being checked. */
  @state() private count = 0;
  @state() private working = false;
  /** The last attempt was refused. */
  @state() private refused = false;
  @state() private short = false;
  /** Which key Tab reaches. */
  @state() private reached: Key = '1';
  @state() private announced = '';
  @query('.entry') private readonly entry!: HTMLElement | null;
  #digits = '';
  #tick: ReturnType<typeof setTimeout> | undefined;
  #waited = false;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#tick);
    this.#waited = false;
    this.clear();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate(); // the countdown goes on
  }

  /** Puts the focus where digits can be typed. */
  override focus(options?: FocusOptions): void {
    if (this.entry) this.entry.focus(options);
    else void this.updateComplete.then(() => this.entry?.focus(options)); // not rendered yet
  }

  /** Forgets what was entered. */
  clear(): void {
    this.#digits = '';
    if (!this.working) this.count = 0;
  }

  /** ms to wait; 0: none. */
  get #wait(): number {
    return Math.max(0, (this.disabledUntil ?? 0) - Date.now());
  }

  get #idle(): boolean {
    return !this.busy && !this.working && this.#wait === 0;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('label')) {
      this.short = false;
      // The next question, while the focus stays where it is.
      if (this.hasUpdated) this.announced = [this.label, this.hint].filter(Boolean).join('. ');
    }
    clearTimeout(this.#tick);
    const wait = this.#wait;
    if (wait > 0) {
      if (!this.#waited) this.announced = this.phrases.say('pinWait', { time: this.phrases.duration(wait) });
      this.#waited = true;
      // At the full second, so that none is skipped.
      this.#tick = setTimeout(() => this.requestUpdate(), wait % 1000 || 1000);
    } else if (this.#waited) {
      this.#waited = false;
      this.announced = this.phrases.say('pinAgain');
    }
  }

  protected override render(): TemplateResult {
    const { phrases } = this;
    const wait = this.#wait;
    const working = this.busy || this.working;
    const hint = this.hint || (this.fresh ? phrases.say('pinSuggestion') : '');
    let note = this.short ? phrases.say('pinShort') : '';
    if (working) note = phrases.say('pinBusy');
    else if (wait > 0) note = phrases.say('pinWait', { time: phrases.duration(wait) });
    return html`<div
      class="pin ${working ? 'working' : ''}"
      part="pin"
      @keydown=${this.#onKeydown}
      @keyup=${this.#onKeyup}
      @paste=${this.#onPaste}
    >
      <h3 id="label" aria-level=${this.level}>${this.label}</h3>
      ${hint ? html`<p id="hint" class="hint">${hint}</p>` : nothing}
      <div
        class="entry ${this.fresh ? '' : 'plain'} ${this.refused ? 'refused' : ''} ${this.count > 8 ? 'many' : ''}"
        role="application"
        tabindex="0"
        aria-labelledby="label"
        aria-describedby="hint how"
        aria-busy=${working ? 'true' : 'false'}
        @animationend=${() => (this.refused = false)}
      >
        ${this.#dots()}
      </div>
      <div class="said">
        <p class="failure" role="alert">${this.failure}</p>
        <p class="note" role=${wait > 0 ? 'timer' : nothing}>${note}</p>
      </div>
      <div class="keys" role="application" aria-label=${phrases.say('pinKeys')} @mousedown=${this.#keepFocus}>
        ${KEYS.map((key) => this.#key(key, working))}
      </div>
      <span class="visually-hidden" id="how">${phrases.say('pinHow')}</span>
      <span class="visually-hidden" role="status">${this.announced}</span>
    </div>`;
  }

  #dots(): unknown {
    const { count, fresh } = this;
    const places = fresh ? Math.max(count, SUGGESTED) : count;
    return [
      ...Array.from({ length: places }, (_, at) => html`<i class="dot ${at < count ? 'filled' : ''}"></i>`),
      fresh || count === MOST ? nothing : html`<i class="caret"></i>`,
    ];
  }

  #key(key: Key, working: boolean): TemplateResult {
    const { phrases, count } = this;
    const digit = key !== 'delete' && key !== 'confirm';
    const idle = this.#idle && (digit ? count < MOST : key === 'delete' ? count > 0 : count >= LEAST);
    const name = key === 'delete' ? phrases.say('pinDelete') : key === 'confirm' ? phrases.say('pinConfirm') : nothing;
    return html`<button
      type="button"
      class="key ${digit ? '' : key}"
      data-key=${key}
      tabindex=${key === this.reached ? '0' : '-1'}
      aria-label=${name}
      aria-disabled=${idle ? 'false' : 'true'}
      @click=${(event: MouseEvent) => this.#press(key, event.detail)}
      @focus=${() => (this.reached = key)}
    >
      ${
        digit
          ? phrases.number(Number(key))
          : key === 'delete'
            ? icon('backspace')
            : working
              ? html`<i class="spinner"></i>`
              : icon('check', { weight: 2.2 })
      }
    </button>`;
  }

  #press(key: Key, clicks: number): void {
    // The second click of a double click was not meant for the question that came meanwhile.
    if (key === 'confirm') void (clicks > 1 || this.#confirm());
    else if (key === 'delete') this.#delete();
    else this.#add(key);
  }

  #add(digits: string): void {
    if (!this.#idle || this.#digits.length + digits.length > MOST) return;
    this.#digits += digits;
    this.#shown();
  }

  #delete(): void {
    if (!this.#idle || this.#digits === '') return;
    this.#digits = this.#digits.slice(0, -1);
    this.#shown();
  }

  #shown(): void {
    const { phrases } = this;
    this.count = this.#digits.length;
    this.short = false;
    this.announced = this.count === 0 ? phrases.say('pinNone') : phrases.say('pinDigits', { count: this.count });
  }

  async #confirm(): Promise<void> {
    if (!this.#idle || !this.submit) return;
    if (this.#digits.length < LEAST) {
      this.short = true;
      this.announced = this.phrases.say('pinShort');
      return;
    }
    this.working = true;
    this.announced = this.phrases.say('pinBusy');
    const work = this.submit(this.#digits);
    this.#digits = '';
    try {
      await work;
      this.announced = '';
    } catch {
      // `submit` has told the user.
      this.refused = true;
      this.announced = '';
    } finally {
      this.working = false;
      this.clear();
    }
  }

  #onKeydown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (this.#typed(event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  /** @returns whether the key was one of the pad's */
  #typed(event: KeyboardEvent): boolean {
    const digit = digitOf(event.key);
    if (digit !== null) {
      if (!event.repeat) this.#add(digit);
      return true;
    }
    switch (event.key) {
      case 'Backspace':
      case 'Delete':
        this.#delete();
        return true;
      case 'Escape':
        if (this.#digits === '') return false;
        this.#digits = '';
        this.#shown();
        return true;
      case 'Enter':
        // On a key it presses that key.
        if (event.target !== this.entry) return false;
        if (!event.repeat) void this.#confirm();
        return true;
      default:
        return this.#moved(event);
    }
  }

  #moved({ key, target }: KeyboardEvent): boolean {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS }[key];
    if (step === undefined) return false;
    const at = KEYS.indexOf((target as HTMLElement).dataset.key as Key);
    const next = at < 0 ? this.reached : KEYS[at + step];
    // The one row below the entry.
    if (next === undefined && at + step < 0) this.entry?.focus();
    else if (next !== undefined) this.renderRoot.querySelector<HTMLElement>(`[data-key='${next}']`)?.focus();
    return true;
  }

  /** Digits are nobody else's business. */
  #onKeyup = (event: KeyboardEvent): void => {
    if (digitOf(event.key) !== null) event.stopPropagation();
  };

  #onPaste = (event: ClipboardEvent): void => {
    const text = event.clipboardData?.getData('text') ?? '';
    event.preventDefault();
    event.stopPropagation();
    this.#add([...text].map((char) => digitOf(char) ?? '').join(''));
  };

  /** A pressed key does not take the focus from where digits can be typed. */
  #keepFocus = (event: MouseEvent): void => {
    event.preventDefault();
    if (!this.matches(':focus-within')) this.entry?.focus({ preventScroll: true });
  };
}

/** `0` to `9` for a decimal digit of any keyboard, or null. */
function digitOf(text: string): string | null {
  if (!/^\p{Nd}$/u.test(text)) return null;
  const code = text.codePointAt(0) ?? 0;
  const zero = ZEROS.findLast((at) => at <= code);
  const value = code - (zero ?? code);
  return zero !== undefined && value <= 9 ? String(value) : null;
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-pin-pad': ScPinPad;
  }
}
