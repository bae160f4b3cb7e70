/**
 * Locking after idle time: by the time that has passed, not by a timer that sleeps when the device does. docs/vault.md §9.
 * @module
 */
import { codeOf } from '../errors.ts';
import { changeLockRow, readLockRow } from './lock-row.ts';
import type { Clock, RecordStore } from './ports.ts';

/** How often the time is looked at, at least, ms. */
const CHECK = 30_000;
/** A clock that goes back by so much was set, and the idle time cannot be told any more, ms. */
const SET_BACK = 60_000;
/** Activity is written at most so often, ms, and so many times in an idle time. */
const LEAST_PAUSE = 5_000;
const WRITES = 30;

/** Whether nobody was there for too long, or the clock cannot say. */
export function isIdle(now: number, used: number, lockAfter: number): boolean {
  return now - used >= lockAfter || now < used - SET_BACK;
}

export interface IdleLockOptions {
  readonly records: RecordStore;
  readonly clock: Clock;
  /** ms */
  readonly lockAfter: number;
  /** `locks` at the opening: a row of another number is not written to, and no activity keeps the vault open beside it. */
  readonly locks: number;
  /** Called once: the time has passed, or the row is another. */
  readonly onIdle: () => void;
}

/** One tab's watch over the idle time. What other tabs' users do counts, by the lock row. */
export class IdleLock {
  readonly #options: IdleLockOptions;
  readonly #pause: number;
  /** The latest activity known here, in whichever tab. */
  #used: number;
  #written: number;
  #cancelCheck = (): void => undefined;
  #cancelWrite: (() => void) | null = null;
  #stopped = false;

  /** @param used the last activity, as the row has it */
  constructor(options: IdleLockOptions, used: number) {
    this.#options = options;
    this.#pause = Math.max(LEAST_PAUSE, options.lockAfter / WRITES);
    this.#used = used;
    this.#written = used;
    this.#schedule();
  }

  /** The latest activity known here, ms. */
  get used(): number {
    return this.#used;
  }

  /** Whether the time has passed, as far as this tab knows. */
  get idle(): boolean {
    return isIdle(this.#options.clock.now(), this.#used, this.#options.lockAfter);
  }

  /** A user is here. Too late, it extends nothing. @returns whether it did */
  touch(): boolean {
    if (this.#stopped) return false;
    if (this.idle) {
      void this.check();
      return false;
    }
    this.#used = this.#options.clock.now();
    const due = this.#written + this.#pause - this.#used;
    if (due <= 0) this.#write();
    // What comes within the pause is written at its end.
    else this.#cancelWrite ??= this.#options.clock.after(due, () => this.#write());
    return true;
  }

  /** Looks at the time, with what other tabs have written. @throws what is a fault of the program, after having looked */
  async check(): Promise<void> {
    let isOther = false;
    try {
      isOther = await this.#readRow();
    } finally {
      this.#decide(isOther);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelCheck();
    this.#cancelWrite?.();
  }

  /** Takes the latest activity from the row. @returns whether it is another row than at the opening: a page that slept may not have been told */
  async #readRow(): Promise<boolean> {
    const { records, locks } = this.#options;
    try {
      const row = await readLockRow(records);
      if (row?.locks !== locks) return true;
      this.#used = Math.max(this.#used, row.used);
    } catch (error) {
      // A store that cannot be read does not keep the vault open.
      if (codeOf(error) === 'internal') throw error;
    }
    return false;
  }

  #decide(isOther: boolean): void {
    if (this.#stopped) return;
    if (!isOther && !this.idle) return this.#schedule();
    this.stop();
    this.#options.onIdle();
  }

  #schedule(): void {
    const { clock, lockAfter } = this.#options;
    this.#cancelCheck();
    const rest = Math.max(0, this.#used + lockAfter - clock.now());
    this.#cancelCheck = clock.after(Math.min(rest, CHECK), () => void this.check());
  }

  #write(): void {
    const { records, locks } = this.#options;
    const used = this.#used;
    this.#cancelWrite?.();
    this.#cancelWrite = null;
    this.#written = used;
    changeLockRow(records, (row) => (row?.locks !== locks || row.used >= used ? null : { ...row, used })).catch(
      (error: unknown) => {
        // Other tabs then lock too early, which is the safe way round; the next activity tries again.
        if (codeOf(error) === 'internal') throw error;
      },
    );
  }
}
