/**
 * `<secure-chat>` itself: attributes, launcher, public methods. Small and without Lit, because it is what every page loads;
 * all else comes when the chat is opened.
 * @module
 */
import type { ConversationView, CustomerClient, Party, Verification } from '../engine/views.ts';
import { codeOf, usageError } from '../errors.ts';
import { ScBeforeCloseEvent, ScErrorEvent, type ChatState } from '../ui/events.ts';
import type { Strings } from '../ui/strings.ts';
import { AccentSheet } from './accent-sheet.ts';
import { ChatAttributes } from './chat-attributes.ts';
import { ChatRuntime, type RuntimeHost } from './chat-runtime.ts';
import type { CustomerOptions } from './client.ts';
import { runEarlyCalls } from './early-calls.ts';
import { PanelTurns } from './panel-turns.ts';
import { forgetMarks, isWaiting } from './waiting-mark.ts';

/** Text for the composer or to be sent. */
export interface MessageContent {
  readonly text: string;
}

/**
 * An end-to-end encrypted chat between a visitor and the team of a desk. Shows a launcher; everything else is loaded when
 * the chat is opened for the first time, or when a conversation is waiting. Methods called before that wait for it.
 *
 * @summary End-to-end encrypted customer chat.
 * @tag secure-chat
 *
 * @attr {string} relay - Address of the relay, `wss:`. `ws:` is accepted for this machine only.
 * @attr {string} desk-key - The desk's public key, `dk1_…`. Nothing connects without it.
 * @attr {boolean} open - The panel is open.
 * @attr {string} heading - Title of the panel; without it the desk's signed name.
 * @attr {'auto' | 'light' | 'dark'} theme - Light or dark; `auto` (default) follows the system.
 * @attr {string} accent - Any CSS colour; its contrast is corrected where it would be too low.
 * @attr {'end' | 'start'} position - Corner of the launcher and the floating panel; `end` by default.
 * @attr {'floating' | 'inline' | 'fullscreen'} mode - A window in the corner (default), a box in the page, or the whole page.
 * @attr {boolean} hide-launcher - No launcher; open the panel with `show()`.
 * @attr {string} lang - Language tag (BCP 47) for texts, numbers and dates; without it that of the page.
 * @attr {boolean} disabled - Nothing opens and nothing connects.
 * @attr {boolean} receipts - Tells the desk which messages were read.
 * @attr {'persist' | 'session' | 'none'} history - Kept until it is deleted (default), as long as the tab, or as the page.
 * @attr {'pin' | 'passkey' | 'off'} lock - Invites to a PIN or passkey (default), to a passkey alone, or not.
 * @attr {number} lock-after - Minutes without use until a chat with a lock is locked (15). With 0 every page asks.
 *
 * @slot launcher - Contents of the launcher button, in place of the icon.
 * @slot logo - In place of the round sign in the header.
 * @slot header - In place of title and status.
 * @slot header-actions - More buttons in the header.
 * @slot welcome - Before the first message, in place of the greeting.
 * @slot offline - In place of the text of the offline banner.
 * @slot lock-help - Below the PIN pad of a locked chat.
 * @slot composer-start - Before the text field.
 * @slot composer-end - After the text field.
 * @slot footer - Below everything.
 *
 * @csspart base - Round the launcher and the panel.
 * @csspart launcher - The launcher button.
 * @csspart badge - The number of unread messages.
 * @csspart panel - The window.
 * @csspart header - Its header.
 * @csspart title - The title.
 * @csspart status - The line below the title.
 * @csspart lock - The padlock's button.
 * @csspart pin - The pad for a PIN.
 * @csspart verified - Who can read, in words.
 * @csspart recording - The mark of a recorded chat.
 * @csspart banner - Offline, problems, warnings.
 * @csspart log - The scrolling list of messages.
 * @csspart day - A day's heading.
 * @csspart message - One message with its meta line.
 * @csspart bubble - What was said.
 * @csspart own - An own message or bubble.
 * @csspart agent - Another's message or bubble.
 * @csspart meta - Time and progress of a message.
 * @csspart receipt - Progress of an own message.
 * @csspart composer - The row with the text field.
 * @csspart input - The text field.
 * @csspart send - The send button.
 *
 * @cssproperty --sc-accent - The one colour: launcher, buttons, links.
 * @cssproperty --sc-on-accent - Text on it.
 * @cssproperty --sc-surface - Ground of the panel.
 * @cssproperty --sc-surface-raised - Ground of menus and the text field.
 * @cssproperty --sc-text - Text.
 * @cssproperty --sc-muted - Secondary text.
 * @cssproperty --sc-border - Hairlines.
 * @cssproperty --sc-danger - What went wrong.
 * @cssproperty --sc-success - What is well.
 * @cssproperty --sc-own-bg - Own bubbles.
 * @cssproperty --sc-own-text - Text in own bubbles.
 * @cssproperty --sc-agent-bg - Others' bubbles.
 * @cssproperty --sc-agent-text - Text in others' bubbles.
 * @cssproperty --sc-font - Font family.
 * @cssproperty --sc-font-size - Font size; everything scales with it.
 * @cssproperty --sc-radius - Corners of the panel.
 * @cssproperty --sc-shadow - Shadow of the panel.
 * @cssproperty --sc-inline-size - Width of the panel.
 * @cssproperty --sc-block-size - Height of the panel.
 * @cssproperty --sc-inset - Distance from the window's edge.
 * @cssproperty --sc-z-index - Stacking order.
 * @cssproperty --sc-duration - Length of transitions.
 *
 * @fires sc-ready - The client is open and the properties have values.
 * @fires sc-open - The panel has opened.
 * @fires sc-before-close - The panel is about to close; cancelable.
 * @fires sc-close - The panel has closed.
 * @fires sc-unread - `{unread}` changed.
 * @fires sc-status - `{state}` changed.
 * @fires sc-conversation-start - `{conversation}` began.
 * @fires sc-conversation-end - `{conversation}` ended.
 * @fires sc-message-sent - `{conversation, message}` was stored to be sent.
 * @fires sc-message-received - `{conversation, message}` arrived.
 * @fires sc-typing - `{conversation, typing}`: someone of the desk began or ceased to type.
 * @fires sc-agent-change - `{device}`: who answers changed.
 * @fires sc-verification-change - `{state}`: what is believed of the desk changed.
 * @fires sc-link-click - `{href, message}`: a link is about to be followed; cancelable.
 * @fires sc-lock - What is stored opens only with PIN or passkey from now on.
 * @fires sc-unlock - What was locked is open.
 * @fires sc-storage-lost - `{code}`: the conversations stored here are gone.
 * @fires sc-error - `{code, recoverable}`.
 */
