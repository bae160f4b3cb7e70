/**
 * The leading tab: of all tabs of a profile one takes the mail and sends for all. docs/decisions/0030-one-leading-tab.md
 * @module
 */
import { ChatError, codeOf } from '../errors.ts';
import { asChatError } from './relay-errors.ts';
import { isFresh } from '../identity/directory-order.ts';
import { memberById } from '../identity/directory.ts';
import { CancelSource } from './cancel-source.ts';
import { stepOf, type EngineContext } from './context.ts';
import { heldDirectory, offerDirectory } from './directory-keeper.ts';
import { MailLoop } from './mail-loop.ts';
import { forgetPrekeys, tendPrekeys } from './prekey-keeper.ts';
import { pump } from './pump.ts';
import { nextTry } from './reach.ts';
import { LiveValue } from './relay-live-value.ts';
import { announceWaiting } from './selection.ts';
import { tendMessages, tidy } from './upkeep.ts';

/** Held by one open tab of a profile, for as long as there is one. */
export const LEADER_LOCK = 'leader';
const BEAT = 30_000;
const PREKEY_PAUSE = 3_600_000;
const DIRECTORY_PAUSE = 600_000;
const TIDY_PAUSE = 3_600_000;
const RETRY = 5_000;
/** No mail for so long after subscribing: there is none. */
const QUIET = 3_000;
const LONGEST_RETRY = 60_000;

/** What a desk's leader does besides; called whenever the connection or the membership has changed. */
export type Extra = () => Promise<void>;

type Part = 'mail' | 'pump' | 'duty';

/** Runs while the tab is open; works while it leads. */
export class Leader {
  readonly leading = new LiveValue(false);
  readonly problem = new LiveValue<ChatError | null>(null);
  /** What is wrong with the directory that the relay offers. */
  readonly directoryProblem = new LiveValue<ChatError | null>(null);
  readonly #context: EngineContext;
  readonly #cancel = new CancelSource();
  readonly #mail: MailLoop;
  readonly #extra: Extra;
  readonly #stops: (() => void)[] = [];
  readonly #problems = new Map<Part, ChatError>();
  #pumping = false;
  #again = false;
  #subscribed = false;
  /** How many of the mails that waited when the connection began were not taken yet. */
  #undrained = Infinity;
  #prekeysAt = -PREKEY_PAUSE;
  #tidiedAt = -TIDY_PAUSE;
  #freshWaiters: (() => void)[] = [];
  #lastOffer = Promise.resolve();
  #offeredAt = 0;
  #cancelRetry = (): void => undefined;
  #cancelBeat = (): void => undefined;
  #cancelReach = (): void => undefined;
  #cancelQuiet = (): void => undefined;

