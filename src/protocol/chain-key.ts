/**
 * The key schedule of the ratchet. docs/protocol.md §9.1, §10.1, §10.3.
 * @module
 */
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat } from '../bytes/bytes.ts';
import { label } from '../identity/label.ts';

declare const brand: unique symbol;
type Key<Name extends string> = Uint8Array & { readonly [brand]: Name };

/** Salts the next epoch. 32 B. */
export type RootKey = Key<'root'>;
/** Gives an epoch's message keys one after another. 32 B. */
export type ChainKey = Key<'chain'>;
/** Encrypts one frame. 32 B. */
export type MessageKey = Key<'message'>;
/** `eph`: encrypts the signals (§17) of one epoch. 32 B. */
export type SignalKey = Key<'signal'>;

/** What an epoch begins with. */
export interface EpochKeys {
  readonly root: RootKey;
  readonly chain: ChainKey;
  readonly signal: SignalKey;
}

/** Keys of epoch 0; `secrets` is ss1 ‖ ss2. */
export function sessionKeys({ transcript, secrets }: { transcript: Uint8Array; secrets: Uint8Array }): EpochKeys {
  return split(hkdf(sha256, secrets, transcript, label('session'), 96));
}

/** Keys of a later epoch. */
export function epochKeys({
  root,
  secret,
  headerHash,
}: {
  root: RootKey;
  secret: Uint8Array;
  headerHash: Uint8Array;
}): EpochKeys {
  return split(hkdf(sha256, secret, root, concat(label('epoch'), headerHash), 96));
}

/** The key of the chain's next message. */
export function messageKeyOf(chain: ChainKey): MessageKey {
  return hmac(sha256, chain, Uint8Array.of(1)) as Uint8Array as MessageKey;
}

/** The chain after its next message. */
export function chainAfter(chain: ChainKey): ChainKey {
  return hmac(sha256, chain, Uint8Array.of(2)) as Uint8Array as ChainKey;
}

function split(bytes: Uint8Array): EpochKeys {
  return {
    root: bytes.slice(0, 32) as RootKey,
    chain: bytes.slice(32, 64) as ChainKey,
    signal: bytes.slice(64) as SignalKey,
  };
}
