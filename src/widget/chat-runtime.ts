/**
 * What stands between the small element and all that is loaded later: panel, session, and what is known of them.
 * @module
 */
import type { CustomerClient, Unlocking } from '../engine/views.ts';
import { ChatError, codeOf, usageError } from '../errors.ts';
import { ScErrorEvent, ScReadyEvent, ScStatusEvent, ScStorageLostEvent, type ChatState } from '../ui/events.ts';
import type { Strings } from '../ui/strings.ts';
import type { ChatLock, LockKind } from './chat-lock.ts';
import type { CustomerOptions } from './client.ts';
import { configurationProblem, deskKeyFits } from './configuration.ts';
import type * as Loaded from './loaded.ts';
import type { PanelMode, ScPanel } from './panel.ts';
import type { Session } from './session.ts';
import { STORAGE_LOST } from './storage-lost.ts';
import { forgetMarks, markStored, markWaiting, wasStored } from './waiting-mark.ts';

/** The attributes as they are now. */
export interface ChatOptions extends Omit<CustomerOptions, 'unlock'> {
  readonly lock: LockKind;
  readonly heading: string;
  readonly mode: PanelMode;
  readonly strings: Partial<Strings> | undefined;
  readonly locale: string;
}

/** The element, as the runtime sees it. */
export interface RuntimeHost {
  readonly element: HTMLElement;
  options(): ChatOptions;
  openClient(options: CustomerOptions): Promise<CustomerClient>;
  /** Deletes what is stored without opening it. */
  eraseStored(): Promise<void>;
  /** Where the panel goes. */
  place(): HTMLElement;
  /** Something the launcher shows changed. */
  onChange(): void;
  onReady(): void;
  close(): void;
  forget(): void;
  /** Everything was deleted, here or in another tab. */
  onWiped(): void;
}

/** Errors of opening that end by themselves: it is tried again. */
const PASSING: ReadonlySet<string> = new Set(['vault-offline', 'vault-half-wrong']);
const RETRY_MS = 8000;
/** Of an unlocking: what the user did, which is nobody else's business. */
const NO_NEWS: ReadonlySet<string> = new Set(['vault-pin-wrong', 'vault-delayed', 'passkey-cancelled']);

const PARTS =
  'panel,header,title,status,verified,recording,log,day,message,bubble,own,agent,meta,receipt,composer,input,send,lock,pin,banner';

/** From the first use of one configuration to `stop`. */
export class ChatRuntime {
  state: ChatState = 'idle';
  session: Session | null = null;
  panel: ScPanel | null = null;
  /** There once the script has loaded. */
  lock: ChatLock | null = null;
  /** The browser has removed what was stored; said until the next page. */
  evicted = false;
  /** Why it cannot work, as an error code. */
  problem: string | null = null;
  readonly #host: RuntimeHost;
  #starting: Promise<Session> | null = null;
  #module: Promise<typeof Loaded> | null = null;
  #checked: Promise<void> | null = null;
  #loadingPanel: Promise<ScPanel> | null = null;
  #stopSlots: (() => void) | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  #stopped = false;

  constructor(host: RuntimeHost) {
    this.#host = host;
    addEventListener('online', this.#again);
    addEventListener('pagehide', this.#flush);
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  /** Before anything else: whether the attributes are right. */
  check(): void {
    const { relay, deskKey } = this.#host.options();
    const problem = configurationProblem(relay, deskKey);
    if (problem) this.#fail(problem, 'misconfigured', false);
    else this.#checked = this.#checkKey(deskKey);
  }

  async #checkKey(deskKey: string): Promise<void> {
    if (!(await deskKeyFits(deskKey)) && !this.#stopped) this.#fail('desk-key-malformed', 'misconfigured', false);
  }

  /**
   * Opens the client, once; after a failure anew.
   * @param unlock how, when it is locked
   * @throws ChatError the configuration's problem, `chat-stopped`, or what the engine throws
   */
  async start(unlock?: Unlocking): Promise<Session> {
    await this.#checked;
    if (this.state === 'misconfigured') {
      throw usageError(this.problem ?? '', 'relay and desk-key must be right before anything is opened');
    }
    // An attempt without PIN or passkey may be under way, and succeed.
    if (unlock) await this.#starting?.catch(() => undefined);
    this.#starting ??= this.#start(unlock).catch((error: unknown) => {
      this.#starting = null;
      if (!this.#stopped) this.#notOpened(error, unlock);
      throw error;
    });
    return this.#starting;
  }

  /** Resolves when what is locked is open, by whatever tab. @throws ChatError `chat-stopped`, or why it cannot open */
  async unlocked(): Promise<void> {
    try {
      await this.start();
    } catch (error) {
      if (codeOf(error) !== 'vault-locked') throw error;
      await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    }
  }

  /** The panel, loaded and in its place. @throws when the script cannot be loaded */
  loadPanel(): Promise<ScPanel> {
    this.#loadingPanel ??= this.#loadPanel().catch((error: unknown) => {
      this.#loadingPanel = null;
      throw error;
    });
    return this.#loadingPanel;
  }

