/**
 * Destroying a vault of any kind, without opening it. docs/vault.md §5, §7.4.
 * @module
 */
import { codeOf } from '../errors.ts';
import { dropAll, ticketIdsOf, type TicketAccess } from './unlock-slot.ts';
import { VAULT_LOCK, type VaultPorts } from './unlock.ts';
import type { VaultAccess } from './vault-access.ts';
import { destroyed } from './vault-calls.ts';
import { readSlots, type StoredSlots } from './vault-slots.ts';

/**
 * Forgets everything that is stored here, in all tabs; then the relay is asked to destroy its keys and tickets. If it cannot be
 * asked, what it keeps opens nothing without what was here.
 * @throws ChatError `store-lost` and the like from the record store
 */
export async function forgetVault(options: {
  ports: VaultPorts;
  vaults: VaultAccess;
  tickets: TicketAccess;
}): Promise<void> {
  const { ports, vaults, tickets } = options;
  const slots = await ports.locks.exclusive(VAULT_LOCK, async () => {
    const found = await readable(ports.records);
    await ports.records.destroy();
    return found;
  });
  if (slots === null) return;
  const { guest, pin, passkey } = slots;
  const ids = [
    ...(guest === null ? [] : ticketIdsOf(guest.slot)),
    ...(pin?.slot.spent ?? []),
    ...(passkey?.slot.spent ?? []),
  ];
  await Promise.all([
    destroyed(vaults, pin?.slot.seed ?? null),
    destroyed(vaults, pin?.slot.former ?? null),
    dropAll(tickets, ids),
  ]);
}

/** The slots; null if they cannot be read. What is damaged must not stand in the way of destroying it. */
async function readable(records: VaultPorts['records']): Promise<StoredSlots | null> {
  try {
    return await readSlots(records);
  } catch (error) {
    if (codeOf(error) === 'vault-damaged') return null;
    throw error;
  }
}
