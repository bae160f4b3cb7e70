/**
 * Byte strings as text: hexadecimal and base64url (RFC 4648 §5, no padding, canonical only).
 * @module
 */
import { peerError } from '../errors.ts';

const HEX = '0123456789abcdef';
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += HEX.charAt(byte >> 4) + HEX.charAt(byte & 15);
  return out;
}

/** Bytes of lower-case hexadecimal. @throws ChatError `hex-malformed` */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) throw peerError('hex-malformed', 'odd length');
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) {
    const high = HEX.indexOf(text.charAt(2 * i));
    const low = HEX.indexOf(text.charAt(2 * i + 1));
    if (high < 0 || low < 0) throw peerError('hex-malformed', 'not hexadecimal');
    out[i] = high * 16 + low;
  }
  return out;
}

/** base64url without padding. */
export function toBase64url(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out += BASE64URL.charAt(word >> 18) + BASE64URL.charAt((word >> 12) & 63);
    if (left > 1) out += BASE64URL.charAt((word >> 6) & 63);
    if (left > 2) out += BASE64URL.charAt(word & 63);
  }
  return out;
}

/** Bytes of canonical base64url without padding. @throws ChatError `base64url-malformed` */
export function fromBase64url(text: string): Uint8Array {
  if (text.length % 4 === 1) throw peerError('base64url-malformed', 'impossible length');
  const out = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let word = 0;
  let at = 0;
  for (const char of text) {
    const value = BASE64URL.indexOf(char);
    if (value < 0) throw peerError('base64url-malformed', 'not base64url');
    word = ((word << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (word >> bits) & 0xff;
    }
  }
  if ((word & ((1 << bits) - 1)) !== 0) throw peerError('base64url-malformed', 'not canonical');
  return out;
}
