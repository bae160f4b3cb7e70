/**
 * Getting in: the name, then the wait for the administrator.
 * @module
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import type { ConnectionState } from '../engine/views.ts';
import { nameShape } from '../identity/names.ts';
import { base, buttons } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';
import { dense, fingerprintStyles } from './desk-styles.ts';
import { doorStyles } from './door-styles.ts';
import { fingerprintTemplate } from './fingerprint-template.ts';
import { DeskEnrolEvent } from './inner-events.ts';
import { DeskPhrases, type DeskStringKey } from './strings.ts';

/** docs/protocol.md §3, `name`. */
const MAX_NAME_BYTES = 80;

/** What is wrong with a name that the directory would refuse; null: nothing. */
function nameProblem(name: string): DeskStringKey | null {
  if (name === '') return 'enrolNameMissing';
  if (new TextEncoder().encode(name).length > MAX_NAME_BYTES) return 'enrolNameLong';
  try {
    nameShape(name, 'name');
    return null;
  } catch {
    return 'enrolNameControls'; // the one thing left that a name may not have
  }
}

/**
 * @summary Asks for a name, then shows the fingerprint until the administrator has approved.
 * @tag sc-desk-enrol
 * @fires desk-enrol - A usable name was given.
 * @fires desk-replace - The other invitation is to be used.
 */
export class ScDeskEnrol extends LitElement {
  static override styles = [base, buttons, dense, fingerprintStyles, doorStyles];

  /** The device that waits for approval; null: nobody has asked yet. */
  @property({ attribute: false }) pending: { readonly name: string; readonly fingerprint: string } | null = null;
  @property({ attribute: false }) connection: ConnectionState = 'connecting';
  /** When the invitation expires, ms. */
  @property({ attribute: false }) expires: number | null = null;
  /** The device was a member, or asked, before: what is stored is deleted first. */
  @property({ type: Boolean }) again = false;
  /** While the device waits: there is another invitation that could be used instead. */
  @property({ type: Boolean }) replaceable = false;
  /** Keys are being made. */
  @property({ type: Boolean }) working = false;
  /** Code of why the request failed; null: it did not. */
  @property({ attribute: false }) failure: string | null = null;
  @property({ attribute: false }) phrases = new DeskPhrases();

  @state() private problem: DeskStringKey | null = null;
  @query('input') private readonly field!: HTMLInputElement | null;
  @query('h1') private readonly heading!: HTMLElement | null;

  override focus(): void {
    (this.field ?? this.heading)?.focus();
  }

  protected override updated(changed: PropertyValues<this>): void {
    // What was focused is gone; what happened next is read out from its heading on.
    if (changed.has('pending') && this.pending && !changed.get('pending')) this.heading?.focus();
  }

  protected override render(): TemplateResult {
    return html`<main class="card">${this.pending ? this.#wait(this.pending) : this.#form()}</main>`;
  }

  #form(): TemplateResult {
    const { phrases, problem, failure, expires } = this;
    return html`
      <div class="emblem">${icon('key')}</div>
      <h1 tabindex="-1">${phrases.say(this.again ? 'rejoinTitle' : 'enrolTitle')}</h1>
      <p class="lead">${phrases.say(this.again ? 'rejoinLead' : 'enrolLead')}</p>
      <form novalidate @submit=${this.#onSubmit}>
        <label for="name">${phrases.say('enrolName')}</label>
        <input
          id="name"
          name="name"
          type="text"
          autocomplete="name"
          required
          aria-describedby="hint error"
          aria-invalid=${problem ? 'true' : nothing}
          ?readonly=${this.working}
          @input=${() => (this.problem = null)}
        />
        <p class="hint" id="hint">${phrases.say('enrolNameHint')}</p>
        <div id="error" role="alert">
          ${
            problem || failure !== null
              ? html`<p class="error">
                  ${icon('alert')}<span
                    >${problem ? phrases.say(problem) : phrases.say('enrolFailed', { code: failure ?? '' })}</span
                  >
                </p>`
              : nothing
          }
        </div>
        <button class="button primary large" aria-disabled=${this.working ? 'true' : 'false'}>
          ${phrases.say(this.working ? 'enrolWorking' : 'enrolSubmit')}
        </button>
      </form>
      <section class="steps">
        <h2>${phrases.say('enrolStepsTitle')}</h2>
        <ol>
          <li>${phrases.say('enrolStepKeys')}</li>
          <li>${phrases.say('enrolStepAsk')}</li>
          <li>${phrases.say('enrolStepCompare')}</li>
          <li>${phrases.say('enrolStepOpen')}</li>
        </ol>
        <p class="note">${phrases.say('enrolPrivate')}</p>
        ${
          expires === null
            ? nothing
            : html`<p class="note">${phrases.say('enrolExpires', { date: phrases.shared.dateTime(expires) })}</p>`
        }
      </section>
    `;
  }

  #wait({ name, fingerprint }: { readonly name: string; readonly fingerprint: string }): TemplateResult {
    const { phrases, connection } = this;
    const offline = connection === 'offline';
    return html`
      <div class="emblem">${icon('shieldCheck')}</div>
      <h1 tabindex="-1">${phrases.say('pendingTitle')}</h1>
      <p class="lead">${phrases.say('pendingLead')}</p>
      <section class="compare">
        <h2>${phrases.say('fingerprintDevice')}</h2>
        ${fingerprintTemplate(fingerprint)}
      </section>
      <p class="waiting" role="status">
        <span class="pulse ${offline ? 'off' : ''}"></span
        ><span>${phrases.say(offline ? 'pendingOffline' : 'pendingWaiting')}</span>
      </p>
      <p class="note">${phrases.say('pendingName', { name })}</p>
      ${
        this.replaceable
          ? html`<p class="note">${phrases.say('replaceHint')}</p>
              <button type="button" class="button large" @click=${this.#replace}>${phrases.say('replaceDo')}</button>`
          : nothing
      }
    `;
  }

  #replace = (): void => {
    this.dispatchEvent(new Event('desk-replace'));
  };

  #onSubmit = (event: Event): void => {
    event.preventDefault();
    if (this.working) return;
    const name = (this.field?.value ?? '').trim();
    this.problem = nameProblem(name);
    if (this.problem) this.field?.focus();
    else this.dispatchEvent(new DeskEnrolEvent(name));
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-desk-enrol': ScDeskEnrol;
  }
}
