/**
 * One process at a time in a directory: two that sign for the same desk would give one version two contents.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ChatError } from '../errors.ts';
import { unusable } from './durable-file.ts';

/**
 * Takes the directory for this process. A lock whose process is gone is broken, by one process at a time; only if that one
 * dies in the very act, and two others find out in the same instant, might both be let in.
 * @returns the way to give it back
 * @throws ChatError `desk-in-use` (`details.pid`), `desk-directory-unusable`
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'lock');
  for (;;) {
    if (await take(path)) {
      await sweep(directory);
      return () => unlink(path);
    }
    const holder = await readHolder(path);
    if (isHeld(holder)) throw inUse(holder);
    await breakStale(path);
  }
}

/** Removes what processes left behind that died while they took the lock. */
async function sweep(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!/^lock\.[\da-f-]{36}$/.test(name)) continue;
    const path = join(directory, name);
    const holder = await readHolder(path);
    // Unreadable: it is being written at this moment.
    if (typeof holder === 'object' && !isAlive(holder)) await unlink(path).catch(ignoreMissing);
  }
}

/** Removes a lock that nobody holds. Looked at and removed by one alone: it might be the next one's by then. */
async function breakStale(path: string): Promise<void> {
  const breaking = `${path}.breaking`;
  if (!(await take(breaking))) {
    const other = await readHolder(breaking);
    if (isHeld(other)) throw inUse(other);
    if (other !== 'missing') await unlink(breaking).catch(ignoreMissing);
    return;
  }
  try {
    const holder = await readHolder(path);
    if (holder !== 'missing' && !isHeld(holder)) await unlink(path).catch(ignoreMissing);
  } finally {
    await unlink(breaking).catch(ignoreMissing);
  }
}

function inUse({ pid }: Holder): ChatError {
  return new ChatError('environment', 'desk-in-use', 'another process works with this desk', { details: { pid } });
}

/** Whether the lock is ours now. It appears with its content: an empty one would look abandoned. */
async function take(path: string): Promise<boolean> {
  const own = `${path}.${randomUUID()}`;
  try {
    await writeFile(own, `${process.pid} ${beginningOf(process.pid) ?? ''}\n`, { mode: 0o600 });
    await link(own, path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw unusable('the lock cannot be written', cause);
  } finally {
    await unlink(own).catch(ignoreMissing);
  }
}

interface Holder {
  readonly pid: number;
  /** When the process began, in the system's own measure; empty where the system does not tell. */
  readonly began: string;
}

async function readHolder(path: string): Promise<Holder | 'missing' | 'unreadable'> {
  try {
    const [pid = '', began = ''] = (await readFile(path, 'utf8')).trim().split(' ');
    return /^\d+$/.test(pid) ? { pid: Number(pid), began } : 'unreadable';
  } catch (cause) {
    return ignoreMissing(cause as NodeJS.ErrnoException) ?? 'missing';
  }
}

function isHeld(holder: Holder | 'missing' | 'unreadable'): holder is Holder {
  return typeof holder === 'object' && isAlive(holder);
}

/** A number is given to a new process sooner or later, and in a container at once: the beginning tells them apart. */
function isAlive({ pid, began }: Holder): boolean {
  const now = beginningOf(pid);
  if (now !== null && began !== '') return now === began;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Field 22 of Linux's /proc/pid/stat; null where there is none. */
function beginningOf(pid: number): string | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null; // another system, or no such process: the signal decides
  }
  // The second field is the name in brackets, and may hold anything.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw unusable('the lock cannot be read', error);
}
