/**
 * One profile with a PIN, a passkey or both at a relay that keeps vaults as the real one does, whose programs crash and whose disk loses writes.
 * @module
 */
import { argon2id } from '@noble/hashes/argon2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { DrivenClock } from '../../src/adapters/memory/driven-clock.ts';
import { memoryLocks } from '../../src/adapters/memory/memory-locks.ts';
import { MemoryDisk } from '../../src/adapters/memory/memory-records.ts';
import { utf8 } from '../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../src/bytes/text.ts';
import { PasskeyVault } from '../../src/engine/unlock-passkey.ts';
import { PinVault, type PinOpened, type StretchPin } from '../../src/engine/unlock-pin.ts';
import { openVault } from '../../src/engine/unlock.ts';
import type { VaultAccess } from '../../src/engine/vault-access.ts';
import { ChatError, codeOf } from '../../src/errors.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { limitsWith } from '../../src/relay/limits.ts';
import { memoryStore } from '../../src/relay/memory-store.ts';
import { vaultStateCodec } from '../../src/relay/vault-state.ts';
import { Vaults } from '../../src/relay/vaults.ts';
import { VaultKeys } from '../../src/vault/vault-keys.ts';
import { Crash } from './crash.ts';
import { MemoryPasskeys } from './memory-passkeys.ts';
import { realRandom } from './random.ts';
import { TicketRelay } from './ticket-relay.ts';

/** Argon2id as it is, but so cheap that a thousand PINs can be tried. */
const cheapStretch: StretchPin = async (pin, salt) => argon2id(utf8(pin), salt, { m: 8, t: 1, p: 1, dkLen: 32 });

/** The relay's vaults without the wire: a vault is named by the hash of its seed. */
class VaultRelay implements VaultAccess {
  readonly store = memoryStore();
  readonly #vaults: Vaults;
  readonly #clock: DrivenClock;
  /** Refuses every call while set. */
  offline = false;
  /** Evaluations that were answered, by version. */
  readonly evaluations: number[] = [];

  constructor(clock: DrivenClock) {
    this.#clock = clock;
    const limits = limitsWith();
    const now = (): number => clock.now();
    this.#vaults = new Vaults({
      ...{ store: this.store, crypto: nobleCrypto, origins: new Set<string>(), limits, now, random: realRandom },
    });
  }

  create = (seed: Uint8Array, fields: { blinded: Uint8Array }) => this.#call('vault-create', seed, fields, 'create');
  renew = (seed: Uint8Array, fields: { version: number; tag: Uint8Array; blinded: Uint8Array }) =>
    this.#call('vault-renew', seed, fields, 'renew');
  register = async (seed: Uint8Array, fields: { version: number; check: Uint8Array }) => {
    await this.#call('vault-register', seed, fields, 'register');
  };
  evaluate = async (seed: Uint8Array, fields: { version: number; blinded: Uint8Array }) => {
    const answer = await this.#call('vault-evaluate', seed, fields, 'evaluate');
    this.evaluations.push(fields.version);
    return answer;
  };
  prove = async (seed: Uint8Array, fields: { version: number; tag: Uint8Array; evaluation: Uint8Array }) => {
    await this.#call('vault-prove', seed, fields, 'prove');
  };
  retire = async (seed: Uint8Array, fields: { version: number; tag: Uint8Array }) => {
    await this.#call('vault-retire', seed, fields, 'retire');
  };
  destroy = async (seed: Uint8Array) => {
    await this.#call('vault-destroy', seed, {}, 'destroy');
  };

  /** The versions of all keys of all vaults that are registered. */
  async versions(): Promise<number[]> {
    const rows = await this.store.list('vaults', { prefix: '', limit: 100 });
    return rows.flatMap(({ value }) =>
      vaultStateCodec
        .decode(value)
        .keys.filter(({ check }) => check !== null)
        .map(({ version }) => version),
    );
  }

  /** Another relay with the same rows. */
  async copy(): Promise<VaultRelay> {
    const copy = new VaultRelay(this.#clock);
    for (const { key, value, expires } of await this.store.list('vaults', { prefix: '', limit: 100 })) {
      await copy.store.commit([{ table: 'vaults', key, expects: 'any', put: { value, expires } }]);
    }
    return copy;
  }

  #call<M extends 'create' | 'renew' | 'register' | 'evaluate' | 'prove' | 'retire' | 'destroy'>(
    op: string,
    seed: Uint8Array,
    fields: object,
    method: M,
  ): ReturnType<Vaults[M]> {
    if (this.offline) throw new ChatError('environment', 'relay-unreachable', 'no connection');
    const head = { v: 1, op, relay: 'wss://relay.example', nonce: new Uint8Array(32), vault: sha256(seed) };
    return this.#vaults[method]({ ...head, ...fields } as never) as ReturnType<Vaults[M]>;
  }
}

/** What a program may do: it gives what was opened, or what was left undone. */
export type Program = (
  pin: PinVault,
  passkey: PasskeyVault,
) => Promise<PinOpened | VaultKeys | ChatError | null | void>;

