/**
 * What is seen of a locked chat.
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
import { Phrases } from '../ui/strings.ts';
import type { LockedView } from './chat-lock.ts';
import { lockStyles } from './lock-styles.ts';

/** Codes with which the PIN cannot open any more, whatever it is. */
const LOST: ReadonlySet<string> = new Set(['vault-lost', 'vault-damaged', 'vault-parameters']);

/**
 * The pad, the number of unread messages, and the other ways in. It reveals nothing else.
 *
 * @summary What is seen of a locked chat.
 * @tag sc-lock-screen
 * @slot help - Below everything.
 * @csspart pin - The pad.
 */
export class ScLockScreen extends LitElement {
  static override styles = [base, buttons, lockStyles];

  @property({ attribute: false }) view: LockedView = { pin: true, passkey: false, unread: 0 };
  @property({ attribute: false }) phrases = new Phrases();
  /** Opens it. What it rejects with is said here. */
  @property({ attribute: false }) unlock: ((unlock: Unlocking) => Promise<void>) | null = null;
  /** The user wants to begin anew; asks first. */
  @property({ attribute: false }) forget: (() => void) | null = null;

  @state() private failure = '';
  @state() private disabledUntil: number | null = null;
  @state() private busy = false;
  /** Why the PIN opens nothing any more. */
  @state() private lost: string | null = null;
  @query('sc-pin-pad') private readonly pad!: ScPinPad | null;
  @query('.screen') private readonly screen!: HTMLElement | null;
  #focused = false;
  #tried = false;

  /** Somebody is here who has not confirmed a PIN yet: if it opens now, that comes as a surprise. */
  get waits(): boolean {
    return !this.#tried && this.matches(':focus-within');
  }

  /** Forgets what was entered. */
  clear(): void {
    this.pad?.clear();
  }

  override focus(options?: FocusOptions): void {
    const first = this.pad ?? this.renderRoot.querySelector<HTMLElement>('.button.primary') ?? this.screen;
    if (first) first.focus(options);
    else void this.updateComplete.then(() => this.focus(options)); // not rendered yet
  }

  protected override willUpdate(): void {
    this.#focused = this.matches(':focus-within');
  }

  protected override updated(changed: PropertyValues): void {
    // What had the focus is gone: the pad, or what stood in its place.
    if (changed.has('lost') && this.#focused && !this.matches(':focus-within')) this.focus();
  }

  protected override render(): TemplateResult {
    const { view } = this;
    return html`<div class="screen" tabindex="-1">
      <div class="inner">
        ${this.lost !== null ? this.#lost(this.lost) : view.pin ? this.#pad() : this.#passkeyOnly()}
        <slot name="help"></slot>
      </div>
    </div>`;
  }

  #pad(): TemplateResult {
    const { phrases, view } = this;
    return html`<sc-pin-pad
        exportparts="pin"
        .label=${phrases.say('pinEnter')}
        .hint=${this.#unread() || phrases.say('lockedTitle')}
        .failure=${this.failure}
        .busy=${this.busy}
        .disabledUntil=${this.disabledUntil}
        .phrases=${phrases}
        .submit=${this.#submit}
      ></sc-pin-pad>
      <div class="ways">
        ${
          view.passkey
            ? html`<button
                type="button"
                class="button"
                aria-disabled=${this.busy ? 'true' : 'false'}
                @click=${this.#passkey}
              >
                ${icon('passkey')}${phrases.say('usePasskey')}
              </button>`
            : nothing
        }
        <button type="button" class="link" @click=${() => this.forget?.()}>${phrases.say('forgotPin')}</button>
      </div>`;
  }

  #passkeyOnly(): TemplateResult {
    const { phrases } = this;
    return html`<div class="said-plainly">
      <span class="mark">${icon('lock')}</span>
      <h3>${phrases.say('lockedTitle')}</h3>
      <p>${[this.#unread(), phrases.say('lockedPasskeyOnly')].filter(Boolean).join('. ').replace('..', '.')}</p>
      ${this.#failureLine()} ${this.#passkeyButton()}
      <button type="button" class="link" @click=${() => this.forget?.()}>${phrases.say('forgotPasskey')}</button>
    </div>`;
  }

  #lost(code: string): TemplateResult {
    const { phrases, view } = this;
    const gone = code === 'vault-lost';
    const text = gone ? (view.passkey ? 'lostPasskeyText' : 'lostText') : 'damagedText';
    return html`<div class="said-plainly">
      <span class="mark warning">${icon('shieldAlert')}</span>
      <div role="alert">
        <h3>${phrases.say(gone ? 'lostTitle' : 'damagedTitle')}</h3>
        <p>${phrases.say(text)}</p>
      </div>
      ${gone && !view.passkey ? html`<p>${phrases.say('keptText')}</p>` : nothing}
      <p class="code">${phrases.say('problemCode', { code })}</p>
      ${view.passkey ? html`${this.#failureLine()}${this.#passkeyButton()}` : nothing}
      <button type="button" class="button danger" @click=${() => this.forget?.()}>
        ${phrases.say('removeStored')}
      </button>
      <button type="button" class="link" @click=${this.#enterAgain}>${phrases.say('enterAgain')}</button>
    </div>`;
  }

  #passkeyButton(): TemplateResult {
    const { phrases, busy } = this;
    return html`<button
      type="button"
      class="button primary"
      aria-disabled=${busy ? 'true' : 'false'}
      @click=${this.#passkey}
    >
      ${icon('passkey')}${phrases.say(busy ? 'passkeyWorking' : 'usePasskey')}
    </button>`;
  }

  #failureLine(): TemplateResult {
    return html`<p class="failure" role="alert">${this.failure}</p>`;
  }

  /** Empty when there are none. */
  #unread(): string {
    const { unread } = this.view;
    return unread > 0 ? this.phrases.say('unreadCount', { count: unread }) : '';
  }

  #submit = async (pin: string): Promise<void> => {
    this.failure = '';
    await this.#try({ by: 'pin', pin });
  };

  #passkey = async (): Promise<void> => {
    if (this.busy) return;
    this.failure = '';
    this.busy = true;
    try {
      await this.#try({ by: 'passkey' });
    } catch {
      // said by #try
    } finally {
      this.busy = false;
    }
  };

  async #try(unlock: Unlocking): Promise<void> {
    this.#tried = true;
    try {
      await this.unlock?.(unlock);
    } catch (error) {
      this.#tried = false;
      const code = codeOf(error);
      if (LOST.has(code)) this.lost = code;
      else this.failure = lockSentence(error, this.phrases);
      this.disabledUntil = delayedUntil(error, Date.now());
      throw error;
    }
  }

  #enterAgain = (): void => {
    this.lost = null;
    this.failure = '';
    void this.updateComplete.then(() => this.focus());
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-lock-screen': ScLockScreen;
  }
}
