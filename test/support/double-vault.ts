/**
 * A client's lock in memory, for tests of the interface: the contract of `ClientVault` without cryptography.
 * @module
 */
import type { ClientVault, Live, StorageProtection, Unlocking, VaultView } from '../../src/engine/views.ts';
import { ChatError, usageError } from '../../src/errors.ts';

/** Of one profile: it outlives the clients that are opened on it. */
export class DoubleVault {
  pin: string | null = null;
  passkey = false;
  passkeyPossible = true;
  /** Tries left before the vault is destroyed. */
  left = 10;
  /** How many times the user was said to be there. */
  touched = 0;
  unread = 0;
  /** Thrown once by the next call. */
  failure: ChatError | null = null;
  /** Changes take until it resolves. */
  working: Promise<void> = Promise.resolve();
  #open = true;
  #onLock: (() => void)[] = [];
  readonly #listeners = new Set<() => void>();

  get storage(): StorageProtection {
    return this.pin !== null ? 'pin' : this.passkey ? 'passkey' : 'guest';
  }

  /** What a client that opens does first. @throws ChatError `vault-locked` with details `{pin, passkey, unread}`, or why the PIN is wrong */
  open(unlock: Unlocking | undefined): void {
    this.#failing();
    if (this.#open || this.storage === 'guest') return;
    if (unlock === undefined) {
      const details = { pin: this.pin !== null, passkey: this.passkey, unread: this.unread };
      throw new ChatError('environment', 'vault-locked', 'locked', { details });
    }
    if (unlock.by === 'pin') this.#prove(unlock.pin);
    this.#open = true;
  }

  /** Another tab, or time, locks it. */
  lockNow(): void {
    this.#open = false;
    for (const tell of this.#onLock.splice(0)) tell();
  }

  onLock(tell: () => void): void {
    this.#onLock.push(tell);
  }

  control(): ClientVault {
    const change = async (work: () => void): Promise<void> => {
      await this.working;
      this.#failing();
      work();
      for (const tell of [...this.#listeners]) tell();
    };
    const view: Live<VaultView> = {
      subscribe: (listener) => {
        const tell = (): void => {
          const { storage, passkey, passkeyPossible } = this;
          queueMicrotask(() => listener({ storage, pin: this.pin !== null, passkey, passkeyPossible }));
        };
        this.#listeners.add(tell);
        tell();
        return () => this.#listeners.delete(tell);
      },
    };
    return {
      view,
      setPin: (pin) =>
        change(() => {
          this.pin = checked(pin);
        }),
      changePin: (pin, next) =>
        change(() => {
          this.#prove(pin);
          this.pin = checked(next);
        }),
      resetPin: (next) =>
        change(() => {
          this.pin = checked(next);
        }),
      addPasskey: () =>
        change(() => {
          this.passkey = true;
        }),
      removePasskey: () =>
        change(() => {
          if (this.pin === null) throw usageError('vault-last-slot', 'the only way in');
          this.passkey = false;
        }),
      touch: () => this.touched++,
      lock: () =>
        change(() => {
          if (this.storage === 'guest') throw usageError('vault-no-lock', 'no lock is set');
          this.lockNow();
        }),
    };
  }

  #prove(pin: string): void {
    if (pin === this.pin) return;
    this.left--;
    throw new ChatError('environment', 'vault-pin-wrong', 'wrong', { details: { left: this.left } });
  }

  #failing(): void {
    const { failure } = this;
    this.failure = null;
    if (failure) throw failure;
  }
}

function checked(pin: string): string {
  if (!/^[0-9]{4,12}$/.test(pin)) throw usageError('pin-malformed', 'a PIN has 4 to 12 digits');
  if (/^(\d)\1*$/.test(pin)) throw usageError('pin-common', 'too common');
  return pin;
}
