/**
 * The middle: one conversation, or none.
 * @module
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import type { ClientStatus, ConversationView, DeskClient, MessageView } from '../engine/views.ts';
import { base, buttons } from '../ui/base-styles.ts';
import { icon, type IconName } from '../ui/icons.ts';
import type { ScComposingEvent } from '../ui/inner-events.ts';
import { LiveController } from '../ui/live-controller.ts';
import type { ScComposer } from '../ui/composer.ts';
import type { WaitingItem } from './conversation-lists.ts';
import { conversationTitle, customerName, takenText } from './conversation-names.ts';
import { conversationStyles } from './conversation-styles.ts';
import { customerMark, markStyles } from './customer-mark.ts';
import { dense, keys } from './desk-styles.ts';
import { formatSpan } from './elapsed-time.ts';
import { DeskActionEvent, DeskClaimEvent, DeskFailureEvent, type PaneAction } from './inner-events.ts';
import { paletteKeys } from './platform-keys.ts';
import { DeskPhrases, type DeskStringKey } from './strings.ts';

const PAGE = 60;
/** A draft is kept this long after the last key. */
const DRAFT_MS = 400;

const ACTIONS: readonly { action: PaneAction; icon: IconName; text: DeskStringKey; danger: boolean }[] = [
  { action: 'requeue', icon: 'requeue', text: 'requeue', danger: false },
  { action: 'leave', icon: 'leave', text: 'leave', danger: false },
  { action: 'end', icon: 'end', text: 'end', danger: true },
];

/**
 * @summary One conversation with its header, transcript and composer.
 * @tag sc-desk-conversation
 * @fires desk-action - Something is to be done with the conversation.
 * @fires desk-claim - The waiting conversation on screen is to be claimed.
 * @fires desk-failure - A message or draft could not be stored.
 */
export class ScDeskConversation extends LitElement {
  static override styles = [base, buttons, dense, keys, markStyles, conversationStyles];

  @property({ attribute: false }) client: DeskClient | null = null;
  /** Id of what is on screen; null: nothing. */
  @property({ attribute: false }) conversation: string | null = null;
  /** What this device knows of it. */
  @property({ attribute: false }) view: ConversationView | null = null;
  /** Its place in the queue, if it waits. */
  @property({ attribute: false }) waiting: WaitingItem | null = null;
  @property({ attribute: false }) status: ClientStatus | null = null;
  /** Names of those who type in it. */
  @property({ attribute: false }) typing: readonly string[] = [];
  @property({ attribute: false }) claiming = false;
  /** The card beside it is on screen. */
  @property({ attribute: false }) detailsOpen = false;
  /** For the page without a conversation: how many wait, and since when the first (ms; null: nobody). */
  @property({ attribute: false }) queue: { readonly count: number; readonly longest: number | null } = {
    count: 0,
    longest: null,
  };
  @property({ attribute: false }) singleKeys = true;
  @property({ attribute: false }) phrases = new DeskPhrases();

