/**
 * Which bundle replaces which, and until when one may be relied on. docs/protocol.md §5.2, §5.4.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/text.ts';
import { peerError, type ChatError } from '../errors.ts';
import type { OpenDirectory } from './directory.ts';
import { isFuture, isPast } from './fields.ts';

/** Whether sessions may be started and content be encrypted under it (§5.4). */
export function isFresh(open: OpenDirectory, now: number): boolean {
  return !isPast(open.freshUntil, now) && !isFuture(open.issuedAt, now);
}

/**
 * Whether a client that holds `held` (null: none yet) takes the candidate in its place, or already has it.
 * Both are of the same desk.
 * @throws ChatError `directory-stale`, `directory-older`, `directory-equivocation` (MUST be told), `directory-not-shrinking`;
 *   what is held stays in force
 */
export function supersedes(held: OpenDirectory | null, candidate: OpenDirectory, now: number): 'newer' | 'same' {
  if (held === null) {
    if (!isFresh(candidate, now)) throw refused('directory-stale', 'a first directory must be fresh', candidate);
    return 'newer';
  }
  if (!equal(held.directory.desk, candidate.directory.desk))
    throw refused('directory-foreign', 'the directory is of another desk', candidate);
  const version = candidate.position.version - held.position.version;
  if (version > 0) return 'newer';
  if (version < 0) throw refused('directory-older', 'an older directory than the one held', candidate);
  if (!equal(held.baseBytes, candidate.baseBytes))
    throw refused('directory-equivocation', 'two directories of one version', candidate);
  const renewal = candidate.position.renewal - held.position.renewal;
  if (renewal < 0) throw refused('directory-older', 'an older renewal than the one held', candidate);
  if (renewal === 0) {
    if (!equal(held.hash, candidate.hash))
      throw refused('directory-equivocation', 'two renewals of one number', candidate);
    return 'same';
  }
  const removed = new Set(candidate.renewal?.removed.map(toHex));
  if (held.renewal !== null && !held.renewal.removed.every((id) => removed.has(toHex(id)))) {
    throw refused('directory-not-shrinking', 'the renewal brings back who was removed', candidate);
  }
  return 'newer';
}

function refused(code: string, message: string, { position }: OpenDirectory): ChatError {
  return peerError(code, message, { details: { version: position.version, renewal: position.renewal } });
}
