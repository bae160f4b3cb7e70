import { browserLocks, webLocks } from '../../src/adapters/browser/browser-locks.ts';
import { indexedLocks } from '../../src/adapters/browser/indexed-locks.ts';
import { locksContract } from '../contracts/locks.ts';

let scopes = 0;
const scope = (): string => `test-${Date.now()}-${scopes++}`;

locksContract('Web Locks', () => {
  const name = scope();
  return [browserLocks(name), webLocks(name, navigator.locks)];
});

locksContract('IndexedDB', () => {
  const name = scope();
  return [indexedLocks(name), indexedLocks(name)];
});
