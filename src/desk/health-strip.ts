/**
 * The line at the foot of the desk.
 * @module
 */
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import type { ClientStatus } from '../engine/views.ts';
import { base, buttons } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';
import { dense } from './desk-styles.ts';
import { healthOf, type Health, type HealthFailure } from './health.ts';
import { DeskHealthEvent, type HealthAction } from './inner-events.ts';
import { DeskPhrases, type DeskStringKey } from './strings.ts';
import { TickController } from './tick-controller.ts';

const styles = css`
  :host {
    display: block;
    border-block-start: 1px solid var(--_border);
    background: var(--_surface-sunken);
    color: var(--_muted);
    font-size: 0.8667em;
    font-variant-numeric: tabular-nums;
  }

  .facts {
    display: flex;
    align-items: center;
    gap: 0 0.5em;
    min-block-size: 2.1rem;
    padding: 0.3em 1.2em;
    overflow: hidden;
  }

  .facts > svg {
    inline-size: 1.15em;
    block-size: 1.15em;
    color: var(--_success);
  }

  .bad .facts > svg {
    color: var(--_warning);
  }

  .clip {
    min-inline-size: 0;
    overflow: hidden;
  }

  /* Each fact brings its dot; at the beginning of a line it is cut off. */
  ul {
    display: flex;
    flex-wrap: wrap;
    margin-inline-start: -1em;
  }

  li::before {
    content: '·';
    display: inline-block;
    inline-size: 1em;
    text-align: center;
  }

  .failure {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.3em 0.7em;
    padding: 0.4em 1.2em;
    background: var(--_warning-soft);
    color: var(--_text);
    line-height: 1.4;
  }

  .failure.danger {
    background: var(--_danger-soft);
  }

  .failure > svg {
    color: var(--_warning);
  }

  .failure.danger > svg {
    color: var(--_danger);
  }

  .failure p {
    flex: 1 1 16em;
    text-wrap: pretty;
  }

  .failure .button {
    min-block-size: 1.9rem;
    border-color: var(--_control);
    background: var(--_surface-raised);
  }

  @media (pointer: coarse) {
    .failure .button {
      min-block-size: 44px;
    }
  }

  @container (inline-size < 46rem) {
    .facts {
      padding-inline: 1em;
    }
  }

  @media (forced-colors: active) {
    .failure {
      border-block-end: 1px solid CanvasText;
    }
  }
`;

const ACTIONS: Readonly<Record<HealthAction, DeskStringKey>> = { reopen: 'actReopen', report: 'actReport' };

/**
 * @summary How connection, staff list and outbox are.
 * @tag sc-desk-health
 * @fires desk-health - The one thing that can be done about a failure is asked for.
 */
export class ScDeskHealth extends LitElement {
  static override styles = [base, buttons, dense, styles];

  @property({ attribute: false }) status: ClientStatus | null = null;
  /** Conversations that are this agent's. */
  @property({ attribute: false }) chats = 0;
  /** Code of what stopped the live view of the store; null while it runs. */
  @property({ attribute: false }) blind: string | null = null;
  @property({ attribute: false }) phrases = new DeskPhrases();
  /** There is a failure on screen. */
  @property({ type: Boolean, reflect: true }) failing = false;
  readonly #tick = new TickController(this, 10_000);

  #health: Health | null = null;
  #failures: readonly HealthFailure[] = [];

  protected override willUpdate(): void {
    const { phrases, status, blind } = this;
    this.#health = status ? healthOf(status, this.chats, this.#tick.now, phrases) : null;
    const sight: readonly HealthFailure[] =
      blind === null ? [] : [{ tone: 'danger', text: phrases.say('healthLive', { code: blind }), action: 'reopen' }];
    this.#failures = [...sight, ...(this.#health?.failures ?? [])];
    this.failing = this.#failures.length > 0;
  }

  protected override render(): TemplateResult {
    const { phrases } = this;
    const health = this.#health;
    const failures = this.#failures;
    return html`<div class=${failures.length > 0 ? 'bad' : ''} role="region" aria-label=${phrases.say('health')}>
      <div role="status">
        ${failures.map(
          (failure) =>
            html`<div class="failure ${failure.tone}">
              ${icon(failure.tone === 'danger' ? 'shieldAlert' : 'alert')}
              <p>${failure.text}</p>
              ${this.#button(failure.action)}
            </div>`,
        )}
      </div>
      ${
        health
          ? html`<div class="facts">
              ${icon(failures.length > 0 ? 'alert' : 'lock')}
              <div class="clip">
                <ul role="list" aria-label=${phrases.say('health')}>
                  ${health.facts.map((fact) => html`<li>${fact}</li>`)}
                </ul>
              </div>
            </div>`
          : nothing
      }
    </div>`;
  }

  #button(action: HealthAction | null): TemplateResult | typeof nothing {
    if (action === null) return nothing;
    const act = (): unknown => this.dispatchEvent(new DeskHealthEvent(action));
    return html`<button type="button" class="button" @click=${act}>${this.phrases.say(ACTIONS[action])}</button>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-desk-health': ScDeskHealth;
  }
}
