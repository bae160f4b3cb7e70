/**
 * The agents' console, once the device is a member.
 * @module
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import type {
  ClientStatus,
  ConversationView,
  DeskClient,
  DutyState,
  QueueEntry,
  TypingView,
  VaultView,
} from '../engine/views.ts';
import { codeOf } from '../errors.ts';
import { base, buttons } from '../ui/base-styles.ts';
import { LiveController } from '../ui/live-controller.ts';
import type { ScDeskConfirm } from './confirm-dialog.ts';
import { consoleCommands } from './console-commands.ts';
import { headTemplate, type HeadTool } from './console-head.ts';
import { consoleStyles } from './console-styles.ts';
import { conversationLists, longestWaiting, type ConversationLists, type WaitingItem } from './conversation-lists.ts';
import type { ScDeskLists } from './conversation-lists-element.ts';
import { conversationTitle, typingNames } from './conversation-names.ts';
import type { ScDeskConversation } from './conversation-pane.ts';
import type { ScDeskCustomer } from './customer-card.ts';
import type { ScDeskPalette } from './command-palette.ts';
import { dense } from './desk-styles.ts';
import { DeskActions } from './desk-actions.ts';
import type { ScDeskHelp } from './help-dialog.ts';
import { DeskHealthEvent, DeskLockEvent, DeskPreferencesEvent } from './inner-events.ts';
import type { DeskActionEvent, DeskFailureEvent } from './inner-events.ts';
import type { ScDeskLockSettings } from './lock-settings.ts';
import { lockKeys, paletteKeys } from './platform-keys.ts';
import type { Preferences } from './preferences.ts';
import { endQuestion, leaveQuestion } from './questions.ts';
import { shortcutOf, takesText } from './shortcuts.ts';
import { DeskPhrases } from './strings.ts';
import { toastStyles, toastTemplate } from './toast.ts';

/**
 * @summary Lists, conversation, customer and health of a member's desk.
 * @tag sc-desk-console
 * @fires desk-health - The client is to be opened again (`reopen`).
 * @fires desk-lock - The desk is to be locked.
 * @fires desk-preferences - The agent's preferences changed.
 * @fires sc-error - Something asked for could not be done.
 */
export class ScDeskConsole extends LitElement {
  static override styles = [base, buttons, dense, consoleStyles, toastStyles];

  @property({ attribute: false }) client: DeskClient | null = null;
  @property({ attribute: false }) agentName = '';
  @property({ attribute: false }) device = '';
  @property({ attribute: false }) vault: VaultView | null = null;
  @property({ attribute: false }) preferences: Preferences = { theme: 'auto', singleKeys: true };
  @property({ attribute: false }) phrases = new DeskPhrases();

  @state() private open: string | null = null;
  @state() private detailsOpen = false;

  @query('sc-desk-lists') private readonly listsElement!: ScDeskLists | null;
  @query('sc-desk-conversation') private readonly pane!: ScDeskConversation | null;
  @query('sc-desk-customer') private readonly card!: ScDeskCustomer | null;
  @query('sc-desk-palette') private readonly palette!: ScDeskPalette | null;
  @query('sc-desk-help') private readonly help!: ScDeskHelp | null;
  @query('sc-desk-lock-settings') private readonly lockSettings!: ScDeskLockSettings | null;
  @query('sc-desk-confirm') private readonly confirm!: ScDeskConfirm | null;

