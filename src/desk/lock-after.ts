/**
 * After how long without anybody the desk locks itself.
 * @module
 */

const DEFAULT = 15;
/** The desk cannot be left without a lock, nor with one that comes only the next day. */
const LEAST = 1;
const MOST = 480;
const MINUTE = 60_000;

/**
 * The idle time of a `lock-after` attribute, in ms.
 * @param minutes - between 1 and 480, else the nearest of both; null or not a number: 15
 */
export function lockAfterMs(minutes: string | null): number {
  const text = (minutes ?? '').trim();
  const asked = /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : DEFAULT;
  return Math.round(Math.min(MOST, Math.max(LEAST, asked)) * MINUTE);
}
