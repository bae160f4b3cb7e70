/**
 * Which public keys docs/protocol.md §2.2 accepts: canonical encodings of points of prime order, not the identity.
 * @module
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { toHex } from '../bytes/text.ts';

export type SigningPoint = InstanceType<typeof ed25519.Point>;

/** Checked points of recently seen keys: the check costs as much as half a verification. */
const recent = new Map<string, SigningPoint>();
const MOST_RECENT = 128;

/** The point of an acceptable public key, else undefined. */
export function signingPointOf(key: Uint8Array): SigningPoint | undefined {
  if (key.length !== 32) return undefined;
  const name = toHex(key);
  const known = recent.get(name);
  if (known !== undefined) recent.delete(name);
  const point = known ?? checkedPoint(key);
  if (point === undefined) return undefined;
  recent.set(name, point);
  for (const oldest of recent.keys()) {
    if (recent.size <= MOST_RECENT) break;
    recent.delete(oldest);
  }
  return point;
}

/** Whether §2.2 accepts the key at all. */
export function isSigningKey(key: Uint8Array): boolean {
  return signingPointOf(key) !== undefined;
}

function checkedPoint(key: Uint8Array): SigningPoint | undefined {
  let point: SigningPoint;
  try {
    // Strict decoding: refuses y ≥ p and a sign on x = 0.
    point = ed25519.Point.fromBytes(key, false);
  } catch {
    return undefined;
  }
  return point.is0() || !point.isTorsionFree() ? undefined : point;
}
