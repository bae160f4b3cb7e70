/**
 * The invitation to a lock.
 * @module
 */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { base, buttons } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';
import { Phrases } from '../ui/strings.ts';
import { lockCardStyles } from './lock-styles.ts';

/**
 * A card below what was said: calm, and gone for this conversation when it is declined.
 *
 * @summary The invitation to a lock.
 * @tag sc-lock-card
 */
export class ScLockCard extends LitElement {
  static override styles = [base, buttons, lockCardStyles];

  @property({ attribute: false }) kind: 'both' | 'pin' | 'passkey' = 'pin';
  /** A passkey is being made. */
  @property({ attribute: false }) busy = false;
  @property({ attribute: false }) phrases = new Phrases();
  @property({ attribute: false }) choosePin: (() => void) | null = null;
  @property({ attribute: false }) usePasskey: (() => void) | null = null;
  @property({ attribute: false }) decline: (() => void) | null = null;

  protected override render(): TemplateResult {
    const { phrases, kind, busy } = this;
    const only = kind === 'passkey';
    return html`<section class="card" aria-labelledby="title">
      <span class="mark">${icon('lock')}</span>
      <h3 id="title">${phrases.say('inviteTitle')}</h3>
      <p>${phrases.say(only ? 'inviteTextPasskey' : 'inviteText')}</p>
      <div class="answers">
        ${
          only
            ? nothing
            : html`<button type="button" class="button primary" @click=${() => this.choosePin?.()}>
                ${phrases.say('invitePin')}
              </button>`
        }
        ${
          kind === 'pin'
            ? nothing
            : html`<button
                type="button"
                class="button ${only ? 'primary' : ''}"
                aria-disabled=${busy ? 'true' : 'false'}
                @click=${() => busy || this.usePasskey?.()}
              >
                ${icon('passkey')}${phrases.say(busy ? 'passkeyWorking' : 'invitePasskey')}
              </button>`
        }
        <button type="button" class="button later" @click=${() => this.decline?.()}>
          ${phrases.say('inviteLater')}
        </button>
      </div>
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-lock-card': ScLockCard;
  }
}
