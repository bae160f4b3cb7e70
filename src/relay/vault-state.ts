/**
 * What the relay keeps of one vault with a PIN: its keys by version, and the evaluations that were not proven to be right.
 * docs/relay.md §5.10.
 * @module
 */
import { bytesOf, codecOf, listOf, mapOf, oneOf, orNull, uintUpTo, type Codec } from '../bytes/shape.ts';
import { hashShape, idShape, keyShape, timeShape } from '../identity/fields.ts';
import { MAX_VAULT_GUESSES } from '../wire/limits.ts';
import type { VoprfKey } from './voprf.ts';

const MINUTE = 60_000;
/** How long the next evaluation waits after so many unproven ones, ms; not at all after fewer. */
const DELAYS: ReadonlyMap<number, number> = new Map([
  [5, MINUTE],
  [6, 5 * MINUTE],
  [7, 15 * MINUTE],
  [8, 15 * MINUTE],
  [9, 60 * MINUTE],
]);
/** How many keys there are at most: drawing one gives up all but the one that was proven. */
const MAX_KEYS = 2;

/** A key of the vault. */
export interface VaultKey extends VoprfKey {
  readonly version: number;
  /** Hash of TAG; null until it is registered. */
  readonly check: Uint8Array | null;
  /** Evaluations under this key that were not proven to be right. */
  readonly open: readonly Uint8Array[];
}

/** See the module. */
export interface VaultState {
  readonly v: 1;
  /** The vault's Ed25519 key. */
  readonly vault: Uint8Array;
  /** The version of the next key: none is used twice. */
  readonly next: number;
  /** No evaluation before this, ms. */
  readonly readyAt: number;
  readonly keys: readonly VaultKey[];
}

export const vaultStateCodec: Codec<VaultState> = codecOf(
  'vault-state',
  2_048,
  mapOf({
    v: oneOf(1),
    vault: keyShape,
    next: uintUpTo(Number.MAX_SAFE_INTEGER, 2),
    readyAt: timeShape,
    keys: listOf(
      mapOf({
        version: uintUpTo(Number.MAX_SAFE_INTEGER, 1),
        secret: bytesOf(32),
        key: bytesOf(32),
        check: orNull(hashShape),
        open: listOf(idShape, MAX_VAULT_GUESSES),
      }),
      MAX_KEYS,
      1,
    ),
  }),
);

/** Unproven evaluations under all keys together: this is what is bounded, whichever key they were made under. */
export function guessesOf({ keys }: VaultState): number {
  return keys.reduce((sum, { open }) => sum + open.length, 0);
}

/** Counts an evaluation under a key. */
export function counted(state: VaultState, version: number, evaluation: Uint8Array, now: number): VaultState {
  const keys = state.keys.map((key) => (key.version === version ? { ...key, open: [...key.open, evaluation] } : key));
  const next = { ...state, keys };
  return { ...next, readyAt: now + (DELAYS.get(guessesOf(next)) ?? 0) };
}

/** Takes back one evaluation, that of whoever proved it; those of others stay counted, and their delay with those under an earlier key. */
export function proven(state: VaultState, version: number, isIt: (evaluation: Uint8Array) => boolean): VaultState {
  const keys = state.keys.map((key) =>
    key.version === version ? { ...key, open: key.open.filter((evaluation) => !isIt(evaluation)) } : key,
  );
  const next = { ...state, keys };
  // A later key may have been registered by who has only copied the disk: what he proves under it shortens no wait for the earlier one.
  return version === state.keys[0]?.version ? { ...next, readyAt: 0 } : eased(next);
}

/** Nobody waits for guesses that went with the key they were made under. */
export function eased(state: VaultState): VaultState {
  return DELAYS.has(guessesOf(state)) ? state : { ...state, readyAt: 0 };
}
