/**
 * The left column's lists.
 * @module
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ConversationView, DutyState, TypingView } from '../engine/views.ts';
import { base } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';
import type { ConversationLists, WaitingItem } from './conversation-lists.ts';
import { conversationTitle, customerName, takenText, typingNames } from './conversation-names.ts';
import { customerMark, markStyles } from './customer-mark.ts';
import { formatSpan, waitUrgency } from './elapsed-time.ts';
import { DeskClaimEvent, DeskOpenEvent } from './inner-events.ts';
import { listsStyles } from './lists-styles.ts';
import { tabbedListsStyles } from './lists-tab-styles.ts';
import { DeskPhrases } from './strings.ts';
import { TickController } from './tick-controller.ts';

type ListName = 'waiting' | 'mine' | 'closed';
const LISTS: readonly ListName[] = ['waiting', 'mine', 'closed'];

/**
 * Waiting, mine and closed conversations. Each list is one stop for Tab; arrows and `moveFocus` go through all of them.
 *
 * @summary The lists of conversations.
 * @tag sc-desk-lists
 * @fires desk-open - A row was chosen.
 * @fires desk-claim - A waiting conversation is to be claimed.
 */
export class ScDeskLists extends LitElement {
  static override styles = [base, markStyles, listsStyles, tabbedListsStyles];

  @property({ attribute: false }) lists: ConversationLists = { waiting: [], mine: [], closed: [] };
  /** Id of the conversation on screen. */
  @property({ attribute: false }) selected: string | null = null;
  @property({ attribute: false }) typing: readonly TypingView[] = [];
  @property({ attribute: false }) duty: DutyState = 'off';
  /** Conversations whose claim is on its way. */
  @property({ attribute: false }) claiming: ReadonlySet<string> = new Set();
  @property({ attribute: false }) phrases = new DeskPhrases();

  /** The list on screen where there is room for one. */
  @state() private chosen: ListName = 'waiting';
  @state() private closedOpen = false;
  /** The row of each list that Tab reaches. */
  readonly #current = new Map<ListName, string>();
  readonly #tick = new TickController(this);
  /** The focused row before an update: a row that goes must not take the focus with it. */
  #focused: { id: string; at: number } | null = null;

