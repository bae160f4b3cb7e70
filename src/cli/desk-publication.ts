/**
 * Bringing a desk's newest directory to its relay, and learning first what is published there. docs/relay.md §5.4.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import type { RelayConnection } from '../engine/relay-connection.ts';
import { ChatError } from '../errors.ts';
import { openBundle, type Member, type OpenDirectory } from '../identity/directory.ts';
import { nobleCrypto } from '../identity/noble-crypto.ts';
import type { DeskOffice } from './desk-office.ts';

/** What was found at the relay. */
export interface Published {
  /** Null: nothing yet. */
  readonly directory: OpenDirectory | null;
  /** Members whom a signer had removed there, and who are not members here any more either. */
  readonly removed: readonly Member[];
}

/** The bundle that a relay has of a desk; null: none. @throws ChatError as `openBundle`, and of the relay */
export async function fetchPublished(
  line: Pick<RelayConnection, 'request'>,
  desk: Uint8Array,
): Promise<OpenDirectory | null> {
  const { bundle } = await line.request('directory-fetch', { desk });
  return bundle === null ? null : openBundle(nobleCrypto, bundle, desk);
}

/**
 * Compares what is published with what this desk has signed, and takes over whom a signer removed.
 * @throws ChatError `desk-state-older` (the relay has a directory that this desk's files know nothing of: a backup was
 *   restored, or two machines sign), `desk-state-other` (of the same version it has another one: two copies of the desk
 *   sign); as `openBundle`; of the relay
 */
export async function comparePublished(line: Pick<RelayConnection, 'request'>, desk: DeskOffice): Promise<Published> {
  const directory = await fetchPublished(line, desk.key);
  if (directory === null) return { directory, removed: [] };
  const known = desk.signed?.position.version ?? 0;
  const { version } = directory.position;
  if (version > known) {
    // Signing on would give a version two contents, which every client takes for an attack.
    throw conflict('desk-state-older', 'the relay has a later directory than this desk knows', known, version);
  }
  if (version === known && desk.signed !== null && !equal(directory.baseBytes, desk.signed.baseBytes)) {
    throw conflict('desk-state-other', 'another copy of this desk has signed the same version', known, version);
  }
  return { directory, removed: await desk.absorb(directory) };
}

/**
 * Publishes the newest directory, signed anew if it is due.
 * @returns what is in force at the relay now
 * @throws ChatError as `comparePublished`; `desk-locked` (usage) when it has to be signed; what the relay refused it with
 */
export async function publishDirectory(
  line: Pick<RelayConnection, 'request'>,
  desk: DeskOffice,
): Promise<OpenDirectory> {
  const { directory } = await comparePublished(line, desk);
  const ours = await desk.renew();
  if (directory !== null && equal(directory.baseBytes, ours.baseBytes)) return directory;
  await line.request('directory-publish', { bundle: ours.bytes });
  return ours;
}

function conflict(code: string, message: string, known: number, published: number): ChatError {
  return new ChatError('environment', code, message, { details: { known, published } });
}
