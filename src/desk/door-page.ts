/**
 * Why the desk is not open, and what to do.
 * @module
 */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { base, buttons } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';
import { dense } from './desk-styles.ts';
import { doorStyles } from './door-styles.ts';
import { DeskPhrases } from './strings.ts';

/** `closed`: nothing enrolled and no invitation; `invitation`: one that cannot be used; `removed`; `lost`: nobody can open
 * what is stored; `failed`. */
export type DoorReason = 'closed' | 'invitation' | 'removed' | 'lost' | 'failed';

/** What trying again cannot change. */
const SETTINGS: ReadonlySet<string> = new Set(['relay-url-malformed', 'relay-insecure']);

/**
 * @summary Says why the desk is not open.
 * @tag sc-desk-door
 * @fires desk-retry - It is to be tried again.
 * @fires desk-forget - What is stored here is to be deleted.
 */
export class ScDeskDoor extends LitElement {
  static override styles = [base, buttons, dense, doorStyles];

  @property({ attribute: false }) reason: DoorReason = 'closed';
  /** The code behind `invitation` and `failed`. */
  @property({ attribute: false }) code = '';
  @property({ attribute: false }) phrases = new DeskPhrases();

  protected override render(): TemplateResult {
    return html`<main class="card">${this.#content()}</main>`;
  }

  #content(): TemplateResult {
    const { phrases, code } = this;
    switch (this.reason) {
      case 'closed':
        return html`<div class="emblem">${icon('lock')}</div>
          <h1>${phrases.say('closedTitle')}</h1>
          <p class="lead">${phrases.say('closedLead')}</p>
          <ol>
            <li>${phrases.say('closedStepAsk')}</li>
            <li>${phrases.say('closedStepOpen')}</li>
            <li>${phrases.say('closedStepWait')}</li>
          </ol>
          <p class="note">${phrases.say('closedBefore')}</p>`;
      case 'invitation':
        return html`<div class="emblem alert">${icon('key')}</div>
          <h1>${phrases.say('invitationTitle')}</h1>
          <p class="lead">
            ${phrases.say(code === 'invitation-expired' ? 'invitationExpired' : 'invitationMalformed')}
          </p>`;
      case 'removed':
        return html`<div class="emblem alert">${icon('lock')}</div>
          <h1>${phrases.say('removedTitle')}</h1>
          <p class="lead">${phrases.say('removedLead')}</p>
          <p class="note">${phrases.say('removedHelp')}</p>`;
      case 'lost':
        return html`<div class="emblem alert">${icon('key')}</div>
          <h1>${phrases.say('lostTitle')}</h1>
          <p class="lead">${phrases.say('lostLead')}</p>
          <p class="note">${phrases.say('lostHelp')}</p>
          <button type="button" class="button danger large" @click=${this.#forget}>${phrases.say('lostDo')}</button>`;
      case 'failed':
        return html`<div class="emblem alert">${icon('alert')}</div>
          <h1>${phrases.say('failedTitle')}</h1>
          <p class="lead">${this.#why()}</p>
          ${
            SETTINGS.has(code)
              ? nothing
              : html`<button type="button" class="button primary large" @click=${this.#retry}>
                  ${phrases.shared.say('retry')}
                </button>`
          }`;
    }
  }

  #why(): string {
    const { shared } = this.phrases;
    switch (this.code) {
      case 'relay-url-malformed':
        return this.phrases.say('relayMalformed');
      case 'relay-insecure':
        return this.phrases.say('relayInsecure');
      case 'store-full':
        return shared.say('problemStorageFull');
      case 'vault-offline':
        return shared.say('problemVaultOffline');
      default:
        return shared.say('problemCode', { code: this.code });
    }
  }

  #forget = (): void => {
    this.dispatchEvent(new Event('desk-forget'));
  };

  #retry = (): void => {
    this.dispatchEvent(new Event('desk-retry'));
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-desk-door': ScDeskDoor;
  }
}
