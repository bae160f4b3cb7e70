/**
 * The leading tab: of all tabs of a profile one takes the mail and sends for all. docs/decisions/0030-one-leading-tab.md
 * @module
 */
import { codeOf, type ChatError } from '../errors.ts';
import { asChatError } from './relay-errors.ts';
import { isFresh } from '../identity/directory-order.ts';
import { memberById } from '../identity/directory.ts';
import { CancelSource } from './cancel-source.ts';
import { stepOf, type EngineContext } from './context.ts';
import { heldDirectory, offerDirectory } from './directory-keeper.ts';
import { MailLoop } from './mail-loop.ts';
import { tendPrekeys } from './prekey-keeper.ts';
import { pump } from './pump.ts';
import { LiveValue } from './relay-live-value.ts';
import { announceWaiting } from './selection.ts';
import { upkeep } from './upkeep.ts';

const LOCK = 'leader';
const BEAT = 30_000;
const PREKEY_PAUSE = 3_600_000;
const RETRY = 5_000;

/** What a desk's leader does besides; called whenever the connection or the membership has changed. */
export type Extra = () => Promise<void>;

/** Runs while the tab is open; works while it leads. */
export class Leader {
  readonly leading = new LiveValue(false);
  readonly problem = new LiveValue<ChatError | null>(null);
  readonly #context: EngineContext;
  readonly #cancel = new CancelSource();
  readonly #mail: MailLoop;
  readonly #extra: Extra;
  readonly #stops: (() => void)[] = [];
  #pumping = false;
  #again = false;
  #subscribed = false;
  /** Mail waits at the relay that was not taken yet. */
  #undrained = true;
  #prekeysAt = -PREKEY_PAUSE;
  #freshWaiters: (() => void)[] = [];
  #cancelRetry = (): void => undefined;
  #cancelBeat = (): void => undefined;

  constructor(context: EngineContext, extra: Extra) {
    this.#context = context;
    this.#extra = extra;
    this.#mail = new MailLoop({
      context,
      freshDirectory: () => this.#fresh(),
      onTaken: () => this.kick(),
      onDrained: () => {
        this.#undrained = false;
        this.kick();
        void this.#guard(() => this.#announce());
      },
      onProblem: (error) => this.problem.set(error),
    });
  }

  start(): void {
    const { ports } = this.#context;
    void ports.locks
      .hold(LOCK, this.#cancel.signal, () => this.#lead())
      .catch((error: unknown) => this.problem.set(asChatError(error)));
  }

  /** There may be something to send. */
  kick(): void {
    if (!this.leading.value) return;
    this.#again = true;
    if (!this.#pumping) void this.#pump();
  }

  close(): void {
    this.#cancel.abort();
    this.#mail.stop();
    this.#cancelBeat();
    this.#cancelRetry();
    for (const stop of this.#stops) stop();
    this.leading.set(false);
  }

  #lead(): void {
    if (this.#cancel.signal.aborted) return;
    const { relay, store } = this.#context;
    this.leading.set(true);
    this.#stops.push(
      relay.onPush('mail', (mail) => this.#mail.push(mail)),
      relay.onPush('unsubscribed', () => this.#lost()),
      relay.onPush('directory', ({ bundle }) => void this.#guard(() => this.#offer(bundle))),
      relay.state.subscribe(
        ({ connection }) => connection !== 'online' && this.#lost(),
        () => undefined,
      ),
      relay.onOnline(({ auth }) => {
        this.#undrained = (auth?.queued ?? 0) > 0;
        void this.#guard(() => this.#connected());
      }),
      store.watch(['index', 'conversations', 'outbox'], () => this.kick()),
    );
    this.#beat();
  }

  /** The connection is there (again): directory first, then mail, then everything else. */
  async #connected(): Promise<void> {
    const { relay, desk } = this.#context;
    const { bundle } = await relay.request('directory-watch', { desk });
    if (bundle !== null) await this.#offer(bundle);
    await this.#proceed();
  }

  async #offer(bundle: Uint8Array): Promise<void> {
    try {
      await offerDirectory(this.#context, bundle);
    } catch (error) {
      // An older one than ours is the relay's lag, not an alarm; what is held stays in force.
      if (codeOf(error) !== 'directory-older') throw error;
    }
    await this.#mail.retryHeld();
    await this.#proceed();
  }

  /** Subscribes once a fresh directory allows it (§5.4), and does what is due then. */
  async #proceed(): Promise<void> {
    await this.#extra();
    if (!(await this.#mayTake())) return;
    for (const waiter of this.#freshWaiters.splice(0)) waiter();
    if (!this.#subscribed && this.#context.relay.now.connection === 'online') {
      this.#subscribed = true;
      await this.#context.relay.request('subscribe', {});
    }
    await this.#tendPrekeys();
    this.kick();
    await this.#announce();
  }

  /** Only after the mailbox was drained: a `join` may be in it (§14.1). */
  async #announce(): Promise<void> {
    if (!this.#undrained && this.#context.relay.now.connection === 'online') await announceWaiting(this.#context);
  }

  /** A fresh directory is held, and a desk's device is a member by it. */
  async #mayTake(): Promise<boolean> {
    const { ports, side, self } = this.#context;
    const directory = await stepOf(this.#context, (step) => heldDirectory(this.#context, step));
    if (directory === null || !isFresh(directory, ports.clock.now())) return false;
    return side === 'customer' || memberById(directory, self.id) !== undefined;
  }

  async #fresh(): Promise<void> {
    if (await this.#mayTake()) return;
    await new Promise<void>((resolve) => this.#freshWaiters.push(resolve));
  }

  async #tendPrekeys(): Promise<void> {
    const now = this.#context.ports.clock.now();
    if (now - this.#prekeysAt < PREKEY_PAUSE) return;
    this.#prekeysAt = now;
    try {
      await tendPrekeys(this.#context);
    } catch (error) {
      this.#prekeysAt = -PREKEY_PAUSE;
      throw error;
    }
  }

  #lost(): void {
    this.#subscribed = false;
    this.#mail.reset();
  }

  /** Every half minute: what time brings, a directory that may have become stale or fresh, a waiting list that may have forgotten us. */
  #beat(): void {
    this.#cancelBeat = this.#context.ports.clock.after(BEAT, () => {
      void this.#guard(async () => {
        await upkeep(this.#context);
        if (this.#context.relay.now.connection !== 'online') return;
        const { bundle } = await this.#context.relay.request('directory-fetch', { desk: this.#context.desk });
        if (bundle !== null) await this.#offer(bundle);
      }).then(() => this.leading.value && this.#beat());
    });
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    try {
      while (this.#again && this.leading.value && this.#context.relay.now.connection === 'online') {
        this.#again = false;
        await pump(this.#context);
      }
      if (this.problem.value !== null) this.problem.set(null);
    } catch (error) {
      if (codeOf(error) !== 'relay-disconnected') {
        this.problem.set(asChatError(error));
        this.#again = true;
        this.#cancelRetry = this.#context.ports.clock.after(RETRY, () => this.kick());
      }
    } finally {
      this.#pumping = false;
    }
  }

  /** Runs something whose failure is told and tried again by the next beat or connection. */
  async #guard(work: () => Promise<void>): Promise<void> {
    if (!this.leading.value) return;
    try {
      await work();
    } catch (error) {
      if (this.leading.value && codeOf(error) !== 'relay-disconnected') this.problem.set(asChatError(error));
    }
  }
}
