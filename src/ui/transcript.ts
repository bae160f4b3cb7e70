/**
 * What was said in a conversation.
 * @module
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { MessageView } from '../engine/views.ts';
import { base, buttons } from './base-styles.ts';
import { ScLoadOlderEvent, ScSeenEvent } from './inner-events.ts';
import { icon } from './icons.ts';
import { bubbleTemplate } from './message-bubble.ts';
import { ScrollKeeper } from './scroll-keeper.ts';
import { Phrases } from './strings.ts';
import { transcriptStyles } from './transcript-styles.ts';
import {
  isBubble,
  noticeSentence,
  senderName,
  sentenceOf,
  transcriptRows,
  type Perspective,
  type TranscriptRow,
} from './transcript-rows.ts';

/** How many announcements stay in the live region; older ones have been read out. */
const ANNOUNCED = 5;

/**
 * A conversation's messages with everything round them: days, who came and left, how far each own message has come,
 * what is new. It follows the latest message unless the reader has scrolled away, and keeps the reader's place when
 * older messages come in above. Text only: nothing of a message is ever markup.
 *
 * @summary What was said in a conversation.
 * @tag sc-transcript
 * @fires sc-load-older - The top is near: give more `messages`.
 * @fires sc-seen - Everything up to the latest message is on screen.
 * @fires sc-link-click - A link is about to be followed; cancelable.
 * @slot - Above the first message.
 * @slot end - Below the last one.
 * @csspart log - The scrolling list.
 * @csspart day - A day's heading.
 * @csspart message - One message with its meta line.
 * @csspart bubble - What was said.
 * @csspart own - An own message (beside `message` or `bubble`).
 * @csspart agent - Another's message (beside `message` or `bubble`).
 * @csspart meta - Time and progress.
 * @csspart receipt - Progress of an own message.
 */
export class ScTranscript extends LitElement {
  static override styles = [base, buttons, transcriptStyles];

  /** Oldest first; null while they load. */
  @property({ attribute: false }) messages: readonly MessageView[] | null = null;
  /** Which conversation this is; when it changes, everything begins anew. */
  @property({ attribute: false }) conversation: string | null = null;
  /** Unread messages when the conversation came on screen; the mark stands before the first of them. */
  @property({ attribute: false }) unread = 0;
  /** Names of those who type. */
  @property({ attribute: false }) typing: readonly string[] = [];
  /** The conversation's notice codes. */
  @property({ attribute: false }) notices: readonly string[] = [];
  /** There may be older messages than the first. */
  @property({ attribute: false }) more = false;
  /** On screen. While it is not, nothing counts as seen. */
  @property({ attribute: false }) active = true;
  @property({ attribute: false }) perspective: Perspective = 'customer';
  /** What to call the customer. */
  @property({ attribute: false }) customerName = '';
  @property({ attribute: false }) phrases = new Phrases();

  /** Id of the first message that is new to the reader. */
  @state() private marker: string | null = null;
  /** Messages that came while the reader was further up. */
  @state() private missed = 0;
  @state() private announcements: readonly { readonly key: number; readonly text: string }[] = [];
  @query('.log') private readonly log!: HTMLElement | null;

