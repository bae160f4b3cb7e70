/**
 * Names that people read: of desks, members, invited devices. docs/protocol.md §3.
 * @module
 */
import { textOf, type Shape } from '../bytes/shape.ts';
import { peerError } from '../errors.ts';

/** Control characters, and those that reorder the text around them. */
const FORBIDDEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

const sized = textOf(1, 80);

/** `name`: 1 to 80 bytes of UTF-8 that cannot pass itself off as something else by controls. */
export const nameShape: Shape<string> = (value, path) => {
  const name = sized(value, path);
  if (FORBIDDEN.test(name))
    throw peerError('shape-mismatch', `${path} must have no control characters`, { details: { path } });
  return name;
};
