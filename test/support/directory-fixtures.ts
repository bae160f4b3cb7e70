import { sha256 } from '@noble/hashes/sha2.js';
import { compare, utf8 } from '../../src/bytes/bytes.ts';
import type { Directory, Renewal, Role } from '../../src/identity/directory.ts';
import { baseHashOf } from '../../src/identity/directory.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** When the fixtures' bases are issued: 2026-01-01T00:00:00Z. */
export const ISSUED = 1_767_225_600_000;

/** A fixed seed for everything that has a name in tests and vectors. */
export function seedOf(name: string): Uint8Array {
  return sha256(utf8(`test seed of ${name}`));
}

export function keyOf(name: string): Promise<Uint8Array> {
  return nobleCrypto.signingKey(seedOf(name));
}

const byKey = (a: { key: Uint8Array }, b: { key: Uint8Array }): number => compare(a.key, b.key);

/** A directory of the desk whose seed is named `root`, with these members and the renewer named `renewer`. */
export async function directoryOf(
  members: Readonly<Record<string, Role>> = { alice: 'agent', bob: 'supervisor' },
  changes: Partial<Directory> = {},
): Promise<Directory> {
  const listed = await Promise.all(
    Object.entries(members).map(async ([name, role]) => ({ key: await keyOf(name), role, name })),
  );
  return {
    desk: await keyOf('root'),
    version: 1,
    issuedAt: ISSUED,
    freshUntil: ISSUED + 48 * HOUR,
    renewUntil: ISSUED + 30 * DAY,
    name: 'Example Bank',
    members: listed.sort(byKey),
    renewers: [{ key: await keyOf('renewer'), until: ISSUED + 30 * DAY }],
    policy: {
      recorded: Object.values(members).includes('archive'),
      retentionDays: null,
      notice: null,
      tokenKeys: [],
    },
    ...changes,
  };
}

/** The first renewal of a base, made a day after it. */
export function renewalOf(directory: Directory, baseBytes: Uint8Array, changes: Partial<Renewal> = {}): Renewal {
  const { desk, version, issuedAt } = directory;
  return {
    desk,
    version,
    base: baseHashOf(baseBytes),
    renewal: 1,
    issuedAt: issuedAt + DAY,
    freshUntil: issuedAt + 3 * DAY,
    removed: [],
    ...changes,
  };
}
