/**
 * The PIN slot in the record store. docs/vault.md §7.4.
 * @module
 */
import { ChatError, codeOf, usageError } from '../errors.ts';
import { FIRMLY_STORED, pinSlotCodec, type PinSlot } from '../vault/pin-slot.ts';
import { slotKeyOf } from '../vault/slot.ts';
import type { RecordChange, RecordStore } from './ports.ts';

const PIN_KEY = slotKeyOf('pin');

/** A slot as stored; `version` is that of its row. */
export interface StoredPinSlot {
  readonly slot: PinSlot;
  readonly version: number;
}

/**
 * The stored slot.
 * @throws ChatError `vault-no-pin` (usage) where there is none, `vault-damaged` when it cannot be read or lies beside another
 */
export async function readPinSlot(records: RecordStore): Promise<StoredPinSlot> {
  const rows = await records.list('vault', { from: '', to: 'g' }).catch((cause: unknown) => {
    if (codeOf(cause) === 'record-damaged') throw vaultDamaged('the slot is not what was stored', cause);
    throw cause;
  });
  const row = rows.find(({ key }) => key === PIN_KEY);
  if (row === undefined) throw usageError('vault-no-pin', 'this vault has no PIN');
  if (rows.length > 1) throw vaultDamaged('there are slots that must not lie side by side');
  try {
    return { slot: pinSlotCodec.decode(row.bytes), version: row.version };
  } catch (cause) {
    throw vaultDamaged('the slot cannot be read', cause);
  }
}

/** The change that writes the slot over the row of this version (0: none). */
export function pinSlotChange(slot: PinSlot, over: number): RecordChange {
  const record = { version: over + 1, bytes: pinSlotCodec.encode(slot) };
  return { table: 'vault', key: PIN_KEY, expects: over, record };
}

/**
 * Writes the slot until so many commits in a row have named its version that the loss of the last two leaves one that does.
 * Only then may the relay give up the key before.
 */
export async function storeFirmly(records: RecordStore, { slot, version }: StoredPinSlot): Promise<StoredPinSlot> {
  let now = { slot, version };
  while (now.slot.stored < FIRMLY_STORED) {
    const next = { ...now.slot, stored: now.slot.stored + 1 };
    await records.commit([pinSlotChange(next, now.version)]);
    now = { slot: next, version: now.version + 1 };
  }
  return now;
}

/** `vault-damaged`: what lies there is kept as it is. */
export function vaultDamaged(message: string, cause?: unknown): ChatError {
  return new ChatError('environment', 'vault-damaged', message, { cause });
}
