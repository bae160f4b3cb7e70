/**
 * Where a message is written.
 * @module
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import { base, buttons } from './base-styles.ts';
import { composerStyles } from './composer-styles.ts';
import { icon } from './icons.ts';
import { ScComposingEvent, ScDraftChangeEvent } from './inner-events.ts';
import { Phrases } from './strings.ts';

/** The longest text in UTF-8 bytes, docs/protocol.md §13. */
export const MAX_TEXT_BYTES = 16_384;
/** From here on the room left is said. */
const WARN_BYTES = MAX_TEXT_BYTES - 1024;
/** The engine forgets a typing signal after 10 s; it is repeated well before. */
const TYPING_REPEAT_MS = 4000;
const TYPING_IDLE_MS = 6000;

const encoder = new TextEncoder();

/**
 * A text field that grows, and a send button. Enter sends, Shift+Enter begins a new line.
 *
 * @summary Where a message is written.
 * @tag sc-composer
 * @fires sc-draft-change - The text changed by typing or sending; read `value`.
 * @fires sc-composing - Typing began, goes on or ceased: `{on}`; at most every four seconds.
 * @slot start - Before the text field.
 * @slot end - Between the text field and the send button.
 * @csspart composer - The whole row.
 * @csspart input - The text field.
 * @csspart send - The send button.
 */
export class ScComposer extends LitElement {
  static override styles = [base, buttons, composerStyles];
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };

  /** The text. Setting it fires no event. */
  @property({ attribute: false }) value = '';
  /** Nothing can be written. */
  @property({ type: Boolean, reflect: true }) disabled = false;
  /**
   * Sends the text; several may be on their way, in order. The field is empty at once. When it rejects, the text comes back,
   * before what was typed meanwhile, and the caller says why.
   */
  @property({ attribute: false }) submit: ((text: string) => Promise<void>) | null = null;
  @property({ attribute: false }) phrases = new Phrases();
  /** Replaces the placeholder. */
  @property() placeholder = '';

  @query('textarea') private readonly field!: HTMLTextAreaElement | null;
  #lastTyping = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#ceaseTyping();
  }

  override focus(options?: FocusOptions): void {
    if (this.field) this.field.focus(options);
    else void this.updateComplete.then(() => this.field?.focus(options)); // not rendered yet
  }

  protected override updated(changed: PropertyValues<this>): void {
    // Not bound in the template: while somebody composes with an input method the field is the browser's.
    if (this.field && this.field.value !== this.value) this.field.value = this.value;
    if (changed.has('value')) this.#fit();
  }

  protected override render(): TemplateResult {
    const left = MAX_TEXT_BYTES - encoder.encode(this.value.trim()).length;
    const { phrases } = this;
    const room =
      left < 0
        ? phrases.say('tooLong', { count: -left })
        : left <= MAX_TEXT_BYTES - WARN_BYTES
          ? phrases.say('bytesLeft', { count: left })
          : '';
    return html`
      <div class="composer" part="composer">
        <slot name="start"></slot>
        <textarea
          part="input"
          rows="1"
          dir="auto"
          enterkeyhint="send"
          autocapitalize="sentences"
          aria-label=${phrases.say('message')}
          aria-describedby="room"
          aria-invalid=${left < 0 ? 'true' : nothing}
          placeholder=${this.placeholder || phrases.say('messagePlaceholder')}
          ?disabled=${this.disabled}
          @input=${this.#onInput}
          @keydown=${this.#onKeydown}
          @blur=${this.#ceaseTyping}
        ></textarea>
        <slot name="end"></slot>
        <button
          type="button"
          part="send"
          class="send"
          aria-label=${phrases.say('send')}
          aria-disabled=${this.#sendable(left) ? 'false' : 'true'}
          ?disabled=${this.disabled}
          @click=${this.#send}
        >
          ${icon('send', { weight: 2 })}
        </button>
      </div>
      <p id="room" class="room ${left < 0 ? 'over' : ''}" role="status">${room}</p>
    `;
  }

  #sendable(left = MAX_TEXT_BYTES - encoder.encode(this.value.trim()).length): boolean {
    return !this.disabled && this.value.trim() !== '' && left >= 0;
  }

  #onInput = (event: Event): void => {
    this.#change((event.target as HTMLTextAreaElement).value);
    if (this.value.trim() === '') this.#ceaseTyping();
    else this.#typing();
  };

  #onKeydown = (event: KeyboardEvent): void => {
    // 229: the key belongs to an input method (Safari ends the composition before this event).
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    void this.#send();
  };

  #send = async (): Promise<void> => {
    if (!this.submit || !this.#sendable()) return;
    const sent = this.value;
    this.#ceaseTyping();
    this.#change('');
    this.focus();
    try {
      await this.submit(sent.trim());
    } catch {
      // `submit` has told the user.
      this.#change(this.value === '' ? sent : `${sent}\n${this.value}`);
    }
  };

  #change(value: string): void {
    this.value = value;
    this.dispatchEvent(new ScDraftChangeEvent());
  }

  #typing(): void {
    const now = performance.now();
    if (this.#lastTyping === 0 || now - this.#lastTyping >= TYPING_REPEAT_MS) {
      this.#lastTyping = now;
      this.dispatchEvent(new ScComposingEvent(true));
    }
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#ceaseTyping(), TYPING_IDLE_MS);
  }

  #ceaseTyping = (): void => {
    clearTimeout(this.#idle);
    if (this.#lastTyping === 0) return;
    this.#lastTyping = 0;
    this.dispatchEvent(new ScComposingEvent(false));
  };

  /** As high as its text, up to the limit of the style sheet. */
  #fit(): void {
    const field = this.field;
    if (!field) return;
    field.style.blockSize = 'auto';
    field.style.blockSize = `${field.scrollHeight}px`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-composer': ScComposer;
  }
}
