/**
 * A vault with a PIN: enrolment, unlocking, change, and the order of steps in which its key at the relay is replaced. A power cut at
 * any of them, which may also take the last two writes back, locks nobody out. docs/vault.md §7.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/text.ts';
import { ChatError, codeOf, peerError, usageError } from '../errors.ts';
import { blindInput, finalizeOutput } from '../vault/oprf.ts';
import {
  oprfInput,
  pinKeysOf,
  SECRET_LENGTH,
  tagCheckOf,
  unwrapByPin,
  wrapByPin,
  type PinSlot,
} from '../vault/pin-slot.ts';
import { checkPin, checkStretch, SALT_LENGTH, type StretchParameters } from '../vault/pin-parameters.ts';
import { NONCE_LENGTH } from '../vault/record.ts';
import { VaultKeys } from '../vault/vault-keys.ts';
import { vaultDamaged, type Stored } from './guest-slot.ts';
import type { RecordStore } from './ports.ts';
import { dropAll, ticketIdsOf, type TicketAccess } from './unlock-slot.ts';
import { VAULT_LOCK, type VaultPorts } from './unlock.ts';
import type { FreshKey, VaultAccess } from './vault-access.ts';
import { asked, destroyed } from './vault-calls.ts';
import { forgetVault } from './vault-forgetting.ts';
import { readSlots, readSlotsOf, slotChange, slotEnd, storeFirmly } from './vault-slots.ts';

/** A: Argon2id of a PIN, 32 B; `stretchPin`, or the same in a worker. */
export type StretchPin = (pin: string, salt: Uint8Array, parameters: StretchParameters) => Promise<Uint8Array>;

export interface PinVaultOptions {
  readonly ports: VaultPorts;
  readonly vaults: VaultAccess;
  readonly tickets: TicketAccess;
  readonly stretch: StretchPin;
  /**
   * Salts and PINs that were wrong, and how many tries the relay had left then; for a tab that opens more than once. Never stored: a
   * thief could rule them out.
   */
  readonly wrong?: Map<string, number>;
}

/** An open vault. */
export interface PinOpened {
  readonly keys: VaultKeys;
  /**
   * Why the relay's key was not replaced, or its predecessor not given up; null: all was done. The vault is open all the same,
   * and the next unlocking does what is left. `vault-relay-fault` is to be told.
   */
  readonly problem: ChatError | null;
}

/** What a PIN comes to at this slot. */
interface Proven {
  readonly stored: Stored<PinSlot>;
  readonly keys: VaultKeys;
  readonly stretched: Uint8Array;
  readonly tag: Uint8Array;
  readonly evaluation: Uint8Array;
}

/** Everything of a slot that a new key of the relay does not change. */
type SlotBase = Pick<PinSlot, 'vid' | 'seed' | 'device' | 'salt' | 'stretch'>;

/** A slot that is not stored yet, and the tag that proves its key. */
interface Made {
  readonly slot: PinSlot;
  readonly tag: Uint8Array;
}

/** See the module. One for each tab; what it remembers of wrong PINs is in memory alone. */
export class PinVault {
  readonly #options: PinVaultOptions;
  readonly #wrong: Map<string, number>;

  constructor(options: PinVaultOptions) {
    this.#options = options;
    this.#wrong = options.wrong ?? new Map<string, number>();
  }

  /**
   * A first PIN: in the place of the guest's ticket, which ends, or beside a passkey.
   * @param keys of the open vault
   * @returns what failed behind the commit that has set the PIN; null: nothing. The next unlocking does what is left
   * @throws ChatError `pin-malformed`, `vault-pin-exists`, `vault-not-stored` (usage), `vault-parameters`, `vault-offline`,
   *   `vault-relay-fault`, and what the store refuses; everything opens as before then
   */
  async enrol(keys: VaultKeys, pin: string, parameters: StretchParameters): Promise<ChatError | null> {
    checkPin(pin);
    checkStretch(parameters);
    const { ports, tickets } = this.#options;
    const { records } = ports;
    return ports.locks.exclusive(VAULT_LOCK, async () => {
      const { guest, pin: present } = await readSlotsOf(records, keys);
      if (present !== null) throw usageError('vault-pin-exists', 'this vault has a PIN');
      const spent = guest === null ? [] : ticketIdsOf(guest.slot);
      const { slot } = await this.#makeNew(keys, { pin, parameters, spent, former: null });
      const end = guest === null ? [] : [slotEnd('guest', guest)];
      await records.commit([...end, slotChange(slot, 0)]);
      return problemOf(async () => {
        await storeFirmly(records, { slot, version: 1 });
        // What is not dropped now is in the slot, and dropped at the next unlocking.
        await dropAll(tickets, spent);
      });
    });
  }

