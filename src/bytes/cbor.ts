/**
 * Deterministic CBOR (RFC 8949 §4.2.1), as narrow as docs/protocol.md §3 wants it.
 * @module
 */
import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import { equal } from './bytes.ts';
import { ChatError, peerError, usageError } from '../errors.ts';

/** What can be encoded. */
export type CborValue =
  number | string | boolean | null | Uint8Array | readonly CborValue[] | { readonly [key: string]: CborValue };

const MAX_DEPTH = 12;

/**
 * The deterministic encoding of a value.
 * @throws ChatError `cbor-unsupported` (usage) for anything §3 has no place for
 */
export function encodeCbor(value: CborValue): Uint8Array {
  refuseUnsupported(value, 0, usageError);
  return encode(value, rfc8949EncodeOptions);
}

/**
 * Decodes bytes that must be the deterministic encoding of what they say; the caller checks the shape.
 * @param maxBytes size limit, checked before anything is allocated
 * @throws ChatError `cbor-too-large`, `cbor-malformed` (peer)
 */
export function decodeCbor(bytes: Uint8Array, maxBytes: number): unknown {
  if (bytes.length > maxBytes) {
    throw peerError('cbor-too-large', 'longer than allowed', { details: { length: bytes.length, limit: maxBytes } });
  }
  try {
    const value: unknown = decode(bytes, {
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowInfinity: false,
      allowNaN: false,
      allowBigInt: false,
      rejectDuplicateMapKeys: true,
      useMaps: false,
    });
    refuseUnsupported(value, 0, peerError);
    // Re-encoding is the one check of canonical form that cannot forget a rule.
    if (!equal(encode(value, rfc8949EncodeOptions), bytes)) throw peerError('cbor-malformed', 'not deterministic');
    return value;
  } catch (cause) {
    if (cause instanceof ChatError) throw cause;
    // The library's message may quote content: it does not go into the cause.
    throw peerError('cbor-malformed', 'not CBOR');
  }
}

function refuseUnsupported(value: unknown, depth: number, fail: typeof peerError): void {
  if (depth > MAX_DEPTH) throw fail('cbor-malformed', 'nested too deeply');
  if (value === null || typeof value === 'boolean' || value instanceof Uint8Array) return;
  if (typeof value === 'string') {
    if (/\p{Surrogate}/u.test(value)) throw fail('cbor-malformed', 'text is not well-formed Unicode');
    return;
  }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0))
      throw fail('cbor-malformed', 'not an unsigned integer');
    return;
  }
  if (Array.isArray(value)) {
    for (const item of value) refuseUnsupported(item, depth + 1, fail);
    return;
  }
  if (typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)) {
    for (const [key, item] of Object.entries(value)) {
      if (key === '__proto__') throw fail('cbor-malformed', 'forbidden map key');
      refuseUnsupported(item, depth + 1, fail);
    }
    return;
  }
  throw fail('cbor-malformed', 'a type without a place here');
}
