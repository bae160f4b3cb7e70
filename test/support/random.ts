/**
 * Real randomness for tests that run in Node and in browsers.
 * @module
 */
import type { Random } from '../../src/engine/ports.ts';

/** As the adapters' own. */
export const realRandom: Random = (length) => crypto.getRandomValues(new Uint8Array(length));