  @state() private limit = PAGE;
  /** Of the conversation's opening: what was unread, and the draft. */
  @state() private opening = { unread: 0, draft: '' };
  @query('sc-composer') private readonly composer!: ScComposer | null;
  @query('h2') private readonly heading!: HTMLElement | null;
  readonly #messages = new LiveController<readonly MessageView[]>(this);
  /** The limit of the query that is followed. */
  #followed = 0;
  #draftTimer: ReturnType<typeof setTimeout> | undefined;
  /** What is on its way into the store. */
  readonly #storing = new Set<Promise<unknown>>();
  #saveDraft: (() => void) | null = null;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#flushDraft();
  }

  /** Resolves when what was written so far is stored, or its failure was told. */
  async stored(): Promise<void> {
    this.#flushDraft();
    await Promise.allSettled(this.#storing);
  }

  /** The text field if one can write, else the heading. */
  override focus(): void {
    const target = this.composer ?? this.heading;
    target?.focus();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const switched = changed.has('conversation') || changed.has('client');
    if (switched) {
      this.#flushDraft();
      this.limit = PAGE;
      this.opening = { unread: this.view?.unread ?? 0, draft: this.view?.draft ?? '' };
    } else if (changed.has('view') && this.view?.joined && !changed.get('view')?.joined) {
      this.opening = { unread: 0, draft: this.view.draft };
    }
    if (switched || this.limit !== this.#followed) {
      const { client, conversation, limit } = this;
      this.#followed = limit;
      this.#messages.follow(client && conversation !== null ? client.messages(conversation, limit) : null, {
        keep: !switched,
      });
    }
  }

  protected override render(): TemplateResult {
    if (this.conversation === null) return this.#nothing();
    return html`${this.#header(this.conversation)}
      ${
        this.view
          ? html`<sc-padlock
              .verification=${this.status?.verification ?? null}
              .parties=${this.view.parties}
              .perspective=${'agent'}
              .phrases=${this.phrases.shared}
            ></sc-padlock>`
          : nothing
      }
      ${this.view ? this.#transcript(this.view) : html`<div class="empty"><p>${this.#unknown()}</p></div>`}
      <div class="foot">${this.#foot()}</div>`;
  }

  #header(id: string): TemplateResult {
    const { phrases, view, waiting } = this;
    const writable = view?.joined === true && view.state !== 'ended';
    return html`<header>
      <button
        type="button"
        class="icon-button back"
        aria-label=${phrases.say('backToLists')}
        @click=${() => this.#act('back')}
      >
        ${icon('back', { flip: true })}
      </button>
      ${customerMark(view?.customer ?? waiting?.takenBy?.mark ?? id)}
      <div class="who">
        <h2 tabindex="-1">
          <bdi>${(view ? null : waiting?.takenBy?.title) ?? conversationTitle(id, view, phrases)}</bdi>
        </h2>
        <p class="about">
          ${view?.topic ? html`<span>${customerName(view, phrases)}</span>` : nothing}
          ${view ? html`<span>${phrases.say('since', { time: phrases.shared.brief(view.startedAt, Date.now()) })}</span>` : nothing}
          ${waiting && !waiting.takenBy && !view?.joined ? html`<span>${phrases.say('waitsFor')}</span>` : nothing}
        </p>
      </div>
      <div class="actions">
        ${writable ? ACTIONS.map((action) => this.#actionButton(action)) : nothing}
        ${
          view
            ? html`<button
                type="button"
                class="icon-button details"
                aria-expanded=${this.detailsOpen ? 'true' : 'false'}
                aria-label=${phrases.say('details')}
                title=${phrases.say('details')}
                @click=${() => this.#act('details')}
              >
                ${icon('info')}
              </button>`
            : nothing
        }
      </div>
    </header>`;
  }

  #actionButton({ action, icon: name, text, danger }: (typeof ACTIONS)[number]): TemplateResult {
    const label = this.phrases.say(text);
    return html`<button
      type="button"
      class="button quiet ${danger ? 'danger' : ''}"
      title=${label}
      @click=${() => this.#act(action)}
    >
      ${icon(name, { flip: name === 'leave' || name === 'requeue' })}<span class="label">${label}</span>
    </button>`;
  }

  #transcript(view: ConversationView): TemplateResult {
    const messages = this.#messages.value ?? null;
    return html`<sc-transcript
      .messages=${messages}
      .conversation=${view.id}
      .unread=${this.opening.unread}
      .typing=${this.typing}
      .notices=${view.notices}
      .more=${(messages?.length ?? 0) >= this.limit}
      .perspective=${'agent'}
      .customerName=${customerName(view, this.phrases)}
      .phrases=${this.phrases.shared}
      @sc-load-older=${() => (this.limit += PAGE)}
      @sc-seen=${this.#onSeen}
    ></sc-transcript>`;
  }

  #foot(): TemplateResult {
    const { phrases, view, waiting } = this;
    if (waiting && !view?.joined) {
      if (waiting.takenBy) {
        return html`<div class="bar"><p>${takenText(waiting.takenBy.name, phrases)}</p></div>`;
      }
      return html`<div class="bar claimable">
        <p>${phrases.say(view ? 'waitingBarKnown' : 'waitingBarUnknown')}</p>
        <button
          type="button"
          class="button primary"
          ?disabled=${this.claiming}
          @click=${() => this.dispatchEvent(new DeskClaimEvent(waiting.id))}
        >
          ${phrases.say('claim')}
        </button>
      </div>`;
    }
    if (!view) return html`<div class="bar"><p>${phrases.say('gone')}</p></div>`;
    if (view.state === 'ended') return html`<div class="bar"><p>${phrases.say('endedBar')}</p></div>`;
    if (!view.joined) return html`<div class="bar"><p>${phrases.say('leftBar')}</p></div>`;
    // Another conversation has another field: neither its text nor its undo history is carried over.
    return html`${keyed(
        view.id,
        html`<sc-composer
          .value=${this.opening.draft}
          .phrases=${phrases.shared}
          .submit=${(text: string) => this.#send(view.id, text)}
          @sc-draft-change=${() => this.#onDraft(view.id)}
          @sc-composing=${(event: ScComposingEvent) => this.client?.setTyping(view.id, event.detail.on)}
        ></sc-composer>`,
      )}
      <p class="hint" aria-hidden="true">
        <span><kbd>${phrases.say('enterKey')}</kbd> ${phrases.say('helpSend')}</span>
        <span><kbd>⇧</kbd> <kbd>${phrases.say('enterKey')}</kbd> ${phrases.say('helpLine')}</span>
      </p>`;
  }

  #unknown(): string {
    return this.phrases.say(this.waiting ? 'unknownYet' : 'gone');
  }

  #nothing(): TemplateResult {
    const { phrases, queue } = this;
    const text =
      queue.longest === null
        ? phrases.say('nothingOpenNone')
        : phrases.say('nothingOpenWaiting', {
            count: queue.count,
            span: formatSpan(phrases.locale, Date.now() - queue.longest),
          });
    const shortcuts: readonly (readonly [string, DeskStringKey])[] = [
      ...(this.singleKeys
        ? ([
            ['C', 'keyClaim'],
            ['J', 'keyMove'],
            ['?', 'keyHelp'],
          ] as const)
        : []),
      [paletteKeys(), 'keyPalette'],
    ];
    return html`<div class="empty">
      <span class="emblem">${icon('chat')}</span>
      <h2 tabindex="-1">${phrases.say('nothingOpen')}</h2>
      <p>${text}</p>
      <dl class="keys">
        ${shortcuts.map(
          ([key, label]) =>
            html`<dt>${key === 'J' ? html`<kbd>J</kbd> <kbd>K</kbd>` : html`<kbd>${key}</kbd>`}</dt>
              <dd>${phrases.say(label)}</dd>`,
        )}
      </dl>
    </div>`;
  }

  #act(action: PaneAction): void {
    this.dispatchEvent(new DeskActionEvent(action));
  }

  #onSeen = (): void => {
    const { client, view } = this;
    // Not asked for `unread`: the list may answer later than the messages do.
    if (!client || !view?.joined) return;
    client.markRead(view.id).catch((error: unknown) => this.#failed('failedSend', error));
  };

  async #send(id: string, text: string): Promise<void> {
    if (!this.client) return;
    try {
      await this.#store(this.client.sendText(id, text));
    } catch (error) {
      this.#failed('failedSend', error);
      throw error;
    }
  }

  #onDraft(id: string): void {
    const { client, composer } = this;
    if (!client || !composer) return;
    const text = composer.value;
    clearTimeout(this.#draftTimer);
    this.#saveDraft = () => {
      this.#store(client.saveDraft(id, text)).catch((error: unknown) => this.#failed('failedDraft', error));
    };
    this.#draftTimer = setTimeout(() => this.#flushDraft(), DRAFT_MS);
  }

  #flushDraft(): void {
    clearTimeout(this.#draftTimer);
    this.#saveDraft?.();
    this.#saveDraft = null;
  }

  #store<T>(work: Promise<T>): Promise<T> {
    this.#storing.add(work);
    return work.finally(() => this.#storing.delete(work));
  }

  #failed(what: 'failedSend' | 'failedDraft', error: unknown): void {
    this.dispatchEvent(new DeskFailureEvent(what, error));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-desk-conversation': ScDeskConversation;
  }
}
