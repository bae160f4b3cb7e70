/**
 * A device that speaks the protocol without the engine: for saying what the engine never says, and hearing everything.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { compare, equal } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/text.ts';
import { deviceIdOf, deviceKeysFrom, type DeviceKeys } from '../../src/identity/device.ts';
import { openBundle, type OpenDirectory } from '../../src/identity/directory.ts';
import { nobleCrypto as crypto } from '../../src/identity/noble-crypto.ts';
import { hashOfSigned, type Signed } from '../../src/identity/signature.ts';
import { nextLink } from '../../src/protocol/chain.ts';
import { decodeFrame, decryptFrame, encryptFrame } from '../../src/protocol/frame.ts';
import { initiateSession, readHello, respondSession } from '../../src/protocol/handshake.ts';
import { referenceOf, type Head } from '../../src/protocol/head.ts';
import { isContent, type Audience, type ContentOf, type KnownKind } from '../../src/protocol/kinds.ts';
import { readMessage, signMessage, type Message } from '../../src/protocol/message.ts';
import { createPrekey, openPrekey, type Prekey } from '../../src/protocol/prekey.ts';
import type { SessionState } from '../../src/protocol/session.ts';
import { encryptSignal } from '../../src/protocol/signal.ts';
import { until, type RelayWorld } from './relay-world.ts';
import type { WireClient } from './wire-client.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const DAY = 24 * 3_600_000;

/** Which conversation, and whose. */
export interface Talk {
  readonly id: Uint8Array;
  readonly customer: Uint8Array;
  readonly salt: Uint8Array;
}

/** A message as it came. */
export interface Heard {
  readonly from: Uint8Array;
  readonly signed: Signed;
  readonly kind: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly message: ReturnType<typeof readMessage>;
}

interface Held {
  state: SessionState;
  /** Who is at the other end. */
  readonly peer: Uint8Array;
}

export class RawDevice {
  readonly keys: DeviceKeys;
  readonly heard: Heard[] = [];
  /** Frames that could not be read, by code. */
  readonly refused: string[] = [];
  client!: WireClient;
  readonly #relay: RelayWorld;
  readonly #prekeys = new Map<string, Prekey>();
  readonly #sessions: Held[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  readonly #links = new Map<string, { chain: Uint8Array; seq: number; hash: Uint8Array }>();

  private constructor(relay: RelayWorld, keys: DeviceKeys) {
    this.#relay = relay;
    this.keys = keys;
  }

  /** A device with new keys; it enters the relay with `enter`. */
  static async make(relay: RelayWorld): Promise<RawDevice> {
    return new RawDevice(relay, await deviceKeysFrom(crypto, random(32)));
  }

