/**
 * Prekeys: public keys that a device leaves with the relay for whoever starts a session. docs/protocol.md §8.
 * @module
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, equal } from '../bytes/bytes.ts';
import { codecOf, mapOf, oneOf, type Shaped } from '../bytes/shape.ts';
import { peerError } from '../errors.ts';
import type { DeviceKeys } from '../identity/device.ts';
import { isPast, kemKeyShape, keyShape, timeShape } from '../identity/fields.ts';
import { label } from '../identity/label.ts';
import type { PublicKeyCrypto, RandomBytes } from '../identity/public-key-crypto.ts';
import { sign, verifySigned, type Signed } from '../identity/signature.ts';

/** Bytes of a prekey, §21. */
export const MAX_PREKEY = 1_536;

const kindShape = oneOf('signed', 'one-time');
/** `signed`: used many times for two weeks; `one-time`: its secret is deleted on first use. */
export type PrekeyKind = Shaped<typeof kindShape>;

const prekeyShape = mapOf({ desk: keyShape, key: keyShape, kind: kindShape, pk: kemKeyShape, notAfter: timeShape });
const prekeyCodec = codecOf('prekey', MAX_PREKEY, prekeyShape);

/** A prekey as its device keeps it: `seed` is the secret. */
export interface Prekey {
  /** prekeyId, 16 B. */
  readonly id: Uint8Array;
  /** X-Wing private key, 32 B. */
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
  /** ms */
  readonly notAfter: number;
  readonly kind: PrekeyKind;
  /** What is published. */
  readonly signed: Signed;
}

/** Another device's prekey that passed every check. */
export interface OpenPrekey {
  /** prekeyId, 16 B. */
  readonly id: Uint8Array;
  readonly publicKey: Uint8Array;
  /** ms */
  readonly notAfter: number;
}

/** Makes a prekey. Draws 32 B. */
export async function createPrekey({
  crypto,
  random,
  desk,
  device,
  kind,
  notAfter,
}: {
  crypto: PublicKeyCrypto;
  random: RandomBytes;
  desk: Uint8Array;
  device: DeviceKeys;
  kind: PrekeyKind;
  notAfter: number;
}): Promise<Prekey> {
  const seed = random(32);
  const publicKey = await crypto.kemKey(seed);
  const bytes = prekeyCodec.encode({ desk, key: device.key, kind, pk: publicKey, notAfter });
  const signed = await sign(crypto, device.seed, 'prekey', bytes);
  return { id: prekeyIdOf(publicKey), seed, publicKey, notAfter, kind, signed };
}

/**
 * Checks a fetched prekey. Whether a one-time key was used before is for the caller to know, by `id` (`prekey-reused`).
 * @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch`, `prekey-foreign`, `prekey-signature`, `prekey-expired`
 */
export async function openPrekey({
  crypto,
  signed,
  desk,
  deviceKey,
  kind,
  now,
}: {
  crypto: PublicKeyCrypto;
  signed: Signed;
  desk: Uint8Array;
  deviceKey: Uint8Array;
  kind: PrekeyKind;
  now: number;
}): Promise<OpenPrekey> {
  const prekey = prekeyCodec.decode(signed[0]);
  if (!equal(prekey.desk, desk) || !equal(prekey.key, deviceKey) || prekey.kind !== kind)
    throw peerError('prekey-foreign', 'the prekey is of another desk, device or kind');
  if (!(await verifySigned(crypto, deviceKey, 'prekey', signed)))
    throw peerError('prekey-signature', 'the prekey is not signed by its device');
  if (isPast(prekey.notAfter, now)) throw peerError('prekey-expired', 'the prekey has expired');
  return { id: prekeyIdOf(prekey.pk), publicKey: prekey.pk, notAfter: prekey.notAfter };
}

/** prekeyId, 16 B. */
function prekeyIdOf(publicKey: Uint8Array): Uint8Array {
  return sha256(concat(label('prekey-id'), publicKey)).slice(0, 16);
}