  readonly #scroll = new ScrollKeeper(this, () => this.log, {
    onMoved: () => this.#onMoved(),
    onBottom: () => this.#seen(),
  });
  /** Highest order known; null before the first load. */
  #newest: number | null = null;
  #reported = -1;
  #askedOlder = false;
  #announced = 0;
  #failed = new Set<string>();

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('visibilitychange', this.#seen);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('visibilitychange', this.#seen);
  }

  /** Shows the latest message. */
  scrollToLatest(): void {
    this.missed = 0;
    this.#scroll.toEnd({ smooth: true });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('conversation')) this.#reset();
    if (changed.has('active') && changed.get('active') === true) this.marker = null;
    if (changed.has('messages') && this.messages) this.#arrived(this.messages);
    if (changed.has('typing') && this.typing.length > 0 && (changed.get('typing') ?? []).length === 0) {
      this.#announce(this.#typingText());
    }
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('messages')) this.#askedOlder = false;
    if (changed.has('messages') || changed.has('active') || changed.has('conversation')) this.#seen();
  }

  protected override render(): TemplateResult {
    const { phrases, marker, perspective } = this;
    const rows = transcriptRows(this.messages ?? [], { marker, perspective });
    return html`
      <div
        class="log"
        part="log"
        role="log"
        aria-live="off"
        aria-busy=${this.messages === null ? 'true' : nothing}
        aria-label=${phrases.say('conversation')}
        tabindex="0"
      >
        <div class="content">
          <slot></slot>
          ${
            this.more && rows.length > 0
              ? html`<button type="button" class="button earlier" @click=${this.#askOlder}>
                  ${phrases.say('showEarlier')}
                </button>`
              : nothing
          }
          ${repeat(
            rows,
            (row) => row.key,
            (row) => this.#row(row),
          )}
          ${this.notices.map(
            (code) => html`<p class="line warning">${icon('alert')}<span>${noticeSentence(code, phrases)}</span></p>`,
          )}
          ${
            this.typing.length > 0
              ? html`<div class="typing">
                  <span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>
                  <span>${this.#typingText()}</span>
                </div>`
              : nothing
          }
          <slot name="end"></slot>
        </div>
      </div>
      ${
        this.#scroll.pinned
          ? nothing
          : html`<button
              type="button"
              class="jump"
              aria-label=${phrases.say('jumpToLatest')}
              @click=${() => this.scrollToLatest()}
            >
              ${this.missed > 0 ? html`<span>${phrases.say('newMessagesCount', { count: this.missed })}</span>` : nothing}
              ${icon('down')}
            </button>`
      }
      <div class="visually-hidden" aria-live="polite" aria-relevant="additions">
        ${repeat(
          this.announcements,
          ({ key }) => key,
          ({ text }) => html`<p>${text}</p>`,
        )}
      </div>
    `;
  }

  #row(row: TranscriptRow): TemplateResult {
    const { phrases, customerName } = this;
    switch (row.type) {
      case 'day':
        return html`<p class="day" part="day"><span>${phrases.day(row.at, Date.now())}</span></p>`;
      case 'marker':
        return html`<p class="marker"><span>${phrases.say('newMessages')}</span></p>`;
      case 'history':
        return html`<p class="line"><span>${phrases.say('historyStart')}</span></p>`;
      case 'line': {
        const warns = row.message.kind === 'refused';
        return html`<p class="line ${warns ? 'warning' : ''}" data-id=${row.message.id}>
          ${warns ? icon('alert') : nothing}<span>${sentenceOf(row.message, phrases, customerName)}</span>
          <time datetime=${new Date(row.message.at).toISOString()}>${phrases.time(row.message.at)}</time>
        </p>`;
      }
      case 'bubble':
        return bubbleTemplate(row, {
          phrases,
          name: senderName(row.message, phrases, this.#customer()),
          element: this,
        });
    }
  }

  #customer(): string {
    return this.customerName || this.phrases.say('customer');
  }

  #typingText(): string {
    return this.phrases.say('typing', { names: this.phrases.list(this.typing), count: this.typing.length });
  }

  #reset(): void {
    this.#newest = null;
    this.#reported = -1;
    this.marker = null;
    this.missed = 0;
    this.announcements = [];
    this.#failed = new Set();
    this.#scroll.pin();
  }

  /** Finds out what is new: it is announced once, marked if nobody was looking, and never if it was loaded from above. */
  #arrived(messages: readonly MessageView[]): void {
    const failed = messages.filter((message) => message.progress === 'failed').map((message) => message.id);
    if (this.#newest === null) {
      const incoming = messages.filter((message) => !message.own && isBubble(message));
      this.marker = this.unread > 0 ? (incoming.at(-this.unread)?.id ?? incoming[0]?.id ?? null) : null;
    } else {
      const known = this.#newest;
      this.#welcome(messages.filter((message) => message.order > known));
      for (const id of failed) if (!this.#failed.has(id)) this.#announce(this.phrases.say('progressFailed'));
    }
    this.#failed = new Set(failed);
    this.#newest = messages.reduce((highest, { order }) => Math.max(highest, order), this.#newest ?? -1);
  }

  #welcome(fresh: readonly MessageView[]): void {
    if (fresh.some((message) => message.own && isBubble(message))) {
      this.marker = null;
      this.missed = 0;
      this.#scroll.pin();
    }
    const incoming = fresh.filter((message) => !message.own && !message.history);
    for (const message of incoming) this.#announce(this.#spoken(message));
    const said = incoming.filter(isBubble);
    if (said.length === 0 || this.#attended()) return;
    this.marker ??= said[0]?.id ?? null;
    this.missed += said.length;
  }

  #spoken(message: MessageView): string {
    const { phrases } = this;
    const text = sentenceOf(message, phrases, this.#customer());
    return isBubble(message)
      ? phrases.say('messageFrom', { name: senderName(message, phrases, this.#customer()), text })
      : text;
  }

  #announce(text: string): void {
    this.announcements = [...this.announcements, { key: this.#announced++, text }].slice(-ANNOUNCED);
  }

  #attended(): boolean {
    return this.active && document.visibilityState === 'visible' && this.#scroll.pinned;
  }

  #seen = (): void => {
    const newest = this.#newest ?? -1;
    if (newest <= this.#reported || !this.#attended()) return;
    this.#reported = newest;
    this.missed = 0;
    this.dispatchEvent(new ScSeenEvent());
  };

  #onMoved(): void {
    if (this.more && this.#scroll.nearTop && !this.#askedOlder) this.#askOlder();
  }

  #askOlder = (): void => {
    this.#askedOlder = true;
    this.dispatchEvent(new ScLoadOlderEvent());
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-transcript': ScTranscript;
  }
}
