import { expect } from 'chai';
import { browserLocks } from '../../src/adapters/browser/browser-locks.ts';
import { openDexieRecords } from '../../src/adapters/browser/dexie-records.ts';
import { indexedLocks } from '../../src/adapters/browser/indexed-locks.ts';
import type { Locks, RecordStore } from '../../src/engine/ports.ts';
import { locksContract } from '../contracts/locks.ts';
import { recordStoreContract } from '../contracts/record-store.ts';
import { openSecondTab } from '../support/second-tab-frame.ts';

let names = 0;
const freshName = (): string => `two tabs ${Date.now()} ${names++}`;

const everything = { from: '', to: 'g' };
const row = (key: string) => ({
  table: 'messages' as const,
  key,
  expects: 0,
  record: { version: 1, bytes: Uint8Array.of(1) },
});

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !condition(); waited += 10) {
    if (waited > 5_000) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function codeOfRejection(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'accepted',
    // An error of another realm is no instance of this realm's class.
    (error: { code?: string }) => error.code ?? 'no code',
  );
}

function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(new Error('not deleted'));
  });
}

describe('two tabs', () => {
  let second: Awaited<ReturnType<typeof openSecondTab>>;
  let name: string;
  const stores: RecordStore[] = [];
  const kept = <T extends RecordStore>(store: T): T => {
    stores.push(store);
    return store;
  };

  beforeEach(async () => {
    second = await openSecondTab();
    name = freshName();
  });

  afterEach(async () => {
    for (const store of stores.splice(0)) store.close();
    second.close();
    await deleteDatabase(name);
  });

  it('see each other’s commits, and are woken by them', async () => {
    const here = kept(await openDexieRecords(name));
    const there = kept(await second.tab.openDexieRecords(name));
    let woken = 0;
    let wokenThere = 0;
    here.watch(['messages'], () => woken++);
    there.watch(['messages'], () => wokenThere++);
    await there.commit([row('aa')]);
    await until(() => woken > 0, 'a commit there wakes the watch here');
    expect((await here.get('messages', 'aa'))?.version).to.equal(1);
    wokenThere = 0;
    await here.commit([row('bb')]);
    await until(() => wokenThere > 0, 'a commit here wakes the watch there');
    expect(await there.count('messages', everything)).to.equal(2);
  });

  it('both lose what one destroys, and learn of it', async () => {
    const here = kept(await openDexieRecords(name));
    const there = kept(await second.tab.openDexieRecords(name));
    await here.commit([row('aa')]);
    let woken = 0;
    here.watch(['sessions'], () => woken++);
    await there.destroy();
    await until(() => woken > 0, 'the destruction is told');
    expect(await codeOfRejection(here.get('messages', 'aa'))).to.equal('store-lost');
    expect(await codeOfRejection(here.commit([row('bb')]))).to.equal('store-lost');
    expect(await codeOfRejection(there.get('messages', 'aa'))).to.equal('store-lost');
    const fresh = kept(await openDexieRecords(name));
    expect(await fresh.count('messages', everything)).to.equal(0);
  });

  it('lose a database that is deleted behind their backs, and do not make it anew', async () => {
    const here = kept(await openDexieRecords(name));
    await here.commit([row('aa')]);
    let woken = 0;
    here.watch(['messages'], () => woken++);
    await deleteDatabase(name);
    await until(() => woken > 0, 'the deletion is told');
    expect(await codeOfRejection(here.get('messages', 'aa'))).to.equal('store-lost');
    const databases = await indexedDB.databases();
    expect(databases.map((database) => database.name)).not.to.include(name);
  });

  it('give a lock up when they go', async () => {
    const kinds: [Locks, Locks][] = [
      [browserLocks(name), second.tab.webLocks(name)],
      [indexedLocks(name), second.tab.indexedLocks(name)],
    ];
    let heldThere = 0;
    for (const [, there] of kinds) void there.hold('leader', new AbortController().signal, () => heldThere++);
    await until(() => heldThere === kinds.length, 'the second tab holds both');
    const held: number[] = [];
    kinds.forEach(([here], i) => void here.exclusive('leader', async () => held.push(i)));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(held).to.deep.equal([]);
    second.close();
    await until(() => held.length === kinds.length, 'this tab gets both');
  });

  recordStoreContract(
    'IndexedDB in two tabs',
    () => {
      const database = freshName();
      const opened: RecordStore[] = [];
      return {
        async open() {
          const open = opened.length % 2 === 0 ? openDexieRecords : second.tab.openDexieRecords;
          const store = await open(database);
          opened.push(store);
          return store;
        },
        async dispose() {
          for (const store of opened) store.close();
          await deleteDatabase(database);
        },
      };
    },
    5,
  );

  locksContract('Web Locks in two tabs', () => {
    const scope = freshName();
    return [browserLocks(scope), second.tab.webLocks(scope)];
  });

  locksContract('IndexedDB in two tabs', () => {
    const scope = freshName();
    return [indexedLocks(scope), second.tab.indexedLocks(scope)];
  });
});
