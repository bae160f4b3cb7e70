/**
 * Setting, changing and opening the locks of a vault: PIN and passkey. Loaded when one of them is used. docs/vault.md §7, §8.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { ChatError, usageError } from '../errors.ts';
import { isCommonPin } from '../vault/common-pins.ts';
import { checkPin } from '../vault/pin-parameters.ts';
import type { VaultKeys } from '../vault/vault-keys.ts';
import { changeLockRow, firstRow } from './lock-row.ts';
import { affordableCost, stretchOn } from './pin-stretching.ts';
import type { DevicePorts, StretchCost } from './ports/device.ts';
import type { Ports } from './ports.ts';
import { relayVaults } from './relay-vaults.ts';
import { wrongPins } from './tab-state.ts';
import { PasskeyVault } from './unlock-passkey.ts';
import { PinVault, type PinOpened } from './unlock-pin.ts';
import type { TicketAccess } from './unlock-slot.ts';
import { VAULT_LOCK } from './unlock.ts';
import { isKept } from './vault-calls.ts';
import { readSlots } from './vault-slots.ts';
import type { Unlocking } from './views.ts';

export interface LocksmithOptions {
  readonly ports: Ports;
  readonly device: DevicePorts;
  readonly relay: string;
  readonly tickets: TicketAccess;
}

/** Works on one vault. What its methods return is what they left undone, which the next unlocking does; null: nothing. */
export class Locksmith {
  readonly #options: LocksmithOptions;
  readonly #vaults: ReturnType<typeof relayVaults>;
  readonly #pin: PinVault;

  constructor(options: LocksmithOptions) {
    const { ports, device, relay, tickets } = options;
    this.#options = options;
    this.#vaults = relayVaults({ ports, url: relay });
    this.#pin = new PinVault({
      ...{ ports, tickets, vaults: this.#vaults, stretch: stretchOn(device), wrong: wrongPins },
    });
  }

  /** @throws ChatError as `PinVault.unlock` and `PasskeyVault.unlock` */
  async unlock(unlocking: Unlocking): Promise<PinOpened> {
    if (unlocking.by === 'pin') return this.#pin.unlock(unlocking.pin);
    return { keys: await this.#passkey().unlock(), problem: null };
  }

  /** @throws ChatError `vault-pin-exists`, `pin-malformed`, `pin-common` (usage), and as `PinVault.enrol` */
  async setPin(keys: VaultKeys, pin: string): Promise<ChatError | null> {
    refuseUnfit(pin);
    if (await this.#hasPin()) throw pinExists();
    const cost = await this.#cost();
    await this.#prepare(keys);
    return this.#pin.enrol(keys, pin, cost);
  }

  /** @throws ChatError `pin-common` (usage), and as `PinVault.change` */
  async changePin(pin: string, next: string): Promise<ChatError | null> {
    checkPin(pin);
    refuseUnfit(next);
    const { keys, problem } = await this.#pin.change(pin, next, await this.#cost());
    keys.erase();
    return problem;
  }

  /**
   * Another PIN, or a first one, for who shows the passkey.
   * @throws ChatError `pin-malformed`, `pin-common` (usage), and as `PasskeyVault.unlock`, `PinVault.replace`
   */
  async resetPin(keys: VaultKeys, next: string): Promise<ChatError | null> {
    refuseUnfit(next);
    const shown = await this.#passkey().unlock();
    const isSame = equal(shown.vid, keys.vid);
    shown.erase();
    if (!isSame) throw usageError('vault-not-stored', 'these keys are not those of the vault that is stored here');
    const cost = await this.#cost();
    return (await this.#hasPin()) ? this.#pin.replace(keys, next, cost) : this.#pin.enrol(keys, next, cost);
  }

  /**
   * @param name what the user's list of passkeys calls it
   * @param onLeft told later of what could not be done behind it
   * @throws ChatError as `PasskeyVault.enrol`
   */
  async addPasskey(keys: VaultKeys, name: string, onLeft: (problem: ChatError) => void): Promise<null> {
    const passkey = this.#passkey();
    await this.#prepare(keys);
    await passkey.enrol(keys, name);
    void passkey.settling.then((problem) => problem !== null && onLeft(problem));
    return null;
  }

  /**
   * @throws ChatError as `PasskeyVault.remove`; `vault-last-slot` also when the relay has no key for the PIN any more, which then opens
   *   nothing; `vault-offline` when it cannot be asked
   */
  async removePasskey(): Promise<void> {
    const { ports } = this.#options;
    const remover = this.#passkey();
    const isLast = await ports.locks.exclusive(VAULT_LOCK, async () => {
      const { pin, passkey } = await readSlots(ports.records);
      return pin !== null && passkey !== null && !(await isKept(this.#vaults, pin.slot, ports.random));
    });
    if (isLast) throw usageError('vault-last-slot', 'the relay has no key for the PIN any more');
    await remover.remove();
  }

  close(): void {
    this.#vaults.close();
  }

  #passkey(): PasskeyVault {
    const { ports, device, tickets } = this.#options;
    const { passkeys } = device;
    if (passkeys === null) throw new ChatError('environment', 'passkey-unsupported', 'no passkeys are to be had here');
    return new PasskeyVault({ ports, passkeys, tickets });
  }

  async #hasPin(): Promise<boolean> {
    return (await readSlots(this.#options.ports.records)).pin !== null;
  }

  #cost(): Promise<StretchCost> {
    return affordableCost(this.#options.device, this.#options.ports);
  }

  /** The lock row, before the first slot that needs it: whoever finds the slot finds the row, and that somebody is there now. */
  async #prepare({ vid }: VaultKeys): Promise<void> {
    const { records, clock } = this.#options.ports;
    const used = clock.now();
    // An earlier attempt that was given up may have left one.
    await changeLockRow(records, (row) =>
      row !== null && equal(row.vid, vid) ? { ...row, used } : firstRow(vid, used),
    );
  }
}

/** @throws ChatError `pin-malformed`, `pin-common` (usage) */
function refuseUnfit(pin: string): void {
  checkPin(pin);
  if (isCommonPin(pin)) throw usageError('pin-common', 'this PIN is one of the commonest');
}

function pinExists(): ChatError {
  return usageError('vault-pin-exists', 'there is a PIN already');
}