  /** Connects, publishes a signed prekey and hears from now on. */
  async enter(): Promise<this> {
    this.client = await this.#relay.enter(this.keys);
    const signed = await this.#prekey('signed');
    await this.client.request('prekeys-publish', { signed: signed.signed, oneTime: [] });
    this.client.onPush = (type, body) => {
      if (type !== 'mail') return false;
      const { bytes, seq } = body as { bytes: Uint8Array; seq: number };
      void this.#inTurn(async () => {
        await this.#hear(bytes).catch((error: unknown) => this.refused.push(String((error as { code: string }).code)));
        await this.client.request('ack', { upTo: seq }).catch(() => undefined);
      });
      return true;
    };
    await this.client.request('subscribe', {});
    return this;
  }

  async directory(): Promise<OpenDirectory> {
    const { bundle } = await this.client.request('directory-fetch', { desk: this.#relay.desk });
    if (bundle === null) throw new Error('no directory');
    return openBundle(crypto, bundle, this.#relay.desk);
  }

  /** The sessions with a device. */
  sessionsWith(peer: Uint8Array): SessionState[] {
    return this.#sessions.filter((held) => equal(held.peer, peer)).map(({ state }) => state);
  }

  /** Starts a session in a conversation. `pretend` changes what the hello says. */
  async hello(to: Uint8Array, talk: Talk): Promise<SessionState> {
    const reply = await this.client.request('prekeys-fetch', { device: deviceIdOf(to) });
    if (reply.signed === null) throw new Error('no prekey');
    const about = { crypto, desk: this.#relay.desk, deviceKey: to, now: Date.now() };
    const state = await initiateSession({
      crypto,
      random,
      desk: this.#relay.desk,
      conversation: talk.id,
      customerKey: talk.customer,
      salt: talk.salt,
      self: this.keys,
      peerKey: to,
      signedPrekey: await openPrekey({ ...about, signed: reply.signed, kind: 'signed' }),
      oneTime: reply.oneTime === null ? null : await openPrekey({ ...about, signed: reply.oneTime, kind: 'one-time' }),
      now: Date.now(),
    });
    this.#sessions.push({ state, peer: deviceIdOf(to) });
    return state;
  }

  /** Signs a message; `over` replaces fields of the honest one. */
  async sign<K extends KnownKind>(
    talk: Talk,
    what: { kind: K; content: ContentOf<K>; audience?: Audience; to: readonly Uint8Array[] },
    over: Partial<Message> = {},
  ): Promise<Signed> {
    const audience = what.audience ?? 'all';
    const name = `${toHex(talk.id)} ${audience}`;
    const link = audience === 'direct' ? null : nextLink(this.#links.get(name) ?? null, random(8));
    const pair = await signMessage({
      crypto,
      device: this.keys,
      message: {
        id: random(16),
        desk: this.#relay.desk,
        conversation: talk.id,
        from: this.keys.id,
        to: [...what.to].sort(compare),
        audience,
        chain: link?.chain ?? null,
        seq: link?.seq ?? null,
        previous: link?.previous ?? null,
        seen: [] as Head[],
        directory: referenceOf(await this.directory()),
        at: Date.now(),
        kind: what.kind,
        content: what.content,
        ...over,
      } as Message,
    });
    const { chain, seq } = readMessage(pair);
    if (chain !== null && seq !== null) this.#links.set(name, { chain, seq, hash: hashOfSigned(pair) });
    return pair;
  }

  /** Sends a signed pair to a device, in the newest session with it in this conversation. */
  async send(to: Uint8Array, talk: Talk, pair: Signed): Promise<string> {
    return this.post(to, await this.frame(to, talk, pair));
  }

  /** The frame that would be sent. */
  frame(to: Uint8Array, talk: Talk, pair: Signed): Promise<Uint8Array> {
    return this.#inTurn(() => this.#encrypt(to, talk, pair));
  }

  /** Sends bytes as a frame. @returns the relay's result */
  async post(to: Uint8Array, bytes: Uint8Array): Promise<string> {
    const { results } = await this.client.request('send', { items: [{ to, kind: 'frame', bytes }] });
    return results[0] ?? '';
  }

  /** Signs and sends to everyone in `to`. */
  async say<K extends KnownKind>(
    talk: Talk,
    what: { kind: K; content: ContentOf<K>; audience?: Audience; to: readonly Uint8Array[] },
    over: Partial<Message> = {},
  ): Promise<Signed> {
    const pair = await this.sign(talk, what, over);
    for (const to of what.to) await this.send(to, talk, pair);
    return pair;
  }

  /** A typing signal in the newest session with a device. */
  typing(to: Uint8Array, on: boolean, now = Date.now()): Uint8Array {
    const held = this.#sessions.filter((one) => equal(one.peer, to)).at(-1);
    const made =
      held &&
      encryptSignal({ random, self: this.keys, session: held.state, sent: [], signal: { kind: 'typing', on }, now });
    if (made === undefined || made === null) throw new Error('the peer could not read a signal yet');
    return made.bytes;
  }

  /** Waits for a message of this kind (and with this text). */
  async hears(kind: string, text?: string, within = 8_000): Promise<Heard> {
    const find = (): Heard | undefined =>
      this.heard.find((one) => one.kind === kind && (text === undefined || one.content['text'] === text));
    await until(() => find() !== undefined, within).catch(() => {
      throw new Error(
        `heard ${this.heard.map((one) => one.kind).join()}, not ${kind} ${text ?? ''}; ${this.refused.join()}`,
      );
    });
    return find() as Heard;
  }

  /** The conversation that the first hello it heard is of. */
  talk(): Talk {
    const [first] = this.#sessions;
    if (first === undefined) throw new Error('no session');
    return { id: first.state.conversation, customer: first.state.customerKey, salt: first.state.salt };
  }

  /** Sessions change by one thing at a time. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #encrypt(to: Uint8Array, talk: Talk, pair: Signed): Promise<Uint8Array> {
    const held = this.#sessions.filter((one) => equal(one.peer, to) && equal(one.state.conversation, talk.id)).at(-1);
    if (held === undefined) throw new Error('no session');
    const { session, frame } = await encryptFrame({
      crypto,
      random,
      self: this.keys,
      session: held.state,
      message: pair,
      private: null,
      content: isContent(readMessage(pair).kind as KnownKind),
      now: Date.now(),
    });
    held.state = session;
    return frame;
  }

  async #prekey(kind: Prekey['kind']): Promise<Prekey> {
    const made = await createPrekey({
      crypto,
      random,
      desk: this.#relay.desk,
      device: this.keys,
      kind,
      notAfter: Date.now() + 14 * DAY,
    });
    this.#prekeys.set(toHex(made.id), made);
    return made;
  }

  async #hear(bytes: Uint8Array): Promise<void> {
    const frame = decodeFrame(bytes);
    let held = this.#sessions.find(({ state }) => equal(state.id, frame.session));
    if (held === undefined) {
      if (frame.header === null) throw Object.assign(new Error('unknown session'), { code: 'session-unknown' });
      const { hello } = readHello(frame.header);
      const prekey = this.#prekeys.get(toHex(hello.signedPrekey));
      if (prekey === undefined) throw Object.assign(new Error('unknown prekey'), { code: 'prekey-unknown' });
      const state = await respondSession({
        crypto,
        self: this.keys,
        desk: this.#relay.desk,
        header: frame.header,
        signedPrekeySeed: prekey.seed,
        oneTimeSeed: null,
      });
      held = { state, peer: deviceIdOf(hello.initiator) };
      this.#sessions.push(held);
    }
    const { session, message } = await decryptFrame({
      crypto,
      self: this.keys,
      session: held.state,
      frame,
      now: Date.now(),
    });
    held.state = session;
    const read = readMessage(message);
    this.heard.push({ from: read.from, signed: message, kind: read.kind, content: read.content, message: read });
  }
}
