/**
 * What every record store must do (src/engine/ports.ts).
 * @module
 */
import { expect } from 'chai';
import fc from 'fast-check';
import type { KeyRange, RecordChange, RecordStore, StoredRecord, Table } from '../../src/engine/ports.ts';

/** One profile's storage: opened several times it is shared, as by tabs. */
export interface StoreUnderTest {
  open(): Promise<RecordStore>;
  /** Closes what is open and leaves nothing behind. */
  dispose(): Promise<void>;
}

const everything: KeyRange = { from: '', to: 'g' };

const bytesOf = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

function write(table: Table, key: string, expects: number, bytes = bytesOf(1)): RecordChange {
  return { table, key, expects, record: { version: expects + 1, bytes } };
}

function erase(table: Table, key: string, expects: number): RecordChange {
  return { table, key, expects, record: null };
}

async function codeOfRejection(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'accepted';
  } catch (error) {
    // Not `codeOf`: an error of another realm is no instance of this realm's class.
    const { code } = error as { code?: string };
    if (code === undefined || code === 'internal') throw error;
    return code;
  }
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !condition(); waited += 10) {
    if (waited > 5_000) throw new Error(`waited in vain: ${what}`);
    await pause(10);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @param make a new, empty profile */
export function recordStoreContract(
  name: string,
  make: () => StoreUnderTest | Promise<StoreUnderTest>,
  runs = 30,
): void {
  describe(`${name} as a record store`, () => {
    let profile: StoreUnderTest;
    let store: RecordStore;

    beforeEach(async () => {
      profile = await make();
      store = await profile.open();
    });

    afterEach(() => profile.dispose());

    it('gives back what was committed, with its version', async () => {
      expect(await store.get('messages', 'aa')).to.equal(undefined);
      await store.commit([
        { table: 'messages', key: 'aa', expects: 0, record: { version: 1, bytes: bytesOf(1, 2, 3) } },
      ]);
      expect(await store.get('messages', 'aa')).to.deep.equal({ key: 'aa', version: 1, bytes: bytesOf(1, 2, 3) });
      expect(await store.get('sessions', 'aa')).to.equal(undefined);
      await store.commit([{ table: 'messages', key: 'aa', expects: 1, record: { version: 2, bytes: bytesOf() } }]);
      expect(await store.get('messages', 'aa')).to.deep.equal({ key: 'aa', version: 2, bytes: bytesOf() });
      await store.commit([erase('messages', 'aa', 2)]);
      expect(await store.get('messages', 'aa')).to.equal(undefined);
      await store.commit([write('messages', 'aa', 0, bytesOf(9))]);
      expect((await store.get('messages', 'aa'))?.version).to.equal(1);
    });

    it('keeps bytes of its own, and exactly those of a view', async () => {
      const buffer = bytesOf(0, 1, 2, 3, 4, 5, 6, 7);
      await store.commit([write('files', 'aa', 0, buffer.subarray(2, 5))]);
      buffer.fill(99);
      const first = await store.get('files', 'aa');
      expect(first?.bytes).to.deep.equal(bytesOf(2, 3, 4));
      expect(first?.bytes.constructor).to.equal(Uint8Array);
      expect(first?.bytes.buffer.byteLength).to.equal(3);
      first?.bytes.fill(77);
      const [listed] = await store.list('files', everything);
      expect(listed?.bytes).to.deep.equal(bytesOf(2, 3, 4));
      listed?.bytes.fill(66);
      expect((await store.get('files', 'aa'))?.bytes).to.deep.equal(bytesOf(2, 3, 4));
    });

    it('takes all changes of a commit or none', async () => {
      await store.commit([write('messages', 'aa', 0), write('sessions', 'aa', 0)]);
      const refused: RecordChange[][] = [
        [write('messages', 'bb', 0), write('messages', 'aa', 0)],
        [write('messages', 'bb', 0), erase('messages', 'aa', 2)],
        [write('outbox', 'bb', 0), erase('sessions', 'aa', 1), write('messages', 'aa', 2)],
        [erase('messages', 'aa', 1), erase('sessions', 'aa', 0)],
        [erase('messages', 'aa', 1), erase('sessions', 'cc', 1)],
        [erase('messages', 'aa', 1), write('sessions', 'cc', 1)],
      ];
      for (const changes of refused) {
        expect(await codeOfRejection(store.commit(changes))).to.equal('store-conflict');
        expect(await store.get('messages', 'bb')).to.equal(undefined);
        expect(await store.get('outbox', 'bb')).to.equal(undefined);
        expect((await store.get('messages', 'aa'))?.version).to.equal(1);
        expect((await store.get('sessions', 'aa'))?.version).to.equal(1);
      }
      await store.commit([]);
      await store.commit([write('messages', 'bb', 0), erase('messages', 'aa', 1), write('sessions', 'aa', 1)]);
      expect(await store.get('messages', 'aa')).to.equal(undefined);
      expect((await store.get('messages', 'bb'))?.version).to.equal(1);
      expect((await store.get('sessions', 'aa'))?.version).to.equal(2);
    });

    it('lets one of many win a version', async () => {
      const stores = [store, await profile.open(), await profile.open()];
      const attempts = Array.from({ length: 30 }, (_, i) =>
        codeOfRejection(
          (stores[i % 3] as RecordStore).commit([
            write('self', 'aa', 0, bytesOf(i)),
            write('index', `b${i.toString(16)}`, 0),
          ]),
        ),
      );
      const outcomes = await Promise.all(attempts);
      expect(outcomes.filter((code) => code === 'accepted')).to.have.length(1);
      expect(outcomes.filter((code) => code === 'store-conflict')).to.have.length(29);
      expect((await store.get('self', 'aa'))?.bytes).to.deep.equal(bytesOf(outcomes.indexOf('accepted')));
      expect(await store.count('index', everything)).to.equal(1);
    });

    it('counts without losing one, whoever counts', async () => {
      const stores = [store, await profile.open(), await profile.open()];
      await store.commit([write('self', 'aa', 0, bytesOf(0))]);
      const add = async (own: RecordStore): Promise<void> => {
        for (;;) {
          const row = await own.get('self', 'aa');
          const next = bytesOf((row?.bytes[0] ?? 0) + 1);
          const code = await codeOfRejection(own.commit([write('self', 'aa', row?.version ?? 0, next)]));
          if (code === 'accepted') return;
          expect(code).to.equal('store-conflict');
        }
      };
      await Promise.all(Array.from({ length: 24 }, (_, i) => add(stores[i % 3] as RecordStore)));
      expect((await store.get('self', 'aa'))?.bytes).to.deep.equal(bytesOf(24));
      expect((await store.get('self', 'aa'))?.version).to.equal(25);
    });

    it('lists ranges in the order of the keys', async () => {
      const keys = ['00', '0000', '01', '0100', '01ff', '02', 'a0', 'ff', 'ff00'];
      await store.commit([...keys].reverse().map((key, i) => write('messages', key, 0, bytesOf(i))));
      await store.commit([write('index', '01', 0)]);
      const listed = async (range: KeyRange): Promise<string[]> =>
        (await store.list('messages', range)).map(({ key }) => key);
      expect(await listed(everything)).to.deep.equal(keys);
      expect(await listed({ ...everything, reverse: true })).to.deep.equal([...keys].reverse());
      expect(await listed({ from: '01', to: '02' })).to.deep.equal(['01', '0100', '01ff']);
      expect(await listed({ from: '01', to: '02', reverse: true })).to.deep.equal(['01ff', '0100', '01']);
      expect(await listed({ from: '01', to: '01g' })).to.deep.equal(['01', '0100', '01ff']);
      expect(await listed({ from: '010', to: 'a0' })).to.deep.equal(['0100', '01ff', '02']);
      expect(await listed({ ...everything, limit: 2 })).to.deep.equal(['00', '0000']);
      expect(await listed({ ...everything, limit: 2, reverse: true })).to.deep.equal(['ff00', 'ff']);
      expect(await listed({ ...everything, limit: 0 })).to.deep.equal([]);
      expect(await listed({ from: '02', to: '02' })).to.deep.equal([]);
      expect(await listed({ from: '02', to: '01' })).to.deep.equal([]);
      expect(await listed({ from: '02', to: '01', reverse: true })).to.deep.equal([]);
      expect(await listed({ from: '03', to: '04' })).to.deep.equal([]);
      expect(await store.count('messages', everything)).to.equal(keys.length);
      expect(await store.count('messages', { from: '01', to: '02' })).to.equal(3);
      expect(await store.count('messages', { from: '01', to: '02', limit: 2 })).to.equal(2);
      expect(await store.count('messages', { from: '02', to: '01' })).to.equal(0);
      expect(await store.count('outbox', everything)).to.equal(0);
    });

    it('does what a map does, whatever is asked of it', async () => {
      const key = fc.constantFrom('00', '0011', '01', '01ff', 'ab', 'ff');
      const table = fc.constantFrom<Table>('messages', 'index');
      const change = fc.record({ table, key, size: fc.option(fc.nat(300)), right: fc.boolean() });
      const commit = fc.uniqueArray(change, { maxLength: 5, selector: (c) => `${c.table} ${c.key}` });
      const range = fc.record({ table, from: key, to: key, limit: fc.nat(4), reverse: fc.boolean() });
      let run = 0;

      await fc.assert(
        fc.asyncProperty(fc.array(fc.oneof(commit, range), { maxLength: 12 }), async (actions) => {
          await profile.dispose();
          profile = await make();
          store = await profile.open();
          const model = new Map<string, StoredRecord>();
          const versionOf = (of: { table: Table; key: string }): number =>
            model.get(`${of.table} ${of.key}`)?.version ?? 0;
          run++;

          for (const action of actions) {
            if (Array.isArray(action)) {
              const changes = action.map(({ table: t, key: k, size, right }, i): RecordChange => {
                const expects = versionOf({ table: t, key: k }) + (right ? 0 : 1);
                const gone = size === null && expects > 0;
                return gone ? erase(t, k, expects) : write(t, k, expects, new Uint8Array(size ?? 0).fill(run + i));
              });
              const right = changes.every((c) => c.expects === versionOf(c));
              expect(await codeOfRejection(store.commit(changes))).to.equal(right ? 'accepted' : 'store-conflict');
              if (!right) continue;
              for (const { table: t, key: k, record } of changes) {
                if (record === null) model.delete(`${t} ${k}`);
                else model.set(`${t} ${k}`, { key: k, ...record });
              }
            } else {
              const { table: t, from, to, limit, reverse } = action;
              const rows = [...model]
                .filter(([id, r]) => id.startsWith(t) && r.key >= from && r.key < to)
                .map(([, r]) => r);
              rows.sort((a, b) => (a.key < b.key ? -1 : 1));
              if (reverse) rows.reverse();
              expect(await store.list(t, { from, to, limit, reverse })).to.deep.equal(rows.slice(0, limit));
              expect(await store.count(t, { from, to })).to.equal(rows.length);
            }
          }
        }),
        { numRuns: runs },
      );
    });

    it('calls back after commits to the tables that are watched, here and elsewhere', async () => {
      const other = await profile.open();
      let here = 0;
      let there = 0;
      store.watch(['messages', 'index'], () => here++);
      other.watch(['messages'], () => there++);

      await store.commit([write('messages', 'aa', 0)]);
      await until(() => here > 0 && there > 0, 'a commit in one store wakes the watches of both');

      [here, there] = [0, 0];
      await other.commit([write('index', 'aa', 0)]);
      await until(() => here > 0, 'a commit in another store wakes the watch');
      await pause(50);
      expect(there).to.equal(0);

      [here, there] = [0, 0];
      await other.commit([erase('messages', 'aa', 1)]);
      await until(() => here > 0 && there > 0, 'a removal wakes the watches');
    });

    it('does not call back for other tables, for what was refused, nor when it was told to stop', async () => {
      const other = await profile.open();
      let calls = 0;
      let stopped = 0;
      store.watch(['messages'], () => calls++);
      const stop = store.watch(['sessions'], () => stopped++);
      await store.commit([write('outbox', 'aa', 0)]);
      expect(await codeOfRejection(store.commit([write('messages', 'aa', 7)]))).to.equal('store-conflict');
      stop();
      await other.commit([write('sessions', 'aa', 0)]);
      await pause(100);
      expect(calls).to.equal(0);
      expect(stopped).to.equal(0);
    });

    it('shows a watcher what woke it', async () => {
      const other = await profile.open();
      const seen: Promise<StoredRecord | undefined>[] = [];
      other.watch(['messages'], () => seen.push(other.get('messages', 'aa')));
      await store.commit([write('messages', 'aa', 0)]);
      await until(() => seen.length > 0, 'a wake');
      expect((await seen[0])?.version).to.equal(1);
    });

    it('is lost to all when one destroys it, and new when opened again', async () => {
      const other = await profile.open();
      await store.commit([write('messages', 'aa', 0)]);
      let woken = 0;
      other.watch(['messages'], () => woken++);
      await store.destroy();
      await until(() => woken > 0, 'destruction wakes the others');
      for (const lost of [store, other]) {
        expect(await codeOfRejection(lost.get('messages', 'aa'))).to.equal('store-lost');
        expect(await codeOfRejection(lost.list('messages', everything))).to.equal('store-lost');
        expect(await codeOfRejection(lost.count('messages', everything))).to.equal('store-lost');
        expect(await codeOfRejection(lost.commit([write('messages', 'bb', 0)]))).to.equal('store-lost');
      }
      const fresh = await profile.open();
      expect(await fresh.count('messages', everything)).to.equal(0);
      await fresh.commit([write('messages', 'cc', 0)]);
      expect(await codeOfRejection(other.get('messages', 'cc'))).to.equal('store-lost');
      expect((await fresh.get('messages', 'cc'))?.version).to.equal(1);
    });

    it('keeps what was committed when it is closed, and does nothing after that', async () => {
      await store.commit([write('messages', 'aa', 0, bytesOf(5))]);
      let woken = 0;
      store.watch(['messages'], () => woken++);
      store.close();
      store.close();
      expect(await codeOfRejection(store.get('messages', 'aa'))).to.equal('store-closed');
      expect(await codeOfRejection(store.commit([write('messages', 'bb', 0)]))).to.equal('store-closed');
      const next = await profile.open();
      expect((await next.get('messages', 'aa'))?.bytes).to.deep.equal(bytesOf(5));
      await next.commit([write('messages', 'bb', 0)]);
      await pause(50);
      expect(woken).to.equal(0);
    });
  });
}
