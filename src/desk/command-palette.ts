/**
 * Go anywhere, do anything, by typing.
 * @module
 */
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { base } from '../ui/base-styles.ts';
import { icon, type IconName } from '../ui/icons.ts';
import { dialogs, keys } from './desk-styles.ts';
import { DeskPhrases } from './strings.ts';

/** One line of the palette. */
export interface Command {
  readonly id: string;
  readonly icon: IconName;
  readonly text: string;
  /** Further words it is found by; shown after the text. */
  readonly more: string;
  readonly run: () => void;
}

/** The commands that contain every word that was typed, in their order; case and accents do not count. */
export function matchingCommands(commands: readonly Command[], typed: string): readonly Command[] {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  return commands.filter(({ text, more }) => {
    const whole = plain(`${text} ${more}`);
    return words.every((word) => whole.includes(word));
  });
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

const styles = css`
  dialog {
    inset-block: max(12px, 10vh) auto;
    inline-size: min(38rem, calc(100vw - 24px));
    overflow: hidden;
  }

  dialog[open] {
    display: flex;
    flex-direction: column;
    max-block-size: min(32rem, calc(100dvh - 24px - 10vh));
  }

  .field {
    display: flex;
    align-items: center;
    gap: 0.75em;
    padding-inline: 1.2em;
    border-block-end: 1px solid var(--_border);
    color: var(--_muted);
  }

  input {
    flex: 1;
    min-inline-size: 0;
    min-block-size: 3.5rem;
    padding: 0;
    border: 0;
    background: none;
    color: var(--_text);
    font-size: max(1.0667em, 16px);
  }

  /* The dialog is the field: its caret is enough of a mark in it. */
  input:focus-visible {
    outline: none;
  }

  .field:focus-within {
    box-shadow: inset 0 -1px 0 var(--_accent);
    border-color: var(--_accent);
  }

  input::placeholder {
    color: var(--_muted);
    opacity: 1;
  }

  ul {
    flex: 1;
    min-block-size: 0;
    padding: 0.5em;
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
  }

  li {
    display: flex;
    align-items: center;
    gap: 0.8em;
    min-block-size: 2.6rem;
    padding: 0.35em 0.75em;
    border-radius: 10px;
    cursor: pointer;
  }

  li svg {
    color: var(--_muted);
  }

  li[aria-selected='true'] {
    background: var(--_accent-soft);
    color: var(--_accent);
  }

  li[aria-selected='true'] svg {
    color: inherit;
  }

  .text {
    flex: none;
    max-inline-size: 65%;
    overflow: hidden;
    font-weight: 550;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .more {
    flex: 1;
    min-inline-size: 0;
    overflow: hidden;
    color: var(--_muted);
    font-size: 0.9333em;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .none {
    padding: 1.5em;
    color: var(--_muted);
    text-align: center;
  }

  @media (pointer: coarse) {
    li {
      min-block-size: 44px;
    }
  }

  @media (forced-colors: active) {
    li[aria-selected='true'] {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
`;

/**
 * @summary Commands and conversations, found by typing.
 * @tag sc-desk-palette
 */
export class ScDeskPalette extends LitElement {
  static override styles = [base, keys, dialogs, styles];

  /** In the order of their likelihood. */
  @property({ attribute: false }) commands: readonly Command[] = [];
  @property({ attribute: false }) phrases = new DeskPhrases();

  @state() private typed = '';
  @state() private selected = 0;
  @query('dialog') private readonly dialog!: HTMLDialogElement | null;
  @query('input') private readonly field!: HTMLInputElement | null;

  get isOpen(): boolean {
    return this.dialog?.open ?? false;
  }

  /** Opens it; the focus goes back to where it was when it is closed without a choice. */
  show(): void {
    if (this.isOpen) return;
    this.typed = '';
    this.selected = 0;
    if (this.field) this.field.value = '';
    this.dialog?.showModal();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('selected')) {
      this.renderRoot.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
    }
  }

  protected override render(): TemplateResult {
    const { phrases } = this;
    const found = matchingCommands(this.commands, this.typed);
    const selected = Math.min(this.selected, found.length - 1);
    // eslint-disable-next-line lit-a11y/click-events-have-key-events -- the click is on the backdrop; Escape does the same
    return html`<dialog aria-label=${phrases.say('commands')} @click=${this.#onBackdrop}>
      <div class="field">
        ${icon('search')}
        <input
          type="text"
          role="combobox"
          aria-label=${phrases.say('paletteLabel')}
          aria-expanded="true"
          aria-controls="results"
          aria-autocomplete="list"
          aria-activedescendant=${found.length > 0 ? `command-${selected}` : nothing}
          placeholder=${phrases.say('paletteLabel')}
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          @input=${this.#onInput}
          @keydown=${(event: KeyboardEvent) => this.#onKeydown(event, found)}
        />
        <kbd aria-hidden="true">${phrases.say('escapeKey')}</kbd>
      </div>
      <ul id="results" role="listbox" aria-label=${phrases.say('paletteResults')}>
        ${found.map((command, at) => this.#option(command, at, at === selected))}
      </ul>
      <p class="none" role="status" ?hidden=${found.length > 0}>
        ${found.length > 0 ? '' : phrases.say('paletteNone')}
      </p>
    </dialog>`;
  }

  #option(command: Command, at: number, selected: boolean): TemplateResult {
    // eslint-disable-next-line lit-a11y/click-events-have-key-events -- the text field has the focus and takes the keys
    return html`<li
      id="command-${at}"
      role="option"
      aria-selected=${selected ? 'true' : 'false'}
      @click=${() => this.#run(command)}
      @pointermove=${() => (this.selected = at)}
    >
      ${icon(command.icon)}<span class="text"><bdi>${command.text}</bdi></span>
      <span class="more"><bdi>${command.more}</bdi></span>
    </li>`;
  }

  #onInput = (event: Event): void => {
    this.typed = (event.target as HTMLInputElement).value;
    this.selected = 0;
  };

  #onKeydown(event: KeyboardEvent, found: readonly Command[]): void {
    if (event.isComposing) return;
    const last = found.length - 1;
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: this.selected >= last ? 0 : this.selected + 1,
      ArrowUp: this.selected <= 0 ? last : this.selected - 1,
      PageDown: Math.min(last, this.selected + 6),
      PageUp: Math.max(0, this.selected - 6),
    };
    const move = moves[event.key];
    if (move !== undefined) this.selected = Math.max(0, move);
    else if (event.key === 'Enter') this.#run(found[Math.min(this.selected, last)]);
    else return;
    event.preventDefault();
  }

  #run(command: Command | undefined): void {
    if (!command) return;
    this.dialog?.close();
    command.run();
  }

  #onBackdrop = (event: Event): void => {
    if (event.target === this.dialog) this.dialog?.close();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-desk-palette': ScDeskPalette;
  }
}
