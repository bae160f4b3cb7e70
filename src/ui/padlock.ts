/**
 * Who can read a conversation, and how one knows.
 * @module
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import type { Party, Verification } from '../engine/views.ts';
import { base, buttons } from './base-styles.ts';
import { rememberFocus } from './focus-return.ts';
import { trapFocus } from './focus-trap.ts';
import { icon, type IconName } from './icons.ts';
import { ScPadlockToggleEvent } from './inner-events.ts';
import { factsOf, readersSentence, type Fact } from './padlock-facts.ts';
import { padlockStyles } from './padlock-styles.ts';
import { Phrases, type StringKey } from './strings.ts';
import type { Perspective } from './transcript-rows.ts';

const STATES: Readonly<Record<Verification['state'], { icon: IconName; text: StringKey }>> = {
  verified: { icon: 'lock', text: 'padlockSecure' },
  none: { icon: 'lock', text: 'padlockChecking' },
  stale: { icon: 'shieldAlert', text: 'padlockStale' },
  alarm: { icon: 'shieldAlert', text: 'padlockAlarm' },
};

/**
 * A button with a padlock that says in plain words who can read, and opens a panel with the grounds for it. The panel
 * fills the nearest positioned ancestor of the element.
 *
 * @summary Who can read a conversation.
 * @tag sc-padlock
 * @fires sc-padlock-toggle - The panel opened or closed; read `open`.
 * @csspart lock - The button.
 * @csspart verified - The button's sentence.
 * @csspart recording - The mark of a recorded chat.
 * @csspart sheet - The opened panel.
 */
export class ScPadlock extends LitElement {
  static override styles = [base, buttons, padlockStyles];

  @property({ attribute: false }) verification: Verification | null = null;
  @property({ attribute: false }) parties: readonly Party[] = [];
  @property({ attribute: false }) perspective: Perspective = 'customer';
  @property({ attribute: false }) phrases = new Phrases();
  /** `strip`: a line with the sentence; `icon`: the padlock alone. */
  @property({ reflect: true }) variant: 'strip' | 'icon' = 'strip';
  @property({ type: Boolean, reflect: true }) open = false;

  @query('.sheet') private readonly sheet!: HTMLElement | null;
  @query('.lock') private readonly button!: HTMLElement | null;
  #release: (() => void) | null = null;
  #giveBack: (() => void) | null = null;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#release?.();
    this.#release = null;
    this.open = false;
  }

  override focus(options?: FocusOptions): void {
    this.button?.focus(options);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // The focus before the panel takes it, wherever that was.
    if (changed.has('open') && this.open) this.#giveBack = rememberFocus(() => this.button);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('open') || (changed.get('open') === undefined && !this.open)) return;
    this.#release?.();
    this.#release = null;
    if (this.open && this.sheet) {
      this.#release = trapFocus(this.sheet);
      this.sheet.focus();
    } else {
      this.#giveBack?.();
      this.#giveBack = null;
    }
    this.dispatchEvent(new ScPadlockToggleEvent());
  }

  protected override render(): TemplateResult {
    const { phrases, verification, variant } = this;
    const state = verification?.state ?? 'none';
    const { icon: name, text } = STATES[state];
    const label = phrases.say(text);
    const sentence = verification ? readersSentence(verification, this.parties, this.perspective, phrases) : '';
    const known = state === 'verified';
    return html`
      <button
        type="button"
        class="lock ${state}"
        part="lock"
        aria-haspopup="dialog"
        aria-expanded=${this.open ? 'true' : 'false'}
        aria-label=${`${phrases.say('padlock')}: ${known ? sentence : label}`}
        @click=${() => (this.open = !this.open)}
      >
        ${icon(name)}
        ${
          variant === 'strip'
            ? html`<span class="sentence" part="verified">${known ? sentence : label}</span> ${
                  verification?.recorded && state !== 'none'
                    ? html`<span class="recording" part="recording"
                        >${icon('record')}<span class="visually-hidden">${phrases.say('recorded')}</span></span
                      >`
                    : nothing
                }
                ${icon('chevron', { flip: true })}`
            : nothing
        }
      </button>
      ${this.open ? this.#sheet(state, sentence) : nothing}
    `;
  }

  #sheet(state: Verification['state'], sentence: string): TemplateResult {
    const { phrases, verification } = this;
    return html`<div
      class="sheet"
      part="sheet"
      role="dialog"
      aria-modal="true"
      aria-labelledby="heading"
      tabindex="-1"
      @keydown=${this.#onKeydown}
    >
      <div class="head">
        <h2 id="heading">${phrases.say('padlock')}</h2>
        <button type="button" class="icon-button" aria-label=${phrases.say('padlockClose')} @click=${this.#close}>
          ${icon('close')}
        </button>
      </div>
      <div class="body" tabindex="0">
        ${
          sentence && state !== 'none'
            ? html`<p class="readers">${sentence} <span>${phrases.say('readersNobodyElse')}</span></p>`
            : nothing
        }
        ${verification ? factsOf(verification, phrases).map((fact) => factTemplate(fact)) : nothing}
      </div>
    </div>`;
  }

  #close = (): void => {
    this.open = false;
  };

  #onKeydown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    event.preventDefault();
    this.open = false;
  };
}

function factTemplate({ icon: name, tone, heading, text, code }: Fact): TemplateResult {
  return html`<section class="fact ${tone}">
    <span class="mark">${icon(name)}</span>
    <div>
      <h3>${heading}</h3>
      <p>${text}</p>
      ${code === undefined ? nothing : html`<p class="code" dir="ltr">${code}</p>`}
    </div>
  </section>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-padlock': ScPadlock;
  }
}