  constructor(context: EngineContext, extra: Extra) {
    this.#context = context;
    this.#extra = extra;
    this.#mail = new MailLoop({
      context,
      freshDirectory: () => this.#fresh(),
      onTaken: () => {
        this.#undrained = Math.max(0, this.#undrained - 1);
        this.kick();
      },
      onDecided: () => {
        this.#tell('mail', null);
        this.kick();
        if (this.#undrained === 0) void this.#guard(() => this.#announce());
      },
      onProblem: (error) => this.#tell('mail', error),
    });
  }

  start(): void {
    const { ports } = this.#context;
    void ports.locks
      .hold(LEADER_LOCK, this.#cancel.signal, () => this.#lead())
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
    this.#cancelReach();
    this.#cancelQuiet();
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
      relay.onPush('directory', ({ bundle }) => void this.#guard(() => this.#offered(bundle))),
      relay.state.subscribe(
        ({ connection }) => connection !== 'online' && this.#lost(),
        () => undefined,
      ),
      relay.onOnline(({ auth }) => {
        this.#undrained = auth?.queued ?? Infinity;
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
    if (bundle !== null) await this.#offered(bundle);
    await this.#proceed();
  }

  /** In the order they came: an answer that a push has overtaken would seem to be an older one. */
  #offered(bundle: Uint8Array): Promise<void> {
    const offer = this.#lastOffer.then(() => this.#offer(bundle));
    this.#lastOffer = offer.catch(() => undefined);
    return offer;
  }

  /** What is wrong with the relay's bundle is told until it offers a right one; what is held stays in force meanwhile. */
  async #offer(bundle: Uint8Array): Promise<void> {
    try {
      await offerDirectory(this.#context, bundle);
      this.#offeredAt = this.#context.ports.clock.now();
      if (this.directoryProblem.value !== null) this.directoryProblem.set(null);
    } catch (error) {
      if (!(error instanceof ChatError) || error.kind !== 'peer') throw error;
      this.directoryProblem.set(error);
    }
    if (await this.#mayTake()) await this.#mail.retryHeld();
    await this.#proceed();
  }

  /** Subscribes once a fresh directory allows it (§5.4), and does what is due then. */
  async #proceed(): Promise<void> {
    await this.#extra();
    if (!(await this.#mayTake())) return;
    for (const waiter of this.#freshWaiters.splice(0)) waiter();
    if (!this.#subscribed && this.#context.relay.now.connection === 'online') {
      this.#subscribed = true;
      try {
        await this.#context.relay.request('subscribe', {});
      } catch (error) {
        // Whether it took effect is not known; the next beat subscribes again.
        this.#subscribed = false;
        throw error;
      }
      this.#awaitDrained();
    }
    await this.#tendPrekeys();
    this.kick();
    await this.#announce();
  }

  /**
   * How many mails wait is known when the connection begins. If another tab has taken them since, fewer come than were
   * expected: then quiet has to do.
   */
  #awaitDrained(): void {
    this.#cancelQuiet();
    this.#cancelQuiet = this.#context.ports.clock.after(QUIET, () => {
      if (!this.#subscribed || this.#undrained === 0) return;
      if (!this.#mail.isIdle(QUIET)) return this.#awaitDrained();
      this.#undrained = 0;
      void this.#guard(() => this.#announce());
    });
  }

  /** Only after the mailbox was drained: a `join` may be in it (§14.1). */
  async #announce(): Promise<void> {
    if (this.#undrained === 0 && this.#context.relay.now.connection === 'online') await announceWaiting(this.#context);
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
    if (Math.abs(now - this.#prekeysAt) < PREKEY_PAUSE) return;
    this.#prekeysAt = now;
    try {
      await tendPrekeys(this.#context);
    } catch (error) {
      this.#prekeysAt = -PREKEY_PAUSE;
      throw error;
    }
  }

  /** Every hour, and when this tab begins to lead. */
  async #tidy(): Promise<void> {
    const now = this.#context.ports.clock.now();
    if (Math.abs(now - this.#tidiedAt) < TIDY_PAUSE) return;
    if (this.#undrained === 0) await stepOf(this.#context, (step) => forgetPrekeys(this.#context, step));
    await tidy(this.#context);
    this.#tidiedAt = now;
  }

  #lost(): void {
    this.#subscribed = false;
    this.#mail.reset();
  }

  /** Every half minute: what time brings, a directory that may have become stale or fresh, a waiting list that may have forgotten us. */
  #beat(): void {
    this.#cancelBeat = this.#context.ports.clock.after(BEAT, () => {
      void this.#guard(async () => {
        await tendMessages(this.#context);
        await this.#tidy();
        if (this.#context.relay.now.connection === 'online') await this.#askDirectory();
      }).then(() => this.leading.value && this.#beat());
    });
  }

  /** It is pushed when there is a new one; asked for where it is missed, and now and then. */
  async #askDirectory(): Promise<void> {
    const { ports, relay, desk } = this.#context;
    const isDue = Math.abs(ports.clock.now() - this.#offeredAt) >= DIRECTORY_PAUSE;
    if (isDue || this.directoryProblem.value !== null || !(await this.#mayTake())) {
      const { bundle } = await relay.request('directory-fetch', { desk });
      if (bundle !== null) return this.#offered(bundle);
    }
    if (await this.#mayTake()) await this.#mail.retryHeld();
    await this.#proceed();
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    try {
      while (this.#again && this.leading.value && this.#context.relay.now.connection === 'online') {
        this.#again = false;
        if (await pump(this.#context)) await this.#announce();
      }
      this.#tell('pump', null);
      this.#cancelReach();
      const wait = nextTry(this.#context);
      if (wait !== null) this.#cancelReach = this.#context.ports.clock.after(wait, () => this.kick());
    } catch (error) {
      if (this.leading.value && codeOf(error) !== 'relay-disconnected') {
        this.#tell('pump', asChatError(error));
        this.#again = true;
        this.#cancelRetry();
        this.#cancelRetry = this.#context.ports.clock.after(retryAfter(error), () => this.kick());
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
      this.#tell('duty', null);
    } catch (error) {
      if (this.leading.value && codeOf(error) !== 'relay-disconnected') this.#tell('duty', asChatError(error));
    }
  }

  /** What is wrong with one part of the work; null: nothing any more. */
  #tell(part: Part, problem: ChatError | null): void {
    if (problem === null) this.#problems.delete(part);
    else this.#problems.set(part, problem);
    const [first = null] = this.#problems.values();
    if (first !== this.problem.value) this.problem.set(first);
  }
}

/** When to try again, ms: as the relay wants it, or soon. */
function retryAfter(error: unknown): number {
  const wanted = error instanceof ChatError ? error.details['retryAfter'] : null;
  return typeof wanted === 'number' ? Math.min(Math.max(RETRY, wanted), LONGEST_RETRY) : RETRY;
}
