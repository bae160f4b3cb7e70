/**
 * Choosing how the desk is locked. Nothing of it is shown before.
 * @module
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import type { ClientVault, VaultView } from '../engine/views.ts';
import { base, buttons } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';
import { lockSentence } from '../ui/lock-sentences.ts';
import { PinFlow } from '../ui/pin-flow.ts';
import type { ScPinPad } from '../ui/pin-pad.ts';
import { dense } from './desk-styles.ts';
import { doorStyles } from './door-styles.ts';
import { lockStyles } from './lock-styles.ts';
import { pinTemplate } from './pin-template.ts';
import { DeskPhrases } from './strings.ts';

/**
 * @summary Asks for a PIN or a passkey, then offers the passkey beside the PIN.
 * @tag sc-desk-protect
 * @fires desk-protected - The desk can be locked, and nothing more is asked.
 */
export class ScDeskProtect extends LitElement {
  static override styles = [base, buttons, dense, doorStyles, lockStyles];

  @property({ attribute: false }) vault: ClientVault | null = null;
  @property({ attribute: false }) view: VaultView | null = null;
  @property({ attribute: false }) phrases = new DeskPhrases();

  /** The PIN stands; a passkey is offered as well. */
  @state() private offering = false;
  /** A passkey is being made. */
  @state() private working = false;
  @state() private failure = '';
  @query('sc-pin-pad') private readonly pad!: ScPinPad | null;
  @query('h1') private readonly heading!: HTMLElement | null;
  #flow: PinFlow | null = null;
  /** It is we who change the lock: that it is set does not mean that we are done. */
  #changing = false;

  override focus(): void {
    void this.updateComplete.then(() => (this.pad ?? this.heading)?.focus());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#flow?.cancel();
    this.#flow = null;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (this.#flow && !changed.has('phrases')) return;
    this.#flow?.cancel();
    this.#flow = new PinFlow({
      phrases: this.phrases.shared,
      change: false,
      save: (next) => this.#setPin(next),
      onChange: () => this.requestUpdate(),
    });
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('offering') && this.offering) this.heading?.focus();
    // Another tab was faster.
    if (this.view && this.view.storage !== 'guest' && !this.offering && !this.#changing) this.#done();
  }

  protected override render(): TemplateResult {
    return html`<main class="card locked ${this.offering ? '' : 'wide'}">
      ${this.offering ? this.#offer() : this.#choose()}
    </main>`;
  }

  #choose(): TemplateResult {
    const { phrases } = this;
    return html`
      <div class="intro">
        <div class="emblem">${icon('lock')}</div>
        <h1 tabindex="-1">${phrases.say('protectTitle')}</h1>
        <p class="lead">${phrases.say('protectLead')}</p>
      </div>
      ${this.#flow ? pinTemplate(this.#flow, phrases, { busy: this.working, level: 2 }) : nothing}
      <div class="more">
        <p class="note">${phrases.say('protectTen')}</p>
        ${
          this.view?.passkeyPossible
            ? html`<div class="choice">${this.#passkeyButton('protectPasskey', '')}</div>`
            : nothing
        }
        <p class="said" role="alert">${this.failure}</p>
      </div>
    `;
  }

  #offer(): TemplateResult {
    const { phrases } = this;
    return html`
      <div class="emblem">${icon('passkey')}</div>
      <h1 tabindex="-1">${phrases.say('offerTitle')}</h1>
      <p class="lead">${phrases.say('offerLead')}</p>
      <div class="choice">
        ${this.#passkeyButton('offerDo', 'primary')}
        <button
          type="button"
          class="button quiet skip"
          aria-disabled=${this.working ? 'true' : 'false'}
          @click=${this.#skip}
        >
          ${phrases.say('offerSkip')}
        </button>
      </div>
      <p class="said" role="alert">${this.failure}</p>
    `;
  }

  #passkeyButton(text: 'protectPasskey' | 'offerDo', kind: string): TemplateResult {
    return html`<button
      type="button"
      class="button passkey ${kind}"
      aria-disabled=${this.working ? 'true' : 'false'}
      @click=${this.#addPasskey}
    >
      ${icon('passkey')}${this.phrases.say(text)}
    </button>`;
  }

  async #setPin(pin: string): Promise<void> {
    if (!this.vault) return;
    this.#changing = true;
    this.failure = '';
    try {
      await this.vault.setPin(pin);
      if (this.view?.passkeyPossible && !this.view.passkey) this.offering = true;
      else this.#done();
    } finally {
      this.#changing = false;
      this.requestUpdate();
    }
  }

  #addPasskey = async (): Promise<void> => {
    if (this.working || this.#changing || !this.vault) return;
    this.working = true;
    this.#changing = true;
    this.failure = '';
    try {
      await this.vault.addPasskey();
      this.#done();
    } catch (error) {
      this.failure = lockSentence(error, this.phrases.shared);
    } finally {
      this.working = false;
      this.#changing = false;
    }
  };

  #skip = (): void => {
    if (!this.working) this.#done();
  };

  #done(): void {
    this.dispatchEvent(new Event('desk-protected'));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-desk-protect': ScDeskProtect;
  }
}