  /**
   * Another PIN in the place of one that was forgotten, under another name at the relay. The caller has just been shown a passkey.
   * The key of the old PIN is destroyed once three commits have named the new one.
   * @param keys of the open vault
   * @returns as `enrol`
   * @throws ChatError `pin-malformed`, `vault-no-pin`, `vault-no-passkey`, `vault-not-stored` (usage), `vault-parameters`,
   *   `vault-offline`, `vault-relay-fault`, and what the store refuses; the old PIN is the right one then
   */
  async replace(keys: VaultKeys, next: string, parameters: StretchParameters): Promise<ChatError | null> {
    checkPin(next);
    checkStretch(parameters);
    const { ports, vaults } = this.#options;
    const { records } = ports;
    return ports.locks.exclusive(VAULT_LOCK, async () => {
      const { pin, passkey } = await readSlotsOf(records, keys);
      if (pin === null) throw usageError('vault-no-pin', 'this vault has no PIN');
      if (passkey === null)
        throw usageError('vault-no-passkey', 'this vault has no passkey that could stand for the PIN');
      const old = await storeFirmly(records, pin);
      const { spent, seed: former, former: late } = old.slot;
      // Left by a replacement that was broken off: there are never more than two that a thief could guess at.
      if (late !== null) await asked(() => vaults.destroy(late));
      const { slot } = await this.#makeNew(keys, { pin: next, parameters, spent, former });
      await records.commit([slotChange(slot, old.version)]);
      this.#wrong.clear();
      return problemOf(async () => {
        await storeFirmly(records, { slot, version: old.version + 1 });
        // What is not destroyed now is in the slot, and destroyed at the next unlocking.
        await destroyed(vaults, former);
      });
    });
  }

