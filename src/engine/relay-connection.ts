/**
 * The connection to the relay that mends itself: authenticated by the device key, or without one for what may be asked
 * before (tickets). docs/relay.md §1.
 * @module
 */
import { usageError, type ChatError } from '../errors.ts';
import type { PushFrame } from '../wire/frames.ts';
import type { PushBody, PushType } from '../wire/pushes.ts';
import { relaySocketUrl } from '../wire/relay-auth.ts';
import type { ReplyBody, RequestBody, RequestType } from '../wire/requests.ts';
import type { Ports } from './ports.ts';
import { asChatError, disconnected } from './relay-errors.ts';
import { LiveValue } from './relay-live-value.ts';
import { RelaySession, type RelayDevice, type RelayGreeting } from './relay-session.ts';
import type { Live } from './views.ts';

export type { RelayDevice, RelayGreeting } from './relay-session.ts';

/** First and longest wait before another attempt, ms; each is shortened by chance (full jitter). */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 60_000;
/** The longest wait that a relay can ask for, ms. */
const LONGEST_ASKED_WAIT = 10 * 60_000;
/** Waits doubled this often reach the longest. */
const MOST_DOUBLINGS = 7;
/** Until a request is given up, ms. */
const REQUEST_TIMEOUT = 10_000;

/** Ends that trying again soon will not mend, and how long they are left alone at least, ms. */
const PATIENT_WAIT = 30_000;
const PATIENT = new Set([
  'relay-auth-refused',
  'relay-flooding',
  'relay-too-many-connections',
  'auth-malformed',
  'auth-origin',
  'auth-signature',
  'desk-unknown',
  'rate-limited',
]);

/** What a caller may ask; the connection authenticates itself. */
export type CallableRequest = Exclude<RequestType, 'auth'>;

/** What is known of the connection. */
export interface RelayState {
  /**
   * `online`: requests are answered; `connecting`: being opened or authenticated, or waiting to try again; `offline`: the
   * device says that it has no network (attempts go on all the same), or `close` was called.
   */
  readonly connection: 'connecting' | 'online' | 'offline';
  /** Round trip of the last heartbeat, ms; null when not known. */
  readonly latency: number | null;
  /** The relay's clock minus the local one at the last greeting, ms; null before the first. */
  readonly skew: number | null;
  /** Why the last connection ended; null once online again. */
  readonly problem: ChatError | null;
  /** When the next attempt is made, ms since 1970; null while one is made, or none will be. */
  readonly retryAt: number | null;
}

export interface RelayConnectionOptions {
  readonly ports: Pick<Ports, 'transport' | 'clock' | 'random'>;
  /** The relay's URL: `wss:`, or `ws:` of localhost, 127.0.0.1 or [::1]. */
  readonly url: string;
  /** Null: not authenticated; the relay closes such a connection after a minute, and it opens again. */
  readonly device: RelayDevice | null;
  /** Told what a listener of pushes or of going online threw; it does not end the connection. Not given: an unhandled rejection. */
  readonly onListenerError?: (error: unknown) => void;
}

/** A connection that stays, with interruptions, until `close`. */
export interface RelayConnection {
  readonly state: Live<RelayState>;
  /** The state at this moment. */
  readonly now: RelayState;
  /** That of the connection on which a request would go now; null while there is none. */
  readonly greeting: RelayGreeting | null;
  /**
   * Sends a request and waits for its answer. Nothing is repeated by itself: what the relay did with a request that was
   * rejected as disconnected or timed out is not known.
   * @param options.timeout ms, 10,000 if not said
   * @throws ChatError `relay-disconnected` when there is no connection or it ended before the answer (`cause`: why),
   *   `relay-timeout`, `relay-unauthenticated` (usage) for what needs a device, the relay's own code (docs/relay.md §4) if
   *   it refused, with `details.retryAfter` (ms) and `details.by` (hex) where it gave them; `shape-mismatch`,
   *   `cbor-too-large` when the body breaks the catalogue
   */
  request<K extends CallableRequest>(
    type: K,
    body: RequestBody<K>,
    options?: { timeout?: number },
  ): Promise<ReplyBody<K>>;
  /** Calls back for every push of a type, in the order they come. Returns the way to stop. */
  onPush<K extends Exclude<PushType, 'challenge'>>(type: K, listener: (body: PushBody<K>) => void): () => void;
  /**
   * Calls back each time that requests have become possible, also at once if they are: the place to subscribe (again) to
   * mail, directory, duty and queue, which end with each connection. Returns the way to stop.
   */
  onOnline(listener: (greeting: RelayGreeting) => void): () => void;
  /** Ends the connection for good; waiting requests reject with `relay-disconnected`. */
  close(): void;
}

/**
 * Starts to connect, and reports by `state`.
 * @throws ChatError `relay-url-malformed`, `relay-insecure` (usage)
 */
export function connectRelay(options: RelayConnectionOptions): RelayConnection {
  return new MendingConnection(options);
}

