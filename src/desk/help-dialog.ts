/**
 * What the keyboard can do.
 * @module
 */
import { css, html, LitElement, type TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import { base, buttons } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';
import { dense, dialogs, keys } from './desk-styles.ts';
import { lockKeys, paletteKeys } from './platform-keys.ts';
import { DeskPhrases, type DeskStringKey } from './strings.ts';

const styles = css`
  .head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    padding: 1em 1em 0.5em 1.5em;
    padding-inline: 1.5em 1em;
  }

  h2 {
    font-size: 1.2em;
    font-weight: 650;
  }

  dl {
    padding: 0 1.5em 0.75em;
  }

  .line {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 1em;
    min-block-size: 2.6rem;
  }

  .line + .line {
    border-block-start: 1px solid var(--_border);
  }

  dd {
    display: flex;
    flex: none;
    align-items: center;
    gap: 0.4em;
    color: var(--_muted);
    font-size: 0.9333em;
  }

  label {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: center;
    gap: 0.1em 1em;
    padding: 1em 1.5em 1.25em;
    border-block-start: 1px solid var(--_border);
    background: var(--_surface-sunken);
    font-weight: 550;
    cursor: pointer;
  }

  .explained {
    grid-column: 1;
    color: var(--_muted);
    font-size: 0.8667em;
    font-weight: 400;
  }

  input {
    grid-row: 1 / span 2;
    grid-column: 2;
    inline-size: 1.4em;
    block-size: 1.4em;
    accent-color: var(--_accent);
  }
`;

/**
 * @summary The keyboard's shortcuts, and the switch for those of a single key.
 * @tag sc-desk-help
 * @fires change - The switch was turned; read `singleKeys`.
 */
export class ScDeskHelp extends LitElement {
  static override styles = [base, buttons, dense, keys, dialogs, styles];

  @property({ attribute: false }) singleKeys = true;
  @property({ attribute: false }) phrases = new DeskPhrases();
  @query('dialog') private readonly dialog!: HTMLDialogElement | null;

  get isOpen(): boolean {
    return this.dialog?.open ?? false;
  }

  show(): void {
    if (!this.isOpen) this.dialog?.showModal();
  }

  protected override render(): TemplateResult {
    const { phrases } = this;
    const enter = phrases.say('enterKey');
    const escape = phrases.say('escapeKey');
    // eslint-disable-next-line lit-a11y/click-events-have-key-events -- the click is on the backdrop; Escape does the same
    return html`<dialog aria-labelledby="title" @click=${this.#onBackdrop}>
      <div class="head">
        <h2 id="title">${phrases.say('helpTitle')}</h2>
        <button type="button" class="icon-button" aria-label=${phrases.say('helpClose')} @click=${this.#close}>
          ${icon('close')}
        </button>
      </div>
      <dl>
        ${this.singleKeys ? [line(phrases, 'helpMove', ['J'], ['K']), line(phrases, 'helpClaim', ['C']), line(phrases, 'helpReply', ['R'])] : line(phrases, 'helpMove', ['↓'], ['↑'])}
        ${line(phrases, 'helpOpen', [enter])} ${line(phrases, 'helpBack', [escape])}
        ${line(phrases, 'helpSend', [enter])} ${line(phrases, 'helpLine', ['⇧', enter])}
        ${line(phrases, 'helpPalette', paletteKeys().split(' '))} ${line(phrases, 'helpLock', lockKeys().split(' '))}
        ${this.singleKeys ? line(phrases, 'helpHelp', ['?']) : ''}
      </dl>
      <label>
        ${phrases.say('helpToggle')}
        <input type="checkbox" aria-describedby="explained" .checked=${this.singleKeys} @change=${this.#onToggle} />
        <span class="explained" id="explained">${phrases.say('helpToggleHint')}</span>
      </label>
    </dialog>`;
  }

  #onToggle = (event: Event): void => {
    this.singleKeys = (event.target as HTMLInputElement).checked;
    this.dispatchEvent(new Event('change'));
  };

  #close = (): void => {
    this.dialog?.close();
  };

  #onBackdrop = (event: Event): void => {
    if (event.target === this.dialog) this.#close();
  };
}

/** One shortcut; several chords are parted by “or”. */
function line(phrases: DeskPhrases, text: DeskStringKey, ...chords: readonly (readonly string[])[]): TemplateResult {
  return html`<div class="line">
    <dt>${phrases.say(text)}</dt>
    <dd>
      ${chords.map(
        (chord, at) => html`${at > 0 ? phrases.say('keyOr') : ''} ${chord.map((key) => html`<kbd>${key}</kbd> `)}`,
      )}
    </dd>
  </div>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-desk-help': ScDeskHelp;
  }
}
