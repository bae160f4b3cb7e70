/**
 * A question before something that cannot be taken back.
 * @module
 */
import { css, html, LitElement, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { base, buttons } from '../ui/base-styles.ts';
import { dense, dialogs } from './desk-styles.ts';
import { DeskPhrases } from './strings.ts';

export interface Question {
  readonly title: string;
  readonly text: string;
  /** What the button that does it says. */
  readonly confirm: string;
  readonly danger: boolean;
}

const styles = css`
  dialog {
    inline-size: min(27rem, calc(100vw - 24px));
  }

  .question {
    padding: 1.5em;
  }

  h2 {
    font-size: 1.1333em;
    font-weight: 650;
    text-wrap: balance;
  }

  p {
    margin-block: 0.6em 1.5em;
    color: var(--_muted);
    line-height: 1.5;
    text-wrap: pretty;
  }

  .choice {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 0.6em;
  }

  .button.danger.primary {
    background: var(--_danger);
    color: var(--_surface);
  }
`;

/**
 * @summary Asks, and answers with yes or no.
 * @tag sc-desk-confirm
 */
export class ScDeskConfirm extends LitElement {
  static override styles = [base, buttons, dense, dialogs, styles];

  @property({ attribute: false }) phrases = new DeskPhrases();
  @state() private question: Question | null = null;
  @query('dialog') private readonly dialog!: HTMLDialogElement | null;
  #answer: ((yes: boolean) => void) | null = null;

  get isOpen(): boolean {
    return this.dialog?.open ?? false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#settle(false);
  }

  /** Whether the user wants it. A second question answers the first with no. */
  async ask(question: Question): Promise<boolean> {
    this.#settle(false);
    this.question = question;
    await this.updateComplete;
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.dialog?.showModal();
    });
  }

  protected override render(): TemplateResult {
    const { phrases, question } = this;
    return html`<dialog aria-labelledby="title" aria-describedby="text" @close=${this.#onClose}>
      <div class="question">
        <h2 id="title">${question?.title}</h2>
        <p id="text">${question?.text}</p>
        <div class="choice">
          <button type="button" class="button" @click=${() => this.#settle(false)}>${phrases.say('keep')}</button>
          <button
            type="button"
            class="button primary ${question?.danger ? 'danger' : ''}"
            @click=${() => this.#settle(true)}
          >
            ${question?.confirm}
          </button>
        </div>
      </div>
    </dialog>`;
  }

  /** Closed by Escape, or by ourselves a moment ago: the event comes late, and a new question may be open already. */
  #onClose = (): void => {
    if (!this.dialog?.open) this.#settle(false);
  };

  #settle(yes: boolean): void {
    const answer = this.#answer;
    this.#answer = null;
    if (this.dialog?.open) this.dialog.close();
    answer?.(yes);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-desk-confirm': ScDeskConfirm;
  }
}
