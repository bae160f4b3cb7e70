/**
 * The root key outside the program: as a line of text for a safe, and under a passphrase in the age format
 * (https://c2sp.org/age), which every age tool opens: what it holds is that line.
 * @module
 */
import { armor, Decrypter, Encrypter } from 'age-encryption';
import { ChatError, usageError } from '../errors.ts';
import { checkedText } from './checked-text.ts';

const rootKeyText = checkedText('dks1_', 'desk-secret');
/** scrypt's N as a power of two: age's own default, about a second and 256 MiB. */
const WORK_FACTOR = 18;
/** Fewer characters than this are guessed, whatever stands before them. */
const SHORTEST = 12;

/** `dks1_…`: a secret. @param seed 32 B */
export function formatRootKey(seed: Uint8Array): string {
  return rootKeyText.format(seed);
}

/** The seed. The text is never part of the error. @throws ChatError `root-key-malformed` (usage) */
export function parseRootKey(text: string): Uint8Array {
  const seed = rootKeyText.parse(text);
  if (seed === null) {
    throw usageError('root-key-malformed', 'a root key is one line that starts with dks1_, and every character counts');
  }
  return seed;
}

/**
 * The root key as an armoured age file.
 * @param workFactor only tests choose a lower one
 * @throws ChatError `passphrase-weak` (usage)
 */
export async function lockRootKey(
  seed: Uint8Array,
  passphrase: string,
  workFactor: number = WORK_FACTOR,
): Promise<Uint8Array> {
  if ([...passphrase].length < SHORTEST) {
    throw usageError('passphrase-weak', `a passphrase has ${SHORTEST} characters at least`);
  }
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(workFactor);
  const sealed = await encrypter.encrypt(`${formatRootKey(seed)}\n`);
  return new TextEncoder().encode(armor.encode(sealed));
}

/** @throws ChatError `passphrase-wrong` (usage), `desk-file-malformed` */
export async function unlockRootKey(file: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  let text: string;
  try {
    text = await decrypter.decrypt(unarmoured(file), 'text');
  } catch (cause) {
    if (cause instanceof ChatError) throw cause;
    if (cause instanceof Error && cause.message.startsWith('no identity matched')) {
      throw usageError('passphrase-wrong', 'the passphrase does not open the root key');
    }
    throw damaged(cause);
  }
  try {
    return parseRootKey(text);
  } catch (cause) {
    throw damaged(cause);
  }
}

/** Whether the bytes look like what `lockRootKey` makes; nothing is decrypted. */
export function isLockedRootKey(file: Uint8Array): boolean {
  try {
    const [version, stanza = ''] = new TextDecoder('latin1').decode(unarmoured(file)).split('\n', 2);
    return version === 'age-encryption.org/v1' && stanza.startsWith('-> scrypt ');
  } catch {
    return false;
  }
}

function unarmoured(file: Uint8Array): Uint8Array {
  try {
    return armor.decode(new TextDecoder('utf-8', { fatal: true }).decode(file));
  } catch (cause) {
    throw damaged(cause);
  }
}

function damaged(cause: unknown): ChatError {
  return new ChatError('environment', 'desk-file-malformed', 'the file of the root key is damaged', { cause });
}
