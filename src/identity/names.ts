/**
 * Texts that people read as names: of desks, members, invited devices, files. docs/protocol.md §3.
 * @module
 */
import { textOf, type Shape } from '../bytes/shape.ts';
import { peerError } from '../errors.ts';

/** Control characters, and those that change the direction of the text around them. */
const FORBIDDEN = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Clean text of `min` to `max` bytes of UTF-8: it cannot pass itself off as something else by controls. */
export function cleanTextOf(min: number, max: number): Shape<string> {
  const sized = textOf(min, max);
  return (value, path) => {
    const text = sized(value, path);
    if (FORBIDDEN.test(text)) {
      throw peerError('shape-mismatch', `${path} must have no control characters`, { details: { path } });
    }
    return text;
  };
}

/** `name`. */
export const nameShape = cleanTextOf(1, 80);