export class SecureChatElement extends ChatAttributes {
  /** Resolves when the client is open for the first time: on opening, with a waiting conversation, or for a method call. */
  readonly ready: Promise<void>;

  #onReady!: () => void;
  readonly #accent = new AccentSheet();
  #turns: PanelTurns | null = null;
  #runtime: ChatRuntime | null = null;
  /** The attributes that the runtime was made with. */
  #key = '';
  #settled = false;
  #strings: Partial<Strings> | undefined;

  constructor() {
    super();
    this.ready = new Promise((resolve) => (this.#onReady = resolve));
  }

  /** Replaces single texts of the interface. */
  get strings(): Partial<Strings> | undefined {
    return this.#strings;
  }
  set strings(value: Partial<Strings> | undefined) {
    this.#strings = value;
    this.#refresh();
  }

  /** What the element is doing. */
  get state(): ChatState {
    return this.#runtime?.state ?? 'idle';
  }

  /** Unread messages in all conversations. */
  get unread(): number {
    return this.#runtime?.lock?.locked?.unread ?? this.#runtime?.session?.unread ?? 0;
  }

  /** What is stored is locked: PIN or passkey is needed before anything else. */
  get locked(): boolean {
    return this.state === 'locked';
  }

  /** What is believed of the desk; null before the client is open. */
  get verification(): Verification | null {
    return this.#runtime?.session?.verification ?? null;
  }

  /** Who answers in the conversation on screen; null if nobody does. */
  get agent(): Party | null {
    return this.#runtime?.session?.agent ?? null;
  }

  /** The conversations stored on this device; empty before the client is open. */
  get conversations(): readonly ConversationView[] {
    return this.#runtime?.session?.conversations ?? [];
  }

  /** Opens the panel. */
  show(): void {
    this.open = true;
  }

  /** Closes the panel, unless a listener of `sc-before-close` prevents it. */
  hide(): void {
    if (this.open && this.dispatchEvent(new ScBeforeCloseEvent())) this.open = false;
  }

  toggle(): void {
    if (this.open) this.hide();
    else this.show();
  }

  /** Shows a new conversation; it begins with its first message. @throws ChatError as all methods below, when the client cannot open */
  async startConversation({ topic = null, draft }: { topic?: string | null; draft?: string } = {}): Promise<void> {
    const session = await this.#ready().start();
    session.startNew(draft === undefined ? { topic } : { topic, draft });
    this.show();
  }

  /** Shows a stored conversation. @throws ChatError `conversation-unknown` */
  async openConversation(id: string): Promise<void> {
    const session = await this.#ready().start();
    session.open(id);
    this.show();
  }

  /** Ends the conversation on screen, for both sides. @throws ChatError `conversation-unknown` */
  async endConversation(): Promise<void> {
    await (await this.#ready().start()).end();
  }

  /** Puts a text into the composer. */
  async setDraft(text: string): Promise<void> {
    (await this.#ready().start()).draft.write(text);
  }

  /** Sends a text in the conversation on screen or begins one. Resolves when it cannot be lost any more. */
  async send(content: string | MessageContent): Promise<{ conversation: string; message: string }> {
    const session = await this.#ready().start();
    return session.send(typeof content === 'string' ? content : content.text);
  }

  /** Locks what is stored, in all tabs. @throws ChatError `vault-no-lock`: neither PIN nor passkey is set */
  async lock(): Promise<void> {
    if (this.locked) return;
    try {
      await this.#ready().start();
    } catch (error) {
      if (codeOf(error) === 'vault-locked') return;
      throw error;
    }
    await this.#runtime?.lock?.lock();
  }

  /** Shows the panel, with the PIN pad if it is locked; resolves when it is open. */
  async unlock(): Promise<void> {
    const runtime = this.#ready();
    this.show();
    await runtime.unlocked();
  }

  /** Opens the questions for another PIN, or for the first one. Resolves when they are on screen. */
  async changePin(): Promise<void> {
    await this.#ready().start();
    this.show();
    await (await this.#runtime?.loadPanel())?.changePin();
  }

  /** Closes the chat here; with `wipe` everything stored is deleted first, locked or not, in all tabs. */
  async logout({ wipe = false }: { wipe?: boolean } = {}): Promise<void> {
    const runtime = this.#runtime;
    if (wipe) {
      const session = runtime?.session;
      await (session ? session.client.wipe() : this.eraseStored());
      forgetMarks(this.deskKey);
    }
    await this.#leave(runtime);
  }

  /** Opens the panel with the grounds for who can read, and resolves with what is believed of the desk. */
  async verify(): Promise<Verification | null> {
    const session = await this.#ready().start();
    this.show();
    await (await this.#runtime?.loadPanel())?.showPadlock();
    return session.verification;
  }

  connectedCallback(): void {
    if (!this.#turns) this.#build();
    this.upgradeProperties();
    this.#paint();
    this.#soon();
    runEarlyCalls(this);
  }

  disconnectedCallback(): void {
    this.#soon();
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (before === now || !this.#turns) return;
    if (name === 'accent') this.#paint();
    if (name === 'open' || name === 'lock') this.#refresh();
    else this.#soon();
  }

  /**
   * Opens the client. Tests and embedders with another engine override it.
   * @throws ChatError
   */
  protected async openClient(options: CustomerOptions): Promise<CustomerClient> {
    const { openCustomer } = await import('./client.ts');
    return openCustomer(options);
  }

  /** Deletes what is stored for the desk without opening it. Overridden together with `openClient`. @throws ChatError */
  protected async eraseStored(): Promise<void> {
    const { eraseStored } = await import('./client.ts');
    await eraseStored({ relay: this.relay, deskKey: this.deskKey, history: this.history });
  }

  /** When all attributes of this moment are set; moved within the document the element goes on as it was. */
  #soon(): void {
    queueMicrotask(() => this.#settle());
  }

  #settle({ wake = true } = {}): void {
    const wanted = this.isConnected && !this.disabled;
    const key = `${this.relay} ${this.deskKey} ${this.receipts} ${this.history} ${this.lockAfter}`;
    if (this.#runtime && (!wanted || key !== this.#key)) {
      void this.#runtime.stop();
      this.#runtime = null;
      this.#turns?.reset();
    }
    if (wanted && !this.#runtime) {
      this.#key = key;
      this.#runtime = new ChatRuntime(this.#runtimeHost());
      this.#runtime.check();
      // Its failure is shown and told by the runtime.
      if (wake && isWaiting(this.deskKey)) void this.#runtime.start().catch(() => undefined);
    }
    this.#refresh();
    this.#settled = true;
  }

  /** @throws ChatError `not-connected`, `disabled` */
  #ready(): ChatRuntime {
    if (!this.isConnected) throw usageError('not-connected', 'the element is not in a document');
    if (this.disabled) throw usageError('disabled', 'the element is disabled');
    this.#settle();
    if (!this.#runtime) throw usageError('not-connected', 'the element is not in a document');
    return this.#runtime;
  }

  /** Ends what is open; the element is as before its first use. */
  async #leave(runtime: ChatRuntime | null): Promise<void> {
    if (runtime !== this.#runtime) return;
    this.open = false;
    this.#runtime = null;
    this.#turns?.reset();
    await runtime?.stop();
    this.#settle({ wake: false });
  }

  #runtimeHost(): RuntimeHost {
    return {
      element: this,
      options: () => ({
        relay: this.relay,
        deskKey: this.deskKey,
        receipts: this.receipts,
        history: this.history,
        lock: this.lockKind,
        lockAfter: this.lockAfter,
        heading: this.heading,
        mode: this.mode,
        strings: this.#strings,
        locale: this.closest<HTMLElement>('[lang]')?.lang ?? '',
      }),
      openClient: (options) => this.openClient(options),
      eraseStored: () => this.eraseStored(),
      place: () => this.shadowRoot?.querySelector<HTMLElement>('.base') ?? this,
      onChange: () => this.#refresh(),
      onReady: () => this.#onReady(),
      close: () => this.hide(),
      onWiped: () => {
        forgetMarks(this.deskKey);
        void this.#leave(this.#runtime);
      },
      forget: () => void this.logout({ wipe: true }).catch((error: unknown) => this.#runtime?.session?.report(error)),
    };
  }

  /** Shows what is so now. */
  #refresh(): void {
    this.#turns?.refresh(this.#runtime, { takesFocus: this.#settled });
  }

  #build(): void {
    const root = this.attachShadow({ mode: 'open' });
    this.#turns = new PanelTurns(this, root);
    root.adoptedStyleSheets.push(this.#accent.sheet);
  }

  #paint(): void {
    const code = this.shadowRoot && this.#accent.paint(this.shadowRoot, this.accent);
    if (code) queueMicrotask(() => this.dispatchEvent(new ScErrorEvent(code, true)));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'secure-chat': SecureChatElement;
  }
}
