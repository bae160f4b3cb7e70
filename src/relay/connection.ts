/**
 * One connection: challenge, authentication, requests in and answers out, within bounds. docs/relay.md §1, §3.
 * @module
 */
import { toHex } from '../bytes/text.ts';
import { ChatError } from '../errors.ts';
import type { Signed } from '../identity/signature.ts';
import { CLOSE_CODES, type CloseName } from '../wire/codes.ts';
import { decodeRequest, encodePush, encodeRefusal, encodeReply, type RequestFrame } from '../wire/frames.ts';
import type { PushBody, PushType } from '../wire/pushes.ts';
import type { ReplyBody, RequestType } from '../wire/requests.ts';
import { identify } from './authentication.ts';
import { countRequest, HANDLERS, type Handler } from './handlers.ts';
import { describeFault } from './log.ts';
import { refusalOf, refused } from './refusal.ts';
import type { Services } from './services.ts';
import { isCaller, type Identity, type Session } from './session.ts';

/** The socket under a connection. */
export interface Peer {
  /** Sends a binary message; `sent` is called when it left this process, or never will. */
  send(bytes: Uint8Array, sent: () => void): void;
  close(code: number, reason: string): void;
  /** Stops and starts reading. */
  pause(): void;
  resume(): void;
  /** Bytes given to `send` that have not left. */
  readonly unsent: number;
}

/** So much unsent every connection may have, whatever the others do: more than the largest push. */
const UNSENT_ALWAYS = 256 << 10;
/** How long a draining relay waits for the next part of a blob, ms; and for how many at once. */
const PART_WITHIN = 5_000;
const MOST_UPLOADS = 16;

export class Connection implements Session {
  readonly address: string;
  readonly challenge: Uint8Array;
  identity: Identity | null = null;
  isOpen = true;
  readonly #services: Services;
  readonly #peer: Peer;
  readonly #number: number;
  readonly #openedAt: number;
  #heardAt: number;
  /** Whether the challenge was not answered yet. */
  #isChallenged = false;
  /** Requests that came while there was no room: what the socket had read already when it was told to pause. */
  #queued: RequestFrame[] = [];
  #underWay = 0;
  #isAuthenticating = false;
  #isPaused = false;
  #isDraining = false;
  #refusedInARow = 0;
  /** Blobs of which a part came here and not the last, in hexadecimal; and when the newest part came. */
  readonly #uploads = new Set<string>();
  #partAt = 0;
  #relieved: (() => void)[] = [];

  constructor(options: { services: Services; peer: Peer; address: string; number: number }) {
    this.#services = options.services;
    this.#peer = options.peer;
    this.address = options.address;
    this.challenge = options.services.random(32);
    this.#number = options.number;
    this.#openedAt = this.#heardAt = options.services.clock.now();
  }

  get isCongested(): boolean {
    const { unsentPause, unsentTotal } = this.#services.limits;
    return this.#peer.unsent > unsentPause || this.#isCrowding(unsentTotal / 2);
  }

