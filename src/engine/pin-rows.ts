/**
 * The PIN slot in the record store. docs/vault.md §7.4.
 * @module
 */
import { usageError } from '../errors.ts';
import { pinSlotCodec, type PinSlot } from '../vault/pin-slot.ts';
import { FIRMLY_STORED, slotKeyOf } from '../vault/slot.ts';
import type { RecordChange, RecordStore } from './ports.ts';
import { readSlots, type Stored } from './vault-slots.ts';

const PIN_KEY = slotKeyOf('pin');

/** A slot as stored. */
export type StoredPinSlot = Stored<PinSlot>;

/**
 * The stored slot.
 * @throws ChatError `vault-no-pin` (usage) where there is none; as `readSlots`
 */
export async function readPinSlot(records: RecordStore): Promise<StoredPinSlot> {
  const { pin } = await readSlots(records);
  if (pin === null) throw usageError('vault-no-pin', 'this vault has no PIN');
  return pin;
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
