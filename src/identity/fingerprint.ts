/**
 * Fingerprints that people read to each other. docs/protocol.md §4.
 * @module
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat } from '../bytes/bytes.ts';
import { label } from './label.ts';

const GROUPS = 6;

/** Six groups of five digits, parted by spaces: `12345 67890 …`. */
export function fingerprintOf(key: Uint8Array): string {
  const digest = sha256(concat(label('fingerprint'), key));
  const groups: string[] = [];
  for (let i = 0; i < GROUPS; i++) {
    // Five bytes stay below 2^40: exact in a double.
    const number = digest.subarray(5 * i, 5 * i + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    groups.push(String(number % 100_000).padStart(5, '0'));
  }
  return groups.join(' ');
}
