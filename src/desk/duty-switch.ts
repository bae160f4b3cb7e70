/**
 * On duty, away, off.
 * @module
 */
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { DutyState } from '../engine/views.ts';
import { base } from '../ui/base-styles.ts';
import { DeskPhrases, type DeskStringKey } from './strings.ts';

export const DUTIES: readonly { readonly state: DutyState; readonly text: DeskStringKey }[] = [
  { state: 'on', text: 'dutyOn' },
  { state: 'away', text: 'dutyAway' },
  { state: 'off', text: 'dutyOff' },
];

const styles = css`
  :host {
    display: block;
  }

  fieldset {
    display: grid;
    grid-template-columns: repeat(3, minmax(0, auto));
    gap: 2px;
    margin: 0;
    padding: 3px;
    border: 0;
    border-radius: 12px;
    background: color-mix(in srgb, var(--_text) 7%, transparent);
  }

  label {
    position: relative;
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 0.5em;
    min-block-size: 2rem;
    padding-inline: 0.6em;
    border-radius: 9px;
    color: var(--_muted);
    font-size: 0.9em;
    font-weight: 550;
    white-space: nowrap;
    cursor: pointer;
  }

  label:hover {
    color: var(--_text);
  }

  input {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    opacity: 0;
    cursor: pointer;
  }

  .dot {
    inline-size: 0.55em;
    block-size: 0.55em;
    border-radius: 50%;
    background: var(--_muted);
    opacity: 0.5;
  }

  label.chosen {
    background: var(--_surface-raised);
    color: var(--_text);
    box-shadow:
      0 0 0 1px var(--_border),
      0 1px 3px #0000001a;
  }

  .chosen .dot {
    opacity: 1;
  }

  .chosen .dot.on {
    background: var(--_success);
  }

  .chosen .dot.away {
    background: var(--_warning);
  }

  label:has(:focus-visible) {
    outline: 2px solid var(--_accent);
    outline-offset: 1px;
  }

  .untold {
    margin: 0.45em 0.4em 0;
    color: var(--_muted);
    font-size: 0.8667em;
    line-height: 1.35;
    text-wrap: pretty;
    animation: late 1.5s step-end;
  }

  /* Not at each short interruption. */
  @keyframes late {
    from {
      opacity: 0;
    }
  }

  fieldset[disabled] label {
    cursor: default;
    opacity: 0.6;
  }

  @media (pointer: coarse) {
    label {
      min-block-size: 44px;
    }
  }

  @media (forced-colors: active) {
    label.chosen {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }

    .chosen .dot {
      background: CanvasText;
      forced-color-adjust: none;
    }
  }
`;

/**
 * @summary Whether the agent receives new customers.
 * @tag sc-desk-duty
 */
export class ScDeskDuty extends LitElement {
  static override styles = [base, styles];

  @property({ attribute: false }) duty: DutyState = 'off';
  @property({ type: Boolean }) disabled = false;
  /** The relay can be told. */
  @property({ attribute: false }) connected = true;
  /** Changes the duty; resolves with whether it could be. */
  @property({ attribute: false }) choose: ((duty: DutyState) => Promise<boolean>) | null = null;
  @property({ attribute: false }) phrases = new DeskPhrases();

  /** What was chosen and is not yet so. */
  @state() private asked: DutyState | null = null;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('duty')) this.asked = null;
  }

  protected override updated(): void {
    // A choice that was refused must not stay marked.
    const shown = this.asked ?? this.duty;
    for (const input of this.renderRoot.querySelectorAll('input')) input.checked = input.value === shown;
  }

  protected override render(): TemplateResult {
    const { phrases } = this;
    const duty = this.asked ?? this.duty;
    return html`<fieldset ?disabled=${this.disabled} aria-describedby=${this.connected ? nothing : 'untold'}>
        <legend class="visually-hidden">${phrases.say('duty')}</legend>
        ${DUTIES.map(
          ({ state: value, text }) =>
            html`<label class=${value === duty ? 'chosen' : ''}>
              <input type="radio" name="duty" value=${value} @change=${() => this.#choose(value)} />
              <span class="dot ${value}"></span>${phrases.say(text)}
            </label>`,
        )}
      </fieldset>
      ${this.connected ? nothing : html`<p class="untold" id="untold">${phrases.say('dutyUntold')}</p>`}`;
  }

  async #choose(duty: DutyState): Promise<void> {
    this.asked = duty;
    if (!(await this.choose?.(duty)) && this.asked === duty) this.asked = null;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-desk-duty': ScDeskDuty;
  }
}
