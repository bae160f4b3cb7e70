/**
 * What a directory and a renewal must keep to besides their form. docs/protocol.md §5.1, §21.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/text.ts';
import { peerError } from '../errors.ts';
import { deviceIdOf } from './device.ts';
import type { Directory, Renewal } from './directory-shape.ts';
import { isSmallOrder } from './signing-point.ts';

const HOUR = 3_600_000;
const LONGEST_FRESH = 72 * HOUR;
const LONGEST_RENEWABLE = 35 * 24 * HOUR;
const MAX_ARCHIVES = 4;

/**
 * @param errorOf makes the error: a peer's fault, unless the caller itself made the directory
 * @throws ChatError `directory-invalid`
 */
export function checkDirectory(directory: Directory, errorOf = peerError): void {
  const broken = brokenRuleOf(directory);
  if (broken !== null) throw errorOf('directory-invalid', broken);
}

/** @throws ChatError `directory-invalid` */
export function checkRenewal(renewal: Renewal, directory: Directory, baseHash: Uint8Array): void {
  const broken = brokenRuleOfRenewal(renewal, directory, baseHash);
  if (broken !== null) throw peerError('directory-invalid', broken);
}

function brokenRuleOf({ desk, issuedAt, freshUntil, renewUntil, members, renewers, policy }: Directory): string | null {
  if (!isFreshSpan(issuedAt, freshUntil)) return 'freshUntil is not within 72 hours of issuedAt';
  if (renewUntil < freshUntil || renewUntil - issuedAt > LONGEST_RENEWABLE) {
    return 'renewUntil is not from freshUntil to 35 days after issuedAt';
  }
  if (members.some(({ key }) => equal(key, desk))) return 'a member has the key of the desk';
  if ([desk, ...[...members, ...renewers].map(({ key }) => key)].some(isSmallOrder)) return 'anyone can sign for a key';
  const archives = members.filter(({ role }) => role === 'archive').length;
  if (archives > MAX_ARCHIVES) return 'too many archives';
  if (policy.recorded !== archives > 0) return 'recorded does not agree with the archives';
  return null;
}

function brokenRuleOfRenewal(renewal: Renewal, directory: Directory, baseHash: Uint8Array): string | null {
  const { version, base, issuedAt, freshUntil, removed } = renewal;
  if (version !== directory.version || !equal(base, baseHash)) return 'the renewal is of another base';
  if (issuedAt < directory.issuedAt) return 'the renewal is older than its base';
  if (!isFreshSpan(issuedAt, freshUntil)) return 'freshUntil of the renewal is not within 72 hours of issuedAt';
  if (freshUntil > directory.renewUntil) return 'the renewal lasts longer than its base allows';
  // Only the root ends recording: no renewal removes an archive.
  const others = directory.members.filter(({ role }) => role !== 'archive');
  const removable = new Set(others.map(({ key }) => toHex(deviceIdOf(key))));
  if (!removed.every((id) => removable.has(toHex(id)))) return 'the renewal removes an archive or who is no member';
  return null;
}

function isFreshSpan(issuedAt: number, freshUntil: number): boolean {
  return issuedAt < freshUntil && freshUntil - issuedAt <= LONGEST_FRESH;
}
