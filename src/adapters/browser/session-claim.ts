/**
 * Which database belongs to this tab. Its name lies in `sessionStorage`, which browsers copy into a tab that is duplicated or
 * opened by another: the copy then finds the database held by a living tab, and begins with one of its own.
 * docs/decisions/0032-history-of-a-session.md
 * @module
 */
import { ChatError } from '../../errors.ts';
import { webLocks } from './browser-locks.ts';
import { SessionVault } from './session-vault.ts';
import { tabStorage } from './tab-storage.ts';

/** How long a page waits for the one before it in this tab to go, or for word of another tab, ms. */
const PATIENCE = 3_000;
/** Where there are no locks: how long others may take to say that they are there, ms. */
const WORD = 300;
const ASK_AGAIN = 100;
/** For so long a database may belong to nobody: the tab may be elsewhere and come back, ms. */
const ORPHANED = 3_600_000;

export interface SessionClaim {
  readonly database: string;
  readonly vault: SessionVault;
  /** Gives the database up: as closing the page does. */
  readonly release: () => void;
}

/** Question and answer between the documents that have to do with sessions of one name. */
type Word = { readonly database: string; readonly nonce: string } | { readonly nonce: string; readonly same: boolean };

/**
 * Finds this tab's database, or names a new one.
 * @throws ChatError `store-lost` when the tab keeps nothing
 */
export async function claimSession(name: string): Promise<SessionClaim> {
  const vault = new SessionVault(name);
  for (let found = vault.database; found !== null;) {
    const release = await hold(name, found);
    // Not listed when it was deleted, by its age or with the site's data.
    if (release !== null && isListed(found)) {
      list(found);
      return { database: found, vault, release };
    }
    release?.();
    const now = vault.database;
    // Another document of this tab may have begun anew meanwhile.
    found = now === found ? null : now;
  }
  // Up to the queue for the lock all in one go: another document of this tab finds the name, and us before it.
  const database = `${prefixOf(name)}${randomId()}`;
  list(database);
  if (!vault.begin(database)) {
    forgetSession(database);
    throw new ChatError('environment', 'store-lost', 'the tab keeps nothing');
  }
  const release = await hold(name, database);
  if (release === null) throw new ChatError('internal', 'internal', 'a new database is held by another tab');
  return { database, vault, release };
}

/** Takes a database out of the list: it is deleted. */
export function forgetSession(database: string): void {
  localStorage.removeItem(database);
}

/**
 * Deletes the databases that no tab holds, and none has held for an hour: nobody can read them. Where there are no locks
 * nobody knows, and they stay.
 */
export async function sweepSessions(name: string): Promise<void> {
  const locks = navigator.locks as LockManager | undefined;
  if (locks === undefined) return;
  const listed = Object.keys(localStorage).filter((key) => key.startsWith(prefixOf(name)));
  for (const database of listed) {
    await locks.request(lockOf(name, database), { ifAvailable: true }, async (lock) => {
      if (lock === null) return;
      const since = Number(localStorage.getItem(database) ?? '');
      const age = Date.now() - since;
      if (since === 0 || age < 0) localStorage.setItem(database, String(Date.now()));
      else if (age > ORPHANED && (await deleteDatabase(database))) localStorage.removeItem(database);
    });
  }
}

/** Holds a database for this document, beside others of the same tab. Null: it is another tab's. */
async function hold(name: string, database: string): Promise<(() => void) | null> {
  const locks = navigator.locks as LockManager | undefined;
  const held = new AbortController();
  const turn = new Promise<'free'>((resolve) => {
    if (locks === undefined) return;
    // Stays in the queue when others of this tab hold it: whoever is left of them does.
    void webLocks(name, locks).hold(shortOf(name, database), held.signal, () => resolve('free'));
  });
  const asking = new AbortController();
  const late = new Promise<'free' | 'another tab'>((resolve) => {
    if (locks === undefined) setTimeout(resolve, WORD, 'free');
    else setTimeout(resolve, PATIENCE, 'another tab');
  });
  const verdict = await Promise.race([turn, ask(name, database, asking.signal), late]);
  asking.abort();
  if (verdict === 'another tab') {
    held.abort();
    return null;
  }
  const stop = answer(name, database);
  return () => {
    stop();
    held.abort();
  };
}

/** Asks who is there. Documents of one tab see the same `sessionStorage`; what this one writes now no other tab sees. */
function ask(name: string, database: string, signal: AbortSignal): Promise<'this tab' | 'another tab'> {
  const nonce = randomId();
  return new Promise((resolve) => {
    const channel = openChannel(name);
    if (channel === null) return;
    const storage = tabStorage();
    storage.write(questionOf(name, nonce), '');
    channel.onmessage = ({ data }: MessageEvent<Word>) => {
      if ('same' in data && data.nonce === nonce) resolve(data.same ? 'this tab' : 'another tab');
    };
    const question = (): void => channel.postMessage({ database, nonce } satisfies Word);
    question();
    // Again, for who was not listening yet.
    const asking = setInterval(question, ASK_AGAIN);
    signal.addEventListener('abort', () => {
      clearInterval(asking);
      storage.remove(questionOf(name, nonce));
      channel.close();
    });
  });
}

/** Answers those who ask, until it is stopped. */
function answer(name: string, database: string): () => void {
  const channel = openChannel(name);
  if (channel === null) return () => undefined;
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if ('same' in data || data.database !== database) return;
    const same = tabStorage().read(questionOf(name, data.nonce)) !== null;
    channel.postMessage({ nonce: data.nonce, same } satisfies Word);
  };
  return () => channel.close();
}

/** Null in old browsers: there the locks alone decide. */
function openChannel(name: string): BroadcastChannel | null {
  return typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`${name} sessions`);
}

/** Lists a database as held, in `localStorage`; `sweepSessions` notes since when it is not. */
function list(database: string): void {
  localStorage.setItem(database, '');
}

function isListed(database: string): boolean {
  return localStorage.getItem(database) !== null;
}

function prefixOf(name: string): string {
  return `${name} session `;
}

function shortOf(name: string, database: string): string {
  return database.slice(name.length + 1);
}

/** As `webLocks` names it. */
function lockOf(name: string, database: string): string {
  return `${name} ${shortOf(name, database)}`;
}

function questionOf(name: string, nonce: string): string {
  return `${name} session question ${nonce}`;
}

function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @returns whether it is gone; one that somebody has open is not */
function deleteDatabase(database: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(database);
    request.onsuccess = () => resolve(true);
    request.onerror = request.onblocked = () => resolve(false);
  });
}
