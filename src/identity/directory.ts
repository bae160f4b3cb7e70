/**
 * The desk's signed directory: signing it and opening a bundle. docs/protocol.md §5.1, §5.3.
 * @module
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/text.ts';
import { peerError, usageError } from '../errors.ts';
import { deviceIdOf } from './device.ts';
import { checkDirectory, checkRenewal } from './directory-rules.ts';
import {
  bundleCodec,
  directoryCodec,
  renewalCodec,
  type Bundle,
  type Directory,
  type Member,
  type Renewal,
  type Renewer,
} from './directory-shape.ts';
import { label } from './label.ts';
import type { PublicKeyCrypto } from './public-key-crypto.ts';
import { sign, verifySigned, type Signed } from './signature.ts';

export type { Bundle, Directory, Member, Renewal, Role } from './directory-shape.ts';

/** A member with its device id. */
export interface DeskMember extends Member {
  /** Device id, 16 B. */
  readonly id: Uint8Array;
}

/** Where a bundle stands among others of its desk (§5.2); `renewal` is 0 without one. */
export interface Position {
  readonly version: number;
  readonly renewal: number;
}

/** A bundle that passed everything of §5.1. Whether it may be used is for `supersedes` and `isFresh` to say. */
export interface OpenDirectory {
  readonly directory: Directory;
  readonly renewal: Renewal | null;
  /** The members in force: those of the base that are not removed. */
  readonly members: readonly DeskMember[];
  /** The members in force by device id in hexadecimal. */
  readonly membersById: ReadonlyMap<string, DeskMember>;
  readonly position: Position;
  /** directoryHash of §5.3, 32 B. */
  readonly hash: Uint8Array;
  /** Of the renewal if there is one, else of the base; ms. */
  readonly issuedAt: number;
  readonly freshUntil: number;
  /** The signed bytes, for comparing. */
  readonly baseBytes: Uint8Array;
  readonly renewalBytes: Uint8Array | null;
  /** The whole bundle, as it came. */
  readonly bytes: Uint8Array;
}

/**
 * Signs a base with the root key. `members` and `renewers` must be sorted by key.
 * @throws ChatError `shape-mismatch`, `cbor-too-large`, `directory-invalid`, `directory-foreign` (usage: `desk` is not the seed's key)
 */
export async function signDirectory(
  crypto: PublicKeyCrypto,
  rootSeed: Uint8Array,
  directory: Directory,
): Promise<Signed> {
  const bytes = directoryCodec.encode(directory);
  checkDirectory(directory, usageError);
  if (!equal(directory.desk, await crypto.signingKey(rootSeed)))
    throw usageError('directory-foreign', 'the seed is not that of the desk');
  return sign(crypto, rootSeed, 'directory', bytes);
}

/**
 * Signs a renewal. Whether it fits its base is checked when the bundle is opened.
 * @throws ChatError `shape-mismatch`, `cbor-too-large`
 */
export async function signRenewal(crypto: PublicKeyCrypto, renewerSeed: Uint8Array, renewal: Renewal): Promise<Signed> {
  return sign(crypto, renewerSeed, 'renewal', renewalCodec.encode(renewal));
}

/** What a renewal names its base by, 32 B (§5.1). */
export function baseHashOf(baseBytes: Uint8Array): Uint8Array {
  return sha256(concat(label('base'), baseBytes));
}

/** @throws ChatError `cbor-too-large`, `shape-mismatch` */
export function encodeBundle({ base, renewal }: Bundle): Uint8Array {
  return bundleCodec.encode([base, renewal]);
}

/**
 * The parts of a bundle, as a signer needs them to renew it; nothing but the form is checked.
 * @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch`
 */
export function decodeBundle(bytes: Uint8Array): Bundle {
  const [base, renewal] = bundleCodec.decode(bytes);
  return { base, renewal };
}

/**
 * Opens a bundle of the desk with this root key.
 * @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch`, `directory-foreign`, `directory-signature`,
 *   `directory-invalid`, `directory-renewer`
 */
export async function openBundle(
  crypto: PublicKeyCrypto,
  bundleBytes: Uint8Array,
  deskKey: Uint8Array,
): Promise<OpenDirectory> {
  const bundle = decodeBundle(bundleBytes);
  const directory = directoryCodec.decode(bundle.base[0]);
  // Before the signature, so that a page with another desk's key says so; nothing else is believed yet.
  if (!equal(directory.desk, deskKey)) throw peerError('directory-foreign', 'the directory is of another desk');
  if (!(await verifySigned(crypto, deskKey, 'directory', bundle.base))) {
    throw peerError('directory-signature', 'the directory is not signed by the desk');
  }
  checkDirectory(directory);
  const renewal = bundle.renewal === null ? null : await openRenewal(crypto, bundle.renewal, directory, bundle.base[0]);
  return openedOf(directory, renewal, bundle, new Uint8Array(bundleBytes));
}

/** The member in force with this device id. */
export function memberById(open: OpenDirectory, deviceId: Uint8Array): DeskMember | undefined {
  return open.membersById.get(toHex(deviceId));
}

async function openRenewal(
  crypto: PublicKeyCrypto,
  signed: Signed,
  directory: Directory,
  baseBytes: Uint8Array,
): Promise<Renewal> {
  const renewal = renewalCodec.decode(signed[0]);
  if (!equal(renewal.desk, directory.desk)) throw peerError('directory-foreign', 'the renewal is of another desk');
  if (!(await isSignedByRenewer(crypto, signed, directory.renewers, renewal.freshUntil))) {
    throw peerError('directory-renewer', 'no renewer whose time lasts has signed the renewal');
  }
  checkRenewal(renewal, directory, baseHashOf(baseBytes));
  return renewal;
}

async function isSignedByRenewer(
  crypto: PublicKeyCrypto,
  signed: Signed,
  renewers: readonly Renewer[],
  freshUntil: number,
): Promise<boolean> {
  for (const { key, until } of renewers) {
    if (until >= freshUntil && (await verifySigned(crypto, key, 'renewal', signed))) return true;
  }
  return false;
}

function openedOf(directory: Directory, renewal: Renewal | null, bundle: Bundle, bytes: Uint8Array): OpenDirectory {
  const removed = new Set(renewal?.removed.map(toHex));
  const byId = directory.members
    .map((member) => ({ ...member, id: deviceIdOf(member.key) }))
    .map((member) => [toHex(member.id), member] as const);
  const inForce = byId.filter(([id]) => !removed.has(id));
  const baseBytes = bundle.base[0];
  const renewalBytes = bundle.renewal?.[0] ?? null;
  const hash = sha256(concat(label('directory-hash'), sha256(baseBytes), sha256(renewalBytes ?? new Uint8Array())));
  return {
    directory,
    renewal,
    members: inForce.map(([, member]) => member),
    membersById: new Map(inForce),
    position: { version: directory.version, renewal: renewal?.renewal ?? 0 },
    hash,
    issuedAt: (renewal ?? directory).issuedAt,
    freshUntil: (renewal ?? directory).freshUntil,
    baseBytes,
    renewalBytes,
    bytes,
  };
}
