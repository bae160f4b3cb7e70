/**
 * `<secure-chat-desk>`: the agents' side of the chat.
 * @module
 */
import { css, html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import type { ClientStatus, ConversationView, DeskClient } from '../engine/views.ts';
import { codeOf } from '../errors.ts';
import type { Invitation } from '../identity/enrolment.ts';
import { base, tokens } from '../ui/base-styles.ts';
import { ScErrorEvent, ScReadyEvent, ScUnreadEvent } from '../ui/events.ts';
import { LiveController } from '../ui/live-controller.ts';
import { Phrases, type Language, type Strings } from '../ui/strings.ts';
import { browserOpener, type DeskOpener } from './client.ts';
import { unreadTotal } from './conversation-lists.ts';
import type { ScDeskConsole } from './desk-console.ts';
import type { DoorReason } from './door-page.ts';
import type { ScDeskEnrol } from './enrol-page.ts';
import type { DeskEnrolEvent, DeskPreferencesEvent } from './inner-events.ts';
import { takeInvitation } from './invitation-link.ts';
import { loadPreferences, savePreferences, type Preferences } from './preferences.ts';
import { relayAddress } from './relay-address.ts';
import { DeskPhrases, type DeskLanguage, type DeskStrings } from './strings.ts';

/** What the element shows. `open`: what the client's membership says. */
type Screen =
  | { readonly at: 'starting' }
  | { readonly at: 'door'; readonly reason: DoorReason; readonly code: string }
  | {
      readonly at: 'form';
      readonly invitation: Invitation;
      /** Something is stored already, and is deleted before. */
      readonly again: boolean;
      readonly working: boolean;
      readonly failure: string | null;
    }
  | { readonly at: 'open'; readonly client: DeskClient };

type Membership = Parameters<Parameters<DeskClient['membership']['subscribe']>[0]>[0];

const styles = css`
  :host {
    display: block;
    position: relative;
    isolation: isolate;
    block-size: var(--sc-desk-block-size, 100dvh);
    overflow: hidden;
    background: var(--_surface-sunken);
    color: var(--_text);
    font: 400 var(--_font-size) / 1.45 var(--_font);
    text-align: start;
  }

  sc-desk-enrol,
  sc-desk-door {
    block-size: 100%;
    overflow-y: auto;
  }

  .starting {
    display: grid;
    place-content: center;
    block-size: 100%;
    color: var(--_muted);
    animation: late 600ms step-end;
  }

  @keyframes late {
    from {
      opacity: 0;
    }
  }
`;

/**
 * The agents' console: who waits, one's own conversations, the customer beside them. It speaks with its relay alone;
 * what is shown was decrypted on this device. Without an enrolled device it takes an invitation from the page's
 * fragment (and removes it from the address bar), or says how to get one. It fills the page; set
 * `--sc-desk-block-size` for another height.
 *
 * @summary The agents' console.
 * @tag secure-chat-desk
 * @attr {string} relay - The relay's address, `wss://…`. By default the origin that served the page.
 * @attr {'auto'|'light'|'dark'} theme - The look, until the agent chooses another; by default the system's.
 * @attr {boolean} keep-title - The page's title is left alone; else it names the desk and counts unread messages.
 * @fires {ScReadyEvent} sc-ready - The client is open.
 * @fires {ScUnreadEvent} sc-unread - The number of unread messages in one's own conversations changed: `{unread}`.
 * @fires {ScErrorEvent} sc-error - Something went wrong: `{code, recoverable}`.
 * @fires {ScLinkClickEvent} sc-link-click - A link in a message is about to be followed; cancelable.
 * @cssproperty [--sc-desk-block-size=100dvh] - The console's height.
 * @cssproperty --sc-accent - Colour of what can be done and of own messages.
 * @cssproperty --sc-on-accent - Text on the accent.
 * @cssproperty --sc-surface - Ground of the conversation.
 * @cssproperty --sc-surface-raised - Ground of what lies above.
 * @cssproperty --sc-text - Text.
 * @cssproperty --sc-muted - Text of less weight.
 * @cssproperty --sc-border - Lines.
 * @cssproperty --sc-danger - Failures.
 * @cssproperty --sc-success - What is well.
 * @cssproperty --sc-font - Font family.
 * @cssproperty --sc-font-size - Size of text.
 * @cssproperty --sc-duration - Length of transitions.
 */
export class SecureChatDesk extends LitElement {
  static override styles = [tokens, base, styles];

  /** The relay's address; null: the origin that served the page. A change opens the desk anew. */
  @property() relay: string | null = null;
  /** The look now: the page's, until the agent chooses. */
  @property({ reflect: true }) theme: 'auto' | 'light' | 'dark' = 'auto';
  /** Leaves the page's title alone. */
  @property({ type: Boolean, attribute: 'keep-title' }) keepTitle = false;
  /** Replaces single texts of the desk and of what it shares with `<secure-chat>`. */
  @property({ attribute: false }) strings: Partial<DeskStrings & Strings> | null = null;
  /** Another language: the desk's texts and the shared ones. */
  @property({ attribute: false }) language: { readonly desk: DeskLanguage; readonly shared: Language } | null = null;
  /** Opens the client; another one embeds the desk over other ports. Set it before the element is connected. */
  @property({ attribute: false }) opener: DeskOpener = browserOpener;

  @state() private screen: Screen = { at: 'starting' };
  @state() private preferences: Preferences = { theme: 'auto', singleKeys: true };
  @query('sc-desk-console') private readonly console!: ScDeskConsole | null;
  @query('sc-desk-enrol') private readonly enrol!: ScDeskEnrol | null;

  readonly #membership = new LiveController<Membership>(this);
  readonly #conversations = new LiveController<readonly ConversationView[]>(this);
  readonly #status = new LiveController<ClientStatus>(this);
  #phrases = new DeskPhrases();
  /** An invitation that was taken from the address bar and not yet used. */
  #invitation: Invitation | null = null;
  /** Counts openings: what an outdated one brings is closed again. */
  #turn = 0;
  #client: DeskClient | null = null;
  #membershipShown: Membership['state'] | undefined;
  #unread = 0;
  /** The page's own title. */
  #title: string | null = null;

  /** Unread messages in one's own conversations. */
  get unread(): number {
    return this.#unread;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.preferences = loadPreferences(localStorage, { theme: this.theme, singleKeys: true });
    this.theme = this.preferences.theme;
    addEventListener('hashchange', this.#onHash);
    void this.#start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('hashchange', this.#onHash);
    this.#turn++;
    void this.#leave();
    this.screen = { at: 'starting' };
    if (this.#title !== null) document.title = this.#title;
    this.#title = null;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('language') || changed.has('strings')) {
      const { language, strings } = this;
      const shared = new Phrases({
        ...(language ? { language: language.shared } : {}),
        strings: strings ?? undefined,
        locale: localeOf(language?.shared.tag ?? 'en', navigator.languages),
      });
      const own = language ? { language: language.desk } : {};
      this.#phrases = new DeskPhrases({ ...own, strings: strings ?? undefined, shared });
    }
    const unread = unreadTotal(this.#conversations.value ?? []);
    if (unread !== this.#unread) {
      this.#unread = unread;
      emit(this, new ScUnreadEvent(unread));
    }
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('relay') && changed.get('relay') !== undefined) {
      void this.updateComplete.then(() => (this.isConnected ? this.#start() : undefined));
    }
    if (changed.has('theme') && this.theme !== this.preferences.theme) {
      this.preferences = { ...this.preferences, theme: this.theme };
    }
    this.#nameTitle();
    const state = this.screen.at === 'open' ? this.#membership.value?.state : undefined;
    if (state !== this.#membershipShown) this.#onMembership(this.#membershipShown, state);
  }

  protected override render(): TemplateResult {
    const phrases = this.#phrases;
    const { screen } = this;
    switch (screen.at) {
      case 'starting':
        return html`<p class="starting" role="status">${phrases.say('starting')}</p>`;
      case 'door':
        return this.#door(screen.reason, screen.code);
      case 'form':
        return html`<sc-desk-enrol
          .expires=${screen.invitation.expires}
          .again=${screen.again}
          .working=${screen.working}
          .failure=${screen.failure}
          .phrases=${phrases}
          @desk-enrol=${(event: DeskEnrolEvent) => this.#enrol(screen, event.detail.name)}
        ></sc-desk-enrol>`;
      case 'open':
        return this.#open(screen.client);
    }
  }

  #open(client: DeskClient): TemplateResult {
    const phrases = this.#phrases;
    if (this.#membership.error !== undefined) return this.#door('failed', codeOf(this.#membership.error));
    const membership = this.#membership.value;
    switch (membership?.state) {
      case undefined:
        return html`<p class="starting" role="status">${phrases.say('starting')}</p>`;
      case 'removed':
        return this.#door('removed', '');
      case 'pending':
        return html`<sc-desk-enrol
          .pending=${membership}
          .connection=${this.#status.value?.connection ?? 'connecting'}
          .replaceable=${this.#invitation !== null}
          @desk-replace=${() => this.#rejoin()}
          .phrases=${phrases}
        ></sc-desk-enrol>`;
      case 'member':
        return html`<sc-desk-console
          .client=${client}
          .agentName=${membership.name}
          .device=${membership.device}
          .preferences=${this.preferences}
          .phrases=${phrases}
          @desk-health=${() => this.#start()}
          @desk-preferences=${this.#onPreferences}
        ></sc-desk-console>`;
    }
  }

  #door(reason: DoorReason, code: string): TemplateResult {
    return html`<sc-desk-door
      .reason=${reason}
      .code=${code}
      .phrases=${this.#phrases}
      @desk-retry=${() => this.#start()}
      @desk-forget=${() => this.#forget()}
    ></sc-desk-door>`;
  }

  /** From the beginning: what is stored, else the invitation, else the way to get one. */
  async #start(): Promise<void> {
    const turn = ++this.#turn;
    let refused: string | null = null;
    try {
      this.#invitation = takeInvitation(window, Date.now()) ?? this.#invitation;
    } catch (error) {
      refused = codeOf(error);
    }
    await this.#leave();
    try {
      const enrolled = await this.opener.find();
      if (turn !== this.#turn) return;
      if (enrolled) await this.#enter(turn, null, null);
      else if (this.#invitation) this.screen = formFor(this.#invitation, false);
      else this.screen = { at: 'door', reason: refused === null ? 'closed' : 'invitation', code: refused ?? '' };
    } catch (error) {
      if (turn !== this.#turn) return;
      this.screen = { at: 'door', reason: LOST.has(codeOf(error)) ? 'lost' : 'failed', code: codeOf(error) };
      emit(this, new ScErrorEvent(codeOf(error), false));
    }
    await this.updateComplete;
    this.enrol?.focus();
  }

  async #enter(turn: number, invitation: Invitation | null, name: string | null): Promise<void> {
    const relay = relayAddress(this.relay, location.href);
    const client = await this.opener.open({ relay, invitation, name });
    if (turn !== this.#turn) {
      await client.close();
      return;
    }
    this.#client = client;
    this.#membership.follow(client.membership, { keep: true });
    this.#conversations.follow(client.conversations, { keep: true });
    this.#status.follow(client.status, { keep: true });
    this.screen = { at: 'open', client };
    emit(this, new ScReadyEvent());
  }

  async #enrol(form: Extract<Screen, { at: 'form' }>, name: string): Promise<void> {
    const turn = ++this.#turn;
    this.screen = { ...form, working: true, failure: null };
    try {
      if (form.again) await this.opener.forget();
      await this.#enter(turn, form.invitation, name);
      this.#invitation = null;
    } catch (error) {
      if (turn !== this.#turn) return;
      this.screen = { ...form, working: false, failure: codeOf(error) };
      emit(this, new ScErrorEvent(codeOf(error), true));
    }
  }

  /** The device is known already, but its invitation is a new one. */
  async #rejoin(): Promise<void> {
    if (!this.#invitation) return;
    this.#turn++;
    this.screen = formFor(this.#invitation, true);
    await this.#leave();
    await this.updateComplete;
    this.enrol?.focus();
  }

  async #forget(): Promise<void> {
    try {
      await this.opener.forget();
    } catch (error) {
      this.screen = { at: 'door', reason: 'failed', code: codeOf(error) };
      return;
    }
    await this.#start();
  }

  #onMembership(before: Membership['state'] | undefined, state: Membership['state'] | undefined): void {
    this.#membershipShown = state;
    if (state === 'removed') void this.updateComplete.then(() => this.#rejoin());
    if (state !== 'member') return;
    if (before === 'pending') this.console?.focus();
    if (this.#invitation) this.console?.say(this.#phrases.say('invitationUnneeded'));
    this.#invitation = null;
  }

  async #leave(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    this.#membership.follow(null, { keep: true });
    this.#conversations.follow(null, { keep: true });
    this.#status.follow(null, { keep: true });
    await client?.close();
  }

  #nameTitle(): void {
    if (this.keepTitle || !this.isConnected) return;
    this.#title ??= document.title;
    const name = this.#status.value?.verification.deskName ?? '';
    const key = this.#unread > 0 ? 'titleUnread' : 'title';
    const title = name === '' ? this.#phrases.say('desk') : this.#phrases.say(key, { name, count: this.#unread });
    if (document.title !== title) document.title = title;
  }

  /** An invitation opened in a page that is already here. */
  #onHash = (): void => {
    if (location.hash.length > 1) void this.#start();
  };

  #onPreferences = ({ detail }: DeskPreferencesEvent): void => {
    this.preferences = detail;
    this.theme = detail.theme;
    savePreferences(localStorage, detail);
  };
}

/** Apart from the class: the manifest would list these calls beside the documented events. */
function emit(target: EventTarget, event: Event): void {
  target.dispatchEvent(event);
}

/** Nobody can open what is stored. */
const LOST: ReadonlySet<string> = new Set(['vault-lost', 'vault-damaged', 'store-lost']);

function formFor(invitation: Invitation, again: boolean): Screen {
  return { at: 'form', invitation, again, working: false, failure: null };
}

/** The reader's own variety of the language (`en-GB`), for times and numbers. */
function localeOf(language: string, preferred: readonly string[]): string | undefined {
  return preferred.find((tag) => tag.toLowerCase().split('-')[0] === language);
}

declare global {
  interface HTMLElementTagNameMap {
    'secure-chat-desk': SecureChatDesk;
  }
}
