/**
 * Shapes of decoded structures: every field present, none unknown, sizes bounded. A shape states a CDDL rule of
 * docs/protocol.md once and gives its TypeScript type.
 * @module
 */
import { compare, utf8 } from './bytes.ts';
import { decodeCbor, encodeCbor, type CborValue } from './cbor.ts';
import { ChatError, peerError, usageError } from '../errors.ts';

/** Checks an unknown value at a path and returns it typed. @throws ChatError `shape-mismatch` naming the path */
export type Shape<T> = (value: unknown, path: string) => T;

/** The type a shape describes. */
export type Shaped<S> = S extends Shape<infer T> ? T : never;

/** `bstr .size (min..max)`; one argument: exactly that size. */
export function bytesOf(min: number, max = min): Shape<Uint8Array> {
  return (value, path) => {
    if (!(value instanceof Uint8Array) || value.length < min || value.length > max)
      throw mismatch(path, `bytes of ${min}..${max}`);
    return value;
  };
}

/** `uint`, at most `max`. */
export function uintUpTo(max = Number.MAX_SAFE_INTEGER, min = 0): Shape<number> {
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max)
      throw mismatch(path, `integer ${min}..${max}`);
    return value;
  };
}

/** `tstr .size (min..max)`, in UTF-8 bytes. */
export function textOf(min: number, max: number): Shape<string> {
  return (value, path) => {
    if (typeof value !== 'string' || value.length > max) throw mismatch(path, `text of ${min}..${max} bytes`);
    const size = utf8(value).length;
    if (size < min || size > max) throw mismatch(path, `text of ${min}..${max} bytes`);
    return value;
  };
}

/** `bool`. */
export const bool: Shape<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw mismatch(path, 'true or false');
  return value;
};

/** One of the given strings or numbers. */
export function oneOf<const T extends string | number>(...allowed: readonly T[]): Shape<T> {
  return (value, path) => {
    const found = allowed.find((item) => item === value);
    if (found === undefined) throw mismatch(path, 'one of the listed values');
    return found;
  };
}

/** `T / null`. */
export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return (value, path) => (value === null ? null : shape(value, path));
}

/** `[* T]`, at least `min` and at most `max` of them. */
export function listOf<T>(shape: Shape<T>, max: number, min = 0): Shape<T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > max || value.length < min)
      throw mismatch(path, `a list of ${min}..${max}`);
    return value.map((item, i) => shape(item, `${path}[${i}]`));
  };
}

/** A list in strictly ascending order of a byte string taken from each item: a set. */
export function sortedBy<T>(shape: Shape<T[]>, keyOf: (item: T) => Uint8Array): Shape<T[]> {
  return (value, path) => {
    const list = shape(value, path);
    list.forEach((item, i) => {
      const before = list[i - 1];
      if (before !== undefined && compare(keyOf(before), keyOf(item)) >= 0)
        throw mismatch(path, 'sorted without duplicates');
    });
    return list;
  };
}

/** An array of exactly these. */
export function tupleOf<const S extends readonly Shape<unknown>[]>(
  ...shapes: S
): Shape<{ -readonly [K in keyof S]: Shaped<S[K]> }> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length !== shapes.length) throw mismatch(path, `an array of ${shapes.length}`);
    return shapes.map((shape, i) => shape(value[i], `${path}[${i}]`)) as { -readonly [K in keyof S]: Shaped<S[K]> };
  };
}

/** A map with exactly these fields. */
export function mapOf<const S extends Record<string, Shape<unknown>>>(
  fields: S,
): Shape<{ [K in keyof S]: Shaped<S[K]> }> {
  const names = Object.keys(fields);
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array)
      throw mismatch(path, 'a map');
    const found = value as Record<string, unknown>;
    const keys = Object.keys(found);
    if (keys.length !== names.length) throw mismatch(path, 'exactly the specified fields');
    const out: Record<string, unknown> = {};
    for (const name of names) {
      if (!Object.hasOwn(found, name)) throw mismatch(`${path}.${name}`, 'present');
      out[name] = fields[name]?.(found[name], `${path}.${name}`);
    }
    return out as { [K in keyof S]: Shaped<S[K]> };
  };
}

/** Encoder and strict decoder of one structure. */
export interface Codec<T> {
  /** Deterministic bytes. @throws ChatError (usage) `shape-mismatch`, `cbor-too-large` when the value breaks its own rules */
  encode(value: T): Uint8Array;
  /** @throws ChatError (peer) `cbor-too-large`, `cbor-malformed`, `shape-mismatch` */
  decode(bytes: Uint8Array): T;
}

/**
 * The codec of a shape. Both directions check, so that we never send what we would refuse.
 * @param name names the structure in errors
 * @param maxBytes the limit of docs/protocol.md §21
 */
export function codecOf<T>(name: string, maxBytes: number, shape: Shape<T>): Codec<T> {
  return {
    encode(value) {
      const bytes = encodeCbor(shapedByCaller(shape, value, name) as CborValue);
      if (bytes.length > maxBytes) {
        const details = { length: bytes.length, limit: maxBytes };
        throw usageError('cbor-too-large', `${name} is longer than allowed`, { details });
      }
      return bytes;
    },
    decode: (bytes) => shape(decodeCbor(bytes, maxBytes), name),
  };
}

/** What the caller itself hands in is not a peer's fault. */
function shapedByCaller<T>(shape: Shape<T>, value: T, name: string): T {
  try {
    return shape(value, name);
  } catch (cause) {
    if (!(cause instanceof ChatError)) throw cause;
    throw usageError(cause.code, cause.message, { cause, details: cause.details });
  }
}

function mismatch(path: string, wanted: string): ChatError {
  return peerError('shape-mismatch', `${path} must be ${wanted}`, { details: { path } });
}