  /** Whether so much is unsent of all connections, and not little of it of this one. */
  #isCrowding(total: number): boolean {
    return this.#services.outgoing.unsent > total && this.#peer.unsent > UNSENT_ALWAYS;
  }

  /** Pushes the challenge. */
  start(): void {
    this.#services.metrics.add('connectionsOpened', 1);
    this.#isChallenged = true;
    this.push('challenge', { v: 1, nonce: this.challenge, now: this.#services.clock.now() });
  }

  /** A binary message came. */
  receive(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    this.#heardAt = this.#services.clock.now();
    this.#services.metrics.add('bytesReceived', bytes.length);
    let frame: RequestFrame;
    try {
      frame = decodeRequest(bytes);
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      this.end('malformed');
      return;
    }
    this.#queued.push(frame);
    this.#advance();
  }

  /** A ping of the WebSocket came, which no client of ours sends: `answer` it within the rate of requests. */
  pinged(answer: () => void): void {
    if (!this.isOpen || this.isCongested) return;
    try {
      countRequest(this.#services, this);
    } catch (error) {
      if (refusalOf(error) === null) throw error;
      this.#countRefusal();
      return;
    }
    answer();
  }

  push<K extends PushType>(type: K, body: PushBody<K>): void {
    this.pushEncoded(encodePush(type, body));
  }

  pushEncoded(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    this.#services.metrics.add('bytesSent', bytes.length);
    const { outgoing, limits } = this.#services;
    outgoing.unsent += bytes.length;
    this.#peer.send(bytes, () => {
      outgoing.unsent -= bytes.length;
      this.#relieve();
    });
    if (this.#peer.unsent > limits.unsentLimit || this.#isCrowding(limits.unsentTotal)) this.end('slow-consumer');
    else this.#throttle();
  }

  onceRelieved(callback: () => void): void {
    this.#relieved.push(callback);
  }

  end(why: CloseName): void {
    if (!this.isOpen) return;
    this.#forget(why);
    this.#peer.close(CLOSE_CODES[why], why);
  }

  /** The socket is closed, by whomever. */
  ended(): void {
    if (this.isOpen) this.#forget('by-peer');
  }

  /** Looks whether a time has run out; called every few seconds. */
  tick(): void {
    const { clock, limits } = this.#services;
    const now = clock.now();
    if (this.identity === null && now - this.#openedAt >= limits.authWithin) this.end('auth-timeout');
    else if (now - this.#heardAt >= limits.idleAfter) this.end('idle');
    else this.#leave();
  }

  /** Reads no more, but for a blob on its way, and ends as `going-away` when what is under way is answered. */
  drain(): void {
    this.#isDraining = true;
    this.#throttle();
    this.#leave();
  }

  #leave(): void {
    if (this.#isDraining && this.#underWay === 0 && !this.#isUploading) this.end('going-away');
  }

  /** Whether a blob is being sent here. One whose next part does not come goes on elsewhere. */
  get #isUploading(): boolean {
    return this.#uploads.size > 0 && this.#services.clock.now() - this.#partAt < PART_WITHIN;
  }

  #noteUpload(blob: Uint8Array, complete: boolean): void {
    const name = toHex(blob);
    this.#uploads.delete(name);
    if (complete) return;
    this.#partAt = this.#services.clock.now();
    this.#uploads.add(name);
    for (const oldest of this.#uploads) {
      if (this.#uploads.size <= MOST_UPLOADS) break;
      this.#uploads.delete(oldest);
    }
  }

  /** Serves what has come as far as there is room, and reads on only then. */
  #advance(): void {
    while (this.isOpen && this.#hasRoom) {
      const frame = this.#queued.shift();
      if (frame === undefined) break;
      this.#serve(frame);
    }
    this.#throttle();
  }

  get #hasRoom(): boolean {
    const isBusy = this.#isAuthenticating || this.#underWay >= this.#services.limits.requestsAtOnce;
    return !(this.#isDraining && !this.#isUploading) && !isBusy && !this.isCongested;
  }

  #serve(frame: RequestFrame): void {
    this.#underWay += 1;
    this.#answer(frame)
      .catch((error: unknown) => {
        this.#services.onFault(error);
        this.end('internal');
      })
      .finally(() => {
        this.#underWay -= 1;
        this.#advance();
        this.#leave();
      });
  }

  async #answer(frame: RequestFrame): Promise<void> {
    const { type, id } = frame;
    const { metrics } = this.#services;
    try {
      const body = frame.type === 'auth' ? await this.#authenticate(frame.body.signed) : await this.#handle(frame);
      this.#refusedInARow = 0;
      if (frame.type === 'blob-write') this.#noteUpload(frame.body.blob, (body as ReplyBody<'blob-write'>).complete);
      this.pushEncoded(encodeReply(type, id, body as ReplyBody<typeof type>));
      metrics.add('requestsAnswered', 1);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === null) this.#fault(type, error);
      else metrics.add('requestsRefused', 1, refusal.code);
      const answer = refusal ?? { code: 'unavailable', retryAfter: null, by: null };
      this.pushEncoded(encodeRefusal(id, answer));
      if (type === 'auth' && this.identity === null) this.end('auth-refused');
      if (answer.code !== 'rate-limited') this.#refusedInARow = 0;
      else this.#countRefusal();
    }
  }

  #countRefusal(): void {
    if (++this.#refusedInARow >= this.#services.limits.refusalsBeforeFlooding) this.end('flooding');
  }

  #handle(frame: Exclude<RequestFrame, { type: 'auth' }>): Promise<unknown> {
    // The table gives each type the handler of its body; TypeScript cannot follow that through the union.
    const handler = HANDLERS[frame.type] as Handler<RequestType>;
    return handler(this.#services, this, frame.body);
  }

  async #authenticate(signed: Signed): Promise<ReplyBody<'auth'>> {
    if (this.identity !== null || !this.#isChallenged) {
      countRequest(this.#services, this);
      throw refused('already-authenticated', 'once is enough');
    }
    const nonce = this.challenge;
    this.#isChallenged = false;
    this.#isAuthenticating = true;
    try {
      const { crypto, origins, directories, devices, mailboxes, clock } = this.#services;
      const serves = (desk: Uint8Array): boolean => directories.serves(desk);
      const identity = await identify(crypto, signed, { nonce, origins, serves });
      const member = await directories.standing(identity);
      await devices.seen(identity, this.address, member !== null && !directories.isOpen);
      const queued = await mailboxes.waiting(identity.device);
      this.#enter(identity, member === 'root');
      return { device: identity.device, now: clock.now(), member, queued };
    } catch (error) {
      const code = refusalOf(error)?.code ?? 'unavailable';
      this.#services.log({ level: 'warn', event: 'auth-refused', connection: this.#number, code });
      throw error;
    } finally {
      // What came behind `auth` is served when this is answered.
      this.#isAuthenticating = false;
    }
  }

  #enter(identity: Identity, isRoot: boolean): void {
    if (!this.isOpen) return;
    const { hub, duty, limits, metrics } = this.#services;
    const others = hub.sessionsOf(identity.deviceName);
    // The oldest is the likeliest to be dead already.
    if (others.length >= limits.connectionsPerDevice) others[0]?.end('too-many-connections');
    this.identity = identity;
    if (!isCaller(this)) return;
    hub.enter(this);
    duty.entered(this);
    if (isRoot) hub.join(`root/${identity.deskName}`, this, Infinity);
    metrics.add('authAccepted', 1);
  }

  #fault(request: RequestType, error: unknown): void {
    this.#services.metrics.add('requestsFailed', 1);
    const fault = describeFault(error);
    this.#services.log({ level: 'error', event: 'fault', connection: this.#number, request, ...fault });
  }

  #forget(why: CloseName | 'by-peer'): void {
    const { hub, duty, mailboxes, metrics, log, clock } = this.#services;
    this.isOpen = false;
    this.#queued = [];
    this.#relieved = [];
    metrics.add('connectionsClosed', 1, why);
    if (isCaller(this)) {
      hub.leave(this);
      mailboxes.left(this);
      duty.left(this);
    }
    const lasted = clock.now() - this.#openedAt;
    log({ level: 'info', event: 'connection-closed', connection: this.#number, why, lasted });
  }

  #throttle(): void {
    if (!this.isOpen) return;
    const pause = this.#queued.length > 0 || !this.#hasRoom;
    if (pause === this.#isPaused) return;
    this.#isPaused = pause;
    if (pause) this.#peer.pause();
    else this.#peer.resume();
  }

  #relieve(): void {
    this.#advance();
    if (this.isCongested || this.#relieved.length === 0) return;
    const callbacks = this.#relieved;
    this.#relieved = [];
    for (const callback of callbacks) callback();
  }
}
