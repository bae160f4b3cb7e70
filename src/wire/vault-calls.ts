/**
 * What a client asks of the relay's part of its vault: signed by the vault's own key for one connection.
 * docs/relay.md §5.10.
 * @module
 */
import { bytesOf, codecOf, mapOf, oneOf, uintUpTo, type Codec, type Shape } from '../bytes/shape.ts';
import { hashShape, idShape, keyShape } from '../identity/fields.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import { sign, type Signed } from '../identity/signature.ts';
import { relayOriginShape } from './fields.ts';
import { MAX_VAULT_CALL } from './limits.ts';

const version = uintUpTo(Number.MAX_SAFE_INTEGER, 1);
const element = bytesOf(32);
const tag = bytesOf(32);

/** What each call says beside who calls whom. */
interface CallFields {
  'vault-create': { readonly blinded: Uint8Array };
  'vault-renew': { readonly version: number; readonly tag: Uint8Array; readonly blinded: Uint8Array };
  'vault-register': { readonly version: number; readonly check: Uint8Array };
  'vault-evaluate': { readonly version: number; readonly blinded: Uint8Array };
  'vault-prove': { readonly version: number; readonly tag: Uint8Array; readonly evaluation: Uint8Array };
  'vault-retire': { readonly version: number; readonly tag: Uint8Array };
  'vault-destroy': object;
}

export type VaultOp = keyof CallFields;

/** Who calls whom, in answer to which challenge. */
interface CallHead<K extends VaultOp> {
  readonly v: 1;
  readonly op: K;
  /** The relay's origin, as the client was given it. */
  readonly relay: string;
  /** The connection's challenge, 32 B. */
  readonly nonce: Uint8Array;
  /** The key that signs: the vault's name at the relay. */
  readonly vault: Uint8Array;
}

export type VaultCall<K extends VaultOp> = CallHead<K> & CallFields[K];

function callOf<K extends VaultOp>(
  op: K,
  fields: { readonly [F in keyof CallFields[K]]: Shape<CallFields[K][F]> },
): Codec<VaultCall<K>> {
  const head = { v: oneOf(1), op: oneOf(op), relay: relayOriginShape, nonce: bytesOf(32), vault: keyShape };
  return codecOf(op, MAX_VAULT_CALL, mapOf({ ...head, ...fields }) as unknown as Shape<VaultCall<K>>);
}

/** The signed bytes of each call. */
export const VAULT_CALLS: { readonly [K in VaultOp]: Codec<VaultCall<K>> } = {
  'vault-create': callOf('vault-create', { blinded: element }),
  'vault-renew': callOf('vault-renew', { version, tag, blinded: element }),
  'vault-register': callOf('vault-register', { version, check: hashShape }),
  'vault-evaluate': callOf('vault-evaluate', { version, blinded: element }),
  'vault-prove': callOf('vault-prove', { version, tag, evaluation: idShape }),
  'vault-retire': callOf('vault-retire', { version, tag }),
  'vault-destroy': callOf('vault-destroy', {}),
};

/** A call, signed. @param options.relay from `relayOriginOf` the URL that the client was given */
export async function signVaultCall<K extends VaultOp>(
  crypto: PublicKeyCrypto,
  seed: Uint8Array,
  call: { op: K; relay: string; nonce: Uint8Array; fields: CallFields[K] },
): Promise<Signed> {
  const { op, relay, nonce, fields } = call;
  const vault = await crypto.signingKey(seed);
  const bytes = VAULT_CALLS[op].encode({ v: 1, op, relay, nonce, vault, ...fields });
  return sign(crypto, seed, 'vault-call', bytes);
}
