/**
 * Small private files that are written whole or not at all.
 * @module
 */
import { open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ChatError } from '../errors.ts';

/**
 * Puts a file of mode 0600 in the place of what was there: after a crash it is the old one or the new one. It is on disk
 * when this resolves. Only one writer at a time (`lockDirectory`).
 * @throws ChatError `desk-directory-unusable`
 */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const fresh = `${path}.new`;
  try {
    const file = await open(fresh, 'w', 0o600);
    try {
      // A `.new` that a crash left behind keeps the mode it had.
      await file.chmod(0o600);
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
    await syncDirectory(dirname(path));
  } catch (cause) {
    throw unusable('a file cannot be written', cause);
  }
}

/**
 * The bytes of a file that nobody else can read, null if there is none.
 * @throws ChatError `desk-file-exposed` when its mode lets others in, `desk-directory-unusable`
 */
export async function readPrivate(path: string): Promise<Uint8Array | null> {
  try {
    const { mode } = await stat(path);
    // Windows has no such modes; the directory's access list is what counts there.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      const details = { path, mode: (mode & 0o777).toString(8) };
      throw new ChatError('environment', 'desk-file-exposed', 'others can read a secret file', { details });
    }
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    if (cause instanceof ChatError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unusable('a file cannot be read', cause);
  }
}

/** `desk-directory-unusable` with the system's own code in `details.reason`. */
export function unusable(message: string, cause: unknown): ChatError {
  const { code, path } = cause as NodeJS.ErrnoException;
  const details = { reason: code ?? null, path: path ?? null };
  return new ChatError('environment', 'desk-directory-unusable', message, { cause, details });
}

async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open a directory; there a rename is as durable as it gets.
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
