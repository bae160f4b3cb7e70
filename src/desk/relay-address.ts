/**
 * Where the desk's relay is.
 * @module
 */
import { usageError } from '../errors.ts';

const SOCKET_OF: Readonly<Record<string, string>> = { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' };
const OWN_MACHINE = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * The relay's WebSocket address: the attribute's, or the origin that served the page.
 * @param relay - `wss:`, `https:`, or, on this machine alone, `ws:` and `http:`; null or empty: the page's origin
 * @param page - the page's address
 * @throws ChatError `relay-url-malformed`; `relay-insecure` for an unprotected address of another machine
 */
export function relayAddress(relay: string | null, page: string): string {
  const own = relay === null || relay.trim() === '';
  const url = own ? new URL(page) : addressOf(relay.trim(), page);
  const protocol = SOCKET_OF[url.protocol];
  if (protocol === undefined || (!own && (url.username || url.password || url.search || url.hash))) {
    throw usageError('relay-url-malformed', 'relay must be an address like wss://chat.example');
  }
  if (protocol === 'ws:' && !OWN_MACHINE.test(url.hostname)) {
    throw usageError('relay-insecure', 'relay must be wss: or https:; ws: is for localhost alone');
  }
  return `${protocol}//${url.host}${own ? '' : url.pathname.replace(/\/+$/, '')}`;
}

function addressOf(text: string, page: string): URL {
  try {
    return new URL(text, page);
  } catch (cause) {
    throw usageError('relay-url-malformed', 'relay is not an address', { cause });
  }
}
