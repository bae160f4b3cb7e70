/**
 * `<secure-chat-desk>`: the agents' side of the chat.
 * @module
 */
import { css, html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import type { DeskClient, Unlocking } from '../engine/views.ts';
import { codeOf } from '../errors.ts';
import { base, tokens } from '../ui/base-styles.ts';
import { ScUnreadEvent } from '../ui/events.ts';
import { Phrases, type Language, type Strings } from '../ui/strings.ts';
import { Activity } from './activity.ts';
import { browserOpener, type DeskOpener } from './client.ts';
import type { ScDeskConsole } from './desk-console.ts';
import { DeskSession } from './desk-session.ts';
import type { DoorReason } from './door-page.ts';
import type { DeskEnrolEvent, DeskLockEvent, DeskPreferencesEvent } from './inner-events.ts';
import { loadPreferences, savePreferences, type Preferences } from './preferences.ts';
import { DeskPhrases, type DeskLanguage, type DeskStrings } from './strings.ts';

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
  sc-desk-door,
  sc-desk-lock,
  sc-desk-protect {
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
 * fragment (and removes it from the address bar), or says how to get one. It opens with a PIN or a passkey, which must be
 * chosen before anything else, and locks itself when nobody is there. It fills the page; set `--sc-desk-block-size` for
 * another height.
 *
 * @summary The agents' console.
 * @tag secure-chat-desk
 * @attr {string} relay - The relay's address, `wss://…`. By default the origin that served the page.
 * @attr {'auto'|'light'|'dark'} theme - The look, until the agent chooses another; by default the system's.
 * @attr {number} [lock-after=15] - Minutes without pointer or keys after which the desk locks itself, 1 to 480.
 * @attr {boolean} keep-title - The page's title is left alone; else it names the desk and counts unread messages.
 * @fires {ScReadyEvent} sc-ready - The client is open, also again after it was locked.
 * @fires {ScLockEvent} sc-lock - Only a PIN or a passkey opens the desk from now on.
 * @fires {ScUnlockEvent} sc-unlock - What was locked is open.
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
  /** Minutes without anybody until the desk locks itself: 1 to 480, null for 15. Read when the desk is opened. */
  @property({ attribute: 'lock-after' }) lockAfter: string | null = null;
  /** Leaves the page's title alone. */
  @property({ type: Boolean, attribute: 'keep-title' }) keepTitle = false;
  /** Replaces single texts of the desk and of what it shares with `<secure-chat>`. */
  @property({ attribute: false }) strings: Partial<DeskStrings & Strings> | null = null;
  /** Another language: the desk's texts and the shared ones. */
  @property({ attribute: false }) language: { readonly desk: DeskLanguage; readonly shared: Language } | null = null;
  /** Opens the client; another one embeds the desk over other ports. Set it before the element is connected. */
  @property({ attribute: false }) opener: DeskOpener = browserOpener;

  @state() private preferences: Preferences = { theme: 'auto', singleKeys: true };
  @query('sc-desk-console') private readonly console!: ScDeskConsole | null;
  @query('.page') private readonly page!: HTMLElement | null;

  readonly #session = new DeskSession(this);
  #phrases = new DeskPhrases();
  /** What is on screen: the focus goes to what comes after it. */
  #shown: string | null = null;
  /** Something was asked of the user since. */
  #asked = false;
  #unread = 0;
  /** The page's own title. */
  #title: string | null = null;

  constructor() {
    super();
    new Activity(this, () => this.#session.touch());
  }

  /** Unread messages in one's own conversations; while the desk is locked those of that moment. */
  get unread(): number {
    return this.#unread;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.preferences = loadPreferences(localStorage, { theme: this.theme, singleKeys: true });
    this.theme = this.preferences.theme;
    addEventListener('hashchange', this.#onHash);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('hashchange', this.#onHash);
    this.#shown = null;
    this.#asked = false;
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
    this.#session.follow();
    const { unread } = this.#session;
    if (unread !== this.#unread) {
      this.#unread = unread;
      emit(this, new ScUnreadEvent(unread));
    }
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('relay') && changed.get('relay') !== undefined) {
      void this.updateComplete.then(() => (this.isConnected ? this.#session.start() : undefined));
    }
    if (changed.has('theme') && this.theme !== this.preferences.theme) {
      this.preferences = { ...this.preferences, theme: this.theme };
    }
    this.#nameTitle();
    this.#turnTo();
  }

  protected override render(): TemplateResult {
    const phrases = this.#phrases;
    const session = this.#session;
    const { screen } = session;
    switch (screen.at) {
      case 'starting':
        return html`<p class="starting" role="status">${phrases.say('starting')}</p>`;
      case 'door':
        return this.#door(screen.reason, screen.code);
      case 'form':
        return html`<sc-desk-enrol
          class="page"
          .expires=${screen.invitation.expires}
          .again=${screen.again}
          .working=${screen.working}
          .failure=${screen.failure}
          .phrases=${phrases}
          @desk-enrol=${(event: DeskEnrolEvent) => session.enrol(screen, event.detail.name)}
        ></sc-desk-enrol>`;
      case 'locked':
        return html`<sc-desk-lock
          class="page"
          .lock=${screen.lock}
          .failure=${screen.failure}
          .unlock=${(how: Unlocking) => session.unlock(how)}
          .forget=${() => session.forget()}
          .phrases=${phrases}
        ></sc-desk-lock>`;
      case 'open':
        return this.#open(screen.client);
    }
  }

  #open(client: DeskClient): TemplateResult {
    const phrases = this.#phrases;
    const session = this.#session;
    const membership = session.membership.value;
    switch (session.inside) {
      case 'failed':
        return this.#door('failed', codeOf(session.membership.error ?? session.vault.error));
      case 'removed':
        return this.#door('removed', '');
      case 'guest':
        return html`<sc-desk-protect
          class="page"
          .vault=${client.vault}
          .view=${session.vault.value}
          .phrases=${phrases}
          @desk-protected=${() => session.chosen()}
        ></sc-desk-protect>`;
      case 'pending':
        return html`<sc-desk-enrol
          class="page"
          .pending=${membership}
          .connection=${session.status.value?.connection ?? 'connecting'}
          .replaceable=${session.invitation !== null}
          @desk-replace=${() => session.rejoin()}
          .phrases=${phrases}
        ></sc-desk-enrol>`;
      case 'member':
        return html`<sc-desk-console
          .client=${client}
          .agentName=${membership?.name ?? ''}
          .device=${membership?.device ?? ''}
          .vault=${session.vault.value}
          .preferences=${this.preferences}
          .phrases=${phrases}
          @desk-health=${() => session.start()}
          @desk-lock=${(event: DeskLockEvent) => session.lock(event.detail.stored)}
          @desk-preferences=${this.#onPreferences}
        ></sc-desk-console>`;
      default:
        return html`<p class="starting" role="status">${phrases.say('starting')}</p>`;
    }
  }

  #door(reason: DoorReason, code: string): TemplateResult {
    return html`<sc-desk-door
      .reason=${reason}
      .code=${code}
      .phrases=${this.#phrases}
      @desk-retry=${() => this.#session.start()}
      @desk-forget=${() => this.#session.startAnew()}
    ></sc-desk-door>`;
  }

  /** What was focused is gone: reading and writing go on in what came instead. */
  #turnTo(): void {
    const { screen, inside } = this.#session;
    const shown = inside ?? screen.at;
    if (shown === 'member') this.#greet();
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (shown === 'removed') void this.updateComplete.then(() => this.#session.rejoin());
    if (shown === 'starting' || shown === 'opening') return;
    // A desk that opens by itself has asked for nothing, and takes nothing.
    const asked = shown !== 'member' || this.#asked;
    this.#asked = shown !== 'member';
    const active = document.activeElement;
    if (!asked || (active !== null && active !== document.body && active !== this)) return;
    void this.updateComplete.then(() => (this.page ?? this.console)?.focus());
  }

  /** There was an invitation, and nothing to use it for. */
  #greet(): void {
    if (!this.#session.invitation) return;
    this.#session.invitation = null;
    this.console?.say(this.#phrases.say('invitationUnneeded'));
  }

  #nameTitle(): void {
    if (this.keepTitle || !this.isConnected) return;
    this.#title ??= document.title;
    const phrases = this.#phrases;
    const count = this.#unread;
    const name = this.#session.status.value?.verification.deskName ?? '';
    const named = name === '' ? phrases.say('desk') : phrases.say('title', { name });
    const title = count > 0 ? phrases.say('titleUnread', { count, title: named }) : named;
    if (document.title !== title) document.title = title;
  }

  /** An invitation opened in a page that is already here. An open desk stays open. */
  #onHash = (): void => {
    if (location.hash.length <= 1) return;
    const { at } = this.#session.screen;
    if (at !== 'open' && at !== 'locked') void this.#session.start();
    else this.#session.takeInvitation();
    this.requestUpdate();
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

/** The reader's own variety of the language (`en-GB`), for times and numbers. */
function localeOf(language: string, preferred: readonly string[]): string | undefined {
  return preferred.find((tag) => tag.toLowerCase().split('-')[0] === language);
}

declare global {
  interface HTMLElementTagNameMap {
    'secure-chat-desk': SecureChatDesk;
  }
}
