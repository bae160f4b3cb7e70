/**
 * The locked desk: nothing but the way in, and how much waits behind it.
 * @module
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import type { Unlocking } from '../engine/views.ts';
import { codeOf } from '../errors.ts';
import { base, buttons } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';
import { delayedUntil, lockSentence } from '../ui/lock-sentences.ts';
import type { ScPinPad } from '../ui/pin-pad.ts';
import type { Locked } from './desk-session.ts';
import { dense } from './desk-styles.ts';
import { doorStyles } from './door-styles.ts';
import { lockStyles } from './lock-styles.ts';
import { DeskPhrases } from './strings.ts';

/**
 * @summary The locked desk.
 * @tag sc-desk-lock
 */
export class ScDeskLock extends LitElement {
  static override styles = [base, buttons, dense, doorStyles, lockStyles];

  @property({ attribute: false }) lock: Locked = { pin: true, passkey: false, unread: 0 };
  /** Code of why another tab may still be open; null: none is. */
  @property({ attribute: false }) failure: string | null = null;
  /** Opens the desk, or rejects with why not. */
  @property({ attribute: false }) unlock: ((how: Unlocking) => Promise<void>) | null = null;
  /** Deletes what is stored here, and begins anew. */
  @property({ attribute: false }) forget: (() => Promise<void>) | null = null;
  @property({ attribute: false }) phrases = new DeskPhrases();

  @state() private forgotten = false;
  @state() private working = false;
  @state() private pinFailure = '';
  @state() private passkeyFailure = '';
  @state() private forgetFailure = '';
  @state() private disabledUntil: number | null = null;
  @state() private online = navigator.onLine;
  /** The PIN could not be checked for want of a connection. */
  @state() private waits = false;
  @query('sc-pin-pad') private readonly pad!: ScPinPad | null;
  @query('.passkey') private readonly passkeyButton!: HTMLElement | null;
  @query('h1') private readonly heading!: HTMLElement | null;

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('online', this.#onNetwork);
    addEventListener('offline', this.#onNetwork);
    this.#onNetwork();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('online', this.#onNetwork);
    removeEventListener('offline', this.#onNetwork);
  }

  override focus(): void {
    const target = this.forgotten ? this.heading : (this.pad ?? this.passkeyButton ?? this.heading);
    if (target) target.focus();
    else void this.updateComplete.then(() => (this.pad ?? this.passkeyButton)?.focus()); // not rendered yet
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('forgotten') && changed.get('forgotten') !== undefined) this.focus();
  }

  protected override render(): TemplateResult {
    return html`<main class="card locked">${this.forgotten ? this.#forgotten() : this.#locked()}</main>`;
  }

  #locked(): TemplateResult {
    const { phrases, lock, online, failure } = this;
    const { shared } = phrases;
    return html`
      <div class="emblem">${icon('lock')}</div>
      <h1 tabindex="-1">${phrases.say('lockedTitle')}</h1>
      <p class="lead">
        ${lock.unread > 0 ? shared.say('unreadCount', { count: lock.unread }) : phrases.say('lockedLead')}
      </p>
      ${failure === null ? nothing : html`<p class="said" role="alert">${phrases.say('lockedHereOnly', { code: failure })}</p>`}
      ${
        online || !lock.pin
          ? nothing
          : html`<p class="offline" role="status">
              ${icon('offline')}<span class="sentence"
                >${phrases.say(lock.passkey ? 'lockedOfflinePasskey' : 'lockedOffline')}</span
              >
            </p>`
      }
      ${
        lock.pin
          ? html`<sc-pin-pad
              .label=${shared.say('pinEnter')}
              .level=${2}
              .hint=${this.waits && online ? phrases.say('lockedOnline') : ''}
              .failure=${this.pinFailure}
              .busy=${this.working}
              .disabledUntil=${this.disabledUntil}
              .submit=${this.#byPin}
              .phrases=${shared}
            ></sc-pin-pad>`
          : nothing
      }
      <div class="choice">
        ${
          lock.passkey
            ? html`<button
                type="button"
                class="button passkey ${lock.pin ? '' : 'primary'}"
                aria-disabled=${this.working ? 'true' : 'false'}
                @click=${this.#byPasskey}
              >
                ${icon('passkey')}${phrases.say('unlockPasskey')}
              </button>`
            : nothing
        }
        <button type="button" class="button quiet forgot" @click=${() => this.#turn(true)}>
          ${phrases.say(lock.pin ? 'forgotPin' : 'forgotPasskey')}
        </button>
      </div>
      <p class="said" role="alert">${this.passkeyFailure}</p>
    `;
  }

  #forgotten(): TemplateResult {
    const { phrases, lock, working } = this;
    return html`
      <div class="emblem alert">${icon('key')}</div>
      <h1 tabindex="-1">${phrases.say(lock.pin ? 'forgotPin' : 'forgotPasskey')}</h1>
      <p class="lead">${phrases.say('forgotLead')}</p>
      <ul class="losses" role="list">
        <li>${phrases.say('forgotIdentity')}</li>
        <li>${phrases.say('forgotEnrol')}</li>
        <li>${phrases.say('forgotCustomers')}</li>
      </ul>
      ${lock.pin && lock.passkey ? html`<p class="note">${phrases.say('forgotButPasskey')}</p>` : nothing}
      <div class="choice">
        <button type="button" class="button keep" aria-disabled=${working ? 'true' : 'false'} @click=${this.#keep}>
          ${phrases.say('forgotKeep')}
        </button>
        <button
          type="button"
          class="button danger delete"
          aria-disabled=${working ? 'true' : 'false'}
          @click=${this.#forget}
        >
          ${phrases.say(working ? 'forgotWorking' : 'forgotDo')}
        </button>
      </div>
      <p class="said" role="alert">${this.forgetFailure}</p>
    `;
  }

  #turn(forgotten: boolean): void {
    if (this.working) return;
    this.forgotten = forgotten;
    this.pinFailure = '';
    this.passkeyFailure = '';
    this.forgetFailure = '';
  }

  #byPin = async (pin: string): Promise<void> => {
    this.pinFailure = '';
    this.passkeyFailure = '';
    this.disabledUntil = null;
    this.waits = false;
    try {
      await this.unlock?.({ by: 'pin', pin });
    } catch (error) {
      this.pinFailure = lockSentence(error, this.phrases.shared);
      this.disabledUntil = delayedUntil(error, Date.now());
      this.waits = codeOf(error) === 'vault-offline';
      throw error;
    }
  };

  #byPasskey = async (): Promise<void> => {
    if (this.working) return;
    this.working = true;
    this.pinFailure = '';
    this.passkeyFailure = '';
    try {
      await this.unlock?.({ by: 'passkey' });
    } catch (error) {
      this.passkeyFailure = lockSentence(error, this.phrases.shared);
    } finally {
      this.working = false;
    }
  };

  #keep = (): void => this.#turn(false);

  #forget = async (): Promise<void> => {
    if (this.working) return;
    this.working = true;
    this.forgetFailure = '';
    try {
      await this.forget?.();
    } catch (error) {
      this.forgetFailure = this.phrases.say('forgotFailed', { code: codeOf(error) });
    } finally {
      this.working = false;
    }
  };

  /** The PIN was not kept: it is entered again. */
  #onNetwork = (): void => {
    this.online = navigator.onLine;
    if (this.online && this.waits) this.pinFailure = '';
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-desk-lock': ScDeskLock;
  }
}