  async #loadPanel(): Promise<ScPanel> {
    const module = await this.#load();
    if (this.#stopped) throw stopped();
    const panel = module.createPanel();
    panel.setAttribute('exportparts', PARTS);
    panel.actions = {
      close: () => this.#host.close(),
      retry: () => this.#retryNow(),
      restart: () => void this.#restart(),
      forget: () => this.#host.forget(),
    };
    this.panel = panel;
    this.#lockOf(module).watch(panel);
    this.#stopSlots = module.forwardSlots(this.#host.element, panel);
    await this.update();
    if (this.#stopped) throw stopped();
    this.#host.place().append(panel);
    await panel.updateComplete;
    return panel;
  }

  /** Gives the panel what it shows. */
  async update(): Promise<void> {
    const { panel } = this;
    if (!panel) return;
    const { heading, mode, strings, locale } = this.#host.options();
    panel.session = this.session;
    panel.lock = this.lock;
    panel.evicted = this.evicted;
    panel.problem = this.problem;
    panel.heading = heading;
    panel.mode = mode;
    const { createPhrases } = await this.#load();
    panel.phrases = createPhrases(strings, locale);
  }

  /** Ends everything; nothing stored is lost. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    removeEventListener('online', this.#again);
    removeEventListener('pagehide', this.#flush);
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.lock?.stop();
    for (const { reject } of this.#waiting.splice(0)) reject(stopped());
    this.#stopSlots?.();
    this.panel?.remove();
    const session = this.session;
    this.session = null;
    await session?.close();
  }

  /** Opening failed for want of a connection; there may be one now. */
  #again = (): void => {
    clearTimeout(this.#retry);
    if (this.state === 'failed' && PASSING.has(this.problem ?? '')) void this.start().catch(() => undefined); // told by #fail
  };

  #retryNow(): void {
    this.problem = null;
    void this.start().catch(() => undefined); // told by #fail
  }

  #flush = (): void => void this.session?.draft.flush();