  /** Moves the focus to the next or previous row of all lists; to the first, or the selected one, if none has it. */
  moveFocus(step: 1 | -1): void {
    const rows = this.#rows();
    const at = rows.findIndex((row) => row === this.#focusedRow());
    const start = rows.find((row) => row.dataset.id === this.selected) ?? rows[0];
    const target = at < 0 ? start : rows[Math.min(rows.length - 1, Math.max(0, at + step))];
    this.#focusRow(target);
  }

  /** Shows the list with the conversation and focuses its row; without one, the first row, else the element. */
  async focusConversation(id: string | null): Promise<void> {
    const list = LISTS.find((name) => this.#ids(name).includes(id ?? ''));
    if (list) this.#choose(list);
    await this.updateComplete;
    const rows = this.#rows();
    this.#focusRow(rows.find((row) => row.dataset.id === id) ?? rows[0]);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('lists')) {
      const row = this.#focusedRow();
      this.#focused = row?.dataset.id === undefined ? null : { id: row.dataset.id, at: this.#rows().indexOf(row) };
    }
    if (changed.has('selected') && this.selected !== null) {
      const list = LISTS.find((name) => this.#ids(name).includes(this.selected ?? ''));
      if (list) this.#current.set(list, this.selected);
    }
  }

  protected override updated(changed: PropertyValues<this>): void {
    const before = this.#focused;
    if (!changed.has('lists') || !before) return;
    this.#focused = null;
    void this.updateComplete.then(() => {
      // Only if the focus went with its row: nobody has moved it meanwhile.
      if (document.activeElement !== document.body) return;
      const rows = this.#rows();
      this.#focusRow(rows.find((row) => row.dataset.id === before.id) ?? rows[Math.min(before.at, rows.length - 1)]);
    });
  }

  protected override render(): TemplateResult {
    const { phrases, lists } = this;
    const unread = lists.mine.some((view) => view.unread > 0);
    return html`
      <div class="tabs" role="group" aria-label=${phrases.say('lists')}>
        ${LISTS.map(
          (name) =>
            html`<button
              type="button"
              class="tab"
              aria-pressed=${this.chosen === name ? 'true' : 'false'}
              @click=${() => this.#choose(name)}
            >
              ${this.#heading(name)} <span class="count">${this.#ids(name).length || nothing}</span>
              ${name === 'mine' && unread ? html`<span class="dot"></span>` : nothing}
            </button>`,
        )}
      </div>
      <section
        class="waiting ${this.chosen === 'waiting' ? 'chosen' : ''} ${lists.waiting.length === 0 ? 'is-empty' : ''}"
      >
        <h2>${this.#heading('waiting')} ${this.#count('waiting')}</h2>
        ${this.#list('waiting', lists.waiting, (item) => item.id, this.#waitingRow, phrases.say(this.duty === 'off' ? 'waitingEmptyOff' : 'waitingEmpty'))}
      </section>
      <section class="mine ${this.chosen === 'mine' ? 'chosen' : ''}">
        <h2>${this.#heading('mine')} ${this.#count('mine')}</h2>
        ${this.#list('mine', lists.mine, (view) => view.id, this.#viewRow, phrases.say('mineEmpty'))}
      </section>
      <section class="closed ${this.chosen === 'closed' ? 'chosen' : ''}">
        <h2>
          <button
            type="button"
            class="toggle"
            aria-expanded=${this.closedOpen ? 'true' : 'false'}
            @click=${() => (this.closedOpen = !this.closedOpen)}
          >
            ${this.#heading('closed')} ${this.#count('closed')} ${icon('chevron')}
          </button>
        </h2>
        ${this.closedOpen ? this.#list('closed', lists.closed, (view) => view.id, this.#viewRow, phrases.say('closedEmpty')) : nothing}
      </section>
    `;
  }

  #heading(name: ListName): string {
    const { phrases } = this;
    return name === 'waiting' ? phrases.shared.say('waiting') : phrases.say(name);
  }

  #count(name: ListName): TemplateResult | typeof nothing {
    const count = this.#ids(name).length;
    return count > 0 ? html`<span class="count">${this.phrases.shared.number(count)}</span>` : nothing;
  }

  #list<T>(
    name: ListName,
    items: readonly T[],
    idOf: (item: T) => string,
    row: (item: T, stop: boolean) => TemplateResult,
    empty: string,
  ): TemplateResult {
    const current = this.#current.get(name);
    const stop = items.some((item) => idOf(item) === current) ? current : items[0] && idOf(items[0]);
    // The role is said again because a list without bullets is none to VoiceOver.
    return html`${items.length === 0 ? html`<p class="empty">${empty}</p>` : nothing}
      <ul
        role="list"
        aria-label=${this.#heading(name)}
        ?hidden=${items.length === 0}
        @keydown=${this.#onKeydown}
        @focusin=${(event: FocusEvent) => this.#onFocus(name, event)}
      >
        ${repeat(items, idOf, (item) => row(item, idOf(item) === stop))}
      </ul>`;
  }

  #waitingRow = (item: WaitingItem, stop: boolean): TemplateResult => {
    const { phrases } = this;
    const { id, known, takenBy } = item;
    const waited = this.#tick.now - item.since;
    const span = formatSpan(phrases.locale, waited);
    return html`<li class=${takenBy ? 'is-taken' : ''}>
      ${this.#rowButton({ id, view: known, title: takenBy?.title, mark: takenBy?.mark }, stop, {
        time: html`<time class=${waitUrgency(waited)}
          ><span aria-hidden="true">${span}</span
          ><span class="visually-hidden">, ${phrases.say('waitedFor', { span })}, </span></time
        >`,
        preview: known
          ? html`<bdi class="preview">${known.preview}</bdi>`
          : html`<span class="preview unknown">${phrases.say('unknownYet')}</span>`,
      })}
      ${
        takenBy
          ? html`<span class="taken">${takenText(takenBy.name, phrases)}</span>`
          : html`<button
              type="button"
              class="claim"
              tabindex=${stop ? '0' : '-1'}
              aria-describedby="row-${id}"
              ?disabled=${this.claiming.has(id)}
              @click=${() => this.dispatchEvent(new DeskClaimEvent(id))}
            >
              ${phrases.say('claim')}
            </button>`
      }
    </li>`;
  };

