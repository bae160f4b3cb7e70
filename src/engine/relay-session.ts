/**
 * One connection to the relay from its opening to its end: challenge, authentication, requests, pushes, heartbeat.
 * docs/relay.md §1, §3, §7.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { usageError, type ChatError } from '../errors.ts';
import type { DeviceKeys } from '../identity/device.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import { decodeRelayFrame, encodeRequest, type PushFrame, type RelayFrame } from '../wire/frames.ts';
import { answerChallenge, relayOriginOf, relaySocketUrl } from '../wire/relay-auth.ts';
import { BEFORE_AUTH, type ReplyBody, type RequestBody, type RequestType } from '../wire/requests.ts';
import type { Clock, Link, Transport } from './ports.ts';
import { asChatError, closeError, disconnected, protocolError, refusalError } from './relay-errors.ts';
import { PendingRequests } from './relay-requests.ts';

/** How long opening may take, and how long from open to authenticated, ms. */
const GREETING_LIMIT = 15_000;
/** Between two heartbeats, ms. */
const HEARTBEAT = 20_000;
/** A connection on which nothing came for this long after a heartbeat is dead, ms. */
const SILENCE_LIMIT = 10_000;

/** Who authenticates, and for which desk. */
export interface RelayDevice {
  readonly keys: DeviceKeys;
  readonly crypto: PublicKeyCrypto;
  /** The desk's root key, 32 B. */
  readonly desk: Uint8Array;
}

/** What was learnt when requests became possible. */
export interface RelayGreeting {
  /** The answer to `auth`; null without a device. */
  readonly auth: ReplyBody<'auth'> | null;
  /** The relay's clock minus the local one, ms. */
  readonly skew: number;
  /** What this connection was challenged with, 32 B; calls for a vault are signed for it. */
  readonly nonce: Uint8Array;
}

export interface SessionHandlers {
  onOnline(greeting: RelayGreeting): void;
  /** Any push but the challenge. */
  onPush(frame: PushFrame): void;
  /** A heartbeat was answered after this many ms. */
  onLatency(ms: number): void;
  /** Called once, last; every request was rejected. */
  onEnd(error: ChatError): void;
}

/** See the module. It opens when it is made. */
export class RelaySession {
  readonly #clock: Clock;
  readonly #device: RelayDevice | null;
  readonly #url: string;
  readonly #handlers: SessionHandlers;
  readonly #pending: PendingRequests;
  readonly #link: Link;
  #phase: 'opening' | 'challenge' | 'auth' | 'online' | 'ended' = 'opening';
  #stopLimit: () => void;
  #stopHeartbeat = (): void => undefined;
  #stopSilence = (): void => undefined;
  #probing = false;
  #skew = 0;
  #nonce: Uint8Array = new Uint8Array(0);

