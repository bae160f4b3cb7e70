/**
 * What an administrator's machine keeps of a desk: the root key (unless it is kept elsewhere), and the state from which
 * directories are signed.
 * @module
 */
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeCbor } from '../bytes/cbor.ts';
import {
  bool,
  bytesOf,
  codecOf,
  listOf,
  mapOf,
  oneOf,
  orNull,
  sortedBy,
  textOf,
  type Codec,
  type Shaped,
} from '../bytes/shape.ts';
import { ChatError } from '../errors.ts';
import { memberShape } from '../identity/directory-shape.ts';
import { invitationShape } from '../identity/enrolment.ts';
import { keyShape, timeShape } from '../identity/fields.ts';
import { nameShape } from '../identity/names.ts';
import { readPrivate, unusable, writeDurably } from './durable-file.ts';
import { isLockedRootKey, lockRootKey, unlockRootKey } from './root-key.ts';

const MAX_MEMBERS = 400;
const MAX_SIGNERS = 8;
const MAX_BUNDLE = 81_920;
/** Invitations that have not expired; each is one person who was asked. */
const MAX_INVITATIONS = 1_000;
const MAX_STATE = 1 << 20;

const plainKeyShape = mapOf({ v: oneOf(1), protection: oneOf('none'), seed: bytesOf(32) });

const invitationFields = {
  invitation: invitationShape,
  /** The key that it was used for; null: not used yet. */
  used: orNull(keyShape),
};
const invitationRecord = mapOf({
  ...invitationFields,
  /** Whom it was made for, as the administrator wrote it; told to nobody. */
  note: orNull(nameShape),
});
export type KeptInvitation = Shaped<typeof invitationRecord>;

const membersShape = sortedBy(listOf(memberShape, MAX_MEMBERS), ({ key }) => key);
const signerShape = mapOf({ key: keyShape, until: timeShape });
/** The newest bundle that was signed, whether or not a relay has it; null: none was. */
const bundleShape = orNull(bytesOf(1, MAX_BUNDLE));

/** As version 0.1 wrote it. */
const firstStateShape = mapOf({
  v: oneOf(1),
  desk: keyShape,
  name: nameShape,
  members: membersShape,
  invitations: listOf(mapOf(invitationFields), MAX_INVITATIONS),
  bundle: bundleShape,
});

const stateShape = mapOf({
  v: oneOf(2),
  desk: keyShape,
  name: nameShape,
  /** Where the root key is: in a file as it is, in one under a passphrase, or not on this machine. */
  rootKey: oneOf('plain', 'passphrase', 'elsewhere'),
  /** The relay that is talked to when none is named. */
  relay: orNull(textOf(1, 300)),
  /** Who is to be a member; what was signed may lag behind by a crash. */
  members: membersShape,
  /** Who may renew the directory, and until when. */
  signers: sortedBy(listOf(signerShape, MAX_SIGNERS), ({ key }) => key),
  invitations: listOf(invitationRecord, MAX_INVITATIONS),
  /** The desk that takes this one's place; null: none does. */
  successor: orNull(keyShape),
  /** Its last directory names nobody: nobody is admitted any more. */
  retired: bool,
  bundle: bundleShape,
});
export type DeskState = Shaped<typeof stateShape>;
export type KeptSigner = Shaped<typeof signerShape>;

/**
 * Where the root key is to be: in a file as it is (`plain`, for trying out), in an age file under a passphrase, or not on
 * this machine, so that every use of it needs `unlock`.
 */
export type RootKeyChoice =
  | { readonly place: 'plain' }
  | { readonly place: 'passphrase'; readonly passphrase: string; readonly workFactor?: number }
  | { readonly place: 'elsewhere' };

const plainKeyCodec = codecOf('root key', 256, plainKeyShape);
const firstStateCodec = codecOf('desk state', MAX_STATE, firstStateShape);
const stateCodec = codecOf('desk state', MAX_STATE, stateShape);

const plainKeyPath = (directory: string): string => join(directory, 'root-key.cbor');
const lockedKeyPath = (directory: string): string => join(directory, 'root-key.age');
const statePath = (directory: string): string => join(directory, 'desk.cbor');

