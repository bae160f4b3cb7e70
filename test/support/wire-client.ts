/**
 * A client of the wire that tests drive by hand: no reconnecting, no retries, everything visible.
 * @module
 */
import { WebSocket } from 'ws';
import { ChatError, peerError } from '../../src/errors.ts';
import type { DeviceKeys } from '../../src/identity/device.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { decodeRelayFrame, encodeRequest } from '../../src/wire/frames.ts';
import type { PushBody, PushType } from '../../src/wire/pushes.ts';
import { answerChallenge } from '../../src/wire/relay-auth.ts';
import type { ReplyBody, RequestBody, RequestType } from '../../src/wire/requests.ts';

interface Waiting {
  readonly type: RequestType;
  readonly resolve: (body: never) => void;
  readonly reject: (error: Error) => void;
}

export class WireClient {
  readonly socket: WebSocket;
  readonly origin: string;
  readonly #waiting = new Map<number, Waiting>();
  readonly #pushed: { type: PushType; body: unknown }[] = [];
  readonly #listeners = new Set<() => void>();
  #id = 0;
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  /** Called with every push, as it comes; such a push is not kept for `next`. */
  onPush: (<K extends PushType>(type: K, body: PushBody<K>) => boolean) | null = null;

  private constructor(origin: string, address?: string) {
    this.origin = origin;
    const headers = address === undefined ? {} : { 'X-Forwarded-For': address };
    this.socket = new WebSocket(`${origin}/v1`, { perMessageDeflate: false, headers });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code) => {
        for (const { reject } of this.#waiting.values()) reject(peerError('closed', `closed with ${code}`));
        this.#waiting.clear();
        this.#wake();
        resolve(code);
      });
    });
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer) => {
      this.#receive(new Uint8Array(data));
    });
  }

  /** Connects; resolves when the socket is open. @param address what a proxy would say that the client's address is */
  static async connect(origin: string, address?: string): Promise<WireClient> {
    const client = new WireClient(origin, address);
    await new Promise<void>((resolve, reject) => {
      client.socket.once('open', resolve);
      client.socket.once('error', reject);
    });
    return client;
  }

  /** Connects and authenticates. */
  static async enter(origin: string, keys: DeviceKeys, desk: Uint8Array, address?: string): Promise<WireClient> {
    const client = await WireClient.connect(origin, address);
    await client.auth(keys, desk);
    return client;
  }

  async auth(keys: DeviceKeys, desk: Uint8Array, relay = this.origin): Promise<ReplyBody<'auth'>> {
    // In a crowd it is a while until everybody has had his turn.
    const { nonce } = await this.next('challenge', 60_000);
    const { seed, key } = keys;
    return this.request('auth', { signed: await answerChallenge(nobleCrypto, { seed, key, desk, relay, nonce }) });
  }

  /** @throws ChatError with the code of the refusal; `closed` when the connection ended first */
  request<K extends RequestType>(type: K, body: RequestBody<K>): Promise<ReplyBody<K>> {
    const id = ++this.#id;
    return new Promise<ReplyBody<K>>((resolve, reject) => {
      if (this.socket.readyState === WebSocket.CLOSED) {
        reject(peerError('closed', 'closed before'));
        return;
      }
      this.#waiting.set(id, { type, resolve, reject });
      this.socket.send(encodeRequest(type, id, body));
    });
  }

  /** The code a request is refused with; `ok` if it is not. */
  async codeOf<K extends RequestType>(type: K, body: RequestBody<K>): Promise<string> {
    try {
      await this.request(type, body);
      return 'ok';
    } catch (error) {
      if (error instanceof ChatError) return error.code;
      throw error;
    }
  }

  /** The next push of a type that was not taken yet. @throws ChatError `closed`, `no-push` after `within` ms */
  async next<K extends PushType>(type: K, within = 2_000): Promise<PushBody<K>> {
    const end = Date.now() + within;
    for (;;) {
      const at = this.#pushed.findIndex((push) => push.type === type);
      const [found] = at === -1 ? [] : this.#pushed.splice(at, 1);
      if (found !== undefined) return found.body as PushBody<K>;
      if (this.socket.readyState === WebSocket.CLOSED) throw peerError('closed', `closed without ${type}`);
      if (Date.now() >= end) throw peerError('no-push', `no ${type} came`);
      await this.#change(end - Date.now());
    }
  }

  /** Pushes of a type that came and were not taken. */
  untaken(type: PushType): number {
    return this.#pushed.filter((push) => push.type === type).length;
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  #receive(bytes: Uint8Array): void {
    const frame = decodeRelayFrame(bytes, (id) => this.#waiting.get(id)?.type);
    if (frame.is === 'push') {
      if (this.onPush?.(frame.push, frame.body) !== true) this.#pushed.push({ type: frame.push, body: frame.body });
      this.#wake();
      return;
    }
    const waiting = this.#waiting.get(frame.id);
    this.#waiting.delete(frame.id);
    if (frame.is === 'ok') waiting?.resolve(frame.body as never);
    else {
      const { code, retryAfter, by } = frame.refusal;
      const details = { retryAfter, by: by === null ? null : Buffer.from(by).toString('hex') };
      waiting?.reject(peerError(code, `refused: ${code}`, { details }));
    }
  }

  #change(within: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, within);
      this.#listeners.add(done);
    });
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