  /**
   * Opens the vault, and replaces the key at the relay.
   * @throws ChatError `vault-pin-wrong` (environment; `details.left`: tries left), for one that was wrong before without asking the
   *   relay; `vault-delayed` (`details.retryAfter`, ms); `vault-lost`: the relay has destroyed or forgotten the key;
   *   `vault-relay-fault` (peer): it evaluated with another key; `vault-offline`; `vault-damaged`; `vault-parameters` (peer): the
   *   slot would have the PIN stretched too little; `vault-no-pin`, `pin-malformed` (usage)
   */
  async unlock(pin: string): Promise<PinOpened> {
    checkPin(pin);
    return this.#options.ports.locks.exclusive(VAULT_LOCK, async () => {
      const proven = await this.#open(pin);
      this.#wrong.clear();
      try {
        const settled = await this.#settle(proven);
        const { slot } = settled.stored;
        await this.#replace(settled, { base: slot, stretched: proven.stretched });
        return { keys: proven.keys, problem: null };
      } catch (error) {
        return { keys: proven.keys, problem: asProblem(error, proven.keys) };
      } finally {
        forgetPin(proven);
      }
    });
  }

  /**
   * Another PIN. @throws ChatError as `unlock`, and whatever kept it from being changed: then the old one is still right
   */
  async change(pin: string, next: string, parameters: StretchParameters): Promise<PinOpened> {
    checkPin(pin);
    checkPin(next);
    checkStretch(parameters);
    const { ports, stretch } = this.#options;
    return ports.locks.exclusive(VAULT_LOCK, async () => {
      const proven = await this.#open(pin);
      this.#wrong.clear();
      const was = proven.stored.slot.salt;
      try {
        const settled = await this.#settle(proven);
        const salt = ports.random(SALT_LENGTH);
        const base = { ...settled.stored.slot, device: ports.random(SECRET_LENGTH), salt, stretch: parameters };
        const stretched = await stretch(next, salt, parameters);
        await this.#replace(settled, { base, stretched }).finally(() => stretched.fill(0));
        return { keys: proven.keys, problem: null };
      } catch (error) {
        const isChanged = await this.#hasOtherSalt(was);
        if (isChanged) return { keys: proven.keys, problem: asProblem(error, proven.keys) };
        proven.keys.erase();
        throw asProblem(error, proven.keys);
      } finally {
        forgetPin(proven);
      }
    });
  }

  /** Forgets everything that is stored here, as `forgetVault`. */
  async forget(): Promise<void> {
    await forgetVault(this.#options);
    this.#wrong.clear();
  }

  /** By the PIN to the vault master key. */
  async #open(pin: string): Promise<Proven> {
    const { ports, vaults, stretch } = this.#options;
    const stored = await readPinSlot(ports.records);
    const { slot } = stored;
    checkStretch(slot.stretch);
    const known = this.#wrong.get(wrongName(slot, pin));
    if (known !== undefined) throw pinWrong(known);
    const stretched = await stretch(pin, slot.salt, slot.stretch);
    const blinding = blindInput(oprfInput(slot, stretched), ports.random);
    const answer = await asked(() => vaults.evaluate(slot.seed, { version: slot.version, blinded: blinding.blinded }));
    const { kek, tag } = pinKeysOf(slot, finalizeOutput(blinding, answer, slot.key), stretched);
    const { evaluation, left } = answer;
    try {
      const vmk = unwrapByPin(kek, slot, slot.wrapped);
      const keys = new VaultKeys({ vmk, vid: slot.vid });
      vmk.fill(0);
      return { stored, keys, stretched, tag, evaluation };
    } catch (cause) {
      if (codeOf(cause) !== 'pin-mismatch') throw cause;
      if (await this.#isProvenAllTheSame(slot, tag, evaluation))
        throw vaultDamaged('the PIN is right, the slot is not');
      forgetPin({ stretched, tag });
      this.#remember(slot, pin, left);
      throw pinWrong(left);
    } finally {
      kek.fill(0);
    }
  }

  /** Remembers a wrong PIN, and of those of before how many tries are left now. */
  #remember(slot: PinSlot, pin: string, left: number): void {
    for (const name of [...this.#wrong.keys()]) if (name.startsWith(wrongName(slot, ''))) this.#wrong.set(name, left);
    this.#wrong.set(wrongName(slot, pin), left);
  }

  /** Whether the relay knows the tag of a PIN that does not open the slot: then the slot is damaged, and no try was lost. */
  async #isProvenAllTheSame({ seed, version }: PinSlot, tag: Uint8Array, evaluation: Uint8Array): Promise<boolean> {
    try {
      await this.#options.vaults.prove(seed, { version, tag, evaluation });
      return true;
    } catch (error) {
      // It says no, or could not be asked; the PIN is wrong as far as anybody knows.
      if (error instanceof ChatError && error.kind !== 'usage' && error.kind !== 'internal') return false;
      throw error;
    }
  }

  /** Proves the PIN, and stores the slot so firmly that the relay may give up every other key. */
  async #settle(proven: Proven): Promise<Proven> {
    const { ports, vaults } = this.#options;
    const { slot } = proven.stored;
    const { tag, evaluation } = proven;
    await asked(() => vaults.prove(slot.seed, { version: slot.version, tag, evaluation }));
    return { ...proven, stored: await storeFirmly(ports.records, proven.stored) };
  }

  /**
   * Puts another key of the relay in the place of the one that was proven. The relay keeps both until three commits have named the
   * new one.
   */
  async #replace(
    { stored, keys, tag }: Proven,
    { base, stretched }: { base: SlotBase; stretched: Uint8Array },
  ): Promise<void> {
    const { ports, vaults, tickets } = this.#options;
    const { seed, version } = stored.slot;
    const spent = await dropAll(tickets, stored.slot.spent);
    const former = (await destroyed(vaults, stored.slot.former)) ? null : stored.slot.former;
    const draw = (blinded: Uint8Array): Promise<FreshKey> => vaults.renew(seed, { version, tag, blinded });
    const made = await this.#make(base, { keys, stretched, spent, former, after: version, draw });
    await ports.records.commit([slotChange(made.slot, stored.version)]);
    const firm = await storeFirmly(ports.records, { slot: made.slot, version: stored.version + 1 });
    await asked(() => vaults.retire(seed, { version: firm.slot.version, tag: made.tag }));
  }

  /** A slot for this PIN under a new name at the relay. Nothing is stored yet. */
  async #makeNew(
    keys: VaultKeys,
    options: { pin: string; parameters: StretchParameters } & Pick<PinSlot, 'spent' | 'former'>,
  ): Promise<Made> {
    const { ports, vaults, stretch } = this.#options;
    const { random } = ports;
    const { pin, parameters, spent, former } = options;
    const secrets = { seed: random(SECRET_LENGTH), device: random(SECRET_LENGTH), salt: random(SALT_LENGTH) };
    const base = { vid: keys.vid, ...secrets, stretch: parameters };
    const stretched = await stretch(pin, base.salt, parameters);
    const draw = (blinded: Uint8Array): Promise<FreshKey> => vaults.create(base.seed, { blinded });
    const made = this.#make(base, { keys, stretched, spent, former, after: 0, draw });
    return made.finally(() => stretched.fill(0));
  }

  /** Has the relay draw a key, wraps the vault master key under it and registers it. Nothing is stored yet. */
  async #make(
    base: SlotBase,
    options: {
      keys: VaultKeys;
      stretched: Uint8Array;
      spent: readonly Uint8Array[];
      former: Uint8Array | null;
      /** The version must be above this one. */
      after: number;
      draw: (blinded: Uint8Array) => Promise<FreshKey>;
    },
  ): Promise<Made> {
    const { ports, vaults } = this.#options;
    const { keys, stretched, spent, former, after, draw } = options;
    const { vid, seed, device, salt, stretch } = base;
    const blinding = blindInput(oprfInput(base, stretched), ports.random);
    const fresh = await asked(() => draw(blinding.blinded));
    if (fresh.version <= after) throw peerError('vault-relay-fault', 'the relay gave a version twice');
    const { version, key } = fresh;
    const { kek, tag } = pinKeysOf({ vid, version }, finalizeOutput(blinding, fresh, key), stretched);
    const vmk = keys.masterKey();
    const binding = { vid, version, stretch, salt, key };
    const wrapped = wrapByPin({ kek, binding, vmk, nonce: ports.random(NONCE_LENGTH) });
    vmk.fill(0);
    kek.fill(0);
    await asked(() => vaults.register(seed, { version, check: tagCheckOf(tag) }));
    const slot: PinSlot = {
      ...{ v: 1, kind: 'pin', vid, at: ports.clock.now(), seed, device, salt, stretch, version, key, wrapped },
      ...{ stored: 1, spent, former },
    };
    return { slot, tag };
  }

  async #hasOtherSalt(salt: Uint8Array): Promise<boolean> {
    try {
      return !equal((await readPinSlot(this.#options.ports.records)).slot.salt, salt);
    } catch (error) {
      // It was destroyed, or something else is there: at least the change was not made.
      if (['vault-damaged', 'vault-no-pin'].includes(codeOf(error))) return false;
      throw error;
    }
  }
}

/** What stands for the PIN as long as its salt is in force: together with the slot it needs no stretching. */
function forgetPin({ stretched, tag }: Pick<Proven, 'stretched' | 'tag'>): void {
  stretched.fill(0);
  tag.fill(0);
}

async function readPinSlot(records: RecordStore): Promise<Stored<PinSlot>> {
  const { pin } = await readSlots(records);
  if (pin === null) throw usageError('vault-no-pin', 'this vault has no PIN');
  return pin;
}

/** What a wrong PIN is remembered by; with the salt, so that it may become the right one. */
function wrongName({ salt }: PinSlot, pin: string): string {
  return `${toHex(salt)}/${pin}`;
}

function pinWrong(left: number): ChatError {
  return new ChatError('environment', 'vault-pin-wrong', 'the PIN is wrong', { details: { left } });
}

/** A failure behind the unlocking. @throws what is a fault of the program itself, after erasing the keys */
function asProblem(error: unknown, keys: VaultKeys): ChatError {
  if (error instanceof ChatError && error.kind !== 'usage' && error.kind !== 'internal') return error;
  keys.erase();
  throw error;
}

/** Does what may fail without making undone what was done before; gives its failure. @throws what is a fault of the program itself */
async function problemOf(rest: () => Promise<void>): Promise<ChatError | null> {
  try {
    await rest();
    return null;
  } catch (error) {
    if (error instanceof ChatError && error.kind !== 'usage' && error.kind !== 'internal') return error;
    throw error;
  }
}
