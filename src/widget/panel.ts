/**
 * The chat's window.
 * @module
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import type { MessageView } from '../engine/views.ts';
import { base, buttons } from '../ui/base-styles.ts';
import type { ScComposer } from '../ui/composer.ts';
import { trapFocus } from '../ui/focus-trap.ts';
import { LiveController } from '../ui/live-controller.ts';
import type { ScPadlock } from '../ui/padlock.ts';
import { Phrases } from '../ui/strings.ts';
import type { ChatLock } from './chat-lock.ts';
import type { ScLockScreen } from './lock-screen.ts';
import { banners } from './panel-banners.ts';
import { headerTemplate, type MenuItem } from './panel-header.ts';
import { lockCardTemplate, LockParts, lockScreenTemplate, lockSheetTemplate } from './panel-lock.ts';
import { menuItems } from './panel-menu.ts';
import { questionTemplate, type Question } from './panel-question.ts';
import { endedTemplate, listTemplate, openingTemplate, unavailableTemplate, welcomeTemplate } from './panel-screens.ts';
import { headerStyles, panelStyles } from './panel-styles.ts';
import { screenStyles } from './screen-styles.ts';
import type { Session } from './session.ts';

export type PanelMode = 'floating' | 'inline' | 'fullscreen';

/** What the panel asks of the element that owns it. */
export interface PanelActions {
  /** The user wants it closed. */
  close(): void;
  /** Try to open the client again. */
  retry(): void;
  /** What is stored cannot be opened any more: delete it and begin anew. */
  restart(): void;
  /** Delete everything on this device. */
  forget(): void;
}

/** Messages shown at first, and how many more each time the reader nears the top. */
const PAGE = 50;
/** A connection that takes no longer than this to come is not worth a word. */
const PATIENCE_MS = 2500;

/**
 * The window of `<secure-chat>`: header, padlock, what was said, composer. Its parts and slots are documented there.
 *
 * @summary The window of `<secure-chat>`.
 * @tag sc-panel
 */
export class ScPanel extends LitElement {
  static override styles = [base, buttons, panelStyles, headerStyles, screenStyles];

  @property({ attribute: false }) session: Session | null = null;
  @property({ attribute: false }) lock: ChatLock | null = null;
  /** The browser has removed what was stored. */
  @property({ attribute: false }) evicted = false;
  /** Why there is no session: a configuration's or an opening's error code. */
  @property({ attribute: false }) problem: string | null = null;
  @property({ attribute: false }) actions: PanelActions | null = null;
  @property({ attribute: false }) heading = '';
  @property({ attribute: false }) phrases = new Phrases();
  /** Slots of `<secure-chat>` that have contents. */
  @property({ attribute: false }) filled: ReadonlySet<string> = new Set();
  @property({ reflect: true }) mode: PanelMode = 'floating';
  /** Covers the whole viewport. */
  @property({ type: Boolean, reflect: true }) sheet = false;
  /** There is little height. */
  @property({ type: Boolean, reflect: true }) short = false;
  @property({ type: Boolean, reflect: true }) opened = false;

  @state() private menuOpen = false;
  @state() private question: Question | null = null;
  @state() private slow = false;
  @query('.panel') private readonly frame!: HTMLElement | null;
  @query('sc-composer') private readonly composer!: ScComposer | null;
  @query('sc-lock-screen') private readonly lockScreen!: ScLockScreen | null;
  @query('sc-padlock') private readonly padlock!: ScPadlock | null;

