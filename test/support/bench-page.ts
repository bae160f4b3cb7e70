/**
 * What a page of the benchmarks can be told to do: the real adapters and the real store, timed. Times are in ms.
 * @module
 */
import { browserPorts } from '../../src/adapters/browser/browser-ports.ts';
import { recordsName } from '../../src/adapters/browser/dexie-records.ts';
import { workerStretcher } from '../../src/adapters/browser/pin-stretcher.ts';
import { toHex } from '../../src/bytes/text.ts';
import type { Ports } from '../../src/engine/ports.ts';
import { relayTickets } from '../../src/engine/relay-tickets.ts';
import { relayVaults } from '../../src/engine/relay-vaults.ts';
import { openSealedStore, put, rawBytes, sealedTable } from '../../src/engine/sealed-store.ts';
import { runStep } from '../../src/engine/step.ts';
import { openVault } from '../../src/engine/unlock.ts';
import { PinVault, type StretchPin } from '../../src/engine/unlock-pin.ts';
import { type StretchParameters } from '../../src/vault/pin-parameters.ts';
import { stretchPin } from '../../src/vault/pin-stretch.ts';
import { VaultKeys } from '../../src/vault/vault-keys.ts';
import { MessageHoard } from './message-hoard.ts';

const ROWS = sealedTable('messages', rawBytes);
/** Timed as one, for the clock of a page is coarse; `count` is a multiple of it. */
const TOGETHER = 10;
const COUNTER = sealedTable('self', rawBytes);

/** How long something took, and what the page's thread could not do meanwhile. */
export interface Watched {
  readonly time: number;
  /** The longest task; 0: none took 50 ms. */
  readonly task: number;
  /** The longest time without a frame. */
  readonly frame: number;
  /** The longest time without a turn for timers and messages, which come behind frames and behind who has only yielded. */
  readonly silence: number;
}

async function watched(work: () => Promise<unknown>): Promise<Watched> {
  let [task, running] = [0, true];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) task = Math.max(task, duration);
  });
  observer.observe({ type: 'longtask' });
  const gaps = { frame: 0, silence: 0 };
  const follow = (what: 'frame' | 'silence', next: (turn: () => void) => void): void => {
    let last = performance.now();
    const turn = (): void => {
      const now = performance.now();
      gaps[what] = Math.max(gaps[what], now - last);
      last = now;
      if (running) next(turn);
    };
    next(turn);
  };
  follow('frame', (turn) => requestAnimationFrame(turn));
  follow('silence', (turn) => setTimeout(turn, 4));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const start = performance.now();
  await work();
  const time = performance.now() - start;
  await new Promise((resolve) => setTimeout(resolve, 100));
  running = false;
  observer.disconnect();
  return { time, task, ...gaps };
}

const kept = new Map<string, Promise<Ports>>();
const portsOf = (name: string): Promise<Ports> => {
  const ports = kept.get(name) ?? browserPorts(name);
  kept.set(name, ports);
  return ports;
};

/** What each of so many took, as the mean of `together` in a row. */
async function times(count: number, work: (index: number) => Promise<unknown>, together = 1): Promise<number[]> {
  const all: number[] = [];
  for (let i = 0; i < count; i += together) {
    const start = performance.now();
    for (let k = i; k < i + together; k++) await work(k);
    all.push((performance.now() - start) / together);
  }
  return all;
}

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const fixedKeys = (): VaultKeys => new VaultKeys({ vmk: new Uint8Array(32).fill(7), vid: new Uint8Array(16).fill(9) });
const stretcher = workerStretcher();

const where: Readonly<Record<'page' | 'worker', StretchPin>> = {
  page: (pin, salt, cost) => stretchPin(pin, salt, cost),
  worker: (pin, salt, cost) => {
    if (stretcher === null) throw new Error('no worker can run in this page');
    return stretcher.stretch(pin, salt, cost);
  },
};

