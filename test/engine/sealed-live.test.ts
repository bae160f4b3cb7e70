import { expect } from 'chai';
import { settled } from '../../src/adapters/memory/driven-clock.ts';
import { MemoryDisk } from '../../src/adapters/memory/memory-records.ts';
import { liveQuery } from '../../src/engine/sealed-live.ts';
import { openSealedStore, put, rawBytes, sealedTable } from '../../src/engine/sealed-store.ts';
import { VaultKeys } from '../../src/vault/vault-keys.ts';

const blobs = sealedTable('files', rawBytes);

/** A source of changes, and a query whose answers are given by hand. */
function fixture() {
  const listeners = new Set<() => void>();
  const asked: { answer(value: string): void; fail(error: Error): void }[] = [];
  let running = 0;
  let mostRunning = 0;
  const live = liveQuery(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => {
      mostRunning = Math.max(mostRunning, ++running);
      return new Promise<string>((resolve, reject) => {
        asked.push({ answer: resolve, fail: reject });
      }).finally(() => running--);
    },
  );
  return {
    live,
    asked,
    listeners,
    change: () => [...listeners].forEach((listener) => listener()),
    mostRunning: () => mostRunning,
  };
}

const unexpected = (error: unknown): never => {
  throw error;
};

describe('a live query', () => {
  it('answers at once, and again after a change', async () => {
    const { live, asked, change } = fixture();
    const seen: string[] = [];
    live.subscribe((value) => seen.push(value), unexpected);
    asked[0]?.answer('first');
    await settled();
    expect(seen).to.deep.equal(['first']);
    change();
    asked[1]?.answer('second');
    await settled();
    expect(seen).to.deep.equal(['first', 'second']);
    expect(asked).to.have.length(2);
  });

  it('answers a burst by one more query, which never overlaps the one that runs', async () => {
    const { live, asked, change, mostRunning } = fixture();
    const seen: string[] = [];
    live.subscribe((value) => seen.push(value), unexpected);
    for (let i = 0; i < 50; i++) change();
    expect(asked).to.have.length(1);
    asked[0]?.answer('before the burst');
    await settled();
    expect(asked).to.have.length(2);
    asked[1]?.answer('after the burst');
    await settled();
    expect(asked).to.have.length(2);
    expect(seen).to.deep.equal(['before the burst', 'after the burst']);
    expect(mostRunning()).to.equal(1);
  });

  it('tells errors, and answers the next change all the same', async () => {
    const { live, asked, change } = fixture();
    const seen: string[] = [];
    const errors: unknown[] = [];
    live.subscribe(
      (value) => {
        seen.push(value);
        if (value === 'bad listener') throw new Error('of the listener');
      },
      (error) => errors.push((error as Error).message),
    );
    asked[0]?.fail(new Error('of the query'));
    await settled();
    change();
    asked[1]?.answer('bad listener');
    await settled();
    change();
    asked[2]?.answer('good');
    await settled();
    expect(errors).to.deep.equal(['of the query', 'of the listener']);
    expect(seen).to.deep.equal(['bad listener', 'good']);
  });

  it('says nothing after it was stopped, not even an answer or error on its way', async () => {
    for (const outcome of ['answer', 'fail'] as const) {
      const { live, asked, change, listeners } = fixture();
      const said: unknown[] = [];
      const stop = live.subscribe(
        (value) => said.push(value),
        (error) => said.push(error),
      );
      change();
      stop();
      if (outcome === 'answer') asked[0]?.answer('late');
      else asked[0]?.fail(new Error('late'));
      await settled();
      expect(said).to.deep.equal([]);
      expect(asked).to.have.length(1);
      expect(listeners.size).to.equal(0);
    }
  });

  it('of the store shows what another tab wrote, and nothing for other tables', async () => {
    const disk = new MemoryDisk();
    const keys = new VaultKeys({ vmk: new Uint8Array(32), vid: new Uint8Array(16) });
    const random = (length: number): Uint8Array => new Uint8Array(length);
    const here = openSealedStore({ records: disk.open(), random }, keys);
    const there = openSealedStore({ records: disk.open(), random }, keys);
    const seen: number[] = [];
    const stop = here
      .live(['files'], () => here.count(blobs, { prefix: [] }))
      .subscribe((n) => seen.push(n), unexpected);
    await settled();
    await there.commit([put(blobs, ['a'], new Uint8Array(3), 0)]);
    await settled();
    await there.commit([put(sealedTable('outbox', rawBytes), ['a'], new Uint8Array(3), 0)]);
    await settled();
    await here.commit([put(blobs, ['b'], new Uint8Array(3), 0)]);
    await settled();
    stop();
    await here.commit([put(blobs, ['c'], new Uint8Array(3), 0)]);
    await settled();
    expect(seen).to.deep.equal([0, 1, 2]);
  });
});
