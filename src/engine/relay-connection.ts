/**
 * One connection to the relay that mends itself: authenticated by the device key, or without one for tickets alone.
 * docs/relay.md.
 * @module
 */
import { usageError, type ChatError } from '../errors.ts';
import type { DeviceKeys } from '../identity/device.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import type { Ports } from './ports.ts';
import type { Live } from './views.ts';

/** Types and bodies of requests, replies and pushes; the catalogue of `src/wire` names them. */
export type RequestType = string;
export type RequestBody<K extends RequestType> = K extends string ? unknown : never;
export type ReplyBody<K extends RequestType> = K extends string ? unknown : never;
export type PushType = string;
export type PushBody<K extends PushType> = K extends string ? unknown : never;

/** What is known of the connection. Reading it is free: it changes only when something happened. */
export interface RelayState {
  /**
   * `offline`: the device says it has no network, or the connection was closed for good; `connecting`: being opened,
   * authenticated, or waiting to try again; `online`: requests are answered.
   */
  readonly connection: 'connecting' | 'online' | 'offline';
  /** Round trip of the last heartbeat, ms; null when not known. */
  readonly latency: number | null;
  /** Why it is not online; null while nothing went wrong since it last was. */
  readonly problem: ChatError | null;
  /** When the next attempt is made, ms; null when none is planned. */
  readonly retryAt: number | null;
}

export interface RelayConnectionOptions {
  readonly ports: Pick<Ports, 'transport' | 'clock' | 'random'>;
  /** `wss:`, or `ws:` of localhost, 127.0.0.1 or [::1]. */
  readonly url: string;
  /** Null: not authenticated, for the requests that need no device key (tickets). */
  readonly device: { readonly keys: DeviceKeys; readonly crypto: PublicKeyCrypto } | null;
}

/** A connection that was opened and stays so, with interruptions, until `close`. */
export interface RelayConnection {
  readonly state: Live<RelayState>;
  /**
   * Sends a request and waits for its answer. Nothing is repeated by itself: what the relay did with a request that was
   * rejected as disconnected or timed out is not known.
   * @throws ChatError `relay-disconnected` when there is no connection or it broke before the answer, `relay-timeout`
   *   after `timeout` ms (10,000 if not said), `relay-closed` (usage) after `close`, the relay's own error code if it refused
   */
  request<K extends RequestType>(type: K, body: RequestBody<K>, options?: { timeout?: number }): Promise<ReplyBody<K>>;
  /** Calls back for every push of a type, in the order they came. Returns the way to stop. */
  onPush<K extends PushType>(type: K, listener: (body: PushBody<K>) => void): () => void;
  /** Calls back each time requests can be made (again), at once if they can now. Returns the way to stop. */
  onOnline(listener: () => void): () => void;
  /** Ends the connection for good; pending requests reject with `relay-disconnected`. */
  close(): void;
}

/**
 * Opens the connection; it reports by `state`.
 * @throws ChatError `relay-insecure` (usage) when the URL would send in the clear, `relay-url-malformed` (usage)
 */
export function connectRelay(_options: RelayConnectionOptions): RelayConnection {
  throw usageError('not-ready', 'filled by the next commit');
}