/** The seed in the file without a passphrase; null: there is none. @throws ChatError `desk-file-exposed`, `desk-file-malformed`, `desk-directory-unusable` */
export async function readPlainSeed(directory: string): Promise<Uint8Array | null> {
  const path = plainKeyPath(directory);
  const bytes = await readPrivate(path);
  return bytes === null ? null : decoded(plainKeyCodec, bytes, path).seed;
}

/** Whether there is a root key under a passphrase, of the right form. @throws ChatError `desk-file-exposed`, `desk-file-malformed`, `desk-directory-unusable` */
export async function hasLockedSeed(directory: string): Promise<boolean> {
  return (await readLockedKey(directory)) !== null;
}

/** The seed under a passphrase; null: there is none. @throws ChatError `passphrase-wrong` (usage), and as `readPlainSeed` */
export async function readLockedSeed(directory: string, passphrase: string): Promise<Uint8Array | null> {
  const bytes = await readLockedKey(directory);
  return bytes === null ? null : unlockRootKey(bytes, passphrase);
}

/**
 * Writes the root key to where it is to be: nowhere, for `elsewhere`.
 * @throws ChatError `passphrase-weak` (usage), `desk-directory-unusable`
 */
export async function writeSeed(directory: string, seed: Uint8Array, choice: RootKeyChoice): Promise<void> {
  if (choice.place === 'plain') {
    await writeDurably(plainKeyPath(directory), plainKeyCodec.encode({ v: 1, protection: 'none', seed }));
  } else if (choice.place === 'passphrase') {
    await writeDurably(lockedKeyPath(directory), await lockRootKey(seed, choice.passphrase, choice.workFactor));
  }
}

/** Removes the files of a root key that is elsewhere by now, if they are there. @throws ChatError `desk-directory-unusable` */
export async function removeSeeds(directory: string, which: { plain: boolean; locked: boolean }): Promise<void> {
  const paths = [
    ...(which.plain ? [plainKeyPath(directory), `${plainKeyPath(directory)}.new`] : []),
    ...(which.locked ? [lockedKeyPath(directory), `${lockedKeyPath(directory)}.new`] : []),
  ];
  for (const path of paths) {
    await unlink(path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT') throw unusable('a file cannot be removed', cause);
    });
  }
}

/** @throws ChatError as `readPlainSeed` */
export async function readState(directory: string): Promise<DeskState | null> {
  const path = statePath(directory);
  const bytes = await readPrivate(path);
  if (bytes === null) return null;
  if (!isFirstState(bytes)) return decoded(stateCodec, bytes, path);
  const first = decoded(firstStateCodec, bytes, path);
  return {
    ...first,
    v: 2,
    rootKey: 'plain',
    relay: null,
    signers: [],
    invitations: first.invitations.map((kept) => ({ ...kept, note: null })),
    successor: null,
    retired: false,
  };
}

/** @throws ChatError `desk-directory-unusable`; `shape-mismatch`, `cbor-too-large` (usage) */
export async function writeState(directory: string, state: DeskState): Promise<void> {
  await writeDurably(statePath(directory), stateCodec.encode(state));
}

async function readLockedKey(directory: string): Promise<Uint8Array | null> {
  const path = lockedKeyPath(directory);
  const bytes = await readPrivate(path);
  if (bytes !== null && !isLockedRootKey(bytes)) throw malformed(path);
  return bytes;
}

function isFirstState(bytes: Uint8Array): boolean {
  try {
    return (decodeCbor(bytes, MAX_STATE) as { v?: unknown } | null)?.v === 1;
  } catch {
    return false; // the codec says what is wrong
  }
}

function decoded<T>(codec: Codec<T>, bytes: Uint8Array, path: string): T {
  try {
    return codec.decode(bytes);
  } catch (cause) {
    throw malformed(path, cause);
  }
}

function malformed(path: string, cause?: unknown): ChatError {
  return new ChatError('environment', 'desk-file-malformed', 'a file of the desk is damaged', {
    cause,
    details: { path },
  });
}
