/**
 * How settings are written: each reader takes what a flag, a variable or a JSON file can hold, and says what it wants.
 * @module
 */

/** What was wrong with a value, as the end of a sentence that begins with the field. */
export class BadValue extends Error {}

/** @throws BadValue */
export type Reader<T> = (value: unknown) => T;

const KIB = 1_024;
const SIZES: Readonly<Record<string, number>> = { B: 1, KiB: KIB, MiB: KIB ** 2, GiB: KIB ** 3, TiB: KIB ** 4 };
const SECOND = 1_000;
const TIMES: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: SECOND, m: 60 * SECOND, min: 60 * SECOND },
  ...{ h: 3_600 * SECOND, d: 86_400 * SECOND },
};

/** Some text, without a line break. */
export const text: Reader<string> = (value) => {
  if (typeof value !== 'string' || value.trim() === '' || /[\r\n\0]/.test(value))
    throw new BadValue('must be some text');
  return value;
};

export function oneOf<T extends string>(...allowed: readonly T[]): Reader<T> {
  return (value) => {
    const found = allowed.find((name) => name === value);
    if (found === undefined) throw new BadValue(`must be one of ${allowed.join(', ')}`);
    return found;
  };
}

/** A whole number from `min` to `max`. */
export function whole(min: number, max: number): Reader<number> {
  return (value) => {
    const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < min || number > max) {
      throw new BadValue(`must be a whole number from ${min} to ${max}`);
    }
    return number;
  };
}

/** A part of one, from 0 to 1. */
export const part: Reader<number> = (value) => {
  const number = decimal(value);
  if (number === null || number > 1) throw new BadValue('must be a number from 0 to 1');
  return number;
};

/** Bytes: a number, or with a unit such as `512 MiB`. */
export function size(min: number): Reader<number> {
  return (value) => {
    const bytes = measured(value, SIZES);
    if (bytes === null || bytes < min || bytes > Number.MAX_SAFE_INTEGER) {
      throw new BadValue(`must be a size such as 4096, 512 KiB or 20 GiB${min > 0 ? `, at least ${min} B` : ''}`);
    }
    return bytes;
  };
}

/** Milliseconds: a number, or with a unit such as `30 d`. */
export function time(min: number, max: number): Reader<number> {
  return (value) => {
    const ms = measured(value, TIMES);
    if (ms === null || ms < min || ms > max) {
      throw new BadValue(`must be a time such as 1500 ms, 30 s, 5 m, 12 h or 30 d, from ${min} ms to ${max} ms`);
    }
    return ms;
  };
}

/** `burst/perMinute`, or both in an object. */
export const rate: Reader<{ burst: number; perMinute: number }> = (value) => {
  const given = typeof value === 'string' ? splitRate(value) : value;
  if (typeof given === 'object' && given !== null && Object.keys(given).sort().join() === 'burst,perMinute') {
    const { burst, perMinute } = given as { burst: unknown; perMinute: unknown };
    const [most, refill] = [decimal(burst), decimal(perMinute)];
    if (most !== null && refill !== null && most >= 1) return { burst: most, perMinute: refill };
  }
  throw new BadValue('must be a rate such as 120/240: at once (1 or more), then a minute');
};

function splitRate(value: string): { burst: unknown; perMinute: unknown } | null {
  const [burst, perMinute, ...more] = value.split('/').map((half) => half.trim());
  return perMinute === undefined || more.length > 0 ? null : { burst, perMinute };
}

function decimal(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,15}(?:\.\d{1,6})?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null;
}

function measured(value: unknown, units: Readonly<Record<string, number>>): number | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : null;
  if (typeof value !== 'string') return null;
  const [, amount = '', unit = ''] = /^(\d{1,15}(?:\.\d{1,6})?) ?([A-Za-z]*)$/.exec(value.trim()) ?? [];
  const factor = unit === '' ? 1 : Object.hasOwn(units, unit) ? units[unit] : undefined;
  return amount === '' || factor === undefined ? null : Math.round(Number(amount) * factor);
}
