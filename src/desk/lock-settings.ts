/**
 * What opens the desk: PIN and passkey, changed while it is open.
 * @module
 */
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import type { ClientVault, VaultView } from '../engine/views.ts';
import { base, buttons } from '../ui/base-styles.ts';
import { icon, type IconName } from '../ui/icons.ts';
import { lockSentence } from '../ui/lock-sentences.ts';
import { PinFlow } from '../ui/pin-flow.ts';
import type { ScPinPad } from '../ui/pin-pad.ts';
import { dense, dialogs } from './desk-styles.ts';
import { pinTemplate } from './pin-template.ts';
import { DeskPhrases, type DeskStringKey } from './strings.ts';

/** `set`: the first PIN; `change`: shown the present one; `reset`: shown a passkey. */
type PinTask = 'set' | 'change' | 'reset';

const styles = css`
  dialog {
    inline-size: min(28rem, calc(100vw - 24px));
  }

  .head {
    display: flex;
    align-items: center;
    gap: 0.3em;
    padding: 1em 1em 0.5em 1.5em;
    padding-inline: 1.5em 1em;
  }

  .head:has(.back) {
    padding-inline-start: 1em;
  }

  h2 {
    flex: 1;
    font-size: 1.2em;
    font-weight: 650;
  }

  ul {
    padding: 0 1.5em 0.5em;
  }

  li {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    align-items: center;
    gap: 0.2em 0.9em;
    padding-block: 0.9em;
  }

  li + li {
    border-block-start: 1px solid var(--_border);
  }

  li > svg {
    color: var(--_muted);
  }

  h3 {
    font-size: 1em;
    font-weight: 550;
  }

  li p {
    flex-basis: 100%;
    color: var(--_muted);
    font-size: 0.8667em;
    text-wrap: pretty;
  }

  .do {
    display: flex;
    flex-wrap: wrap;
    grid-column: 2 / -1;
    gap: 0.5em;
    margin-block-start: 0.4em;
  }

  .word {
    margin: 0 1.5em;
    font-weight: 550;
    text-wrap: pretty;
  }

  .word:not(:empty) {
    padding-block: 0.2em 1.2em;
  }

  .word.failed {
    color: var(--_danger);
  }

  .foot {
    padding: 1em 1.5em 1.25em;
    border-block-start: 1px solid var(--_border);
    background: var(--_surface-sunken);
  }

  .foot .button {
    inline-size: 100%;
    min-block-size: 2.75rem;
    background: var(--_surface-raised);
  }

  sc-pin-pad {
    padding: 0.5em 1.5em 1.75em;
  }
`;

/**
 * @summary Change PIN and passkey.
 * @tag sc-desk-lock-settings
 * @fires desk-lock-now - The desk is to be locked.
 */
export class ScDeskLockSettings extends LitElement {
  static override styles = [base, buttons, dense, dialogs, styles];

  @property({ attribute: false }) vault: ClientVault | null = null;
  @property({ attribute: false }) view: VaultView | null = null;
  @property({ attribute: false }) phrases = new DeskPhrases();

  @state() private task: PinTask | null = null;
  /** A passkey is being made or taken away. */
  @state() private working = false;
  /** What was done, or could not be. */
  @state() private word: { readonly text: string; readonly failed: boolean } | null = null;
  @query('dialog') private readonly dialog!: HTMLDialogElement | null;
  @query('sc-pin-pad') private readonly pad!: ScPinPad | null;
  @query('li .button') private readonly first!: HTMLElement | null;
  #flow: PinFlow | null = null;

  get isOpen(): boolean {
    return this.dialog?.open ?? false;
  }

  show(): void {
    if (this.isOpen) return;
    this.#end();
    this.word = null;
    this.dialog?.showModal();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#end();
  }

  protected override updated(changed: PropertyValues): void {
    // What had the focus is gone.
    if (changed.has('task') && this.isOpen) (this.task ? this.pad : this.first)?.focus();
  }

