/**
 * What a vault with a PIN asks of the relay. docs/relay.md §5.10.
 * @module
 */

/** A key that the relay has just drawn, and its one evaluation. */
export interface FreshKey {
  readonly version: number;
  /** The public key, 32 B. */
  readonly key: Uint8Array;
  readonly evaluated: Uint8Array;
  readonly proof: Uint8Array;
}

/** A counted evaluation. */
export interface CountedEvaluation {
  readonly evaluation: Uint8Array;
  /** How many more may follow without proof. */
  readonly left: number;
  readonly evaluated: Uint8Array;
  readonly proof: Uint8Array;
}

/**
 * The relay's part of vaults, each named by the key that signs its calls (`seed`, 32 B). Every call rejects with a ChatError: the
 * relay's refusals with their own codes, and whatever kept it from being asked. `signVaultCall` signs what each of them sends.
 */
export interface VaultAccess {
  create(seed: Uint8Array, fields: { blinded: Uint8Array }): Promise<FreshKey>;
  renew(seed: Uint8Array, fields: { version: number; tag: Uint8Array; blinded: Uint8Array }): Promise<FreshKey>;
  register(seed: Uint8Array, fields: { version: number; check: Uint8Array }): Promise<void>;
  evaluate(seed: Uint8Array, fields: { version: number; blinded: Uint8Array }): Promise<CountedEvaluation>;
  prove(seed: Uint8Array, fields: { version: number; tag: Uint8Array; evaluation: Uint8Array }): Promise<void>;
  retire(seed: Uint8Array, fields: { version: number; tag: Uint8Array }): Promise<void>;
  destroy(seed: Uint8Array): Promise<void>;
}
