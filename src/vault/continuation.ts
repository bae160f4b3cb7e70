/**
 * What lets a vault that was opened by PIN or passkey stay open in another page or tab without either. docs/vault.md §9.
 * @module
 */
import { bytesOf, codecOf, mapOf, uintUpTo, type Codec } from '../bytes/shape.ts';
import { VMK_LENGTH } from './vault-keys.ts';

/** Carried sealed, by a tab's ticket or from tab to tab. */
export interface Continuation {
  /** Vault master key, 32 B. */
  readonly vmk: Uint8Array;
  /** When PIN or passkey were last shown, ms. */
  readonly since: number;
  /** `locks` of the lock row, while it was open. */
  readonly locks: number;
}

/** The bytes that are sealed. */
export const continuationCodec: Codec<Continuation> = codecOf(
  'continuation',
  128,
  mapOf({ vmk: bytesOf(VMK_LENGTH), since: uintUpTo(), locks: uintUpTo() }),
);