  protected override render(): TemplateResult {
    const { phrases } = this;
    const saving = this.#flow?.saving ?? false;
    // eslint-disable-next-line lit-a11y/click-events-have-key-events -- the click is on the backdrop; Escape does the same
    return html`<dialog
      aria-labelledby="title"
      @click=${this.#onBackdrop}
      @cancel=${this.#onCancel}
      @close=${this.#onClose}
    >
      <div class="head">
        ${
          this.task
            ? html`<button
                type="button"
                class="icon-button back"
                aria-label=${phrases.say('lockBack')}
                aria-disabled=${saving ? 'true' : 'false'}
                @click=${() => saving || this.#end()}
              >
                ${icon('back', { flip: true })}
              </button>`
            : nothing
        }
        <h2 id="title">${phrases.say(this.task ? TITLES[this.task] : 'lockSettings')}</h2>
        <button
          type="button"
          class="icon-button close"
          aria-label=${phrases.say('helpClose')}
          aria-disabled=${saving ? 'true' : 'false'}
          @click=${this.#close}
        >
          ${icon('close')}
        </button>
      </div>
      ${this.#flow ? pinTemplate(this.#flow, phrases) : this.#menu()}
    </dialog>`;
  }

  #menu(): TemplateResult {
    const { phrases, view, word } = this;
    return html`
      <ul role="list">
        ${this.#item('key', 'lockPin', view?.pin ? 'lockPinText' : 'lockPinNone', [
          view?.pin ? this.#button('lockPinChange', () => this.#begin('change')) : nothing,
          view?.pin ? nothing : this.#button('lockPinSet', () => this.#begin('set')),
          view?.pin && view.passkey ? this.#button('lockPinReset', () => this.#begin('reset')) : nothing,
        ])}
        ${this.#item('passkey', 'lockPasskey', this.#passkeyText(), [
          view?.passkeyPossible && !view.passkey ? this.#button('lockPasskeyAdd', this.#add) : nothing,
          view?.passkeyPossible && view.passkey ? this.#button('lockPasskeyRenew', this.#add) : nothing,
          view?.passkey && view.pin ? this.#button('lockPasskeyRemove', this.#remove) : nothing,
        ])}
      </ul>
      <p class="word ${word?.failed ? 'failed' : ''}" role=${word?.failed ? 'alert' : 'status'}>${word?.text}</p>
      <div class="foot">
        <button type="button" class="button lock-now" @click=${this.#lock}>
          ${icon('lock')}${phrases.say('lockNow')}
        </button>
      </div>
    `;
  }

  #item(
    name: IconName,
    title: DeskStringKey,
    text: DeskStringKey,
    actions: readonly (TemplateResult | typeof nothing)[],
  ): TemplateResult {
    const { phrases } = this;
    return html`<li>
      ${icon(name)}
      <h3>${phrases.say(title)}</h3>
      <span></span>
      <div class="do">
        <p>${phrases.say(text)}</p>
        ${actions}
      </div>
    </li>`;
  }

  #button(text: DeskStringKey, act: () => void): TemplateResult {
    return html`<button
      type="button"
      class="button"
      data-do=${text}
      aria-disabled=${this.working ? 'true' : 'false'}
      @click=${act}
    >
      ${this.phrases.say(text)}
    </button>`;
  }

  #passkeyText(): DeskStringKey {
    const { view } = this;
    if (view?.passkey) return view.pin ? 'lockPasskeyText' : 'lockPasskeyOnly';
    return view?.passkeyPossible ? 'lockPasskeyNone' : 'lockPasskeyImpossible';
  }

  #begin(task: PinTask): void {
    const { vault, phrases } = this;
    if (!vault || this.working) return;
    this.word = null;
    const save: Readonly<Record<PinTask, (next: string, present: string | null) => Promise<void>>> = {
      set: (next) => vault.setPin(next),
      change: (next, present) => vault.changePin(present ?? '', next),
      reset: (next) => vault.resetPin(next),
    };
    const flow = new PinFlow({
      phrases: phrases.shared,
      change: task === 'change',
      again: task !== 'set',
      save: save[task],
      onChange: () => {
        this.requestUpdate();
        if (flow.done && this.#flow === flow) this.#done(task === 'set' ? 'lockPinSetDone' : 'lockPinChangeDone');
      },
    });
    this.#flow = flow;
    this.task = task;
  }

  #add = (): void => {
    const { vault } = this;
    if (vault) void this.#passkey(() => vault.addPasskey(), 'lockPasskeyAddDone');
  };

  #remove = (): void => {
    const { vault } = this;
    if (vault) void this.#passkey(() => vault.removePasskey(), 'lockPasskeyRemoveDone');
  };

  async #passkey(work: () => Promise<void>, done: DeskStringKey): Promise<void> {
    if (this.working) return;
    this.working = true;
    this.word = null;
    try {
      await work();
      this.#done(done);
    } catch (error) {
      this.word = { text: lockSentence(error, this.phrases.shared), failed: true };
    } finally {
      this.working = false;
    }
  }

  #done(text: DeskStringKey): void {
    this.#end();
    this.word = { text: this.phrases.say(text), failed: false };
  }

  /** Back to the menu; what was entered is forgotten. */
  #end = (): void => {
    this.#flow?.cancel();
    this.#flow = null;
    this.task = null;
  };

  #lock = (): void => {
    this.#close();
    this.dispatchEvent(new Event('desk-lock-now'));
  };

  #close = (): void => {
    if (!this.#flow?.saving) this.dialog?.close();
  };

  #onCancel = (event: Event): void => {
    if (this.#flow?.saving) event.preventDefault();
  };

  #onClose = (): void => {
    // The event comes late: it may be open again.
    if (!this.isOpen) this.#end();
  };

  #onBackdrop = (event: Event): void => {
    if (event.target === this.dialog) this.#close();
  };
}

const TITLES: Readonly<Record<PinTask, DeskStringKey>> = {
  set: 'lockPinSet',
  change: 'lockPinChange',
  reset: 'lockPinReset',
};

declare global {
  interface HTMLElementTagNameMap {
    'sc-desk-lock-settings': ScDeskLockSettings;
  }
}