  #viewRow = (view: ConversationView, stop: boolean): TemplateResult => {
    const { phrases } = this;
    const writes = this.typing.find(({ conversation }) => conversation === view.id)?.devices ?? [];
    const someone = view.state !== 'ended' && typingNames(writes, view, phrases).length > 0;
    const preview = someone
      ? html`<span class="preview typing">${phrases.say('isTyping')}</span>`
      : view.draft && view.state !== 'ended'
        ? html`<bdi class="preview draft">${phrases.say('draft', { text: view.draft })}</bdi>`
        : html`<bdi class="preview">${view.preview || phrases.shared.say('noPreview')}</bdi>`;
    const { unread } = view;
    return html`<li class=${unread > 0 ? 'is-unread' : ''}>
      ${this.#rowButton({ id: view.id, view }, stop, {
        time: html`<time datetime=${new Date(view.lastAt).toISOString()}
          >${phrases.shared.brief(view.lastAt, this.#tick.now)}</time
        >`,
        preview: html`${preview}${
          unread > 0
            ? html`<span class="unread"
                ><span aria-hidden="true">${phrases.shared.number(unread)}</span
                ><span class="visually-hidden">, ${phrases.shared.say('unreadCount', { count: unread })}</span></span
              >`
            : nothing
        }`,
      })}
    </li>`;
  };

  #rowButton(
    what: { id: string; view: ConversationView | null; title?: string | undefined; mark?: string | undefined },
    stop: boolean,
    { time, preview }: { time: TemplateResult; preview: TemplateResult },
  ): TemplateResult {
    const { phrases } = this;
    const { id, view } = what;
    return html`<button
      type="button"
      class="row"
      id="row-${id}"
      data-id=${id}
      tabindex=${stop ? '0' : '-1'}
      aria-current=${id === this.selected ? 'true' : 'false'}
      @click=${() => this.dispatchEvent(new DeskOpenEvent(id))}
    >
      ${customerMark(view?.customer ?? what.mark ?? id)}
      <span class="title"
        ><bdi>${what.title ?? conversationTitle(id, view, phrases)}</bdi>${
          view?.topic
            ? html`<span class="number"
                ><span class="visually-hidden">, ${customerName(view, phrases)}</span
                ><span aria-hidden="true">${view.customerFingerprint.split(' ')[0]}</span></span
              >`
            : nothing
        }</span
      >
      ${time}${preview}
    </button>`;
  }

  #choose(name: ListName): void {
    this.chosen = name;
    if (name === 'closed') this.closedOpen = true;
  }

  #ids(name: ListName): string[] {
    return this.lists[name].map(({ id }) => id);
  }

  /** Rows on screen, from top to bottom. */
  #rows(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('.row')].filter((row) => row.checkVisibility());
  }

  #focusedRow(): HTMLElement | null {
    const active = this.shadowRoot?.activeElement ?? null;
    return active?.closest('li')?.querySelector<HTMLElement>('.row') ?? null;
  }

  #focusRow(row: HTMLElement | undefined): void {
    row?.focus();
    row?.scrollIntoView({ block: 'nearest' });
  }

  #onFocus(name: ListName, event: FocusEvent): void {
    const id = (event.target as Element).closest('li')?.querySelector<HTMLElement>('.row')?.dataset.id;
    if (id === undefined || this.#current.get(name) === id) return;
    this.#current.set(name, id);
    this.requestUpdate();
  }

  #onKeydown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const rows = this.#rows();
    switch (event.key) {
      case 'ArrowDown':
        this.moveFocus(1);
        break;
      case 'ArrowUp':
        this.moveFocus(-1);
        break;
      case 'Home':
        this.#focusRow(rows[0]);
        break;
      case 'End':
        this.#focusRow(rows.at(-1));
        break;
      default:
        return;
    }
    event.preventDefault();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-desk-lists': ScDeskLists;
  }
}
