/**
 * What all tabs of a profile must know of its lock: whether it was locked, and when somebody was last there. No slot: it opens nothing,
 * and whoever changes it can only have the vault locked, or kept open where it is open. docs/vault.md §9.
 * @module
 */
import { bytesOf, codecOf, mapOf, oneOf, uintUpTo, type Codec } from '../bytes/shape.ts';
import { VID_LENGTH } from './vault-keys.ts';

/** The row `lock` of table `vault`. */
export interface LockRow {
  readonly v: 1;
  readonly kind: 'lock';
  /** The vault's id, 16 B. */
  readonly vid: Uint8Array;
  /** How often it was locked: another number than that of its opening locks a tab. */
  readonly locks: number;
  /** When a user was last active in any tab, ms. */
  readonly used: number;
  /** Messages that had not been read when it was locked; 0 while it is open. */
  readonly unread: number;
}

/** The number of a vault that was never locked. */
export const FIRST_LOCKS = 0;

/** The lock row's bytes. */
export const lockRowCodec: Codec<LockRow> = codecOf(
  'lock-row',
  256,
  mapOf({
    v: oneOf(1),
    kind: oneOf('lock'),
    vid: bytesOf(VID_LENGTH),
    locks: uintUpTo(),
    used: uintUpTo(),
    unread: uintUpTo(),
  }),
);
