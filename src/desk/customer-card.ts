/**
 * The right column: who writes, how it is protected, who takes part.
 * @module
 */
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { ConversationView, Party, Verification } from '../engine/views.ts';
import { base, buttons } from '../ui/base-styles.ts';
import { icon, type IconName } from '../ui/icons.ts';
import { customerName, partyName } from './conversation-names.ts';
import { customerMark, markStyles } from './customer-mark.ts';
import { dense, fingerprintStyles } from './desk-styles.ts';
import { formatSpan } from './elapsed-time.ts';
import { fingerprintTemplate } from './fingerprint-template.ts';
import { DeskActionEvent } from './inner-events.ts';
import { DeskPhrases, type DeskStringKey } from './strings.ts';
import { TickController } from './tick-controller.ts';

const COPIED_MS = 2000;

const ROLES: Readonly<Record<Party['role'], { icon: IconName; text: DeskStringKey }>> = {
  customer: { icon: 'person', text: 'partyCustomer' },
  agent: { icon: 'person', text: 'partyAgent' },
  supervisor: { icon: 'people', text: 'partySupervisor' },
  bot: { icon: 'device', text: 'partyBot' },
  archive: { icon: 'record', text: 'partyArchive' },
};

const STATUSES: Readonly<Record<Party['status'], DeskStringKey>> = {
  asked: 'statusAsked',
  joined: 'statusJoined',
  left: 'statusLeft',
  removed: 'statusRemoved',
};

const styles = css`
  :host {
    display: block;
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    background: var(--_surface);
  }

  .top {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    align-items: center;
    gap: 0.85em;
    padding: 1.1em 1.2em 1em;
  }

  .top .mark {
    inline-size: 2.9em;
    block-size: 2.9em;
  }

  h2 {
    font-size: 1.0667em;
    font-weight: 650;
    overflow-wrap: anywhere;
  }

  .top p {
    color: var(--_muted);
    font-size: 0.8667em;
  }

  section {
    padding: 1em 1.2em;
    border-block-start: 1px solid var(--_border);
  }

  h3 {
    margin-block-end: 0.6em;
    color: var(--_muted);
    font-size: 0.8667em;
    font-weight: 600;
  }

  .fingerprint {
    padding-block: 0.15em;
    font-size: 1.0667em;
  }

  .hint {
    margin-block-start: 0.7em;
    color: var(--_muted);
    font-size: 0.8667em;
    line-height: 1.45;
    text-wrap: pretty;
  }

  .copy {
    min-block-size: 1.9rem;
    margin-block-start: 0.75em;
    font-size: 0.8667em;
  }

  .facts {
    display: grid;
    gap: 0.75em;
  }

  .facts li,
  .party {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0.7em;
    align-items: start;
    line-height: 1.4;
    text-wrap: pretty;
  }

  .facts svg,
  .party svg {
    inline-size: 1.25em;
    block-size: 1.25em;
    margin-block-start: 0.05em;
    color: var(--_muted);
  }

  .facts .good svg {
    color: var(--_success);
  }

  .facts .bad svg {
    color: var(--_warning);
  }

  .facts .record svg {
    color: var(--_danger);
  }

  .parties {
    display: grid;
    gap: 0.85em;
  }

  .party span {
    display: block;
    color: var(--_muted);
    font-size: 0.8667em;
  }

  .party.gone bdi {
    color: var(--_muted);
    text-decoration: line-through;
    text-decoration-thickness: 1px;
  }

  dl {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0.5em 1.2em;
  }

  dt {
    color: var(--_muted);
  }

  dd {
    overflow-wrap: anywhere;
  }

  .close {
    margin-inline-end: -0.4em;
  }

  @container (inline-size >= 74rem) {
    .close {
      display: none;
    }
  }
`;

/**
 * @summary What is known of the customer on screen.
 * @tag sc-desk-customer
 * @fires desk-action - The card is to be closed (`details`).
 */
export class ScDeskCustomer extends LitElement {
  static override styles = [base, buttons, dense, markStyles, fingerprintStyles, styles];

  @property({ attribute: false }) view: ConversationView | null = null;
  @property({ attribute: false }) verification: Verification | null = null;
  @property({ attribute: false }) phrases = new DeskPhrases();

