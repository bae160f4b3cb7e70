/**
 * A vault with a passkey: it opens without the relay. docs/vault.md §8.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { ChatError, codeOf, usageError } from '../errors.ts';
import { MAX_CREDENTIAL, PRF_LENGTH, unwrapByPasskey, wrapByPasskey, type PasskeySlot } from '../vault/passkey-slot.ts';
import { NONCE_LENGTH } from '../vault/record.ts';
import { MAX_TICKETS } from '../vault/slot.ts';
import { VaultKeys } from '../vault/vault-keys.ts';
import { vaultDamaged, type Stored } from './guest-slot.ts';
import type { RecordStore } from './ports.ts';
import type { Passkeys } from './ports/device.ts';
import { asChatError } from './relay-errors.ts';
import { dropAll, ticketIdsOf, type TicketAccess } from './unlock-slot.ts';
import { VAULT_LOCK, type VaultPorts } from './unlock.ts';
import { readSlots, readSlotsOf, slotChange, slotEnd, storeFirmly } from './vault-slots.ts';

export interface PasskeyVaultOptions {
  readonly ports: VaultPorts;
  readonly passkeys: Passkeys;
  readonly tickets: TicketAccess;
}

/** See the module. No lock is held while the user is asked: that may take minutes. */
export class PasskeyVault {
  readonly #options: PasskeyVaultOptions;
  #settling: Promise<ChatError | null> = Promise.resolve(null);

  constructor(options: PasskeyVaultOptions) {
    this.#options = options;
  }

  /**
   * What the last enrolment or unlocking left to be done with the relay, which may not be there: never rejects, gives what failed.
   * The next unlocking does what is left.
   */
  get settling(): Promise<ChatError | null> {
    return this.#settling;
  }

  /**
   * A new passkey: in the place of the guest's ticket, which ends, beside a PIN, or in the place of the passkey of before. Needs a
   * user's gesture.
   * @param keys of the open vault
   * @param name what the user's list of passkeys calls it
   * @throws ChatError `passkey-cancelled`, `vault-not-stored` (usage), `passkey-unsupported` (environment), `vault-damaged`, and
   *   what the store refuses; everything opens as before then
   */
  async enrol(keys: VaultKeys, name: string): Promise<void> {
    const { ports, passkeys } = this.#options;
    const { records, random } = ports;
    // Nobody is asked in vain.
    await readSlotsOf(records, keys);
    const salt = random(PRF_LENGTH);
    const { credential, output } = await passkeys.create({ name, salt });
    try {
      refuseUnusable(credential, output);
      const { vid } = keys;
      await ports.locks.exclusive(VAULT_LOCK, async () => {
        const { guest, passkey } = await readSlotsOf(records, keys);
        const vmk = keys.masterKey();
        const wrapped = wrapByPasskey({ output, binding: { vid, credential, salt }, vmk, nonce: random(NONCE_LENGTH) });
        vmk.fill(0);
        const spent = guest === null ? (passkey?.slot.spent ?? []) : ticketIdsOf(guest.slot);
        const at = ports.clock.now();
        const slot: PasskeySlot = { v: 1, kind: 'passkey', vid, at, credential, salt, wrapped, stored: 1, spent };
        const end = guest === null ? [] : [slotEnd('guest', guest)];
        const over = passkey?.version ?? 0;
        await records.commit([...end, slotChange(slot, over)]);
      });
    } finally {
      output.fill(0);
    }
    this.#settle();
  }

