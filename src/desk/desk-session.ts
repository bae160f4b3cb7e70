/**
 * From what is stored to an open desk, and back to a locked one.
 * @module
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ClientStatus, ConversationView, DeskClient, Unlocking, VaultView } from '../engine/views.ts';
import { ChatError, codeOf } from '../errors.ts';
import type { Invitation } from '../identity/enrolment.ts';
import { ScErrorEvent, ScLockEvent, ScReadyEvent, ScUnlockEvent } from '../ui/events.ts';
import { LiveController } from '../ui/live-controller.ts';
import type { DeskOpener } from './client.ts';
import { unreadTotal } from './conversation-lists.ts';
import type { DoorReason } from './door-page.ts';
import { takeInvitation } from './invitation-link.ts';
import { lockAfterMs } from './lock-after.ts';
import { relayAddress } from './relay-address.ts';

/** What opens a locked desk, and what it tells while it is locked. */
export interface Locked {
  readonly pin: boolean;
  readonly passkey: boolean;
  readonly unread: number;
}

/** What the desk shows. `open`: what the client says. */
export type Screen =
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
  /** `failure`: code of why another tab may still be open; null: none is. */
  | { readonly at: 'locked'; readonly lock: Locked; readonly failure: string | null }
  | { readonly at: 'open'; readonly client: DeskClient };

export type Membership = Parameters<Parameters<DeskClient['membership']['subscribe']>[0]>[0];

/** What an open client shows. `guest`: nobody has chosen how to lock it yet. */
export type Inside = 'opening' | 'failed' | 'guest' | Membership['state'];

/** The element whose desk it is, with its attributes. */
export interface SessionHost extends ReactiveControllerHost, EventTarget {
  readonly opener: DeskOpener;
  readonly relay: string | null;
  readonly lockAfter: string | null;
}

/** So long locking waits for what is being stored, ms. */
const FLUSH_LIMIT = 1000;

/** Nobody can open what is stored. */
const LOST: ReadonlySet<string> = new Set(['vault-lost', 'vault-damaged', 'store-lost']);

/** Opens, locks and leaves one desk after the other for its host, which renders again at every change. */
export class DeskSession implements ReactiveController {
  readonly membership: LiveController<Membership>;
  readonly conversations: LiveController<readonly ConversationView[]>;
  readonly status: LiveController<ClientStatus>;
  readonly vault: LiveController<VaultView>;
  /** An invitation that was taken from the address bar and not yet used. */
  invitation: Invitation | null = null;
  readonly #host: SessionHost;
  #screen: Screen = { at: 'starting' };
  /** Counts openings: what an outdated one brings is closed again. */
  #turn = 0;
  #client: DeskClient | null = null;
  #unread = 0;
  /** The lock of this client was not chosen yet when it was opened, and the page that asks for it is not done. */
  #choosing = false;
  /** PIN or passkey are being checked. */
  #unlocking = 0;
  /** What is still being stored of the client that was locked. */
  #locking: Promise<void> = Promise.resolve();

  constructor(host: SessionHost) {
    this.#host = host;
    this.membership = new LiveController(host);
    this.conversations = new LiveController(host);
    this.status = new LiveController(host);
    this.vault = new LiveController(host);
    host.addController(this);
  }

  get screen(): Screen {
    return this.#screen;
  }

  /** Unread messages in own conversations; while it is locked those of that moment. */
  get unread(): number {
    return this.#unread;
  }