  constructor(
    options: { transport: Transport; clock: Clock; url: string; device: RelayDevice | null },
    handlers: SessionHandlers,
  ) {
    this.#clock = options.clock;
    this.#device = options.device;
    this.#url = options.url;
    this.#handlers = handlers;
    this.#pending = new PendingRequests(options.clock);
    this.#stopLimit = this.#limit('the connection did not open in time');
    this.#link = options.transport.open(relaySocketUrl(options.url), {
      onOpen: () => this.#opened(),
      onMessage: (bytes) => this.#received(bytes),
      onClose: (code) => this.#end(closeError(code, this.#phase !== 'opening')),
    });
  }

  get online(): boolean {
    return this.#phase === 'online';
  }

  /** As `RelayConnection.request`. */
  async request<K extends RequestType>(type: K, body: RequestBody<K>, timeout: number): Promise<ReplyBody<K>> {
    if (this.#phase !== 'online') throw disconnected('the relay is not connected');
    if (this.#device === null && !BEFORE_AUTH.has(type)) {
      throw usageError('relay-unauthenticated', 'this request needs a device', { details: { type } });
    }
    return this.#send(type, body, timeout);
  }

  /** Makes sure that the connection is alive: the answer comes by `onLatency`, its absence by `onEnd`. */
  probe(): void {
    if (this.#phase !== 'online' || this.#probing) return;
    this.#probing = true;
    this.#stopHeartbeat();
    this.#expectSomething();
    const sentAt = this.#clock.now();
    // No timeout of its own: the answer may queue behind a long download, as long as anything comes in at all.
    this.#send('ping', {}, null).then(
      () => this.#alive(Math.max(0, this.#clock.now() - sentAt)),
      (error: unknown) => this.#end(asChatError(error)),
    );
  }

  /** Ends it with this reason. */
  end(error: ChatError): void {
    this.#end(error);
  }

  #alive(latency: number): void {
    if (this.#phase !== 'online') return;
    this.#probing = false;
    this.#stopSilence();
    this.#stopHeartbeat = this.#clock.after(HEARTBEAT, () => this.probe());
    this.#handlers.onLatency(latency);
  }

  #expectSomething(): void {
    this.#stopSilence();
    this.#stopSilence = this.#clock.after(SILENCE_LIMIT, () => this.#end(disconnected('the relay fell silent')));
  }

  #send<K extends RequestType>(type: K, body: RequestBody<K>, timeout: number | null): Promise<ReplyBody<K>> {
    const bytes = encodeRequest(type, this.#pending.nextId(), body);
    const answer = this.#pending.wait(type, timeout);
    this.#link.send(bytes);
    return answer;
  }

  #opened(): void {
    if (this.#phase !== 'opening') return;
    this.#phase = 'challenge';
    this.#stopLimit();
    this.#stopLimit = this.#limit('the relay did not greet in time');
  }

  #received(bytes: Uint8Array): void {
    if (this.#phase === 'ended') return;
    if (this.#probing) this.#expectSomething();
    let frame: RelayFrame;
    try {
      frame = decodeRelayFrame(bytes, (id) => this.#pending.typeOf(id));
    } catch (cause) {
      this.#end(protocolError('the relay sent what is not in the catalogue', cause));
      return;
    }
    // At once and not by a promise: the relay may close or push right behind its answer.
    if (this.#phase === 'auth' && frame.is !== 'push') this.#authenticated(frame);
    else if (frame.is === 'ok') this.#pending.answer(frame.id, frame.body);
    else if (frame.is === 'error') this.#pending.refuse(frame.id, frame.refusal);
    else if (frame.push === 'challenge') this.#challenged(frame.body.nonce, frame.body.now);
    else if (this.#phase === 'online') this.#handlers.onPush(frame);
    else this.#end(protocolError('the relay pushed before it had greeted'));
  }

  #challenged(nonce: Uint8Array, now: number): void {
    if (this.#phase !== 'challenge') return this.#end(protocolError('the relay challenged twice'));
    this.#skew = now - this.#clock.now();
    this.#nonce = nonce;
    if (this.#device === null) return this.#greeted(null);
    this.#phase = 'auth';
    this.#authenticate(this.#device, nonce).catch((error: unknown) => this.#end(asChatError(error)));
  }

  async #authenticate({ keys, crypto, desk }: RelayDevice, nonce: Uint8Array): Promise<void> {
    const relay = relayOriginOf(this.#url);
    const signed = await answerChallenge(crypto, { seed: keys.seed, key: keys.key, desk, relay, nonce });
    // The answer comes to `#authenticated`; the end of the session rejects this.
    if (this.#phase === 'auth') await this.#send('auth', { signed }, null);
  }

  #authenticated(frame: Exclude<RelayFrame, PushFrame>): void {
    if (frame.is === 'error') return this.#end(refusalError(frame.refusal));
    const auth = frame.body as ReplyBody<'auth'>;
    this.#pending.answer(frame.id, auth);
    if (this.#device !== null && equal(auth.device, this.#device.keys.id)) this.#greeted(auth);
    else this.#end(protocolError('the relay took us for another device'));
  }

  #greeted(auth: RelayGreeting['auth']): void {
    this.#stopLimit();
    this.#phase = 'online';
    this.#handlers.onOnline({ auth, skew: this.#skew, nonce: this.#nonce });
    this.probe();
  }

  #limit(message: string): () => void {
    return this.#clock.after(GREETING_LIMIT, () => this.#end(disconnected(message)));
  }

  #end(error: ChatError): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#stopLimit();
    this.#stopHeartbeat();
    this.#stopSilence();
    this.#link.close();
    this.#pending.rejectAll(disconnected('the connection ended before the answer', { cause: error }));
    this.#handlers.onEnd(error);
  }
}
