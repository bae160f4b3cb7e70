/**
 * What stands between the small element and all that is loaded later: panel, session, and what is known of them.
 * @module
 */
import type { CustomerClient } from '../engine/views.ts';
import { codeOf, usageError } from '../errors.ts';
import { ScErrorEvent, ScReadyEvent, ScStatusEvent, ScStorageLostEvent, type ChatState } from '../ui/events.ts';
import type { Strings } from '../ui/strings.ts';
import type { CustomerOptions } from './client.ts';
import { configurationProblem, deskKeyFits } from './configuration.ts';
import type * as Loaded from './loaded.ts';
import type { PanelMode, ScPanel } from './panel.ts';
import type { Session } from './session.ts';
import { STORAGE_LOST } from './storage-lost.ts';
import { markWaiting } from './waiting-mark.ts';

/** The attributes as they are now. */
export interface ChatOptions extends CustomerOptions {
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
}

/** Errors of opening that end by themselves: it is tried again. */
const PASSING: ReadonlySet<string> = new Set(['vault-offline', 'vault-half-wrong']);
const RETRY_MS = 8000;

const SLOTS = new Set([
  ...['logo', 'header', 'header-actions', 'welcome', 'offline'],
  ...['composer-start', 'composer-end', 'footer'],
]);

const PARTS =
  'panel,header,title,status,verified,recording,log,day,message,bubble,own,agent,meta,receipt,composer,input,send,lock,banner';

/** From the first use of one configuration to `stop`. */
export class ChatRuntime {
  state: ChatState = 'idle';
  session: Session | null = null;
  panel: ScPanel | null = null;
  /** Why it cannot work, as an error code. */
  problem: string | null = null;
  readonly #host: RuntimeHost;
  #starting: Promise<Session> | null = null;
  #module: Promise<typeof Loaded> | null = null;
  #checked: Promise<void> | null = null;
  #loadingPanel: Promise<ScPanel> | null = null;
  #slots: MutationObserver | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(host: RuntimeHost) {
    this.#host = host;
    addEventListener('online', this.#again);
    addEventListener('pagehide', this.#flush);
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
   * @throws ChatError the configuration's problem, `chat-stopped`, or what the engine throws
   */
  async start(): Promise<Session> {
    await this.#checked;
    if (this.state === 'misconfigured') {
      throw usageError(this.problem ?? '', 'relay and desk-key must be right before anything is opened');
    }
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#starting = null;
      if (!this.#stopped) {
        const code = codeOf(error);
        const passing = PASSING.has(code);
        if (passing) this.#retry = setTimeout(this.#again, RETRY_MS);
        this.#fail(code, 'failed', passing);
      }
      throw error;
    });
    return this.#starting;
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
    this.#slots = new MutationObserver(() => this.#forwardSlots());
    this.#slots.observe(this.#host.element, { childList: true, subtree: true, attributeFilter: ['slot'] });
    this.#forwardSlots();
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
    this.#slots?.disconnect();
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

  /** What is stored can never be opened again: it goes, and something new begins. */
  async #restart(): Promise<void> {
    try {
      await this.#host.eraseStored();
    } catch (error) {
      this.#fail(codeOf(error), 'failed', false);
      return;
    }
    this.#retryNow();
  }

  async #start(): Promise<Session> {
    clearTimeout(this.#retry);
    this.#setState('loading');
    const { relay, deskKey, receipts } = this.#host.options();
    const opening = this.#host.openClient({ relay, deskKey, receipts });
    const [module, client] = await Promise.all([this.#load(), opening]).catch(async (error: unknown) => {
      // If only the script failed, the client must not stay open alone.
      await opening.then((opened) => opened.close()).catch(() => undefined);
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
    await session.ready;
    if (this.#stopped) throw stopped();
    this.problem = null;
    this.#onChange();
    this.#host.onReady();
    this.#host.element.dispatchEvent(new ScReadyEvent());
    return session;
  }

  #load(): Promise<typeof Loaded> {
    this.#module ??= import('./loaded.ts').catch((cause: unknown) => {
      this.#module = null;
      throw usageError('load-failed', 'the chat’s script could not be loaded', { cause });
    });
    return this.#module;
  }

  #onChange(): void {
    const { session, panel } = this;
    if (this.#stopped || !session) return;
    const { status, conversations } = session;
    if (status) this.#setState(status.connection);
    if (conversations && status) {
      const stored = status.verification.storage !== 'memory';
      const waiting = conversations.some(({ state, unread }) => state !== 'ended' || unread > 0);
      markWaiting(this.#host.options().deskKey, stored && waiting);
    }
    if (panel) {
      panel.session = session;
      panel.problem = this.problem;
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

  /** The panel has its own fallbacks, which a forwarded slot without contents would hide. */
  #forwardSlots(): void {
    const { panel } = this;
    if (!panel) return;
    const filled = new Set([...this.#host.element.children].map(({ slot }) => slot).filter((name) => SLOTS.has(name)));
    if (filled.size === panel.filled.size && [...filled].every((name) => panel.filled.has(name))) return;
    panel.filled = filled;
    panel.replaceChildren(
      ...[...filled].map((name) => {
        const slot = document.createElement('slot');
        slot.name = slot.slot = name;
        return slot;
      }),
    );
  }
}

function stopped(): Error {
  return usageError('chat-stopped', 'the element was removed, logged out or configured anew');
}