  @state() private copied: 'no' | 'yes' | 'refused' = 'no';
  readonly #tick = new TickController(this, 10_000);
  #timer: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('h2')?.focus();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { view, phrases } = this;
    if (!view) return nothing;
    const name = customerName(view, phrases);
    return html`
      <div class="top">
        ${customerMark(view.customer)}
        <div>
          <h2 tabindex="-1">${name}</h2>
          <p>${phrases.say('cardTitle')}</p>
        </div>
        <button type="button" class="icon-button close" aria-label=${phrases.say('hideDetails')} @click=${this.#close}>
          ${icon('close')}
        </button>
      </div>
      <section>
        <h3>${phrases.say('cardFingerprint')}</h3>
        ${fingerprintTemplate(view.customerFingerprint)}
        <button type="button" class="button copy" @click=${this.#copy}>
          ${icon(this.copied === 'yes' ? 'check' : 'copy')}
          <span role="status"
            >${phrases.say(this.copied === 'yes' ? 'copied' : this.copied === 'refused' ? 'failedCopy' : 'copy')}</span
          >
        </button>
        <p class="hint">${phrases.say('cardFingerprintHint')}</p>
      </section>
      <section>
        <dl>
          ${
            view.topic
              ? html`<dt>${phrases.say('cardTopic')}</dt>
                  <dd><bdi>${view.topic}</bdi></dd>`
              : nothing
          }
          <dt>${phrases.say('cardSince')}</dt>
          <dd>
            <time datetime=${new Date(view.startedAt).toISOString()}
              >${phrases.shared.brief(view.startedAt, this.#tick.now)}</time
            >
            (${formatSpan(phrases.locale, this.#tick.now - view.startedAt)})
          </dd>
          <dt>${phrases.say('cardState')}</dt>
          <dd>${phrases.shared.say(view.state)}</dd>
        </dl>
      </section>
      <section>
        <h3>${phrases.say('cardEncryption')}</h3>
        <ul class="facts" role="list">
          ${this.#facts(view).map(
            ({ icon: sign, tone, text }) => html`<li class=${tone}>${icon(sign)}<span>${text}</span></li>`,
          )}
        </ul>
      </section>
      <section>
        <h3>${phrases.say('cardParticipants')}</h3>
        <ul class="parties" role="list">
          ${view.parties.map((party) => this.#party(party, view))}
        </ul>
      </section>
    `;
  }

  #facts(view: ConversationView): { icon: IconName; tone: string; text: string }[] {
    const { phrases, verification } = this;
    const joined = view.parties.some(
      ({ role, status }) => role !== 'customer' && role !== 'archive' && status === 'joined',
    );
    const facts: { icon: IconName; tone: string; text: string }[] = [
      { icon: 'lock', tone: 'good', text: phrases.say(joined ? 'cardEncrypted' : 'cardNotJoined') },
    ];
    if (!verification) return facts;
    const { state: trust, recorded, retentionDays } = verification;
    if (trust !== 'verified') {
      const text = trust === 'alarm' ? 'padlockAlarm' : trust === 'stale' ? 'padlockStale' : 'padlockChecking';
      facts.push({ icon: 'shieldAlert', tone: 'bad', text: phrases.shared.say(text) });
    }
    const record = !recorded
      ? phrases.say('cardNotRecorded')
      : retentionDays === null
        ? phrases.say('cardRecorded')
        : phrases.say('cardRecordedDays', { count: retentionDays });
    facts.push({ icon: 'record', tone: recorded ? 'record' : '', text: record });
    return facts;
  }

  #party(party: Party, view: ConversationView): TemplateResult {
    const { phrases } = this;
    const { role, status, self } = party;
    const name = partyName(party, view, phrases);
    const gone = status === 'left' || status === 'removed';
    return html`<li class="party ${gone ? 'gone' : ''}">
      ${icon(ROLES[role].icon)}
      <div>
        <bdi>${self ? phrases.say('partyYou', { name }) : name}</bdi>
        <span>${phrases.say(ROLES[role].text)} · ${phrases.say(STATUSES[status])}</span>
      </div>
    </li>`;
  }

  #close = (): void => {
    this.dispatchEvent(new DeskActionEvent('details'));
  };

  #copy = async (): Promise<void> => {
    const text = this.view?.customerFingerprint;
    if (text === undefined) return;
    clearTimeout(this.#timer);
    try {
      await navigator.clipboard.writeText(text);
      this.copied = 'yes';
    } catch {
      this.copied = 'refused'; // the browser's or the user's decision; said on the button
    }
    this.#timer = setTimeout(() => (this.copied = 'no'), COPIED_MS);
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-desk-customer': ScDeskCustomer;
  }
}
