/**
 * Passphrases and root keys: from a file, from the environment, or from the keyboard; never from an argument, which every
 * process of the machine can read.
 * @module
 */
import { text } from 'node:stream/consumers';
import { codeOf, usageError } from '../errors.ts';
import type { DeskOffice } from './desk-office.ts';
import { readPrivate } from './durable-file.ts';
import { parseRootKey } from './root-key.ts';
import { askHidden, isAttended } from './terminal.ts';

const PASSPHRASE = 'SECURE_CHAT_PASSPHRASE';
const NEW_PASSPHRASE = 'SECURE_CHAT_NEW_PASSPHRASE';
/** How often a passphrase may be mistyped. */
const TRIES = 3;

/** Where secrets come from; `-` is stdin. */
export interface SecretOptions {
  readonly passphraseFile?: string;
  readonly rootKeyFile?: string;
}

/**
 * Brings the root key if it is not at hand.
 * @throws ChatError `passphrase-needed`, `root-key-needed` (usage) when nobody can be asked; as `DeskOffice.unlock`
 */
export async function unlockDesk(desk: DeskOffice, options: SecretOptions): Promise<void> {
  if (desk.unlocked) return;
  if (options.rootKeyFile !== undefined) {
    return desk.unlock({ seed: parseRootKey(await secretLine(options.rootKeyFile)) });
  }
  if (desk.rootKeyPlace === 'elsewhere') {
    if (!isAttended()) throw usageError('root-key-needed', 'the root key is not on this machine');
    return desk.unlock({ seed: parseRootKey(await askHidden('Root key (dks1_…, not shown): ')) });
  }
  const given = await givenPassphrase(options.passphraseFile, PASSPHRASE);
  if (given !== null) return desk.unlock({ passphrase: given });
  if (!isAttended()) throw needed();
  for (let tries = 1; ; tries++) {
    try {
      return await desk.unlock({ passphrase: normal(await askHidden('Passphrase of the root key: ')) });
    } catch (error) {
      if (codeOf(error) !== 'passphrase-wrong' || tries === TRIES) throw error;
      process.stderr.write('That is not it.\n');
    }
  }
}

/**
 * A passphrase for a root key that is about to be protected.
 * @param options.fresh there is an older one: what comes from file or environment has a name of its own
 * @throws ChatError `passphrase-needed`, `passphrase-differs` (usage)
 */
export async function newPassphrase(options: { file: string | undefined; fresh: boolean }): Promise<string> {
  const given = await givenPassphrase(options.file, options.fresh ? NEW_PASSPHRASE : PASSPHRASE);
  if (given !== null) return given;
  if (!isAttended()) throw needed();
  const passphrase = normal(await askHidden('New passphrase (12 characters at least): '));
  if (normal(await askHidden('Once more: ')) !== passphrase) {
    throw usageError('passphrase-differs', 'the two were not the same');
  }
  return passphrase;
}

/** The first line of a private file, or of stdin for `-`. @throws ChatError `secret-file-missing` (usage), `desk-file-exposed`, `desk-directory-unusable` */
export async function secretLine(path: string): Promise<string> {
  if (path === '-') return firstLine(await text(process.stdin));
  const bytes = await readPrivate(path);
  if (bytes === null) throw usageError('secret-file-missing', 'there is no such file', { details: { path } });
  return firstLine(new TextDecoder().decode(bytes));
}

async function givenPassphrase(file: string | undefined, variable: string): Promise<string | null> {
  if (file !== undefined) return normal(await secretLine(file));
  const value = process.env[variable];
  return value === undefined || value === '' ? null : normal(value);
}

/** The same text typed on different keyboards is the same passphrase. */
function normal(passphrase: string): string {
  return passphrase.normalize('NFC');
}

function firstLine(content: string): string {
  return content.split(/\r?\n/, 1)[0] ?? '';
}

function needed(): Error {
  return usageError('passphrase-needed', 'a passphrase is needed and nobody can be asked');
}