  /** Whoever leaves the tab may never come back. */
  #onVisibility = (): void => {
    if (document.visibilityState === 'hidden') this.#flush();
  };

  /** What is stored can never be opened again: it goes, and something new begins. */
  async #restart(): Promise<void> {
    try {
      await this.#host.eraseStored();
    } catch (error) {
      this.#fail(codeOf(error), 'failed', false);
      return;
    }
    forgetMarks(this.#host.options().deskKey);
    this.lock?.forget();
    this.#retryNow();
  }

  async #start(unlock: Unlocking | undefined): Promise<Session> {
    clearTimeout(this.#retry);
    if (!this.lock?.locked) this.#setState('loading');
    const { relay, deskKey, receipts, history, lockAfter } = this.#host.options();
    const how = { relay, deskKey, receipts, history, lockAfter };
    const opening = this.#host.openClient(unlock ? { ...how, unlock } : how);
    const [module, client] = await Promise.all([this.#load(), opening]).catch(async (error: unknown) => {
      // If only the script failed, the client must not stay open alone.
      await opening.then((opened) => opened.close()).catch(() => undefined);
      if (codeOf(error) === 'vault-locked') this.#lockOf(await this.#load());
      throw error;
    });
    if (this.#stopped) {
      await client.close();
      throw stopped();
    }
    const session = module.createSession(client, {
      emit: (event) => void this.#host.element.dispatchEvent(event),
      onChange: () => this.#onChange(),
    });
    this.session = session;
    void client.ended.then((how) => this.#onEnded(session, how));
    await Promise.race([session.ready, client.ended]);
    if (this.#stopped) throw stopped();
    if (this.session !== session) throw new ChatError('environment', 'vault-locked', 'locked while it was opened');
    this.problem = null;
    this.#lockOf(module).opened(session);
    this.#checkEvicted(session);
    this.#onChange();
    for (const { resolve } of this.#waiting.splice(0)) resolve();
    this.#host.onReady();
    this.#host.element.dispatchEvent(new ScReadyEvent());
    return session;
  }

  #notOpened(error: unknown, unlock: Unlocking | undefined): void {
    const code = codeOf(error);
    const { lock } = this;
    if (code === 'vault-locked' && error instanceof ChatError) {
      if (!lock?.locked || Object.keys(error.details).length > 0) lock?.found(error);
      this.problem = null;
      this.#setState('locked');
      this.#show();
    } else if (lock?.locked) {
      // It stays locked, and the pad says why.
      const { passkey } = lock.locked;
      if (unlock && !passkey && STORAGE_LOST.has(code)) {
        this.#host.element.dispatchEvent(new ScStorageLostEvent(code));
      }
      if (unlock && !NO_NEWS.has(code)) this.#host.element.dispatchEvent(new ScErrorEvent(code, true));
      this.#show();
    } else {
      const passing = PASSING.has(code);
      if (passing) this.#retry = setTimeout(this.#again, RETRY_MS);
      this.#fail(code, 'failed', passing);
    }
  }

  /** The client works no more, and not because it was closed here. */
  #onEnded(session: Session, how: 'locked' | 'closed'): void {
    if (this.#stopped || this.session !== session) return;
    if (how === 'closed') {
      this.#host.onWiped();
      return;
    }
    this.lock?.ended(session);
    this.session = null;
    this.#starting = null;
    void session.close();
    this.#setState('locked');
    this.#show();
  }

  /** There were conversations, and now there is nothing, although nobody deleted them. */
  #checkEvicted({ conversations, status }: Session): void {
    const { deskKey, history } = this.#host.options();
    if (history !== 'persist' || status?.verification.storage !== 'guest' || conversations?.length !== 0) return;
    if (!wasStored(deskKey)) return;
    forgetMarks(deskKey);
    this.evicted = true;
    this.#host.element.dispatchEvent(new ScStorageLostEvent('storage-evicted'));
  }

  #lockOf(module: typeof Loaded): ChatLock {
    if (this.lock) return this.lock;
    const { deskKey, history } = this.#host.options();
    this.lock = module.createLock({
      element: this.#host.element,
      deskKey,
      kind: () => this.#host.options().lock,
      lasting: history === 'persist',
      session: () => this.session,
      open: (unlock) => this.start(unlock),
      onChange: () => this.#onChange(),
      onWiped: () => this.#host.onWiped(),
    });
    return this.lock;
  }

  #load(): Promise<typeof Loaded> {
    this.#module ??= import('./loaded.ts').catch((cause: unknown) => {
      this.#module = null;
      throw usageError('load-failed', 'the chat’s script could not be loaded', { cause });
    });
    return this.#module;
  }

  #onChange(): void {
    const { session } = this;
    if (this.#stopped) return;
    if (session) {
      const { status, conversations } = session;
      if (status && !this.lock?.locked) this.#setState(status.connection);
      if (conversations && status) {
        const { deskKey, history } = this.#host.options();
        const stored = history === 'persist' && status.verification.storage !== 'memory';
        const waiting = conversations.some(({ state, unread }) => state !== 'ended' || unread > 0);
        markWaiting(deskKey, stored && waiting);
        if (stored && conversations.length > 0) markStored(deskKey);
      }
    }
    this.#show();
  }

  /** Gives the panel and the launcher what is so now. */
  #show(): void {
    const { panel } = this;
    if (panel) {
      panel.session = this.session;
      panel.problem = this.problem;
      panel.evicted = this.evicted;
      panel.requestUpdate();
    }
    this.#host.onChange();
  }

  #fail(code: string, state: ChatState, recoverable: boolean): void {
    const again = code === this.problem;
    this.problem = code;
    this.#setState(state);
    if (this.panel) this.panel.problem = code;
    // An attempt made by itself that fails as the last one is no news.
    if (again) return;
    const { element } = this.#host;
    if (STORAGE_LOST.has(code)) element.dispatchEvent(new ScStorageLostEvent(code));
    element.dispatchEvent(new ScErrorEvent(code, recoverable));
  }

  #setState(state: ChatState): void {
    if (state === this.state) return;
    this.state = state;
    this.#host.element.dispatchEvent(new ScStatusEvent(state));
    this.#host.onChange();
  }
}

function stopped(): Error {
  return usageError('chat-stopped', 'the element was removed, logged out or configured anew');
}
