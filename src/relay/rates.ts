/**
 * Token buckets, so many of them that the memory they take is itself bounded.
 * @module
 */
import type { RateName, RelayLimits } from './limits.ts';

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Buckets of one rate; those that were not used longest are forgotten first, which gives their owners a full one. */
const MOST_BUCKETS = 50_000;

/** Counts what each address, device or desk does. */
export class Rates {
  readonly #rates: RelayLimits['rates'];
  readonly #now: () => number;
  readonly #buckets = new Map<RateName, Map<string, Bucket>>();

  constructor(rates: RelayLimits['rates'], now: () => number) {
    this.#rates = rates;
    this.#now = now;
  }

  /**
   * Takes tokens if there are enough.
   * @param factor how many times the rate this owner has
   * @returns null when they were taken, else how many ms until there will be enough
   */
  take(name: RateName, owner: string, options: { count?: number; factor?: number } = {}): number | null {
    const { count = 1, factor = 1 } = options;
    const rate = this.#rates[name];
    const burst = rate.burst * factor;
    const perMs = (rate.perMinute * factor) / 60_000;
    const bucket = this.#filled(name, owner, burst, perMs);
    // What is more than a whole bucket passes when the bucket is full: it would never otherwise.
    const needed = Math.min(count, burst);
    if (bucket.tokens < needed) return perMs === 0 ? 60_000 : Math.ceil((needed - bucket.tokens) / perMs);
    bucket.tokens -= needed;
    return null;
  }

  #filled(name: RateName, owner: string, burst: number, perMs: number): Bucket {
    const buckets = this.#of(name);
    const now = this.#now();
    const bucket = buckets.get(owner) ?? { tokens: burst, filledAt: now };
    bucket.tokens = Math.min(burst, bucket.tokens + Math.max(0, now - bucket.filledAt) * perMs);
    bucket.filledAt = now;
    // Deleting first keeps the map in the order of last use.
    buckets.delete(owner);
    buckets.set(owner, bucket);
    for (const oldest of buckets.keys()) {
      if (buckets.size <= MOST_BUCKETS) break;
      buckets.delete(oldest);
    }
    return bucket;
  }

  #of(name: RateName): Map<string, Bucket> {
    let buckets = this.#buckets.get(name);
    if (buckets === undefined) this.#buckets.set(name, (buckets = new Map<string, Bucket>()));
    return buckets;
  }
}