  readonly #lockParts = new LockParts(this);
  readonly #messages = new LiveController<readonly MessageView[]>(this);
  #followed: { session: Session | null; id: string | null; limit: number } = { session: null, id: null, limit: PAGE };
  #limit = PAGE;
  /** Where the user goes on. */
  #goal: HTMLElement | null = null;
  #hadFocus = false;
  #wasLocked = false;
  /** It opened by itself: what is still typed as a PIN must not become a message. */
  #surprised = false;
  #unreadAtStart = 0;
  #releaseTrap: (() => void) | null = null;
  #patience: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#patience);
    this.#releaseTrap?.();
    this.#releaseTrap = null;
  }

  /** Puts the focus where the user goes on: the PIN pad, the composer, or the window if a keyboard would cover the screen. */
  override focus(options?: FocusOptions): void {
    const keyboard = matchMedia('(hover: none) and (pointer: coarse)').matches;
    if (this.lockScreen) this.lockScreen.focus(options);
    else if (this.composer && !this.composer.disabled && !keyboard) this.composer.focus(options);
    else this.frame?.focus(options);
  }

  /** Opens the padlock's panel. */
  async showPadlock(): Promise<void> {
    await this.updateComplete;
    if (this.padlock) this.padlock.open = true;
  }

  /** Opens the questions for a PIN. @throws ChatError `vault-memory`, `load-failed` */
  async changePin(): Promise<void> {
    await this.lock?.showPin();
    await this.#lockParts.load();
    await this.updateComplete;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    this.#hadFocus = this.matches(':focus-within');
    this.#followMessages();
    this.#watchConnection();
    const { lock } = this;
    this.#lockParts.want(lock);
    if (this.#locked !== this.#wasLocked) {
      this.menuOpen = false;
      this.question = null; // it was about what is not on screen any more
      this.#surprised = this.lockScreen?.waits ?? false;
      this.#wasLocked = this.#locked;
    }
    if (changed.has('opened') && !this.opened) {
      this.menuOpen = false;
      this.question = null;
      if (this.padlock) this.padlock.open = false;
      if (lock?.sheet) lock.show(null);
      lock?.goOn();
      this.lockScreen?.clear();
    }
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('opened') || changed.has('sheet') || changed.has('mode')) {
      this.#releaseTrap?.();
      this.#releaseTrap = this.opened && this.#modal && this.frame ? trapFocus(this.frame) : null;
    }
    // What had the focus is gone, such as the composer of a conversation that ended.
    if (this.#hadFocus && this.opened && !this.matches(':focus-within')) this.frame?.focus();
    // Whoever opened the chat waits in its frame until there is something to write in, if only a PIN.
    const goal = this.lockScreen ?? this.composer;
    if (goal && goal !== this.#goal && !this.#surprised && this.shadowRoot?.activeElement === this.frame) this.focus();
    this.#goal = goal;
    this.#surprised = false;
    if (changed.has('question') && this.question) this.#focusIn('.question button:last-of-type');
    if (changed.has('menuOpen') && this.menuOpen) this.#focusIn('.menu button');
  }

  protected override render(): TemplateResult {
    const { phrases, session } = this;
    const title = this.heading || session?.verification?.deskName || phrases.say('chat');
    const inline = this.mode === 'inline';
    const conversing = session && !this.#locked && session.screen.name !== 'list';
    const padlock = conversing ? this.#padlock(session) : nothing;
    return html`<div
      class="panel"
      part="panel"
      role=${inline ? 'region' : 'dialog'}
      aria-label=${title}
      aria-modal=${this.#modal ? 'true' : nothing}
      lang=${phrases.locale}
      tabindex="-1"
      @keydown=${this.#onKeydown}
    >
      ${headerTemplate({
        phrases,
        session,
        title,
        filled: this.filled,
        closable: !inline,
        menu: this.#menu(),
        menuOpen: this.menuOpen,
        onMenu: () => (this.menuOpen = !this.menuOpen),
        onMenuLeave: this.#onMenuLeave,
        onClose: () => this.actions?.close(),
        padlock: this.short ? padlock : nothing,
      })}
      ${this.short ? nothing : padlock} ${session && !this.#locked ? this.#banners(session) : nothing} ${this.#main()}
      ${this.#foot()}
      ${this.filled.has('footer') ? html`<div class="footer"><slot name="footer"></slot></div>` : nothing}
      ${this.lock && this.#lockParts.ready ? lockSheetTemplate(this.lock, phrases) : nothing}
      ${this.question ? questionTemplate(this.question, phrases, (yes) => this.#answer(yes)) : nothing}
    </div>`;
  }

  #banners(session: Session): TemplateResult {
    const { phrases, slow, filled, evicted } = this;
    return banners({ phrases, session, slow, filled, evicted, done: this.lock?.done ?? null });
  }

  get #locked(): boolean {
    return this.lock !== null && this.lock.locked !== null;
  }

  #padlock(session: Session): TemplateResult {
    return html`<sc-padlock
      exportparts="lock, verified, recording"
      variant=${this.short ? 'icon' : 'strip'}
      .verification=${session.verification}
      .parties=${session.current?.parties ?? []}
      .phrases=${this.phrases}
    ></sc-padlock>`;
  }

  get #modal(): boolean {
    return this.sheet && this.mode !== 'inline';
  }

  #main(): TemplateResult {
    const { session, phrases } = this;
    if (this.problem !== null) {
      return unavailableTemplate({
        phrases,
        code: this.problem,
        onRetry: () => this.actions?.retry(),
        onRestart: () => this.actions?.restart(),
        onRemove: this.#askForgotten,
      });
    }
    const { lock } = this;
    if (lock?.locked) {
      if (this.#lockParts.failed) return this.#notLoaded();
      if (!this.#lockParts.ready) return openingTemplate(phrases);
      return lockScreenTemplate({
        lock,
        locked: lock.locked,
        phrases,
        filled: this.filled,
        onForget: this.#askForgotten,
      });
    }
    if (!session?.conversations || !session.status) return openingTemplate(phrases);
    if (session.screen.name === 'list') return listTemplate({ phrases, session });
    const { current } = session;
    if (session.screen.name === 'new') return welcomeTemplate(phrases, session, this.filled);
    if (!current) return html`<div class="main"></div>`;
    const messages = this.#messages.value ?? null;
    return html`
      <sc-transcript
        exportparts="log, day, message, bubble, own, agent, meta, receipt"
        .conversation=${current.id}
        .messages=${messages}
        .unread=${this.#unreadAtStart}
        .more=${(messages?.length ?? 0) >= this.#limit}
        .active=${this.opened}
        .typing=${session.typers.map(({ name }) => name ?? phrases.say('anAgent'))}
        .notices=${current.notices}
        .phrases=${phrases}
        @sc-load-older=${this.#loadOlder}
        @sc-seen=${() => session.seen()}
        >${lock && this.#lockParts.ready ? lockCardTemplate(lock, phrases) : nothing}</sc-transcript
      >
      ${
        current.state === 'waiting' && !session.agent
          ? html`<p class="waiting-note" role="status">
              <span class="pulse"></span><span>${phrases.say('waitingText')}</span>
            </p>`
          : nothing
      }
    `;
  }

  /** Always in the same place, so that whoever writes goes on writing when the first message makes a conversation. */
  #foot(): TemplateResult | typeof nothing {
    const { session } = this;
    if (this.problem !== null || this.#locked || !session?.conversations || !session.status) return nothing;
    if (session.screen.name === 'list') return nothing;
    if (session.current?.state === 'ended') return endedTemplate(this.phrases, () => this.#startNew());
    return this.#composer(session);
  }

  #composer(session: Session): TemplateResult {
    return html`<sc-composer
      exportparts="composer, input, send"
      .value=${session.draft.text}
      .phrases=${this.phrases}
      .submit=${this.#submit}
      @sc-draft-change=${this.#onDraft}
      @sc-composing=${(event: GlobalEventHandlersEventMap['sc-composing']) => session.compose(event.detail.on)}
    >
      ${this.filled.has('composer-start') ? html`<slot name="composer-start" slot="start"></slot>` : nothing}
      ${this.filled.has('composer-end') ? html`<slot name="composer-end" slot="end"></slot>` : nothing}
    </sc-composer>`;
  }

  #notLoaded(): TemplateResult {
    const onRetry = (): void => this.#lockParts.retry();
    return unavailableTemplate({ phrases: this.phrases, code: 'load-failed', onRetry });
  }

  #menu(): MenuItem[] {
    const { session, lock } = this;
    if (!session || this.#locked) return [];
    const items = menuItems(session, lock, {
      startNew: () => this.#startNew(),
      ask: (question) => (this.question = question),
    });
    return items.map((item) => ({ ...item, run: () => ((this.menuOpen = false), lock?.goOn(), item.run()) }));
  }

  #askForgotten = (): void => void (this.question = 'forgot');

  #startNew(): void {
    this.session?.startNew();
    void this.updateComplete.then(() => this.focus());
  }

  #answer(yes: boolean): void {
    const { question, session } = this;
    this.question = null;
    if (yes && question === 'forget') this.actions?.forget();
    if (yes && question === 'forgot') this.actions?.restart();
    if (yes && question === 'removePasskey') void this.lock?.removePasskey();
    if (yes && question === 'end') session?.end().catch((error: unknown) => session.report(error));
    void this.updateComplete.then(() => this.focus());
  }

  #submit = async (text: string): Promise<void> => {
    const { session } = this;
    if (!session) return;
    this.lock?.goOn();
    try {
      await session.send(text);
    } catch (error) {
      session.report(error);
      throw error; // the composer keeps the text
    }
  };

  #onDraft = (event: Event): void => {
    this.session?.draft.write((event.target as ScComposer).value);
  };

  #loadOlder = (): void => {
    this.#limit += PAGE;
    this.requestUpdate();
  };

  #followMessages(): void {
    const { session } = this;
    const id = session?.current?.id ?? null;
    const same = session === this.#followed.session && id === this.#followed.id;
    if (!same) {
      this.#limit = PAGE;
      this.#unreadAtStart = session?.current?.unread ?? 0;
    }
    if (same && this.#limit === this.#followed.limit) return;
    this.#followed = { session, id, limit: this.#limit };
    this.#messages.follow(session && id !== null ? session.client.messages(id, this.#limit) : null, { keep: same });
  }

  #watchConnection(): void {
    const connecting = this.session?.status?.connection === 'connecting';
    if (!connecting) {
      clearTimeout(this.#patience);
      this.#patience = undefined;
      this.slow = false;
    } else {
      this.#patience ??= setTimeout(() => (this.slow = true), PATIENCE_MS);
    }
  }

  #onMenuLeave = (event: FocusEvent): void => {
    const menu = event.currentTarget as HTMLElement;
    if (!menu.contains(event.relatedTarget as Node | null)) this.menuOpen = false;
  };

  #onKeydown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return;
    if (this.question) this.#answer(false);
    else if (this.menuOpen) {
      this.menuOpen = false;
      this.#focusIn('.more');
    } else if (this.mode !== 'inline') this.actions?.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  #focusIn(selector: string): void {
    this.renderRoot.querySelector<HTMLElement>(selector)?.focus();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sc-panel': ScPanel;
  }
}
