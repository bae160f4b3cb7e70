/**
 * The guest's slot, and what all slots have in common. What reads the slots of a lock (vault-slots.ts) is loaded where there is one.
 * docs/vault.md §2, §4.
 * @module
 */
import type { Codec } from '../bytes/shape.ts';
import { ChatError, codeOf } from '../errors.ts';
import { guestSlotCodec, slotKeyOf, type GuestSlot } from '../vault/slot.ts';
import { TABLES, type RecordStore, type StoredRecord } from './ports.ts';

/** A slot as stored; `version` is that of its row. */
export interface Stored<T> {
  readonly slot: T;
  readonly version: number;
}

const LOCK_KEY = slotKeyOf('lock');
const ALL = { from: '', to: 'g' };

/**
 * The slot of a vault without a lock; null where nothing is stored, `locked` where a PIN or a passkey opens it.
 * @throws ChatError `vault-damaged` as `readSlots`, but for what the slots of a lock say
 */
export async function readGuestSlot(records: RecordStore): Promise<Stored<GuestSlot> | null | 'locked'> {
  const rows = await slotRows(records);
  const guest = rows.get(slotKeyOf('guest'));
  const isLocked = rows.has(slotKeyOf('pin')) || rows.has(slotKeyOf('passkey'));
  for (const kind of ['guest', 'pin', 'passkey'] as const) rows.delete(slotKeyOf(kind));
  if (rows.size > 0) throw vaultDamaged('there is a slot of a kind that is not known here');
  if (guest !== undefined && isLocked) throw vaultDamaged('there are slots that must not lie side by side');
  if (isLocked) return 'locked';
  if (guest !== undefined) return decodedSlot(guest, guestSlotCodec);
  await refuseRecords(records);
  return null;
}

/** `vault-damaged`: what lies there is kept as it is. */
export function vaultDamaged(message: string, cause?: unknown): ChatError {
  return new ChatError('environment', 'vault-damaged', message, { cause });
}

/** The rows of all slots, by their keys. @throws ChatError `vault-damaged` */
export async function slotRows(records: RecordStore): Promise<Map<string, StoredRecord>> {
  try {
    const rows = await records.list('vault', ALL);
    return new Map(rows.filter(({ key }) => key !== LOCK_KEY).map((row) => [row.key, row]));
  } catch (cause) {
    if (codeOf(cause) === 'record-damaged') throw vaultDamaged('a slot is not what was stored', cause);
    throw cause;
  }
}

/** @throws ChatError `vault-damaged` */
export function decodedSlot<T>({ bytes, version }: StoredRecord, codec: Codec<T>): Stored<T> {
  try {
    return { slot: codec.decode(bytes), version };
  } catch (cause) {
    throw vaultDamaged('a slot cannot be read', cause);
  }
}

/** For where no slot is. @throws ChatError `vault-damaged` when something is stored all the same */
export async function refuseRecords(records: RecordStore): Promise<void> {
  for (const table of TABLES) {
    if (table === 'vault') continue;
    const stored = await records.count(table, { ...ALL, limit: 1 });
    if (stored > 0) throw vaultDamaged('there are records but no slot that opens them');
  }
}
