/**
 * Times as an agent reads them at a glance.
 * @module
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How pressing a wait is: `long` from five minutes, `late` from ten. */
export function waitUrgency(ms: number): 'fresh' | 'long' | 'late' {
  if (ms >= 10 * MINUTE) return 'late';
  return ms >= 5 * MINUTE ? 'long' : 'fresh';
}

/** A span in its largest fitting unit: `42 sec`, `4 min`, `2 hr`, `3 days`. Never negative. */
export function formatSpan(lang: string, ms: number): string {
  const span = Math.max(0, ms);
  if (span < MINUTE) return unit(lang, 'second', span / 1000);
  if (span < HOUR) return unit(lang, 'minute', span / MINUTE);
  if (span < DAY) return unit(lang, 'hour', span / HOUR);
  return unit(lang, 'day', span / DAY);
}

/** As `formatSpan`, told as past: `4 min. ago`. */
export function formatAgo(lang: string, ms: number): string {
  const span = Math.max(0, ms);
  const format = relative(lang);
  if (span < MINUTE) return format.format(0, 'second');
  if (span < HOUR) return format.format(-Math.floor(span / MINUTE), 'minute');
  if (span < DAY) return format.format(-Math.floor(span / HOUR), 'hour');
  return format.format(-Math.floor(span / DAY), 'day');
}

function unit(lang: string, name: 'second' | 'minute' | 'hour' | 'day', value: number): string {
  return numbers(lang, name).format(Math.floor(value));
}

/** Formats are costly to make and the lists ask for them every second. */
const made = new Map<string, unknown>();

function kept<T>(key: string, make: () => T): T {
  const found = (made.get(key) as T | undefined) ?? make();
  made.set(key, found);
  return found;
}

const numbers = (lang: string, name: string): Intl.NumberFormat =>
  kept(
    `number ${lang} ${name}`,
    () => new Intl.NumberFormat(lang, { style: 'unit', unit: name, unitDisplay: 'short' }),
  );

const relative = (lang: string): Intl.RelativeTimeFormat =>
  kept(`relative ${lang}`, () => new Intl.RelativeTimeFormat(lang, { numeric: 'auto', style: 'short' }));
