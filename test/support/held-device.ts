/**
 * A device whose power, network, clock and disk a test holds.
 * @module
 */
import type { MemoryDisk } from '../../src/adapters/memory/memory-records.ts';
import type { Ports, RecordStore } from '../../src/engine/ports.ts';
import { ChatError } from '../../src/errors.ts';
import { Device } from './chat-world.ts';
import { Meddler } from './meddler.ts';
import { ShiftingClock } from './shifting-clock.ts';

/** See the module. */
export class HeldDevice extends Device {
  readonly clock: ShiftingClock;
  readonly net = new Meddler();
  /** Commits since it was made. */
  commits = 0;
  /** Whether the disk takes nothing more. */
  full = false;
  /** The disk as it was before the last commit. */
  beforeLast: MemoryDisk | null = null;
  #failure: { readonly at: number; readonly when: 'before' | 'after' } | null = null;
  #dead = false;

  constructor(options: { disk?: MemoryDisk; clock?: ShiftingClock } = {}) {
    super(options.disk);
    this.clock = options.clock ?? new ShiftingClock();
    this.net.isDown = () => this.#dead;
  }

  /** Whether the power has failed. */
  get dead(): boolean {
    return this.#dead;
  }

  override tab(): Ports {
    const ports = super.tab();
    return {
      ...ports,
      clock: this.clock,
      records: this.#records(ports.records),
      transport: this.net.over(ports.transport),
    };
  }

  /** Waits until it has nothing more to write for the moment. */
  async quiet(): Promise<void> {
    for (let before = -1; before !== this.commits;) {
      before = this.commits;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  }

  /** The power fails at this commit, counted from now (0 is the next), before or after it is on the disk. */
  failAt(commit: number, when: 'before' | 'after'): void {
    this.#failure = { at: this.commits + commit, when };
  }

  /** The power fails now. */
  fail(): void {
    this.#dead = true;
    this.net.cut();
  }

  /** The same rows in a device that was switched on again: nothing of what was in memory is left. */
  restarted(disk: MemoryDisk = this.disk): HeldDevice {
    this.fail();
    return new HeldDevice({ disk: disk.copy(), clock: this.clock });
  }

  #records(store: RecordStore): RecordStore {
    return {
      ...store,
      commit: async (changes) => {
        if (this.#dead) return never();
        if (this.full) throw new ChatError('environment', 'store-full', 'there is no room left');
        const number = this.commits++;
        if (this.#failure?.at === number && this.#failure.when === 'before') return this.#die();
        this.beforeLast = this.disk.copy();
        await store.commit(changes);
        if (this.#failure?.at === number) return this.#die();
      },
    };
  }

  #die(): Promise<never> {
    this.fail();
    return never();
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
