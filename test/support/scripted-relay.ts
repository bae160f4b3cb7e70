/**
 * A relay in memory that greets, authenticates and answers pings as docs/relay.md says, and otherwise what a test tells it.
 * @module
 */
import { MemoryTransport, type MemoryPeer } from '../../src/adapters/memory/memory-transport.ts';
import type { Clock } from '../../src/engine/ports.ts';
import { deviceIdOf } from '../../src/identity/device.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { verifySigned } from '../../src/identity/signature.ts';
import { CLOSE_CODES, type RelayErrorCode } from '../../src/wire/codes.ts';
import { decodeRequest, encodePush, encodeRefusal, encodeReply, type RequestFrame } from '../../src/wire/frames.ts';
import { relayAuthCodec, type RelayAuth } from '../../src/wire/relay-auth.ts';
import type { ReplyBody, RequestType } from '../../src/wire/requests.ts';

/** What to do with a request; undefined: nothing (yet). */
type Answer = (frame: RequestFrame, relay: ScriptedRelay) => void;

/** See the module. */
export class ScriptedRelay {
  readonly transport = new MemoryTransport((peer) => this.#accept(peer));
  /** Every connection, the last one last. */
  readonly peers: MemoryPeer[] = [];
  /** Every request but `auth` and `ping`. */
  readonly requests: RequestFrame[] = [];
  /** What was signed at each authentication. */
  readonly auths: RelayAuth[] = [];
  pings = 0;
  /** Set to be less than well-behaved. */
  greets = true;
  answersPings = true;
  authRefusal: RelayErrorCode | null = null;
  authRetryAfter: number | null = null;
  authDevice: Uint8Array | null = null;
  onRequest: Answer = () => undefined;
  /** Its clock is this much ahead, ms. */
  skew = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The newest connection. */
  get peer(): MemoryPeer {
    const peer = this.peers.at(-1);
    if (peer === undefined) throw new Error('nobody has connected');
    return peer;
  }

  reply<K extends RequestType>(frame: { type: K; id: number }, body: ReplyBody<K>): void {
    this.peer.send(encodeReply(frame.type, frame.id, body));
  }

  refuse(frame: { id: number }, code: RelayErrorCode, extra: { retryAfter?: number; by?: Uint8Array } = {}): void {
    this.peer.send(encodeRefusal(frame.id, { code, retryAfter: extra.retryAfter ?? null, by: extra.by ?? null }));
  }

  #accept(peer: MemoryPeer): void {
    this.peers.push(peer);
    const nonce = Uint8Array.from({ length: 32 }, (_, i) => i + this.peers.length);
    peer.onMessage = (bytes) => void this.#received(peer, decodeRequest(bytes), nonce);
    if (this.greets) peer.send(encodePush('challenge', { v: 1, nonce, now: this.#clock.now() + this.skew }));
  }

  async #received(peer: MemoryPeer, frame: RequestFrame, nonce: Uint8Array): Promise<void> {
    if (frame.type === 'ping') {
      this.pings++;
      if (this.answersPings) this.reply(frame, { now: this.#clock.now() + this.skew });
      return;
    }
    if (frame.type !== 'auth') {
      this.requests.push(frame);
      this.onRequest(frame, this);
      return;
    }
    const { signed } = frame.body;
    const auth = relayAuthCodec.decode(signed[0]);
    if (!(await verifySigned(nobleCrypto, auth.key, 'relay-auth', signed))) throw new Error('the signature is wrong');
    if (auth.nonce.join() !== nonce.join()) throw new Error('another nonce was signed');
    this.auths.push(auth);
    if (this.authRefusal !== null) {
      peer.send(encodeRefusal(frame.id, { code: this.authRefusal, retryAfter: this.authRetryAfter, by: null }));
      peer.close(CLOSE_CODES['auth-refused']);
      return;
    }
    const device = this.authDevice ?? deviceIdOf(auth.key);
    peer.send(encodeReply('auth', frame.id, { device, now: this.#clock.now() + this.skew, member: null, queued: 3 }));
  }
}