const bench = {
  /** Stretches a PIN. */
  stretch: (place: 'page' | 'worker', cost: StretchParameters): Promise<Watched> =>
    watched(() => where[place]('482915', random(32), cost)),

  /** Enrols a PIN in a new vault at a relay, and opens it again and again: what each took, and what the stretching took of it. */
  async unlock(options: { relay: string; place: 'page' | 'worker'; cost: StretchParameters; count: number }) {
    const ports = await browserPorts(`unlock ${toHex(random(8))}`);
    const vaults = relayVaults({ ports, url: options.relay });
    const tickets = relayTickets({ ports, url: options.relay });
    let stretching = 0;
    const stretch: StretchPin = async (...args) => {
      const start = performance.now();
      const stretched = await where[options.place](...args);
      stretching = performance.now() - start;
      return stretched;
    };
    const opened = await openVault({ ports, tickets, kind: 'guest' });
    const vault = new PinVault({ ports, vaults, tickets, stretch });
    const enrolled = await watched(() => vault.enrol(opened.keys, '482915', options.cost));
    opened.lock();
    const all: (Watched & { stretching: number })[] = [];
    for (let i = 0; i < options.count; i++) {
      const one = await watched(async () => {
        const { problem } = await vault.unlock('482915');
        if (problem !== null) throw problem;
      });
      all.push({ ...one, stretching });
    }
    vaults.close();
    tickets.close();
    await ports.records.destroy();
    return { enrolled, all };
  },

  /** Opens a guest's vault at a relay again and again. */
  async guest(options: { relay: string; count: number }): Promise<number[]> {
    const ports = await browserPorts(`guest ${toHex(random(8))}`);
    const tickets = relayTickets({ ports, url: options.relay });
    const all = await times(options.count, async () => (await openVault({ ports, tickets, kind: 'guest' })).lock());
    tickets.close();
    await ports.records.destroy();
    return all;
  },

  /** Commits of so many rows each, sealed or not. */
  async writes(options: { name: string; sealed: boolean; rows: number; size: number; count: number }) {
    const { records, random: draw } = await portsOf(options.name);
    const value = random(options.size);
    if (!options.sealed) {
      const commit = (i: number): Promise<void> =>
        records.commit(
          Array.from({ length: options.rows }, (_, n) => {
            const key = (i * options.rows + n).toString(16).padStart(48, '0');
            return { table: 'messages', key, expects: 0, record: { version: 1, bytes: value } };
          }),
        );
      return times(options.count, commit, TOGETHER);
    }
    const store = openSealedStore({ records, random: draw }, fixedKeys());
    const commit = (i: number): Promise<void> =>
      store.commit(Array.from({ length: options.rows }, (_, n) => put(ROWS, ['c', i * options.rows + n], value, 0)));
    return times(options.count, commit, TOGETHER);
  },

  /** Reads of one row each, or of lists of so many, of what `writes` has written. */
  async reads(options: { name: string; sealed: boolean; rows: number; count: number }): Promise<number[]> {
    const { records, random: draw } = await portsOf(options.name);
    const { rows } = options;
    if (!options.sealed) {
      const key = (i: number): string => i.toString(16).padStart(48, '0');
      const read = async (i: number): Promise<void> => {
        const from = i * rows;
        const found =
          rows === 1
            ? await records.get('messages', key(from))
            : await records.list('messages', { from: key(from), to: key(from + rows) });
        if (found === undefined || (Array.isArray(found) && found.length !== rows)) throw new Error('a row is missing');
      };
      return times(options.count, read, TOGETHER);
    }
    const store = openSealedStore({ records, random: draw }, fixedKeys());
    const read = async (i: number): Promise<void> => {
      const found =
        rows === 1
          ? await store.get(ROWS, ['c', i])
          : await store.list(ROWS, { prefix: ['c'], limit: rows, ...(i === 0 ? {} : { after: i * rows - 1 }) });
      if (found === undefined || (Array.isArray(found) && found.length !== rows)) throw new Error('a row is missing');
    };
    return times(options.count, read, TOGETHER);
  },

  /** Steps under the lock, each of which reads and writes one row, until the time is over. */
  async steps(options: { name: string; until: number }): Promise<number[]> {
    const { records, locks, random: draw } = await portsOf(options.name);
    const store = openSealedStore({ records, random: draw }, fixedKeys());
    const all: number[] = [];
    while (Date.now() < options.until) {
      const start = performance.now();
      await runStep({ store, locks }, async (step) => {
        const now = (await step.get(COUNTER, ['counter'])) ?? new Uint8Array(4);
        new DataView(now.buffer).setUint32(0, new DataView(now.buffer).getUint32(0) + 1);
        await step.put(COUNTER, ['counter'], now.slice());
      });
      all.push(performance.now() - start);
    }
    return all;
  },

  /** What `steps` of all tabs has counted. */
  async counted(name: string): Promise<number> {
    const { records, random: draw } = await portsOf(name);
    const row = await openSealedStore({ records, random: draw }, fixedKeys()).get(COUNTER, ['counter']);
    return row === undefined ? 0 : new DataView(row.value.buffer).getUint32(0);
  },

  async forget(name: string): Promise<void> {
    await (await portsOf(name)).records.destroy();
    kept.delete(name);
  },

  /** Puts messages behind those of the conversation that a guest has with a desk on pages of this origin. */
  async hoard(options: { relay: string; deskKey: string; count: number }): Promise<number> {
    const ports = await browserPorts(recordsName(options.deskKey));
    const start = performance.now();
    const hoard = await MessageHoard.open(ports, options.relay);
    await hoard.fill(options.count);
    hoard.close();
    return performance.now() - start;
  },

  /** Reads all messages of that conversation at once. */
  async listAll(options: { relay: string; deskKey: string }): Promise<number> {
    const hoard = await MessageHoard.open(await browserPorts(recordsName(options.deskKey)), options.relay);
    const time = await hoard.listAll();
    hoard.close();
    return time;
  },
};
export type BenchPage = typeof bench;

Object.assign(globalThis, { bench });
