/**
 * Making a desk, and opening one that was made.
 * @module
 */
import { nodeRandom } from '../adapters/node/node-clock.ts';
import { equal } from '../bytes/bytes.ts';
import { ChatError, usageError } from '../errors.ts';
import { deviceKeysFrom } from '../identity/device.ts';
import { openBundle } from '../identity/directory.ts';
import { nobleCrypto } from '../identity/noble-crypto.ts';
import {
  hasLockedSeed,
  readPlainSeed,
  readState,
  removeSeeds,
  writeSeed,
  writeState,
  type DeskState,
  type RootKeyChoice,
} from './desk-files.ts';
import { DeskOffice } from './desk-office.ts';
import { lockedPlace, type DeskPlace } from './desk-place.ts';

export interface NewDesk {
  readonly name: string;
  /** Not given: `plain`. */
  readonly rootKey?: RootKeyChoice;
  /** The seed of the root key, 32 B; not given: a new one. */
  readonly seed?: Uint8Array;
  /** The relay to talk to when none is named. */
  readonly relay?: string | null;
}

/**
 * Makes a desk: a root key and a state that names nobody.
 * @throws ChatError `desk-exists`, `desk-in-use`, `desk-directory-unusable`, `passphrase-weak` (usage), `shape-mismatch`
 *   (usage) for a name that is not one (§3)
 */
export async function createDesk(place: DeskPlace, options: NewDesk): Promise<DeskOffice> {
  return lockedPlace(place.directory, async (unlock) => {
    const { directory, random = nodeRandom } = place;
    const { name, rootKey = { place: 'plain' }, relay = null } = options;
    await refuseExisting(directory);
    const root = await deviceKeysFrom(place.crypto ?? nobleCrypto, options.seed ?? random(32));
    const state: DeskState = {
      v: 2,
      desk: root.key,
      name,
      rootKey: rootKey.place,
      relay,
      members: [],
      signers: [],
      invitations: [],
      successor: null,
      retired: false,
      bundle: null,
    };
    // The state first: only a desk whose root key is there exists.
    await writeState(directory, state);
    await writeSeed(directory, root.seed, rootKey);
    return new DeskOffice(place, unlock, { root, state, held: null });
  });
}

/**
 * Opens a desk that was made before. Its root key is at hand if it lies there without a passphrase; else `unlock` brings it.
 * @throws ChatError `desk-missing`, `desk-in-use`, `root-key-missing`, `desk-directory-unusable`, `desk-file-exposed`,
 *   `desk-file-malformed`
 */
export async function openDesk(place: DeskPlace): Promise<DeskOffice> {
  return lockedPlace(
    place.directory,
    async (unlock) => {
      const crypto = place.crypto ?? nobleCrypto;
      const { state, seed } = await readDesk(place.directory);
      const root = seed === null ? null : await deviceKeysFrom(crypto, seed);
      if (root !== null && !equal(state.desk, root.key)) {
        throw new ChatError('environment', 'desk-file-malformed', 'the state is not that of the root key');
      }
      const held = state.bundle === null ? null : await openBundle(crypto, state.bundle, state.desk);
      return new DeskOffice(place, unlock, { root, state, held });
    },
    missing,
  );
}

/** @throws ChatError `desk-exists` (usage); `root-key-missing` and the others as `readDesk` */
async function refuseExisting(directory: string): Promise<void> {
  try {
    await readDesk(directory);
  } catch (error) {
    if (error instanceof ChatError && error.code === 'desk-missing') return;
    throw error;
  }
  throw usageError('desk-exists', 'there is a desk in this directory');
}

/**
 * The state, and the seed of a root key that lies there without a passphrase (else null). Files of a root key that was
 * moved, and that a crash left behind, are removed.
 * @throws ChatError `desk-missing` (usage); `root-key-missing` when the state of a desk that was used is there without it;
 *   `desk-file-exposed`, `desk-file-malformed`, `desk-directory-unusable`
 */
async function readDesk(directory: string): Promise<{ state: DeskState; seed: Uint8Array | null }> {
  const seed = await readPlainSeed(directory);
  const isLocked = await hasLockedSeed(directory);
  const state = await readState(directory);
  if (state === null) {
    if (seed === null && !isLocked) throw missing();
    throw new ChatError('environment', 'desk-file-malformed', 'the root key is there without the state of its desk', {
      details: { missing: true },
    });
  }
  if (state.rootKey === 'plain') {
    if (seed === null) throw lost(state);
    return { state, seed };
  }
  if (state.rootKey === 'passphrase' && !isLocked) throw lost(state);
  if (seed !== null) await removeSeeds(directory, { plain: true, locked: false });
  if (state.rootKey === 'elsewhere' && isLocked) await removeSeeds(directory, { plain: false, locked: true });
  return { state, seed: null };
}

/** A crash while the desk was made leaves a state that nobody has used: there is no desk yet. */
function lost({ bundle, invitations, members, signers }: DeskState): ChatError {
  if (bundle === null && [invitations, members, signers].every(({ length }) => length === 0)) return missing();
  return new ChatError('environment', 'root-key-missing', 'the file of the root key is gone');
}

function missing(): ChatError {
  return usageError('desk-missing', 'there is no desk in this directory');
}