class MendingConnection implements RelayConnection {
  readonly #options: RelayConnectionOptions;
  readonly #state = new LiveValue<RelayState>({
    connection: 'connecting',
    latency: null,
    skew: null,
    problem: null,
    retryAt: null,
  });
  readonly #pushListeners = new Set<{ type: PushType; listener: (body: never) => void }>();
  readonly #onlineListeners = new Set<(greeting: RelayGreeting) => void>();
  readonly #unwatch: () => void;
  #session: RelaySession | null = null;
  #greeting: RelayGreeting | null = null;
  #failures = 0;
  #reachable = true;
  #closed = false;
  #stopRetry = (): void => undefined;

  constructor(options: RelayConnectionOptions) {
    relaySocketUrl(options.url);
    this.#options = options;
    this.#unwatch = options.ports.transport.onReachable((online) => this.#reach(online));
    this.#open();
  }

  get state(): Live<RelayState> {
    return this.#state;
  }

  get now(): RelayState {
    return this.#state.value;
  }

  get greeting(): RelayGreeting | null {
    return this.#greeting;
  }

  async request<K extends CallableRequest>(
    type: K,
    body: RequestBody<K>,
    { timeout = REQUEST_TIMEOUT }: { timeout?: number } = {},
  ): Promise<ReplyBody<K>> {
    if (this.#session === null)
      throw disconnected('the relay is not connected', { cause: this.now.problem ?? undefined });
    return this.#session.request(type, body, timeout);
  }

  onPush<K extends Exclude<PushType, 'challenge'>>(type: K, listener: (body: PushBody<K>) => void): () => void {
    const entry = { type, listener };
    this.#pushListeners.add(entry);
    return () => {
      this.#pushListeners.delete(entry);
    };
  }

  onOnline(listener: (greeting: RelayGreeting) => void): () => void {
    // Wrapped, so that one function may listen twice and stop once.
    const entry = (greeting: RelayGreeting): void => listener(greeting);
    this.#onlineListeners.add(entry);
    if (this.#greeting !== null) this.#isolated(() => entry(this.#greeting as RelayGreeting));
    return () => {
      this.#onlineListeners.delete(entry);
    };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unwatch();
    this.#stopRetry();
    if (this.#session === null) this.#ended(usageError('relay-closed', 'the connection was closed'));
    else this.#session.end(usageError('relay-closed', 'the connection was closed'));
  }

  #open(): void {
    this.#stopRetry();
    this.#update({ connection: this.#reachable ? 'connecting' : 'offline', retryAt: null });
    const { ports, url, device } = this.#options;
    const { transport, clock } = ports;
    this.#session = new RelaySession(
      { transport, clock, url, device },
      {
        onOnline: (greeting) => this.#online(greeting),
        onPush: (frame) => this.#pushed(frame),
        onLatency: (latency) => {
          // Only now is it known to hold: resetting at once would hammer a relay that takes and drops us.
          this.#failures = 0;
          this.#update({ latency });
        },
        onEnd: (error) => this.#ended(error),
      },
    );
  }

  #online(greeting: RelayGreeting): void {
    this.#greeting = greeting;
    this.#update({ connection: 'online', problem: null, skew: greeting.skew });
    for (const listener of [...this.#onlineListeners]) this.#isolated(() => listener(greeting));
  }

  #pushed({ push, body }: PushFrame): void {
    for (const { type, listener } of [...this.#pushListeners]) {
      if (type === push) this.#isolated(() => listener(body as never));
    }
  }

  #ended(error: ChatError): void {
    this.#session = null;
    this.#greeting = null;
    if (this.#closed) {
      this.#update({ connection: 'offline', latency: null, problem: null, retryAt: null });
      return;
    }
    const { clock } = this.#options.ports;
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(this.#failures, MOST_DOUBLINGS));
    const least = Math.max(PATIENT.has(error.code) ? PATIENT_WAIT : 0, askedWait(error));
    const wait = least + Math.ceil(longest * this.#chance());
    this.#failures++;
    this.#stopRetry = clock.after(wait, () => this.#open());
    const connection = this.#reachable ? 'connecting' : 'offline';
    this.#update({ connection, latency: null, problem: error, retryAt: clock.now() + wait });
  }

  #reach(online: boolean): void {
    this.#reachable = online;
    if (!online) {
      if (this.#session === null) this.#update({ connection: 'offline' });
      else this.#session.end(disconnected('the device went offline'));
      return;
    }
    // A connection that says it is online may have died with the network before; one that is being opened may be stuck.
    if (this.#session?.online === true) return this.#session.probe();
    this.#session?.end(disconnected('the network changed'));
    this.#failures = 0;
    this.#open();
  }

  /** In (0, 1]. */
  #chance(): number {
    const [a = 0, b = 0] = this.#options.ports.random(2);
    return (a * 256 + b + 1) / 65_536;
  }

  #isolated(call: () => void): void {
    try {
      call();
    } catch (error) {
      if (this.#options.onListenerError !== undefined) this.#options.onListenerError(error);
      else void Promise.reject(asChatError(error));
    }
  }

  #update(change: Partial<RelayState>): void {
    this.#state.set({ ...this.#state.value, ...change });
  }
}

/** How long the relay itself wants us to wait, ms; the wait of our own comes on top, lest all come back at once. */
function askedWait({ details }: ChatError): number {
  const { retryAfter } = details;
  return typeof retryAfter === 'number' ? Math.min(retryAfter, LONGEST_ASKED_WAIT) : 0;
}
