/**
 * How a device proves its key to a relay, once per connection. docs/relay.md §7.
 * @module
 */
import { bytesOf, codecOf, mapOf, oneOf, type Shaped } from '../bytes/shape.ts';
import { usageError } from '../errors.ts';
import { keyShape } from '../identity/fields.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import { sign, type Signed } from '../identity/signature.ts';
import { relayOriginShape } from './fields.ts';
import { WIRE_PATH } from './limits.ts';

const statement = mapOf({ v: oneOf(1), relay: relayOriginShape, nonce: bytesOf(32), key: keyShape, desk: keyShape });
/** What is signed: who says to which relay, in answer to which challenge, that it is here for which desk. */
export type RelayAuth = Shaped<typeof statement>;

/** Throws `cbor-too-large`, `cbor-malformed`, `shape-mismatch`. */
export const relayAuthCodec = codecOf('relay-auth', 512, statement);

/** The answer to a challenge. @param options.relay from `relayOriginOf` the URL that the client was given, never what the relay says */
export async function answerChallenge(
  crypto: PublicKeyCrypto,
  options: { seed: Uint8Array; key: Uint8Array; desk: Uint8Array; relay: string; nonce: Uint8Array },
): Promise<Signed> {
  const { seed, key, desk, relay, nonce } = options;
  return sign(crypto, seed, 'relay-auth', relayAuthCodec.encode({ v: 1, relay, nonce, key, desk }));
}

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * `wss://host[:port]` of a relay's URL; `ws:` for this machine alone.
 * @throws ChatError `relay-url-malformed`, `relay-insecure` (usage)
 */
export function relayOriginOf(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (cause) {
    throw usageError('relay-url-malformed', 'not a URL', { cause });
  }
  const { protocol, host, hostname } = parsed;
  if (protocol !== 'wss:' && protocol !== 'ws:') throw usageError('relay-url-malformed', 'a relay has a wss: URL');
  if (parsed.username !== '' || parsed.password !== '' || parsed.search !== '' || parsed.hash !== '') {
    throw usageError('relay-url-malformed', 'a relay has a URL of host, port and path alone');
  }
  if (protocol === 'ws:' && !LOCAL.has(hostname)) throw usageError('relay-insecure', 'ws: would send in the clear');
  return `${protocol}//${host}`;
}

/** Where the WebSocket of a relay is: its URL's path, if it has one beside `/`, and `/v1`. @throws as `relayOriginOf` */
export function relaySocketUrl(url: string): string {
  const origin = relayOriginOf(url);
  return origin + new URL(url).pathname.replace(/\/+$/, '') + WIRE_PATH;
}
