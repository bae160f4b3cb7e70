/**
 * A customer's device without an engine: it says what a test wants, also what no engine would.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { fromHex, toHex } from '../../src/bytes/text.ts';
import { openBundle, type OpenDirectory } from '../../src/identity/directory.ts';
import { deviceIdOf, type DeviceKeys } from '../../src/identity/device.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import type { PublicKeyCrypto } from '../../src/identity/public-key-crypto.ts';
import { hashOfSigned, type Signed } from '../../src/identity/signature.ts';
import { conversationIdOf } from '../../src/protocol/conversation-id.ts';
import { decodeFrame, decryptFrame, encryptFrame, type PrivatePart } from '../../src/protocol/frame.ts';
import { initiateSession } from '../../src/protocol/handshake.ts';
import { referenceOf, sortedIds } from '../../src/protocol/head.ts';
import { isContent, isKnownKind, type Body } from '../../src/protocol/kinds.ts';
import { readMessage, signMessage, type Envelope, type Message } from '../../src/protocol/message.ts';
import { createPrekey, openPrekey } from '../../src/protocol/prekey.ts';
import type { SessionState } from '../../src/protocol/session.ts';
import { newKeys, type RelayWorld } from './relay-world.ts';
import type { WireClient } from './wire-client.ts';

const DAY = 24 * 3_600_000;
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

type Said = Exclude<Body, { kind: 'unknown' }>;

/** See the module. */
export class RawCustomer {
  readonly keys: DeviceKeys;
  readonly client: WireClient;
  readonly salt = random(16);
  readonly conversation: Uint8Array;
  /** Of the agent. */
  readonly agent: Uint8Array;
  /** Kinds that the agent's messages had, in the order they came. */
  readonly heard: string[] = [];
  session: SessionState;
  readonly #desk: Uint8Array;
  readonly #directory: OpenDirectory;
  readonly #chain = random(8);
  #last: { readonly seq: number; readonly hash: Uint8Array } | null = null;

  private constructor(about: {
    keys: DeviceKeys;
    client: WireClient;
    agent: Uint8Array;
    session: SessionState;
    desk: Uint8Array;
    directory: OpenDirectory;
    salt: Uint8Array;
  }) {
    this.keys = about.keys;
    this.client = about.client;
    this.agent = about.agent;
    this.session = about.session;
    this.salt = about.salt;
    this.conversation = about.session.conversation;
    this.#desk = about.desk;
    this.#directory = about.directory;
  }

  /**
   * Enters, publishes a prekey and makes a session with the agent.
   * @param agent device id in hexadecimal
   * @param crypto for the handshake
   */
  static async enter(relay: RelayWorld, agent: string, crypto: PublicKeyCrypto = nobleCrypto): Promise<RawCustomer> {
    const keys = await newKeys();
    const client = await relay.enter(keys);
    const { desk } = relay;
    const { bundle } = await client.request('directory-fetch', { desk });
    if (bundle === null) throw new Error('no directory');
    const directory = await openBundle(nobleCrypto, bundle, desk);
    const own = await createPrekey({
      crypto: nobleCrypto,
      random,
      desk,
      device: keys,
      kind: 'signed',
      notAfter: Date.now() + 14 * DAY,
    });
    await client.request('prekeys-publish', { signed: own.signed, oneTime: [] });
    const fetched = await client.request('prekeys-fetch', { device: fromHex(agent) });
    if (fetched.signed === null) throw new Error('the agent has no prekey');
    const salt = random(16);
    const opened = await openPrekey({
      crypto: nobleCrypto,
      signed: fetched.signed,
      desk,
      deviceKey: fetched.key,
      kind: 'signed',
      now: Date.now(),
    });
    const session = await initiateSession({
      crypto,
      random,
      desk,
      conversation: conversationIdOf({ desk, customerKey: keys.key, salt }),
      customerKey: keys.key,
      salt,
      self: keys,
      peerKey: fetched.key,
      signedPrekey: opened,
      oneTime: null,
      now: Date.now(),
    });
    const customer = new RawCustomer({ keys, client, agent: fromHex(agent), session, desk, directory, salt });
    await client.request('subscribe', {});
    return customer;
  }

  /** In hexadecimal. */
  get name(): string {
    return toHex(this.conversation);
  }

  /** Tells the relay that the conversation waits. */
  async announce(): Promise<void> {
    await this.client.request('announce', { conversation: this.conversation, salt: this.salt });
  }

  /** A message with everything right, unless said otherwise; it is the next of its chain. */
  message(body: Said, changes: Partial<Envelope> = {}): Message {
    const chained = changes.audience !== 'direct';
    return {
      id: random(16),
      desk: this.#desk,
      conversation: this.conversation,
      from: this.keys.id,
      to: sortedIds([this.agent]),
      audience: 'all',
      chain: chained ? this.#chain : null,
      seq: chained ? (this.#last === null ? 0 : this.#last.seq + 1) : null,
      previous: chained ? (this.#last?.hash ?? null) : null,
      seen: [],
      directory: referenceOf(this.#directory),
      at: Date.now(),
      ...body,
      ...changes,
    };
  }

  async signed(message: Message): Promise<Signed> {
    const pair = await signMessage({ crypto: nobleCrypto, device: this.keys, message });
    if (message.seq !== null) this.#last = { seq: message.seq, hash: hashOfSigned(pair) };
    return pair;
  }

  /** Signs, encrypts and sends. @returns the frame */
  async say(body: Said, changes: Partial<Envelope> = {}): Promise<Uint8Array> {
    return this.send(await this.signed(this.message(body, changes)), body.kind);
  }

  /** Encrypts and sends a signed message. */
  async send(pair: Signed, kind = 'text', part: PrivatePart = null): Promise<Uint8Array> {
    const { session, frame } = await encryptFrame({
      crypto: nobleCrypto,
      random,
      self: this.keys,
      session: this.session,
      message: pair,
      private: part,
      content: isKnownKind(kind) && isContent(kind),
      now: Date.now(),
    });
    this.session = session;
    await this.client.request('send', { items: [{ to: this.agent, kind: 'frame', bytes: frame }] });
    return frame;
  }

  /** Takes the next mail; what is of the own session is accepted. */
  async take(within = 8_000): Promise<void> {
    const { kind, bytes, seq } = await this.client.next('mail', within);
    await this.client.request('ack', { upTo: seq });
    const isOwn = kind === 'frame' && toHex(decodeFrame(bytes).session) === toHex(this.session.id);
    if (!isOwn) {
      this.heard.push(kind === 'reset' ? 'reset' : 'other session');
      return;
    }
    const frame = decodeFrame(bytes);
    const taken = await decryptFrame({
      crypto: nobleCrypto,
      self: this.keys,
      session: this.session,
      frame,
      now: Date.now(),
    });
    this.session = taken.session;
    this.heard.push(readMessage(taken.message).kind);
  }

  /** Takes mail until a kind was heard. */
  async hears(kind: string): Promise<void> {
    while (!this.heard.includes(kind)) await this.take();
  }

  get id(): Uint8Array {
    return deviceIdOf(this.keys.key);
  }
}
