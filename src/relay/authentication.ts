/**
 * Checking that a connection holds the key it says. docs/relay.md §7.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/text.ts';
import { deviceIdOf } from '../identity/device.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import { verifySigned, type Signed } from '../identity/signature.ts';
import { relayAuthCodec, type RelayAuth } from '../wire/relay-auth.ts';
import { refused } from './refusal.ts';
import type { Identity } from './session.ts';

/** What an answer to a challenge is measured by. */
export interface Challenge {
  /** The nonce that this connection was pushed and has not used. */
  readonly nonce: Uint8Array;
  /** The origins under which clients know this relay. */
  readonly origins: ReadonlySet<string>;
  readonly serves: (desk: Uint8Array) => boolean;
}

/**
 * Who signed the answer. What is cheap is checked before the signature.
 * @throws ChatError `auth-malformed`, `auth-origin`, `auth-nonce`, `desk-unknown`, `auth-signature`
 */
export async function identify(crypto: PublicKeyCrypto, signed: Signed, challenge: Challenge): Promise<Identity> {
  const { relay, nonce, key, desk } = decoded(signed);
  if (!challenge.origins.has(relay)) throw refused('auth-origin', 'signed for another relay');
  if (!equal(nonce, challenge.nonce)) throw refused('auth-nonce', 'signed for another connection');
  if (!challenge.serves(desk)) throw refused('desk-unknown', 'this relay does not serve the desk');
  if (!(await verifySigned(crypto, key, 'relay-auth', signed)))
    throw refused('auth-signature', 'not signed by the key');
  const device = deviceIdOf(key);
  return { key, device, deviceName: toHex(device), desk, deskName: toHex(desk) };
}

function decoded(signed: Signed): RelayAuth {
  try {
    return relayAuthCodec.decode(signed[0]);
  } catch {
    throw refused('auth-malformed', 'not an authentication');
  }
}
