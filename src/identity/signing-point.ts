/**
 * Which public keys docs/protocol.md §2.2 accepts: canonical encodings of points of prime order, not the identity.
 * @module
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { toHex } from '../bytes/text.ts';

export type SigningPoint = InstanceType<typeof ed25519.Point>;

/** Checked points of recently seen keys: the check costs as much as a verification. */
const recent = new Map<string, SigningPoint>();
const MOST_RECENT = 128;

/** The y-coordinates of all points of small order, little-endian; 0 and 1 also as p and p + 1. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '00'.repeat(32),
  '01' + '00'.repeat(31),
  'ec' + 'ff'.repeat(30) + '7f',
  'ed' + 'ff'.repeat(30) + '7f',
  'ee' + 'ff'.repeat(30) + '7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

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

/**
 * Whether the key encodes, canonically or not, the identity or another point of small order: for these anyone can sign.
 * Cheap, for long lists; `signingPointOf` is what a signature needs.
 */
export function isSmallOrder(key: Uint8Array): boolean {
  if (key.length !== 32) return false;
  const y = key.slice();
  // The highest bit is the sign of x: either way the order is the same.
  y[31] = (y[31] ?? 0) & 0x7f;
  return SMALL_ORDER.has(toHex(y));
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