  readonly #status = new LiveController<ClientStatus>(this);
  readonly #conversations = new LiveController<readonly ConversationView[]>(this);
  readonly #queue = new LiveController<readonly QueueEntry[]>(this);
  readonly #duty = new LiveController<DutyState>(this);
  readonly #typing = new LiveController<readonly TypingView[]>(this);
  readonly #actions = new DeskActions(this, () => ({
    client: this.client,
    device: this.device,
    phrases: this.phrases,
    queue: this.#queue.value ?? [],
    conversations: this.#conversations.value ?? [],
  }));
  #lists: ConversationLists = { waiting: [], mine: [], closed: [] };
  /** The conversation whose text field takes the focus as soon as there is one. */
  #replyTo: string | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.#onKeydown);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('keydown', this.#onKeydown);
  }

  /** Into the conversation, also before it is rendered. */
  override focus(): void {
    void this.updateComplete.then(async () => {
      await this.pane?.updateComplete;
      this.pane?.focus();
    });
  }

  /** A passing word over the conversation. */
  say(text: string): void {
    this.#actions.say(text);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('client')) {
      const { client } = this;
      this.#status.follow(client?.status ?? null, { keep: true });
      this.#conversations.follow(client?.conversations ?? null, { keep: true });
      this.#queue.follow(client?.queue ?? null, { keep: true });
      this.#duty.follow(client?.duty ?? null, { keep: true });
      this.#typing.follow(client?.typing ?? null);
    }
    this.#actions.follow(this.#queue.value ?? []);
    this.#lists = conversationLists(this.#queue.value ?? [], this.#conversations.value ?? [], this.#actions.lost);
  }

  protected override updated(): void {
    const { pane } = this;
    if (this.#replyTo === null || !pane || pane.conversation !== this.#replyTo || !pane.view?.joined) return;
    this.#replyTo = null;
    void pane.updateComplete.then(() => pane.focus());
  }

  protected override render(): TemplateResult {
    const { phrases, open } = this;
    const view = this.#view(open);
    const status = this.#status.value ?? null;
    const duty = this.#duty.value ?? 'off';
    const deskName = status?.verification.deskName ?? phrases.say('desk');
    const lists = this.#lists;
    const free = lists.waiting.filter(({ takenBy }) => takenBy === null);
    const typing = this.#typing.value ?? [];
    const blind = [this.#status, this.#conversations, this.#queue, this.#duty].find(({ error }) => error !== undefined);
    return html`
      <div class="frame ${open === null ? '' : 'is-open'} ${view ? 'has-card' : ''}">
        <nav class="left" aria-label=${phrases.say('lists')}>
          ${headTemplate({ deskName, agentName: this.agentName, tools: this.#tools() })}
          <sc-desk-duty
            .duty=${duty}
            .disabled=${this.#duty.value === undefined}
            .connected=${status === null || status.connection === 'online'}
            .phrases=${phrases}
            .choose=${(state: DutyState) => this.#actions.setDuty(state)}
          ></sc-desk-duty>
          <sc-desk-lists
            .lists=${lists}
            .selected=${open}
            .typing=${typing}
            .duty=${duty}
            .claiming=${this.#actions.claiming}
            .phrases=${phrases}
            @desk-open=${(event: CustomEvent<{ conversation: string }>) => this.#show(event.detail.conversation)}
            @desk-claim=${(event: CustomEvent<{ conversation: string }>) => this.#claim(event.detail.conversation)}
          ></sc-desk-lists>
        </nav>
        <main class="middle">
          <sc-desk-conversation
            .client=${this.client}
            .conversation=${open}
            .view=${view}
            .waiting=${this.#waiting(open)}
            .status=${status}
            .typing=${view ? typingNames(typing.find(({ conversation }) => conversation === open)?.devices ?? [], view, phrases) : []}
            .claiming=${open !== null && this.#actions.claiming.has(open)}
            .detailsOpen=${this.detailsOpen}
            .queue=${{ count: free.length, longest: free[0]?.since ?? null }}
            .singleKeys=${this.preferences.singleKeys}
            .phrases=${phrases}
            @desk-action=${(event: DeskActionEvent) => this.#act(event.detail.action)}
            @desk-claim=${(event: CustomEvent<{ conversation: string }>) => this.#claim(event.detail.conversation)}
            @desk-failure=${(event: DeskFailureEvent) => this.#actions.failed(event.detail.what, event.detail.error, null)}
          ></sc-desk-conversation>
        </main>
        ${
          view
            ? html`<aside class="right ${this.detailsOpen ? 'open' : ''}" aria-label=${phrases.say('details')}>
                <sc-desk-customer
                  .view=${view}
                  .verification=${status?.verification ?? null}
                  .phrases=${phrases}
                  @desk-action=${() => this.#act('details')}
                ></sc-desk-customer>
              </aside>`
            : nothing
        }
        <sc-desk-health
          .status=${status}
          .chats=${lists.mine.length}
          .blind=${blind ? codeOf(blind.error) : null}
          .phrases=${phrases}
          @desk-health=${this.#onHealth}
        ></sc-desk-health>
        ${toastTemplate(this.#actions.toast, phrases, () => this.#actions.dismiss())}
      </div>
      <p class="visually-hidden" role="status">${this.#actions.spoken}</p>
      <sc-desk-palette .phrases=${phrases} .commands=${this.#commands()}></sc-desk-palette>
      <sc-desk-help
        .phrases=${phrases}
        .singleKeys=${this.preferences.singleKeys}
        @change=${(event: Event) => this.#prefer({ singleKeys: (event.target as ScDeskHelp).singleKeys })}
      ></sc-desk-help>
      <sc-desk-lock-settings
        .vault=${this.client?.vault ?? null}
        .view=${this.vault}
        .phrases=${phrases}
        @desk-lock-now=${() => this.#lock()}
      ></sc-desk-lock-settings>
      <sc-desk-confirm .phrases=${phrases}></sc-desk-confirm>
    `;
  }

  #tools(): readonly HeadTool[] {
    const { phrases } = this;
    return [
      { icon: 'search', label: phrases.say('commands'), keys: paletteKeys(), act: () => this.palette?.show() },
      { icon: 'keyboard', label: phrases.say('help'), keys: null, act: () => this.help?.show() },
      { icon: 'key', label: phrases.say('lockSettings'), keys: null, act: () => this.lockSettings?.show() },
      { icon: 'lock', label: phrases.say('lockNow'), keys: lockKeys(), act: () => this.#lock() },
    ];
  }

  #commands(): ReturnType<typeof consoleCommands> {
    return consoleCommands({
      lists: this.#lists,
      preferences: this.preferences,
      duty: this.#duty.value ?? 'off',
      phrases: this.phrases,
      show: (id) => this.#show(id),
      claimNext: () => this.#claimNext(),
      setDuty: (duty) => void this.#actions.setDuty(duty),
      prefer: (change) => this.#prefer(change),
      help: () => this.help?.show(),
      lock: () => this.#lock(),
      lockSettings: () => this.lockSettings?.show(),
    });
  }

  #view(id: string | null): ConversationView | null {
    if (id === null) return null;
    const known = this.#conversations.value?.find((view) => view.id === id);
    return known ?? this.#queue.value?.find(({ conversation }) => conversation === id)?.known ?? null;
  }

  /** The conversation's place in the queue, also when a colleague has just taken it. */
  #waiting(id: string | null): WaitingItem | null {
    const listed = this.#lists.waiting.find((item) => item.id === id);
    if (listed) return listed;
    const entry = this.#queue.value?.find(({ conversation }) => conversation === id);
    if (!entry || entry.state !== 'claimed' || entry.by === this.device || this.#view(id)?.joined) return null;
    const { since, byName: name } = entry;
    return {
      id: entry.conversation,
      since,
      known: null,
      takenBy: { name, title: this.#title(entry.conversation), mark: entry.conversation },
    };
  }

  #title(id: string): string {
    return conversationTitle(id, this.#view(id), this.phrases);
  }

  #show(id: string): void {
    this.open = id;
    this.detailsOpen = false;
    this.#replyTo = null;
    this.focus();
  }

  #claimNext(): void {
    const next = longestWaiting(this.#lists);
    if (next) void this.#claim(next.id);
    else this.#actions.say(this.phrases.say('noneWaiting'));
  }

  async #claim(id: string): Promise<void> {
    if (!(await this.#actions.claim(id, this.#title(id), () => void this.#claim(id)))) return;
    this.open = id;
    this.detailsOpen = false;
    this.#replyTo = id;
  }

  #act(action: DeskActionEvent['detail']['action']): void {
    const id = this.open;
    if (id === null) return;
    switch (action) {
      case 'back':
        this.#back();
        break;
      case 'details':
        this.#toggleDetails();
        break;
      case 'requeue':
        void this.#leave(id, true);
        break;
      case 'leave':
        void this.#askLeave(id);
        break;
      case 'end':
        void this.#askEnd(id);
        break;
    }
  }

  async #askLeave(id: string): Promise<void> {
    if (await this.confirm?.ask(leaveQuestion(this.#view(id), this.phrases))) await this.#leave(id, false);
  }

  async #askEnd(id: string): Promise<void> {
    if (await this.confirm?.ask(endQuestion(this.phrases))) await this.#end(id);
  }

  async #end(id: string): Promise<void> {
    if (await this.#actions.end(id, this.#title(id), () => void this.#end(id))) this.pane?.focus();
  }

  async #leave(id: string, requeue: boolean): Promise<void> {
    if (!(await this.#actions.leave(id, requeue, this.#title(id), () => void this.#leave(id, requeue)))) return;
    if (this.open === id) this.open = null;
    await this.updateComplete;
    await this.listsElement?.focusConversation(null);
  }

  #toggleDetails(): void {
    this.detailsOpen = !this.detailsOpen;
    void this.updateComplete.then(() => (this.detailsOpen ? this.card?.focus() : this.pane?.focus()));
  }

  /** To the lists: where there is one column the conversation makes room. */
  #back(): void {
    const id = this.open;
    const covered = this.listsElement?.checkVisibility() === false;
    if (covered) this.open = null;
    this.#replyTo = null;
    void this.updateComplete.then(() => this.listsElement?.focusConversation(id));
  }

  #prefer(change: Partial<Preferences>): void {
    this.dispatchEvent(new DeskPreferencesEvent({ ...this.preferences, ...change }));
  }

  #lock(): void {
    this.dispatchEvent(new DeskLockEvent(this.pane?.stored() ?? Promise.resolve()));
  }

  #onHealth = (event: DeskHealthEvent): void => {
    if (event.detail.action === 'reopen') this.dispatchEvent(new DeskHealthEvent('reopen'));
    else void this.#actions.report(this.#status.value ?? null);
  };

  #onKeydown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return;
    const path = event.composedPath();
    // On a page that holds more than the desk, keys pressed elsewhere are not the desk's.
    if (!path.includes(this) && event.target !== document.body) return;
    const shortcut = shortcutOf(event, { typing: takesText(path[0]), singleKeys: this.preferences.singleKeys });
    const dialogs = [this.palette, this.help, this.lockSettings, this.confirm];
    if (shortcut === null || (shortcut !== 'lock' && dialogs.some((dialog) => dialog?.isOpen))) return;
    switch (shortcut) {
      case 'lock':
        this.#lock();
        break;
      case 'next':
        this.listsElement?.moveFocus(1);
        break;
      case 'previous':
        this.listsElement?.moveFocus(-1);
        break;
      case 'claim':
        this.#claimNext();
        break;
      case 'reply':
        this.pane?.focus();
        break;
      case 'help':
        this.help?.show();
        break;
      case 'palette':
        this.palette?.show();
        break;
      case 'back':
        if (this.detailsOpen) this.#toggleDetails();
        else if (this.open !== null) this.#back();
        break;
    }
    event.preventDefault();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-desk-console': ScDeskConsole;
  }
}
