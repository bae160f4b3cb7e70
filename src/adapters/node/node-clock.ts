/**
 * Node's clock and randomness.
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '../../engine/ports.ts';

/** The longest time that a timer takes, ms; a longer one fires at once. */
const LONGEST = 2 ** 31 - 1;

export const nodeClock: Clock = {
  now: () => Date.now(),

  after(ms, callback) {
    let rest = ms;
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const part = Math.min(rest, LONGEST);
      rest -= part;
      timer = setTimeout(() => (rest > 0 ? wait() : callback()), part);
    };
    wait();
    return () => clearTimeout(timer);
  },
};

export const nodeRandom: Random = (length) => new Uint8Array(randomBytes(length));
