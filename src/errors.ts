/**
 * The one error class of the project.
 * @module
 */

/**
 * Whose fault it is: `peer` sent what it must not, `usage` is a wrong call, attribute or configuration, `environment` is
 * the network, the disk or the browser, `internal` should never happen.
 */
export type ErrorKind = 'peer' | 'usage' | 'environment' | 'internal';

/** Details safe to show and log: codes, counts, public ids. Never a secret, never a plaintext. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>;

/**
 * An error with a stable, string-literal code (docs/protocol.md §22, docs/relay.md) that callers branch on. The message
 * is for people who develop; what users read is made from the code. In the builds for browsers it is the code.
 */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly code: string;
  readonly kind: ErrorKind;
  readonly details: ErrorDetails;

  constructor(
    kind: ErrorKind,
    code: string,
    message: string,
    options: { cause?: unknown; details?: ErrorDetails } = {},
  ) {
    super(message || code, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** The peer, the relay or a stored record broke the specification. */
export function peerError(
  code: string,
  message: string,
  options?: { cause?: unknown; details?: ErrorDetails },
): ChatError {
  return new ChatError('peer', code, message, options);
}

/** The caller broke the contract of a function, an attribute or a configuration field. */
export function usageError(
  code: string,
  message: string,
  options?: { cause?: unknown; details?: ErrorDetails },
): ChatError {
  return new ChatError('usage', code, message, options);
}

/** The code of any thrown value: a `ChatError`'s own, else `internal`. */
export function codeOf(error: unknown): string {
  return error instanceof ChatError ? error.code : 'internal';
}
