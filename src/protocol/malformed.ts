/**
 * One code for whatever is wrong with the form of a frame or its header. docs/protocol.md §11.3, §22.
 * @module
 */
import { ChatError, peerError } from '../errors.ts';

/** @throws ChatError `frame-malformed`, caused by what the decoder said */
export function frameForm<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (!(cause instanceof ChatError) || cause.kind !== 'peer') throw cause;
    throw peerError('frame-malformed', 'a frame or header of the wrong form', { cause });
  }
}
