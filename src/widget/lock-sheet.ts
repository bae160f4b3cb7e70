/**
 * The questions about a PIN, over the conversation.
 * @module
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import { base, buttons } from '../ui/base-styles.ts';
import { rememberFocus } from '../ui/focus-return.ts';
import { trapFocus } from '../ui/focus-trap.ts';
import { icon } from '../ui/icons.ts';
import { PinFlow } from '../ui/pin-flow.ts';
import type { ScPinPad } from '../ui/pin-pad.ts';
import { Phrases } from '../ui/strings.ts';
import type { LockSheet } from './chat-lock.ts';
import { lockSheetStyles, lockStyles } from './lock-styles.ts';

/**
 * Asks for a first PIN, for another one, or for another one after a passkey was shown.
 *
 * @summary The questions about a PIN.
 * @tag sc-lock-sheet
 * @csspart pin - The pad.
 */
export class ScLockSheet extends LitElement {
  static override styles = [base, buttons, lockStyles, lockSheetStyles];

  @property({ attribute: false }) kind: LockSheet = 'set';
  /** A passkey may stand in for the PIN that was forgotten. */
  @property({ attribute: false }) passkey = false;
  @property({ attribute: false }) phrases = new Phrases();
  /** Sets the PIN. What it rejects with is said here. */
  @property({ attribute: false }) save: ((next: string, present: string | null) => Promise<void>) | null = null;
  /** The user wants to leave, or to show a passkey in place of the PIN. */
  @property({ attribute: false }) leave: (() => void) | null = null;
  @property({ attribute: false }) reset: (() => void) | null = null;

  @query('.sheet') private readonly sheet!: HTMLElement | null;
  @query('sc-pin-pad') private readonly pad!: ScPinPad | null;
  #flow: PinFlow | null = null;
  #release: (() => void) | null = null;
  readonly #giveBack = rememberFocus(() => null);

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#flow?.cancel();
    this.#release?.();
    this.#release = null;
    this.#giveBack();
  }

  override focus(options?: FocusOptions): void {
    this.pad?.focus(options);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('kind') && this.#flow) return;
    this.#flow?.cancel();
    this.#flow = new PinFlow({
      phrases: this.phrases,
      change: this.kind === 'change',
      again: this.kind !== 'set',
      save: async (next, present) => this.save?.(next, present),
      onChange: () => this.requestUpdate(),
    });
  }

  protected override firstUpdated(): void {
    if (this.sheet) this.#release = trapFocus(this.sheet);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('kind')) this.focus();
  }

  protected override render(): TemplateResult {
    const { phrases, kind } = this;
    const flow = this.#flow;
    if (!flow) return html``;
    const hint = flow.hint || (kind === 'reset' ? phrases.say('resetText') : '');
    return html`<div
      class="sheet"
      role="dialog"
      aria-modal="true"
      aria-label=${phrases.say(kind === 'set' ? 'setPin' : 'changePin')}
      aria-describedby=${kind === 'set' ? 'aside' : nothing}
      tabindex="-1"
      @keydown=${this.#onKeydown}
    >
      <div class="head">
        <button
          type="button"
          class="icon-button"
          aria-label=${phrases.say('pinSheetClose')}
          aria-disabled=${flow.saving ? 'true' : 'false'}
          @click=${this.#leave}
        >
          ${icon('close')}
        </button>
      </div>
      <div class="screen">
        <div class="inner">
          <sc-pin-pad
            exportparts="pin"
            .label=${flow.label}
            .hint=${hint}
            .fresh=${flow.fresh}
            .failure=${flow.failure}
            .disabledUntil=${flow.disabledUntil}
            .phrases=${phrases}
            .submit=${flow.submit}
          ></sc-pin-pad>
          ${kind === 'set' ? html`<p class="aside" id="aside">${phrases.say('setPinNote')}</p>` : nothing}
          ${
            flow.step === 'present' && this.passkey
              ? html`<button type="button" class="link" @click=${() => this.reset?.()}>
                  ${phrases.say('resetByPasskey')}
                </button>`
              : nothing
          }
        </div>
      </div>
    </div>`;
  }

  #onKeydown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    event.preventDefault();
    this.#leave();
  };

  #leave = (): void => {
    if (!this.#flow?.saving) this.leave?.();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-lock-sheet': ScLockSheet;
  }
}
