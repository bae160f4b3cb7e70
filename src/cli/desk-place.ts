/**
 * The directory that a desk or a signer is kept in.
 * @module
 */
import { mkdir, stat } from 'node:fs/promises';
import type { Clock, Random } from '../engine/ports.ts';
import type { ChatError } from '../errors.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import { lockDirectory } from './directory-lock.ts';
import { unusable } from './durable-file.ts';

/** Where a desk is kept, and what the world gives; all but the directory have the machine's own as default. */
export interface DeskPlace {
  /** Made if there is none, readable by its owner alone. One process works in it at a time. */
  readonly directory: string;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly crypto?: PublicKeyCrypto;
}

/**
 * Takes the directory for this process while `work` makes something of it; if that fails, it is given back.
 * @param missing what to throw where there is no directory; not given: it is made
 * @throws ChatError `desk-in-use`, `desk-directory-unusable`
 */
export async function lockedPlace<T>(
  directory: string,
  work: (unlock: () => Promise<void>) => Promise<T>,
  missing?: () => ChatError,
): Promise<T> {
  if (missing === undefined) await make(directory);
  else if (!(await isThere(directory))) throw missing();
  const unlock = await lockDirectory(directory);
  try {
    return await work(unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function make(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unusable('the directory cannot be made', cause);
  }
}

async function isThere(directory: string): Promise<boolean> {
  try {
    await stat(directory);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw unusable('the directory cannot be read', cause);
  }
}