/** See the module. */
export class PinProfile {
  readonly clock: DrivenClock;
  tickets: TicketRelay;
  relay: VaultRelay;
  /** The user's authenticator: no crash takes anything back from it. */
  passkeys = new MemoryPasskeys();
  disk = new MemoryDisk();
  /** The disk before each write that may still be lost, the last one last. */
  history: MemoryDisk[] = [];
  vmk = '';
  #vid: Uint8Array | null = null;

  constructor(clock = new DrivenClock()) {
    this.clock = clock;
    this.tickets = new TicketRelay(clock);
    this.relay = new VaultRelay(clock);
  }

  /** Another profile at another relay, both as these are now. */
  async copy(): Promise<PinProfile> {
    const copy = new PinProfile(this.clock);
    copy.disk = this.disk.copy();
    copy.history = [...this.history];
    copy.relay = await this.relay.copy();
    for (const [id, ticket] of this.tickets.held) copy.tickets.held.set(id, ticket);
    copy.passkeys = this.passkeys;
    copy.vmk = this.vmk;
    copy.#vid = this.#vid;
    return copy;
  }

  /** A program on this profile. */
  vault(crash = new Crash(Infinity, 'after'), vaults: VaultAccess = this.relay, stretch = cheapStretch): PinVault {
    return new PinVault({
      ports: { records: crash.records(this.disk), locks: memoryLocks(), clock: this.clock, random: realRandom },
      vaults: crash.vaults(vaults),
      tickets: crash.tickets(this.tickets),
      stretch,
    });
  }

  /** A program on this profile that uses a passkey. */
  passkey(crash = new Crash(Infinity, 'after')): PasskeyVault {
    return new PasskeyVault({
      ports: { records: crash.records(this.disk), locks: memoryLocks(), clock: this.clock, random: realRandom },
      passkeys: this.passkeys,
      tickets: crash.tickets(this.tickets),
    });
  }

  /** Opens the vault without a PIN. What was written until then cannot be lost: the guest's ticket bears the loss of one write. */
  async guest(): Promise<VaultKeys> {
    const ports = { records: this.disk.open(), locks: memoryLocks(), clock: this.clock, random: realRandom };
    const vault = await openVault({ ports, tickets: this.tickets, kind: 'guest' });
    const vmk = vault.keys.masterKey();
    const keys = new VaultKeys({ vmk, vid: vault.keys.vid });
    vault.lock();
    this.history = [];
    this.#is(keys);
    return keys;
  }

  /** Runs a program that may crash, after which the last `lost` writes are taken back; whether it crashed. */
  async run(crash: Crash, lost: number, program: Program): Promise<boolean> {
    const passkey = this.passkey(crash);
    const done = program(this.vault(crash), passkey).then(async (result) => {
      const problem = await passkey.settling;
      if (problem !== null) throw problem;
      if (result instanceof ChatError) throw result;
      if (result instanceof VaultKeys) this.#is(result);
      else if (result !== null && result !== undefined) this.#is(result.keys);
    });
    await Promise.race([done, crash.ended]);
    this.history.push(...crash.beforeWrites);
    for (let i = 0; i < lost && crash.happened; i++) this.disk = this.history.pop()?.copy() ?? this.disk;
    // What a power cut has left has reached the disk.
    if (lost > 0 && crash.happened) this.history = [];
    return crash.happened;
  }

  /** Opens with the first of these PINs that is right, or, where none was set, as a `guest`; gives which. */
  async mustOpen(...pins: readonly string[]): Promise<string> {
    for (const pin of pins) {
      try {
        const { keys, problem } = await this.vault().unlock(pin);
        if (problem !== null) throw problem;
        this.#is(keys);
        return pin;
      } catch (error) {
        if (!(error instanceof ChatError)) throw error;
        if (error.code === 'vault-no-pin') {
          await this.guest();
          return 'guest';
        }
        if (error.code !== 'vault-pin-wrong') throw error;
      }
    }
    throw new Error('no PIN opens the vault');
  }

  /** The keys of the vault, as a client that is open has them. */
  keys(): VaultKeys {
    if (this.#vid === null) throw new Error('nothing was opened yet');
    return new VaultKeys({ vmk: fromHex(this.vmk), vid: this.#vid });
  }

  /** Opens with the passkey; whether there is one. */
  async opensByPasskey(): Promise<boolean> {
    const passkey = this.passkey();
    try {
      this.#is(await passkey.unlock());
    } catch (error) {
      if (codeOf(error) === 'vault-no-passkey') return false;
      throw error;
    }
    const problem = await passkey.settling;
    if (problem !== null) throw problem;
    return true;
  }

  #is(keys: VaultKeys): void {
    const vmk = toHex(keys.masterKey());
    if (this.vmk === '') this.vmk = vmk;
    this.#vid = keys.vid;
    if (this.vmk !== vmk) throw new Error('another vault was opened');
  }
}
