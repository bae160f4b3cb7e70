/**
 * 32 bytes as a line that people copy: a prefix, and base64url of the bytes and a checksum, as desk keys have it
 * (docs/protocol.md §4).
 * @module
 */
import { createHash } from 'node:crypto';
import { concat, equal } from '../bytes/bytes.ts';
import { fromBase64url, toBase64url } from '../bytes/text.ts';
import { label } from '../identity/label.ts';

const LONGEST = 128;

/** A kind of such lines. */
export interface CheckedText {
  format(bytes: Uint8Array): string;
  /** The 32 bytes; null: a character is wrong or missing. White space around the line does no harm. */
  parse(text: string): Uint8Array | null;
}

/** @param purpose keeps the checksums of different kinds apart */
export function checkedText(prefix: string, purpose: string): CheckedText {
  const checksumOf = (bytes: Uint8Array): Uint8Array =>
    new Uint8Array(
      createHash('sha256')
        .update(concat(label(purpose), bytes))
        .digest(),
    ).subarray(0, 4);
  return {
    format: (bytes) => prefix + toBase64url(concat(bytes, checksumOf(bytes))),

    parse(text) {
      const line = text.trim();
      if (!line.startsWith(prefix) || line.length > LONGEST) return null;
      let bytes: Uint8Array;
      try {
        bytes = fromBase64url(line.slice(prefix.length));
      } catch {
        return null; // and no cause: it might quote a secret
      }
      const value = bytes.slice(0, 32);
      return bytes.length === 36 && equal(bytes.subarray(32), checksumOf(value)) ? value : null;
    },
  };
}
