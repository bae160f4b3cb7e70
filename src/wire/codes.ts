/**
 * Why a connection was closed and why a request was refused. docs/relay.md §4.
 * @module
 */

/** Close codes of the WebSocket. 1001 and 1009 are the standard's own; those from 4000 on are ours. */
export const CLOSE_CODES = {
  /** The relay is shutting down: connect again after a moment. */
  'going-away': 1001,
  /** A message was longer than `MAX_WIRE_MESSAGE`. */
  'message-too-large': 1009,
  /** A message was text, not deterministic CBOR, or not of the catalogue. */
  malformed: 4000,
  /** `auth` was refused; the error said why. Its challenge is spent. */
  'auth-refused': 4001,
  /** No `auth` within the time for it. */
  'auth-timeout': 4002,
  /** Nothing was heard for too long. */
  idle: 4003,
  /** The client reads more slowly than it is sent to. */
  'slow-consumer': 4004,
  /** Requests went on although they were refused as `rate-limited`. */
  flooding: 4005,
  /** The address or the device has too many connections. */
  'too-many-connections': 4006,
  /** The relay met a fault of its own. */
  internal: 4007,
} as const;

export type CloseName = keyof typeof CLOSE_CODES;

/** The name of a close code; undefined for one that is not ours (1000, 1006 …). */
export function closeNameOf(code: number): CloseName | undefined {
  return (Object.keys(CLOSE_CODES) as CloseName[]).find((name) => CLOSE_CODES[name] === code);
}

/** Codes of refused requests. */
export const ERROR_CODES = [
  'rate-limited',
  'unavailable',
  'unauthenticated',
  'forbidden',
  'already-authenticated',
  'auth-malformed',
  'auth-origin',
  'auth-nonce',
  'auth-signature',
  'desk-unknown',
  'device-unknown',
  'quota',
  'too-large',
  'already-claimed',
  'conversation-unknown',
  'directory-refused',
  'directory-older',
  'directory-equivocation',
  'directory-not-shrinking',
  'directory-stale',
  'blob-unknown',
  'blob-offset',
  'ticket-unknown',
  'ticket-conflict',
  'ticket-lifetime',
  'vault-call-refused',
  'vault-unknown',
  'vault-exists',
  'vault-version',
  'vault-tag',
  'vault-delayed',
  'vault-exhausted',
] as const;
export type RelayErrorCode = (typeof ERROR_CODES)[number];

/** What became of one item of a `send`. */
export const SEND_RESULTS = ['accepted', 'device-unknown', 'mailbox-full', 'too-large'] as const;
export type SendResult = (typeof SEND_RESULTS)[number];
