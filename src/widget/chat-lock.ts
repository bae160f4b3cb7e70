/**
 * The lock of what is stored, as the widget sees it: what is known while it is locked, what can be done with it while it is
 * open, when it is tried again, and whether to invite to one.
 * @module
 */
import type { CustomerClient, Unlocking, VaultView } from '../engine/views.ts';
import { ChatError, codeOf, usageError } from '../errors.ts';
import { ScLockEvent, ScUnlockEvent } from '../ui/events.ts';
import type { StringKey } from '../ui/strings.ts';
import type { Session } from './session.ts';
import { declinedAt, isStoredMark, markDeclined, nudgeTabs } from './waiting-mark.ts';

/** What the user is invited to. */
export type LockKind = 'pin' | 'passkey' | 'off';

/** Questions about the PIN that fill the panel: the first one, another one, another one after a passkey was shown. */
export type LockSheet = 'set' | 'change' | 'reset';

/** What shows of what is locked. */
export interface LockedView {
  readonly pin: boolean;
  readonly passkey: boolean;
  readonly unread: number;
}

/** How the lock reaches the rest of the element. */
export interface LockHost {
  readonly element: HTMLElement;
  readonly deskKey: string;
  readonly kind: () => LockKind;
  /** What is stored outlives the tab, so that a lock makes sense. */
  readonly lasting: boolean;
  session(): Session | null;
  /** Opens the client. @throws ChatError as `ChatRuntime.start` */
  open(unlock?: Unlocking): Promise<unknown>;
  /** Something that is shown changed. */
  onChange(): void;
  /** What was locked has been deleted, by another tab. */
  onWiped(): void;
}

/** So often at most the client hears that the user is there, ms. */
const TOUCH_MS = 1000;
/** So often at most it is tried again without being asked to, ms. */
const RETRY_MS = 2000;
const ACTIVITY = ['pointerdown', 'keydown', 'input', 'wheel', 'touchmove'] as const;

