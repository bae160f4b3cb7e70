/**
 * The lock row in the record store. It is changed without a lock, by versions: a tab that locks does not wait for one that is still
 * asking the relay. docs/vault.md §9.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { ChatError, codeOf } from '../errors.ts';
import { FIRST_LOCKS, lockRowCodec, type LockRow } from '../vault/lock-row.ts';
import { slotKeyOf } from '../vault/slot.ts';
import type { Random, RecordStore } from './ports.ts';

const KEY = slotKeyOf('lock');
/** More writers than that at the same moment there are not. */
const ATTEMPTS = 8;

/** The row; null where there is none, or none that can be read: that counts as locked. */
export async function readLockRow(records: RecordStore): Promise<LockRow | null> {
  return (await stored(records)).row;
}

/**
 * Writes the row anew, whatever other tabs write meanwhile.
 * @param change of the row as it is now (null: none, or none that can be read); null leaves it
 * @returns the row as it is then
 * @throws ChatError of the record store
 */
export async function changeLockRow(
  records: RecordStore,
  change: (row: LockRow | null) => LockRow | null,
): Promise<LockRow | null> {
  for (let attempt = 1; ; attempt++) {
    const { row, version } = await stored(records);
    const next = change(row);
    if (next === null) return row;
    const record = { version: version + 1, bytes: lockRowCodec.encode(next) };
    try {
      await records.commit([{ table: 'vault', key: KEY, expects: version, record }]);
      return next;
    } catch (error) {
      if (codeOf(error) !== 'store-conflict' || attempt === ATTEMPTS) throw error;
    }
  }
}

/**
 * The row of a vault that somebody has just opened.
 * @param row as it was; where there is none of this vault, the new one's number is one that no tab and no ticket remembers
 */
export function usedRow(
  row: LockRow | null,
  { vid, now, random }: { vid: Uint8Array; now: number; random: Random },
): LockRow {
  if (row !== null && equal(row.vid, vid)) return { ...row, used: now, unread: 0 };
  const [a = 0, b = 0, c = 0, d = 0] = random(4);
  return { ...firstRow(vid, now), locks: 1 + a + 256 * (b + 256 * (c + 256 * d)) };
}

/** The row of a vault that never had a lock. */
export function firstRow(vid: Uint8Array, now: number): LockRow {
  return { v: 1, kind: 'lock', vid, locks: FIRST_LOCKS, used: now, unread: 0 };
}

async function stored(records: RecordStore): Promise<{ row: LockRow | null; version: number }> {
  const found = await records.get('vault', KEY);
  if (found === undefined) return { row: null, version: 0 };
  try {
    return { row: lockRowCodec.decode(found.bytes), version: found.version };
  } catch (error) {
    if (!(error instanceof ChatError) || error.kind !== 'peer') throw error;
    return { row: null, version: found.version };
  }
}
