/**
 * Durations as people write them.
 * @module
 */
import { usageError } from '../errors.ts';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30m`, `24h`, `7d` in ms. @throws ChatError `duration-malformed` (usage) */
export function parseDuration(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (amount === undefined || factor === undefined) throw usageError('duration-malformed', 'not a duration');
  return Number(amount) * factor;
}

/** How far a time is away, roughly: `in 3 days`, `2 hours ago`. */
export function awayFrom(time: number, now: number): string {
  const minutes = Math.round(Math.abs(time - now) / 60_000);
  const [amount, unit] =
    minutes < 120
      ? [minutes, 'minute']
      : minutes < 48 * 60
        ? [Math.round(minutes / 60), 'hour']
        : [Math.round(minutes / 1440), 'day'];
  const span = `${amount} ${unit}${amount === 1 ? '' : 's'}`;
  return time >= now ? `in ${span}` : `${span} ago`;
}