  /**
   * Opens the vault, with or without the relay. Needs a user's gesture.
   * @throws ChatError `passkey-cancelled`, `vault-no-passkey` (usage), `passkey-unsupported` (environment: no output of 32 B),
   *   `vault-damaged`: slot and passkey do not fit
   */
  async unlock(): Promise<VaultKeys> {
    const { ports, passkeys } = this.#options;
    const { slot } = await readPasskeySlot(ports.records);
    const { credential, salt } = slot;
    const output = await passkeys.use({ credential, salt });
    let keys: VaultKeys;
    try {
      refuseUnusable(credential, output);
      keys = keysOf(slot, output);
    } finally {
      output.fill(0);
    }
    try {
      // It may have been removed, or everything destroyed, while the user was asked.
      const now = await readPasskeySlot(ports.records);
      if (!equal(now.slot.credential, credential) || !equal(now.slot.vid, slot.vid)) throw noPasskey();
    } catch (error) {
      keys.erase();
      throw error;
    }
    this.#settle();
    return keys;
  }

  /** Removes the passkey; the PIN stays. @throws ChatError `vault-no-passkey`, `vault-last-slot` (usage): there is no PIN */
  async remove(): Promise<void> {
    const { ports } = this.#options;
    await ports.locks.exclusive(VAULT_LOCK, async () => {
      const { pin, passkey } = await readSlots(ports.records);
      if (passkey === null) throw noPasskey();
      if (pin === null) throw usageError('vault-last-slot', 'nothing else opens this vault');
      const end = slotEnd('passkey', passkey);
      const { spent } = passkey.slot;
      // What the relay is still to forget, the PIN's unlocking tells it.
      const all = [...pin.slot.spent, ...spent].slice(-MAX_TICKETS);
      const moved = spent.length === 0 ? [] : [slotChange({ ...pin.slot, spent: all }, pin.version)];
      await ports.records.commit([end, ...moved]);
    });
  }

  #settle(): void {
    const settled = this.#dropSpent().then(() => null, asChatError);
    this.#settling = Promise.all([this.#settling, settled]).then(([, problem]) => problem);
  }

  /** Has the relay forget the guest's tickets, once the slot is stored so firmly that they cannot be needed. */
  async #dropSpent(): Promise<void> {
    const { ports, tickets } = this.#options;
    const { records, locks } = ports;
    const spent = await locks.exclusive(VAULT_LOCK, async () => {
      const { passkey } = await readSlots(records);
      return passkey === null ? [] : (await storeFirmly(records, passkey)).slot.spent;
    });
    if (spent.length === 0) return;
    // Without the lock: a relay that is not there is waited for.
    const left = await dropAll(tickets, spent);
    const dropped = spent.filter((id) => !left.includes(id));
    if (dropped.length === 0) return;
    await locks.exclusive(VAULT_LOCK, async () => {
      const { passkey } = await readSlots(records);
      if (passkey === null) return;
      const still = passkey.slot.spent.filter((id) => !dropped.some((gone) => equal(gone, id)));
      if (still.length === passkey.slot.spent.length) return;
      await records.commit([slotChange({ ...passkey.slot, spent: still }, passkey.version)]);
    });
  }
}

async function readPasskeySlot(records: RecordStore): Promise<Stored<PasskeySlot>> {
  const { passkey } = await readSlots(records);
  if (passkey === null) throw noPasskey();
  return passkey;
}

function keysOf(slot: PasskeySlot, output: Uint8Array): VaultKeys {
  try {
    const vmk = unwrapByPasskey(output, slot, slot.wrapped);
    const keys = new VaultKeys({ vmk, vid: slot.vid });
    vmk.fill(0);
    return keys;
  } catch (cause) {
    if (codeOf(cause) !== 'passkey-mismatch') throw cause;
    throw vaultDamaged('the passkey does not open the slot', cause);
  }
}

function refuseUnusable(credential: Uint8Array, output: Uint8Array): void {
  const isNamed = credential.length >= 1 && credential.length <= MAX_CREDENTIAL;
  if (isNamed && output.length === PRF_LENGTH) return;
  throw new ChatError('environment', 'passkey-unsupported', 'the passkey gives no key for a vault');
}

function noPasskey(): ChatError {
  return usageError('vault-no-passkey', 'this vault has no passkey');
}
