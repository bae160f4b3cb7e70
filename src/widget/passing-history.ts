/**
 * Where a conversation is kept that is to last as long as the tab, or as the page. Loaded only by pages that want one of these.
 * docs/decisions/0032-history-of-a-session.md
 * @module
 */
import { openSessionRecords } from '../adapters/browser/session-records.ts';
import { memoryLocks } from '../adapters/memory/memory-locks.ts';
import { memoryRecords } from '../adapters/memory/memory-records.ts';
import type { Locks, RecordStore } from '../engine/ports.ts';

/**
 * The store, with locks that no other tab shares: each tab has its own.
 * @param name as for `openSessionRecords`
 * @throws ChatError `store-lost` when the browser gives no database
 */
export async function openPassingHistory(
  name: string,
  lasts: 'session' | 'none',
): Promise<{ records: RecordStore; locks: Locks }> {
  return { records: lasts === 'session' ? await openSessionRecords(name) : memoryRecords(), locks: memoryLocks() };
}
