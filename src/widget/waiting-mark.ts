/**
 * Marks in `localStorage` that say that something is stored, and no more than that: that a conversation is waiting, so that the
 * next page loads more than the launcher; that there were conversations at all, so that their loss is noticed; after how many of
 * them the invitation to a lock was declined. None is there before the first use.
 * @module
 */

type Mark = 'waiting' | 'stored' | 'declined';
const MARKS: readonly Mark[] = ['waiting', 'stored', 'declined'];

/** Enough of the desk's public key to tell two desks apart. */
function keyOf(deskKey: string, mark: Mark): string {
  return `sc:${deskKey.slice(4, 20)}:${mark}`;
}

function read(deskKey: string, mark: Mark): string | null {
  try {
    return localStorage.getItem(keyOf(deskKey, mark));
  } catch {
    return null; // storage is forbidden here: nothing can be stored
  }
}

function write(deskKey: string, mark: Mark, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(keyOf(deskKey, mark));
    else if (localStorage.getItem(keyOf(deskKey, mark)) !== value) localStorage.setItem(keyOf(deskKey, mark), value);
  } catch {
    // Storage is forbidden or full: the next page knows less, and shows the conversation when it is opened, not before.
  }
}

/** Whether a conversation is waiting. A browser without storage has none. */
export function isWaiting(deskKey: string): boolean {
  return read(deskKey, 'waiting') !== null;
}

/** Sets or removes the mark of a waiting conversation. */
export function markWaiting(deskKey: string, waiting: boolean): void {
  write(deskKey, 'waiting', waiting ? '1' : null);
}

/** Whether conversations were stored here. */
export function wasStored(deskKey: string): boolean {
  return read(deskKey, 'stored') !== null;
}

/** Conversations are stored here from now on. */
export function markStored(deskKey: string): void {
  if (!wasStored(deskKey)) write(deskKey, 'stored', '1');
}

/** Changes a mark, so that the other tabs get a `storage` event: what was locked is open. */
export function nudgeTabs(deskKey: string): void {
  write(deskKey, 'stored', read(deskKey, 'stored') === '1' ? '2' : '1');
}

/** Whether a key is that of the mark which `nudgeTabs` changes, and which goes when everything is deleted. */
export function isStoredMark(key: string | null, deskKey: string): boolean {
  return key === keyOf(deskKey, 'stored');
}

/** How many conversations there were when the user did not want a lock; 0: never asked. */
export function declinedAt(deskKey: string): number {
  return Number(read(deskKey, 'declined') ?? 0);
}

export function markDeclined(deskKey: string, conversations: number): void {
  write(deskKey, 'declined', String(conversations));
}

/** Nothing is stored any more, and the user knows. */
export function forgetMarks(deskKey: string): void {
  for (const mark of MARKS) write(deskKey, mark, null);
}
