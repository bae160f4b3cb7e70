/**
 * The relay's close codes and refusals as errors. docs/relay.md §4.
 * @module
 */
import { toHex } from '../bytes/text.ts';
import { ChatError, type ErrorDetails } from '../errors.ts';
import { closeNameOf } from '../wire/codes.ts';
import type { Refusal } from '../wire/frames.ts';

/** The transport's own code for a message that was text. */
const UNSUPPORTED_DATA = 1003;

/**
 * Why a connection ended: `relay-` and the relay's name for its close code; `relay-protocol` for a message that was not
 * binary; else `relay-unreachable` if it never opened and `relay-disconnected` if it broke.
 */
export function closeError(code: number, opened: boolean): ChatError {
  const name = closeNameOf(code);
  const details = { closeCode: code };
  if (name !== undefined)
    return new ChatError('environment', `relay-${name}`, 'the relay closed the connection', { details });
  if (code === UNSUPPORTED_DATA) return new ChatError('peer', 'relay-protocol', 'the relay sent text', { details });
  if (!opened)
    return new ChatError('environment', 'relay-unreachable', 'no connection to the relay came to be', { details });
  return disconnected('the connection broke', { details });
}

/** `relay-disconnected`: there is no connection, or it ended before the answer. */
export function disconnected(message: string, options: { cause?: unknown; details?: ErrorDetails } = {}): ChatError {
  return new ChatError('environment', 'relay-disconnected', message, options);
}

/** `relay-protocol`: the relay sent what the catalogue does not hold. */
export function protocolError(message: string, cause?: unknown): ChatError {
  return new ChatError('peer', 'relay-protocol', message, { cause });
}

/** A refused request: the relay's own code, `details.retryAfter` in ms and `details.by` in hexadecimal where it gave them. */
export function refusalError({ code, retryAfter, by }: Refusal): ChatError {
  return new ChatError('environment', code, 'the relay refused the request', {
    details: { ...(retryAfter === null ? {} : { retryAfter }), ...(by === null ? {} : { by: toHex(by) }) },
  });
}

/** The error itself, or `internal` around what is none of ours. */
export function asChatError(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  return new ChatError('internal', 'internal', 'an unexpected error', { cause: error });
}
