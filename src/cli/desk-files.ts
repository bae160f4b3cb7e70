/**
 * What an administrator's machine keeps of a desk: the root key, and the state from which directories are signed.
 * @module
 */
import { join } from 'node:path';
import { bytesOf, codecOf, listOf, mapOf, oneOf, orNull, sortedBy, type Codec, type Shaped } from '../bytes/shape.ts';
import { ChatError } from '../errors.ts';
import { memberShape } from '../identity/directory-shape.ts';
import { invitationShape } from '../identity/enrolment.ts';
import { keyShape } from '../identity/fields.ts';
import { nameShape } from '../identity/names.ts';
import { readPrivate, writeDurably } from './durable-file.ts';

const MAX_MEMBERS = 400;
const MAX_BUNDLE = 81_920;
/** Invitations that have not expired; each is one person who was asked. */
const MAX_INVITATIONS = 1_000;
const MAX_STATE = 1 << 20;

/** `protection` leaves room for a key under a passphrase; this version has none, and the file's mode is all there is. */
const rootKeyShape = mapOf({ v: oneOf(1), protection: oneOf('none'), seed: bytesOf(32) });

const invitationRecord = mapOf({
  invitation: invitationShape,
  /** The key that it was used for; null: not used yet. */
  used: orNull(keyShape),
});
export type KeptInvitation = Shaped<typeof invitationRecord>;

const stateShape = mapOf({
  v: oneOf(1),
  desk: keyShape,
  name: nameShape,
  /** Who is to be a member; what was signed may lag behind by a crash. */
  members: sortedBy(listOf(memberShape, MAX_MEMBERS), ({ key }) => key),
  invitations: listOf(invitationRecord, MAX_INVITATIONS),
  /** The newest bundle that was signed, whether or not a relay has it; null: none was. */
  bundle: orNull(bytesOf(1, MAX_BUNDLE)),
});
export type DeskState = Shaped<typeof stateShape>;

const rootKeyCodec = codecOf('root key', 256, rootKeyShape);
const stateCodec = codecOf('desk state', MAX_STATE, stateShape);

const rootKeyPath = (directory: string): string => join(directory, 'root-key.cbor');
const statePath = (directory: string): string => join(directory, 'desk.cbor');

/** The root key's seed; null: there is none. @throws ChatError `desk-file-exposed`, `desk-file-malformed`, `desk-directory-unusable` */
export async function readRootSeed(directory: string): Promise<Uint8Array | null> {
  return (await readFileOf(rootKeyPath(directory), rootKeyCodec))?.seed ?? null;
}

/** @throws ChatError `desk-directory-unusable` */
export async function writeRootSeed(directory: string, seed: Uint8Array): Promise<void> {
  await writeDurably(rootKeyPath(directory), rootKeyCodec.encode({ v: 1, protection: 'none', seed }));
}

/** @throws ChatError as `readRootSeed` */
export async function readState(directory: string): Promise<DeskState | null> {
  return readFileOf(statePath(directory), stateCodec);
}

/** @throws ChatError `desk-directory-unusable`; `shape-mismatch`, `cbor-too-large` (usage) */
export async function writeState(directory: string, state: DeskState): Promise<void> {
  await writeDurably(statePath(directory), stateCodec.encode(state));
}

async function readFileOf<T>(path: string, codec: Codec<T>): Promise<T | null> {
  const bytes = await readPrivate(path);
  if (bytes === null) return null;
  try {
    return codec.decode(bytes);
  } catch (cause) {
    throw new ChatError('environment', 'desk-file-malformed', 'a file of the desk is damaged', {
      cause,
      details: { path },
    });
  }
}
