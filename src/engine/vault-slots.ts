/**
 * The slots of table `vault`: what opens the vault that is stored, and which of them may lie side by side. docs/vault.md §2, §7.1, §8.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import type { Codec } from '../bytes/shape.ts';
import { usageError } from '../errors.ts';
import { passkeySlotCodec, type PasskeySlot } from '../vault/passkey-slot.ts';
import { pinSlotCodec, type PinSlot } from '../vault/pin-slot.ts';
import { FIRMLY_STORED, guestSlotCodec, slotKeyOf, type GuestSlot } from '../vault/slot.ts';
import type { VaultKeys } from '../vault/vault-keys.ts';
import { decodedSlot, refuseRecords, slotRows, vaultDamaged, type Stored } from './guest-slot.ts';
import type { RecordChange, RecordStore } from './ports.ts';

/** What opens the vault: the guest's ticket alone, or a PIN, a passkey or both; nothing where nothing is stored. */
export interface StoredSlots {
  readonly guest: Stored<GuestSlot> | null;
  readonly pin: Stored<PinSlot> | null;
  readonly passkey: Stored<PasskeySlot> | null;
}

/** What is stored until its bytes have been written so often that the loss of the last two writes does not take them back. */
type FirmSlot = PinSlot | PasskeySlot;

/**
 * All slots that are stored. To be read under `VAULT_LOCK` by whoever writes afterwards.
 * @throws ChatError `vault-damaged` when one cannot be read, is of a kind that is not known here or of another vault than the one
 *   beside it, when a guest's lies beside another (what a PIN or a passkey protects must not open without it), and when something
 *   is stored that no slot opens
 */
export async function readSlots(records: RecordStore): Promise<StoredSlots> {
  const rows = await slotRows(records);
  const take = <T>(kind: 'guest' | 'pin' | 'passkey', codec: Codec<T>): Stored<T> | null => {
    const row = rows.get(slotKeyOf(kind));
    rows.delete(slotKeyOf(kind));
    return row === undefined ? null : decodedSlot(row, codec);
  };
  const slots: StoredSlots = {
    guest: take('guest', guestSlotCodec),
    pin: take('pin', pinSlotCodec),
    passkey: take('passkey', passkeySlotCodec),
  };
  if (rows.size > 0) throw vaultDamaged('there is a slot of a kind that is not known here');
  const { guest, pin, passkey } = slots;
  if (guest !== null && (pin !== null || passkey !== null)) {
    throw vaultDamaged('there are slots that must not lie side by side');
  }
  if (pin !== null && passkey !== null && !equal(pin.slot.vid, passkey.slot.vid)) {
    throw vaultDamaged('there are slots of two vaults');
  }
  if (guest === null && pin === null && passkey === null) await refuseRecords(records);
  return slots;
}

/**
 * All slots of the vault that these keys are of.
 * @throws ChatError `vault-not-stored` (usage) when another vault is stored here, or none; as `readSlots`
 */
export async function readSlotsOf(records: RecordStore, { vid }: Pick<VaultKeys, 'vid'>): Promise<StoredSlots> {
  const slots = await readSlots(records);
  const stored = slots.guest ?? slots.pin ?? slots.passkey;
  if (stored === null || !equal(stored.slot.vid, vid)) {
    throw usageError('vault-not-stored', 'these keys are not those of a vault that is stored here');
  }
  return slots;
}

/** The change that writes a slot over the row of this version (0: none). */
export function slotChange(slot: FirmSlot, over: number): RecordChange {
  const bytes = slot.kind === 'pin' ? pinSlotCodec.encode(slot) : passkeySlotCodec.encode(slot);
  return { table: 'vault', key: slotKeyOf(slot.kind), expects: over, record: { version: over + 1, bytes } };
}

/** The change that removes a slot. */
export function slotEnd(kind: 'guest' | 'passkey', { version }: Stored<unknown>): RecordChange {
  return { table: 'vault', key: slotKeyOf(kind), expects: version, record: null };
}

/**
 * Writes the slot until so many commits in a row have named what is in it that the loss of the last two leaves one that does.
 * Only then may the relay give up what opened the vault before.
 */
export async function storeFirmly<T extends FirmSlot>(records: RecordStore, stored: Stored<T>): Promise<Stored<T>> {
  let now = stored;
  while (now.slot.stored < FIRMLY_STORED) {
    const next = { ...now.slot, stored: now.slot.stored + 1 };
    await records.commit([slotChange(next, now.version)]);
    now = { slot: next, version: now.version + 1 };
  }
  return now;
}
