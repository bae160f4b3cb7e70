/**
 * What it means for a vault with a PIN that the relay refused a call or could not be asked. docs/vault.md §7.4.
 * @module
 */
import { ChatError, codeOf, peerError } from '../errors.ts';
import type { PinSlot } from '../vault/pin-slot.ts';
import type { Random } from './ports.ts';
import type { VaultAccess } from './vault-access.ts';

const LOST: ReadonlySet<string> = new Set(['vault-unknown', 'vault-version', 'vault-exhausted']);

/**
 * Runs a call to the relay.
 * @throws ChatError `vault-lost`, `vault-delayed` (`details.retryAfter`), `vault-relay-fault`, `vault-offline` (`details.reason`: the
 *   relay's code, or why it could not be asked); a wrong call as it is
 */
export async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (!(cause instanceof ChatError) || cause.kind === 'usage' || cause.kind === 'internal') throw cause;
    const details = { reason: cause.code };
    if (LOST.has(cause.code)) {
      throw new ChatError('environment', 'vault-lost', 'the relay has no key for this vault any more', {
        cause,
        details,
      });
    }
    if (cause.code === 'vault-delayed') {
      const retryAfter = cause.details['retryAfter'] ?? null;
      throw new ChatError('environment', 'vault-delayed', 'too many wrong PINs', { cause, details: { retryAfter } });
    }
    if (cause.code === 'vault-tag') {
      throw peerError('vault-relay-fault', 'the relay does not know the tag it was given', { cause });
    }
    throw new ChatError('environment', 'vault-offline', 'the relay could not be asked', { cause, details });
  }
}

/**
 * Whether the relay still has the key of this slot. It says so by denying a proof that cannot be right, which it counts as no try.
 * @throws ChatError `vault-offline`
 */
export async function isKept(
  vaults: VaultAccess,
  { seed, version }: Pick<PinSlot, 'seed' | 'version'>,
  random: Random,
): Promise<boolean> {
  try {
    await asked(() => vaults.prove(seed, { version, tag: random(32), evaluation: random(16) }));
  } catch (error) {
    if (codeOf(error) === 'vault-lost') return false;
    if (codeOf(error) !== 'vault-relay-fault') throw error;
  }
  return true;
}

/** Has the relay destroy what it keeps under this key, if there is one; false: it could not be told. */
export async function destroyed(vaults: VaultAccess, seed: Uint8Array | null): Promise<boolean> {
  if (seed === null) return true;
  const [outcome] = await Promise.allSettled([vaults.destroy(seed)]);
  return outcome.status === 'fulfilled';
}
