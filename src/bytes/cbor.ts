/**
 * Deterministic CBOR (RFC 8949 §4.2.1), as narrow as docs/protocol.md §3 wants it.
 * @module
 */
import { compare, fromUtf8, utf8 } from './bytes.ts';
import { peerError, usageError, type ChatError } from '../errors.ts';

/** What can be encoded. */
export type CborValue =
  number | string | boolean | null | Uint8Array | readonly CborValue[] | { readonly [key: string]: CborValue };

/** Containers within containers; no structure of the specification comes near. */
const MAX_DEPTH = 12;

/** Major types (RFC 8949 §3.1). */
const UINT = 0;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const SIMPLE = 7;

const FALSE = 20;
const TRUE = 21;
const NULL = 22;

/**
 * The deterministic encoding of a value.
 * @throws ChatError `cbor-unsupported` (usage) for anything §3 has no place for
 */
export function encodeCbor(value: CborValue): Uint8Array {
  const writer = new Writer();
  writeValue(writer, value, 0);
  return writer.bytes();
}

/**
 * Decodes bytes that must be the deterministic encoding of what they say; the caller checks the shape. Byte strings in
 * the result are copies.
 * @param maxBytes size limit, checked before anything is allocated
 * @throws ChatError `cbor-too-large`, `cbor-malformed` (peer)
 */
export function decodeCbor(bytes: Uint8Array, maxBytes: number): unknown {
  if (bytes.length > maxBytes) {
    throw peerError('cbor-too-large', 'longer than allowed', { details: { length: bytes.length, limit: maxBytes } });
  }
  const reader = new Reader(bytes);
  const value = readValue(reader, 0);
  if (reader.left > 0) throw malformed('bytes after the end');
  return value;
}

function writeValue(writer: Writer, value: unknown, depth: number): void {
  if (depth > MAX_DEPTH) throw unsupported('nested too deeply');
  if (value === null) writer.head(SIMPLE, NULL);
  else if (typeof value === 'boolean') writer.head(SIMPLE, value ? TRUE : FALSE);
  else if (typeof value === 'number') writeUint(writer, value);
  else if (typeof value === 'string') writeText(writer, textBytes(value));
  else if (value instanceof Uint8Array) {
    writer.head(BYTES, value.length);
    writer.push(value);
  } else if (Array.isArray(value)) {
    writer.head(ARRAY, value.length);
    for (const item of value) writeValue(writer, item, depth + 1);
  } else if (isPlainObject(value)) {
    const entries = Object.entries(value).map(([key, item]) => ({ key: keyBytes(key), item }));
    // The order of the encoded keys, whose first bytes are their lengths.
    entries.sort((a, b) => a.key.length - b.key.length || compare(a.key, b.key));
    writer.head(MAP, entries.length);
    for (const { key, item } of entries) {
      writeText(writer, key);
      writeValue(writer, item, depth + 1);
    }
  } else throw unsupported('a type without a place in the encoding');
}

function writeUint(writer: Writer, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) throw unsupported('not an unsigned integer');
  writer.head(UINT, value);
}

function writeText(writer: Writer, bytes: Uint8Array): void {
  writer.head(TEXT, bytes.length);
  writer.push(bytes);
}

function keyBytes(key: string): Uint8Array {
  if (key === '__proto__') throw unsupported('a forbidden map key');
  return textBytes(key);
}

function textBytes(text: string): Uint8Array {
  // A lone surrogate has no UTF-8; encoders would quietly replace it.
  if (/\p{Surrogate}/u.test(text)) throw unsupported('text that is not well-formed Unicode');
  return utf8(text);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function readValue(reader: Reader, depth: number): unknown {
  if (depth > MAX_DEPTH) throw malformed('nested too deeply');
  const { major, argument } = reader.head();
  switch (major) {
    case UINT:
      return argument;
    case BYTES:
      return new Uint8Array(reader.take(argument));
    case TEXT:
      return readText(reader, argument);
    case ARRAY:
      return readArray(reader, argument, depth);
    case MAP:
      return readMap(reader, argument, depth);
    case SIMPLE:
      if (argument === FALSE) return false;
      if (argument === TRUE) return true;
      if (argument === NULL) return null;
      throw malformed('a float or an unknown simple value');
    default:
      throw malformed('a negative integer or a tag');
  }
}

function readText(reader: Reader, length: number): string {
  const bytes = reader.take(length);
  try {
    return fromUtf8(bytes);
  } catch (cause) {
    throw malformed('text that is not UTF-8', cause);
  }
}

function readArray(reader: Reader, length: number, depth: number): unknown[] {
  const items: unknown[] = [];
  for (let i = 0; i < length; i++) items.push(readValue(reader, depth + 1));
  return items;
}

function readMap(reader: Reader, length: number, depth: number): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  let before: Uint8Array = new Uint8Array();
  for (let i = 0; i < length; i++) {
    const start = reader.at;
    const { major, argument } = reader.head();
    if (major !== TEXT) throw malformed('a map key that is not text');
    const key = readText(reader, argument);
    const encoded = reader.since(start);
    if (i > 0 && compare(before, encoded) >= 0) throw malformed('map keys that are not sorted or not distinct');
    // An assignment to it would set the prototype.
    if (key === '__proto__') throw malformed('a forbidden map key');
    map[key] = readValue(reader, depth + 1);
    before = encoded;
  }
  return map;
}

/** Initial bytes with their arguments, and bytes as they are. */
class Writer {
  #buffer = new Uint8Array(256);
  #length = 0;

  head(major: number, argument: number): void {
    if (argument < 24) return this.#byte((major << 5) | argument);
    const power = argument < 2 ** 8 ? 0 : argument < 2 ** 16 ? 1 : argument < 2 ** 32 ? 2 : 3;
    this.#byte((major << 5) | (24 + power));
    for (let shift = 8 * (2 ** power - 1); shift >= 0; shift -= 8) this.#byte(argument / 2 ** shift);
  }

  push(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** The low byte of a number's integer part. */
  #byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = Math.floor(value) % 256;
  }

  #reserve(more: number): void {
    const length = this.#length + more;
    if (length <= this.#buffer.length) return;
    const wider = new Uint8Array(Math.max(length, 2 * this.#buffer.length));
    wider.set(this.#buffer);
    this.#buffer = wider;
  }

  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }
}

/** A place in bytes that nothing can be read beyond. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** A view of the next bytes. */
  take(length: number): Uint8Array {
    if (length > this.left) throw malformed('it ends too early');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** A view of what was read since a place. */
  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#at);
  }

  /** An initial byte and its argument, which must be written as short as it can be. */
  head(): { major: number; argument: number } {
    const initial = this.#number(1);
    const major = initial >> 5;
    const info = initial & 31;
    if (info < 24) return { major, argument: info };
    if (info > 27) throw malformed('an indefinite or reserved length');
    const size = 2 ** (info - 24);
    const argument = this.#number(size);
    if (argument < (size === 1 ? 24 : 2 ** (4 * size)))
      throw malformed('an integer or length that is not the shortest');
    return { major, argument };
  }

  /** Big-endian unsigned; what is 2^53 or more is refused. */
  #number(size: number): number {
    let value = 0;
    for (const byte of this.take(size)) value = value * 256 + byte;
    if (value > Number.MAX_SAFE_INTEGER) throw malformed('an integer that is too large');
    return value;
  }
}

function malformed(message: string, cause?: unknown): ChatError {
  return peerError('cbor-malformed', message, { cause });
}

function unsupported(message: string): ChatError {
  return usageError('cbor-unsupported', message);
}
