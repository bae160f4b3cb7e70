/**
 * What a directory and a renewal must keep to besides their form. docs/protocol.md §5.1, §21.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/text.ts';
import { peerError, type ChatError } from '../errors.ts';
import { deviceIdOf } from './device.ts';
import type { Directory, Renewal } from './directory-shape.ts';
import { isSigningKey } from './signing-point.ts';

const HOUR = 3_600_000;
const LONGEST_FRESH = 72 * HOUR;
const LONGEST_RENEWABLE = 400 * 24 * HOUR;
const MAX_ARCHIVES = 4;

/** @throws ChatError `directory-invalid` */
export function checkDirectory(directory: Directory): void {
  const { desk, issuedAt, freshUntil, renewUntil, members, renewers, policy } = directory;
  if (freshUntil <= issuedAt || freshUntil > issuedAt + LONGEST_FRESH)
    throw invalid('freshUntil is not within 72 hours of issuedAt');
  if (renewUntil < freshUntil || renewUntil > issuedAt + LONGEST_RENEWABLE)
    throw invalid('renewUntil is not within 400 days of issuedAt');
  if (members.some(({ key }) => equal(key, desk))) throw invalid('a member has the key of the desk');
  if (![...members, ...renewers].every(({ key }) => isSigningKey(key))) throw invalid('a key cannot sign');
  const archives = members.filter(({ role }) => role === 'archive').length;
  if (archives > MAX_ARCHIVES) throw invalid('too many archives');
  if (policy.recorded !== archives > 0) throw invalid('recorded does not agree with the archives');
}

/** @throws ChatError `directory-invalid` */
export function checkRenewal(renewal: Renewal, directory: Directory, baseHash: Uint8Array): void {
  if (renewal.version !== directory.version || !equal(renewal.base, baseHash))
    throw invalid('the renewal is of another base');
  if (renewal.issuedAt < directory.issuedAt) throw invalid('the renewal is older than its base');
  if (renewal.freshUntil <= renewal.issuedAt || renewal.freshUntil > renewal.issuedAt + LONGEST_FRESH) {
    throw invalid('freshUntil of the renewal is not within 72 hours of issuedAt');
  }
  if (renewal.freshUntil > directory.renewUntil) throw invalid('the renewal lasts longer than the base allows');
  const members = new Set(directory.members.map(({ key }) => toHex(deviceIdOf(key))));
  if (!renewal.removed.every((id) => members.has(toHex(id)))) throw invalid('the renewal removes who is no member');
}

function invalid(message: string): ChatError {
  return peerError('directory-invalid', message);
}
