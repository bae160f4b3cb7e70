/**
 * The browser's clock and randomness.
 * @module
 */
import type { Clock, Random } from '../../engine/ports.ts';

/** The longest time that a timer takes, ms; a longer one fires at once. */
const LONGEST = 2 ** 31 - 1;
/** How much randomness is given at once, bytes. */
const QUOTA = 65_536;

export const browserClock: Clock = {
  now: () => Date.now(),

  after(ms, callback) {
    let rest = ms;
    let timer: ReturnType<typeof setTimeout>;
    const wait = (): void => {
      const part = Math.min(rest, LONGEST);
      rest -= part;
      timer = setTimeout(() => (rest > 0 ? wait() : callback()), part);
    };
    wait();
    return () => clearTimeout(timer);
  },
};

export const browserRandom: Random = (length) => {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += QUOTA) crypto.getRandomValues(bytes.subarray(at, at + QUOTA));
  return bytes;
};