/** From the first opening of one configuration to `stop`. */
export class ChatLock {
  /** What is locked; null: nothing is, or it is not known yet. */
  locked: LockedView | null = null;
  /** How what is stored is locked, while it is open. */
  vault: VaultView | null = null;
  /** Which sheet is open. */
  sheet: LockSheet | null = null;
  /** What has just been done, in one sentence; null once the user goes on. */
  done: StringKey | null = null;
  /** A passkey is being made or removed. */
  busy = false;
  /** The PIN was found to be lost; the passkey may still open. */
  pinLost = false;
  readonly #host: LockHost;
  #stopView: (() => void) | null = null;
  #stopActivity: (() => void) | null = null;
  #onView: (() => void) | null = null;
  #touched = 0;
  #tried = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(host: LockHost) {
    this.#host = host;
    addEventListener('online', this.#again);
    addEventListener('focus', this.#again);
    addEventListener('storage', this.#onStorage);
    document.addEventListener('visibilitychange', this.#onVisible);
  }

  stop(): void {
    clearTimeout(this.#retry);
    removeEventListener('online', this.#again);
    removeEventListener('focus', this.#again);
    removeEventListener('storage', this.#onStorage);
    document.removeEventListener('visibilitychange', this.#onVisible);
    this.#stopActivity?.();
    this.#release();
  }

  /** Opening was refused: PIN or passkey is needed. */
  found({ details }: ChatError): void {
    const { pin, passkey, unread } = details;
    this.#close({ pin: pin === true, passkey: passkey === true, unread: typeof unread === 'number' ? unread : 0 });
  }

  /** The open client was locked, by whatever tab or by time. */
  ended(session: Session): void {
    // Without a view yet it was one with a lock all the same: the pad is right, and the next opening knows more.
    const { pin, passkey } = this.vault ?? { pin: true, passkey: false };
    this.#close({ pin, passkey, unread: session.unread });
  }

  /** A client is open. */
  opened(session: Session): void {
    const was = this.locked !== null;
    this.locked = null;
    this.#follow(session.client);
    if (!was) return;
    if (this.pinLost) this.sheet = 'reset';
    this.#host.element.dispatchEvent(new ScUnlockEvent());
    nudgeTabs(this.#host.deskKey);
  }

  /** What was locked is gone; something new may be opened. */
  forget(): void {
    this.locked = null;
    this.pinLost = false;
  }

  /** @throws ChatError as `ClientVault` opens; the pad says why */
  readonly unlock = async (unlock: Unlocking): Promise<void> => {
    try {
      await this.#host.open(unlock);
    } catch (error) {
      if (codeOf(error) === 'vault-lost' && unlock.by === 'pin') {
        this.pinLost = true;
        this.#host.onChange();
      }
      throw error;
    }
  };

  /** What the user does in the panel counts as being there. */
  watch(panel: HTMLElement): void {
    const touch = (): void => this.#touch();
    for (const type of ACTIVITY) panel.addEventListener(type, touch, { capture: true, passive: true });
    this.#stopActivity = () => {
      for (const type of ACTIVITY) panel.removeEventListener(type, touch, { capture: true });
    };
  }

  /** Whether to invite: after a message, where nothing locks yet and something could. */
  get invites(): 'both' | 'pin' | 'passkey' | null {
    const { vault } = this;
    const kind = this.#host.kind();
    const session = this.#host.session();
    if (kind === 'off' || !vault || !this.lockable || this.lockedBy || this.sheet || !session?.current) return null;
    const { conversations, current } = session;
    if (current.state === 'ended' || (conversations?.length ?? 0) <= declinedAt(this.#host.deskKey)) return null;
    if (kind === 'passkey') return vault.passkeyPossible ? 'passkey' : null;
    return vault.passkeyPossible ? 'both' : 'pin';
  }

  /** Something is stored that a lock could protect. */
  get lockable(): boolean {
    return this.#host.lasting && this.vault !== null && this.vault.storage !== 'memory';
  }

  /** PIN or passkey is set. */
  get lockedBy(): boolean {
    return this.vault !== null && (this.vault.pin || this.vault.passkey);
  }

  get kind(): LockKind {
    return this.#host.kind();
  }

  /** Not for this conversation. */
  decline(): void {
    markDeclined(this.#host.deskKey, this.#host.session()?.conversations?.length ?? 0);
    this.#host.onChange();
  }

  /** Opens the sheet for another PIN, or for the first one. @throws ChatError `vault-memory`: nothing is stored that outlives the tab */
  async showPin(): Promise<void> {
    if (!this.vault) await new Promise<void>((resolve) => (this.#onView = resolve));
    if (!this.lockable) throw usageError('vault-memory', 'nothing is stored that a PIN could lock');
    this.show(this.vault?.pin === true ? 'change' : 'set');
  }

  show(sheet: LockSheet | null): void {
    this.sheet = sheet;
    this.done = null;
    if (sheet === null) this.pinLost = false;
    this.#host.onChange();
  }

  /** The sheet cannot be shown. */
  giveUp(error: unknown): void {
    this.show(null);
    this.#host.session()?.report(error);
  }

  /** For the sheet. @throws ChatError as `ClientVault` */
  readonly save = async (next: string, present: string | null): Promise<void> => {
    const vault = this.#host.session()?.client.vault;
    if (!vault) throw new ChatError('environment', 'vault-locked', 'locked meanwhile');
    const { sheet } = this;
    if (present !== null) await vault.changePin(present, next);
    else if (sheet === 'reset') await vault.resetPin(next);
    else await vault.setPin(next);
    this.pinLost = false;
    this.sheet = null;
    this.done = sheet === 'set' ? 'pinIsSet' : 'pinIsChanged';
    this.#host.onChange();
  };

  addPasskey(): Promise<void> {
    return this.#work('passkeyIsSet', (client) => client.vault.addPasskey());
  }

  removePasskey(): Promise<void> {
    return this.#work('passkeyIsRemoved', (client) => client.vault.removePasskey());
  }

  /** Locks in all tabs. @throws ChatError `vault-no-lock` */
  async lock(): Promise<void> {
    const session = this.#host.session();
    await session?.draft.flush();
    await session?.client.vault.lock();
  }

  /** The user goes on: what was confirmed need not stand there any more. */
  goOn(): void {
    this.done = null;
  }

  /** Its failure is told as any other of the session. */
  async #work(done: StringKey, work: (client: CustomerClient) => Promise<void>): Promise<void> {
    const session = this.#host.session();
    if (!session || this.busy) return;
    this.busy = true;
    this.done = null;
    session.failure = null;
    this.#host.onChange();
    try {
      await work(session.client);
      this.done = done;
    } catch (error) {
      session.report(error);
    } finally {
      this.busy = false;
      this.#host.onChange();
    }
  }

  #close(view: LockedView): void {
    const was = this.locked !== null;
    this.locked = view;
    this.sheet = null;
    this.done = null;
    this.#release();
    if (!was) this.#host.element.dispatchEvent(new ScLockEvent());
  }

  #follow(client: CustomerClient): void {
    this.#release();
    this.#stopView = client.vault.view.subscribe(
      (view) => {
        this.vault = view;
        this.#onView?.();
        this.#host.onChange();
      },
      (error) => this.#host.session()?.report(error),
    );
  }

  #release(): void {
    this.#stopView?.();
    this.#stopView = null;
    this.vault = null;
  }

  #touch(): void {
    const session = this.#host.session();
    const now = performance.now();
    if (!session || (this.#touched > 0 && now - this.#touched < TOUCH_MS)) return;
    this.#touched = now;
    session.client.vault.touch();
  }

  #onVisible = (): void => {
    if (document.visibilityState !== 'visible') return;
    this.#again();
    this.#touch();
  };

  /** See `nudgeTabs`. */
  #onStorage = ({ key, newValue }: StorageEvent): void => {
    if (!this.locked || !isStoredMark(key, this.#host.deskKey)) return;
    // Another tab has deleted everything: nothing is locked any more, and nothing begins unasked.
    if (newValue === null) this.#host.onWiped();
    else this.#again();
  };

  /** Another tab may have opened it, or there may be a connection now. What comes too soon is not forgotten. */
  #again = (): void => {
    if (!this.locked || this.#retry !== undefined) return;
    const wait = this.#tried > 0 ? Math.max(0, this.#tried + RETRY_MS - performance.now()) : 0;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      if (!this.locked) return;
      this.#tried = performance.now();
      this.#host.open().catch(() => undefined); // it stays locked, and the pad is there
    }, wait);
  };
}