  /** What the open client shows; null: none is open. */
  get inside(): Inside | null {
    if (this.#screen.at !== 'open') return null;
    const state = this.membership.value?.state;
    if (this.membership.error !== undefined || this.vault.error !== undefined) return 'failed';
    if (state === undefined || this.vault.value === undefined) return 'opening';
    return state !== 'removed' && this.#choosing ? 'guest' : state;
  }

  hostConnected(): void {
    document.addEventListener('visibilitychange', this.#onVisibility);
    addEventListener('focus', this.#onVisibility);
    void this.start();
  }

  hostDisconnected(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility);
    removeEventListener('focus', this.#onVisibility);
    this.#turn++;
    void this.#leave();
    this.#screen = { at: 'starting' };
  }

  /** Takes in what the client has said since. Called before the host renders. */
  follow(): void {
    if (this.vault.value?.storage === 'guest') this.#choosing = true;
    const { screen, conversations } = this;
    if (screen.at === 'locked') this.#unread = screen.lock.unread;
    else if (conversations.value) this.#unread = unreadTotal(conversations.value);
    else if (screen.at === 'door' || screen.at === 'form') this.#unread = 0; // else it is not known yet
  }

  /** From the beginning: what is stored, else the invitation, else the way to get one. */
  async start(): Promise<void> {
    const turn = ++this.#turn;
    const refused = this.takeInvitation();
    await this.#leave();
    try {
      const enrolled = await this.#host.opener.find();
      if (turn !== this.#turn) return;
      if (enrolled) await this.#enter(turn, { invitation: null, name: null });
      else if (this.invitation) this.#show(formFor(this.invitation, false));
      else this.#show({ at: 'door', reason: refused === null ? 'closed' : 'invitation', code: refused ?? '' });
    } catch (error) {
      if (turn === this.#turn) this.#refused(error);
    }
  }

  /** Takes an invitation out of the page's address. @returns code of why it cannot be used; null: there is none, or it can */
  takeInvitation(): string | null {
    try {
      this.invitation = takeInvitation(window, Date.now()) ?? this.invitation;
      return null;
    } catch (error) {
      return codeOf(error);
    }
  }

  /** Makes keys and asks to join. */
  async enrol(form: Extract<Screen, { at: 'form' }>, name: string): Promise<void> {
    const turn = ++this.#turn;
    this.#show({ ...form, working: true, failure: null });
    try {
      if (form.again) await this.#host.opener.forget({ relay: this.#relay });
      await this.#enter(turn, { invitation: form.invitation, name });
      this.invitation = null;
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#show({ ...form, working: false, failure: codeOf(error) });
      emit(this.#host, new ScErrorEvent(codeOf(error), true));
    }
  }

  /** The device is known already, but its invitation is a new one. */
  async rejoin(): Promise<void> {
    if (!this.invitation) return;
    this.#turn++;
    this.#show(formFor(this.invitation, true));
    await this.#leave();
  }

  /**
   * Deletes what is stored, and begins anew.
   * @throws ChatError of the store or the address; then nothing has changed
   */
  async forget(): Promise<void> {
    await this.#host.opener.forget({ relay: this.#relay });
    await this.start();
  }

  /** How the desk is locked was chosen: on to what it hides. */
  chosen(): void {
    this.#choosing = this.vault.value?.storage === 'guest';
    this.#host.requestUpdate();
  }

  /** As `forget`, from a page that has nothing else to offer; says what failed. */
  async startAnew(): Promise<void> {
    try {
      await this.forget();
    } catch (error) {
      this.#show({ at: 'door', reason: 'failed', code: codeOf(error) });
    }
  }

  /** @throws ChatError why it stays locked; not when that is on screen already */
  async unlock(unlock: Unlocking): Promise<void> {
    const { screen } = this;
    const turn = ++this.#turn;
    this.#unlocking++;
    try {
      await this.#enter(turn, { invitation: null, name: null, unlock });
    } catch (error) {
      if (turn !== this.#turn) return;
      emit(this.#host, new ScErrorEvent(codeOf(error), true));
      // A passkey opens also what no PIN opens any more.
      const other = unlock.by === 'pin' && screen.at === 'locked' && screen.lock.passkey;
      if (LOST.has(codeOf(error)) && !other) this.#refused(error);
      else throw error;
    } finally {
      this.#unlocking--;
    }
  }

  /** Locks the desk in all tabs. @param stored resolves when what was written is stored; not waited for long */
  async lock(stored: Promise<void>): Promise<void> {
    const client = this.#client;
    const vault = this.vault.value;
    if (!client || !vault || this.inside === 'guest') return;
    const { pin, passkey } = vault;
    const lock: Locked = { pin, passkey, unread: this.#unread };
    this.#turn++;
    this.#forgetClient();
    this.#show({ at: 'locked', lock, failure: null });
    this.#locking = closed(client, stored).catch((error: unknown) => {
      // This tab is locked all the same.
      if (this.#screen.at === 'locked') this.#show({ ...this.#screen, failure: codeOf(error) });
      emit(this.#host, new ScErrorEvent(codeOf(error), true));
    });
    await this.#locking;
  }

  /** Somebody is there. */
  touch(): void {
    this.#client?.vault.touch();
  }

  async #enter(
    turn: number,
    how: { invitation: Invitation | null; name: string | null; unlock?: Unlocking },
  ): Promise<void> {
    const { opener, lockAfter } = this.#host;
    const relay = this.#relay;
    await this.#locking;
    const client = await opener.open({ ...how, relay, lockAfter: lockAfterMs(lockAfter) });
    if (turn !== this.#turn) {
      await client.close();
      return;
    }
    this.#client = client;
    this.#choosing = false;
    this.membership.follow(client.membership);
    this.conversations.follow(client.conversations);
    this.status.follow(client.status);
    this.vault.follow(client.vault.view);
    const wasLocked = this.#screen.at === 'locked';
    this.#show({ at: 'open', client });
    void client.ended.then((how) => this.#ended(client, how));
    if (wasLocked) emit(this.#host, new ScUnlockEvent());
    emit(this.#host, new ScReadyEvent());
  }

  get #relay(): string {
    return relayAddress(this.#host.relay, location.href);
  }

  /** The client works no more, and it was not we who closed it. */
  #ended(client: DeskClient, how: 'locked' | 'closed'): void {
    if (client !== this.#client) return;
    const { value } = this.vault;
    if (how === 'closed' || !value) {
      // What is stored was deleted, perhaps by another tab; or it is not known yet what opens it.
      if (how === 'locked' || value) void this.start();
      else this.#refused(new ChatError('environment', 'client-closed', 'the client closed at once'));
      return;
    }
    const lock: Locked = { pin: value.pin, passkey: value.passkey, unread: this.#unread };
    this.#turn++;
    this.#forgetClient();
    this.#show({ at: 'locked', lock, failure: null });
  }

  /** Why it did not open: locked, lost, or something that may pass. */
  #refused(error: unknown): void {
    const code = codeOf(error);
    if (error instanceof ChatError && code === 'vault-locked') {
      const { pin, passkey, unread } = error.details;
      const lock: Locked = { pin: pin === true, passkey: passkey === true, unread: Number(unread ?? 0) };
      this.#show({ at: 'locked', lock, failure: null });
      return;
    }
    this.#show({ at: 'door', reason: LOST.has(code) ? 'lost' : 'failed', code });
    emit(this.#host, new ScErrorEvent(code, false));
  }

  /** Back in a tab: another one may have been opened meanwhile, and hands over. */
  #onVisibility = (): void => {
    if (document.visibilityState === 'hidden' || this.#screen.at !== 'locked' || this.#unlocking > 0) return;
    void this.#look();
  };

  async #look(): Promise<void> {
    const turn = ++this.#turn;
    try {
      await this.#enter(turn, { invitation: null, name: null });
    } catch (error) {
      if (turn !== this.#turn) return;
      // What it is locked with may have changed, or all be gone; of everything else unlocking tells.
      if (codeOf(error) === 'vault-locked') this.#refused(error);
      if (codeOf(error) === 'desk-not-enrolled') await this.start();
    }
  }

  async #leave(): Promise<void> {
    const client = this.#client;
    this.#forgetClient();
    await client?.close();
  }

  /** Nothing that was read stays. */
  #forgetClient(): void {
    this.#client = null;
    for (const live of [this.membership, this.conversations, this.status, this.vault]) live.follow(null);
  }

  #show(screen: Screen): void {
    const isNew = screen.at !== this.#screen.at;
    this.#screen = screen;
    this.#host.requestUpdate();
    if (isNew && screen.at === 'locked') emit(this.#host, new ScLockEvent());
  }
}

/** Stores what can be stored in time, locks all tabs, and gives up the client, whatever fails. */
async function closed(client: DeskClient, stored: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, FLUSH_LIMIT)));
  await Promise.race([stored.catch(() => undefined), enough]); // who stores has said what failed
  clearTimeout(timer);
  try {
    await client.vault.lock();
  } finally {
    await client.close();
  }
}

/** Apart from the class: the manifest would list these calls beside the documented events. */
function emit(target: EventTarget, event: Event): void {
  target.dispatchEvent(event);
}

function formFor(invitation: Invitation, again: boolean): Screen {
  return { at: 'form', invitation, again, working: false, failure: null };
}
