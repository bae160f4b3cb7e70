/**
 * Refusing a request: thrown by what serves it, turned into an error frame by the connection.
 * @module
 */
import { fromHex, toHex } from '../bytes/text.ts';
import { ChatError, peerError } from '../errors.ts';
import { ERROR_CODES, type RelayErrorCode } from '../wire/codes.ts';
import type { Refusal } from '../wire/frames.ts';

const codes: ReadonlySet<string> = new Set(ERROR_CODES);

/** The error to throw. `retryAfter` in ms; `by`: the device that was first. */
export function refused(
  code: RelayErrorCode,
  message: string,
  options: { retryAfter?: number; by?: Uint8Array } = {},
): ChatError {
  const { retryAfter, by } = options;
  return peerError(code, message, {
    details: { retryAfter: retryAfter ?? null, by: by === undefined ? null : toHex(by) },
  });
}

/** What the client is told of a thrown value; null when it was not meant for the client. */
export function refusalOf(error: unknown): Refusal | null {
  if (!(error instanceof ChatError) || !codes.has(error.code)) return null;
  const { retryAfter, by } = error.details;
  return {
    code: error.code as RelayErrorCode,
    retryAfter: typeof retryAfter === 'number' ? retryAfter : null,
    by: typeof by === 'string' ? fromHex(by) : null,
  };
}
