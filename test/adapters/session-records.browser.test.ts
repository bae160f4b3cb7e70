import { expect } from 'chai';
import { openSessionRecords } from '../../src/adapters/browser/session-records.ts';
import type { RecordChange, RecordStore } from '../../src/engine/ports.ts';
import { recordStoreContract } from '../contracts/record-store.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { openSecondTab } from '../support/second-tab-frame.ts';

const HOUR = 3_600_000;
let names = 0;
const freshName = (): string => `session test ${Date.now()} ${names++}`;
const everything = { from: '', to: 'g' };

const write = (table: 'vault' | 'messages', key: string, expects: number, ...bytes: number[]): RecordChange => ({
  table,
  key,
  expects,
  record: { version: expects + 1, bytes: Uint8Array.from(bytes) },
});

const listedOf = (name: string): string[] => Object.keys(localStorage).filter((key) => key.startsWith(name));

async function databasesOf(name: string): Promise<string[]> {
  return (await indexedDB.databases()).flatMap((each) => (each.name?.startsWith(name) ? [each.name] : []));
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let waited = 0; !(await condition()); waited += 10) {
    if (waited > 5_000) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function dispose(name: string): Promise<void> {
  sessionStorage.clear();
  for (const database of await databasesOf(name)) {
    await new Promise((resolve) => {
      const request = indexedDB.deleteDatabase(database);
      request.onsuccess = request.onerror = resolve;
    });
  }
  for (const key of listedOf(name)) localStorage.removeItem(key);
}

recordStoreContract(
  'A session',
  () => {
    const name = freshName();
    const stores: RecordStore[] = [];
    return {
      async open() {
        const store = await openSessionRecords(name);
        stores.push(store);
        return store;
      },
      async dispose() {
        for (const store of stores) store.close();
        await dispose(name);
      },
    };
  },
  10,
);

describe('the store of a session', () => {
  let name: string;
  const stores: RecordStore[] = [];
  const open = async (): Promise<RecordStore> => {
    const store = await openSessionRecords(name);
    stores.push(store);
    return store;
  };

  beforeEach(() => (name = freshName()));
  afterEach(async () => {
    for (const store of stores.splice(0)) store.close();
    await dispose(name);
  });

  it('keeps the vault’s rows with their versions, in order', async () => {
    const store = await open();
    expect(await store.get('vault', 'aa')).to.equal(undefined);
    expect(await store.count('vault', everything)).to.equal(0);
    await store.commit([write('vault', 'bb', 0, 1, 2, 255), write('vault', 'aa', 0)]);
    await store.commit([write('vault', 'bb', 1, 3)]);
    expect(await store.get('vault', 'bb')).to.deep.equal({ key: 'bb', version: 2, bytes: Uint8Array.of(3) });
    const keys = async (range: object): Promise<string[]> =>
      (await store.list('vault', { ...everything, ...range })).map(({ key }) => key);
    expect(await keys({})).to.deep.equal(['aa', 'bb']);
    expect(await keys({ reverse: true, limit: 1 })).to.deep.equal(['bb']);
    expect(await keys({ from: 'ab' })).to.deep.equal(['bb']);
    expect(await store.count('vault', { ...everything, limit: 1 })).to.equal(1);
    await store.commit([{ table: 'vault', key: 'aa', expects: 1, record: null }]);
    expect(await keys({})).to.deep.equal(['bb']);
  });

  it('changes the vault’s rows all or not at all', async () => {
    const store = await open();
    await store.commit([write('vault', 'aa', 0, 1)]);
    const refused = [write('vault', 'bb', 0, 1), write('vault', 'aa', 0, 2)];
    expect(await codeOfThrow(() => store.commit(refused))).to.equal('store-conflict');
    const mixed = [write('vault', 'bb', 0, 1), write('messages', 'bb', 0, 1)];
    expect(await codeOfThrow(() => store.commit(mixed))).to.equal('commit-mixed');
    const huge = { ...write('vault', 'aa', 1), record: { version: 2, bytes: new Uint8Array(20 << 20) } };
    expect(await codeOfThrow(() => store.commit([write('vault', 'bb', 0, 1), huge]))).to.equal('store-full');
    expect((await store.list('vault', everything)).map(({ key, version }) => [key, version])).to.deep.equal([
      ['aa', 1],
    ]);
    expect(await store.count('messages', everything)).to.equal(0);
  });

  it('has nothing of the vault in the database', async () => {
    const store = await open();
    await store.commit([write('vault', 'aa', 0, 1)]);
    await store.commit([write('messages', 'aa', 0, 1)]);
    const [database] = await databasesOf(name);
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(database ?? '');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error('not opened'));
    });
    const counts = await Promise.all(
      ['vault', 'messages'].map(
        (table) =>
          new Promise<number>((resolve, reject) => {
            const request = db.transaction(table).objectStore(table).count();
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(new Error('not counted'));
          }),
      ),
    );
    db.close();
    expect(counts).to.deep.equal([0, 1]);
  });

  it('is the same for the next page of the tab, also when the last one goes late', async () => {
    const first = await open();
    await first.commit([write('vault', 'aa', 0, 1)]);
    await first.commit([write('messages', 'aa', 0, 2)]);
    const second = await open();
    first.close();
    const third = await open();
    for (const store of [second, third]) {
      expect((await store.get('vault', 'aa'))?.bytes).to.deep.equal(Uint8Array.of(1));
      expect((await store.get('messages', 'aa'))?.bytes).to.deep.equal(Uint8Array.of(2));
    }
    expect(await databasesOf(name)).to.have.length(1);
  });

  it('is one for all documents of the tab, however they come, and wakes their watches', async () => {
    const frame = await openSecondTab();
    const all = await Promise.all([
      open(),
      open(),
      frame.tab.openSessionRecords(name),
      open(),
      frame.tab.openSessionRecords(name),
    ]);
    const woken = all.map(() => 0);
    all.forEach((store, i) => store.watch(['vault'], () => (woken[i] = (woken[i] ?? 0) + 1)));
    await all[2].commit([write('vault', 'aa', 0, 7)]);
    await until(() => woken.every((count) => count > 0), 'all are woken');
    for (const store of all) expect((await store.get('vault', 'aa'))?.bytes.join()).to.equal('7');
    const attempts = await Promise.allSettled(all.map((store, i) => store.commit([write('vault', 'aa', 1, i)])));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    expect(await databasesOf(name)).to.have.length(1);
    frame.close();
    expect((await all[0].get('vault', 'aa'))?.version).to.equal(2);
  });

  it('ends for all documents of the tab when one destroys it, and leaves nothing', async () => {
    const [one, two] = [await open(), await open()];
    await one.commit([write('vault', 'aa', 0, 1)]);
    let woken = 0;
    two.watch(['vault'], () => woken++);
    await one.destroy();
    await until(() => woken > 0, 'the other is woken');
    for (const store of [one, two]) {
      expect(await codeOfThrow(() => store.get('vault', 'aa'))).to.equal('store-lost');
      expect(await codeOfThrow(() => store.commit([write('vault', 'bb', 0)]))).to.equal('store-lost');
      expect(await codeOfThrow(() => store.destroy())).to.equal('store-lost');
    }
    expect(await databasesOf(name)).to.deep.equal([]);
    expect(listedOf(name)).to.deep.equal([]);
    expect(Object.keys(sessionStorage)).to.deep.equal([]);
    const fresh = await open();
    expect(await fresh.count('vault', everything)).to.equal(0);
    expect(await codeOfThrow(() => two.list('vault', everything))).to.equal('store-lost');
  });

  it('refuses calls for the vault, too, when it was closed', async () => {
    const store = await open();
    await store.commit([write('vault', 'aa', 0, 1)]);
    let woken = 0;
    store.watch(['vault'], () => woken++);
    store.close();
    expect(await codeOfThrow(() => store.get('vault', 'aa'))).to.equal('store-closed');
    expect(await codeOfThrow(() => store.commit([write('vault', 'aa', 1, 1)]))).to.equal('store-closed');
    await (await open()).commit([write('vault', 'aa', 1, 2)]);
    expect(woken).to.equal(0);
  });

  it('begins anew when the tab’s database is gone, and does not take foreign entries for its own', async () => {
    const first = await open();
    await first.commit([write('vault', 'aa', 0, 1)]);
    first.close();
    const [database = ''] = listedOf(name);
    localStorage.removeItem(database);
    const second = await open();
    expect(await second.count('vault', everything)).to.equal(0);
    second.close();
    const [key = ''] = Object.keys(sessionStorage);
    for (const foreign of ['', '{}', 'null', '[]', '{"database":1,"rows":{}}', '{"database":"x","rows":{"aa":[1]}}']) {
      sessionStorage.setItem(key, foreign);
      const store = await open();
      expect(await store.count('vault', everything), foreign).to.equal(0);
      store.close();
    }
  });

  it('refuses rows that it did not write', async () => {
    const store = await open();
    await store.commit([write('vault', 'aa', 0, 1)]);
    const [key = ''] = Object.keys(sessionStorage);
    sessionStorage.setItem(key, (sessionStorage.getItem(key) ?? '').replace('"AQ"', '"A!"'));
    expect(await codeOfThrow(() => store.get('vault', 'aa'))).to.equal('record-damaged');
    expect(await codeOfThrow(() => store.list('vault', everything))).to.equal('record-damaged');
  });

  it('deletes what no tab has held for an hour, and nothing else', async () => {
    // Databases of tabs that are gone, one of them for long; of one that is open; of another name.
    const others: Record<string, RecordStore> = {};
    const made = async (of: string): Promise<string> => {
      const store = await openSessionRecords(of);
      const [database = ''] = (await databasesOf(of)).filter((each) => !(each in others));
      others[database] = store;
      sessionStorage.clear();
      return database;
    };
    const [gone, recent, living] = [await made(name), await made(name), await made(name)];
    const foreign = await made(`other ${name}`);
    for (const database of [gone, recent, foreign]) others[database]?.close();
    for (const database of [gone, living, foreign]) localStorage.setItem(database, String(Date.now() - HOUR - 1));
    await open();
    await until(async () => !(await databasesOf(name)).includes(gone), 'the old one is deleted');
    await until(() => Number(localStorage.getItem(recent)) > 0, 'since when nobody holds the other one is noted');
    expect(await databasesOf(name)).to.include.members([recent, living]);
    expect(await databasesOf('other')).to.deep.equal([foreign]);
    expect(listedOf(name)).to.not.include(gone);
    others[living]?.close();
    await dispose(`other ${name}`);
  });

  it('is not deleted by its age when the tab comes back', async () => {
    const first = await open();
    await first.commit([write('messages', 'aa', 0, 1)]);
    first.close();
    const [database = ''] = listedOf(name);
    localStorage.setItem(database, String(Date.now() - HOUR - 1));
    const second = await open();
    expect(localStorage.getItem(database)).to.equal('');
    expect(await second.count('messages', everything)).to.equal(1);
  });

  it('is lost where the page may store nothing in the tab', async () => {
    const set = Object.getOwnPropertyDescriptor(Storage.prototype, 'setItem') as PropertyDescriptor;
    Object.defineProperty(Storage.prototype, 'setItem', {
      ...set,
      value(this: Storage, ...args: [string, string]) {
        if (this === sessionStorage) throw new DOMException('nothing here', 'QuotaExceededError');
        (set.value as Storage['setItem']).apply(this, args);
      },
    });
    try {
      expect(await codeOfThrow(open)).to.equal('store-lost');
    } finally {
      Object.defineProperty(Storage.prototype, 'setItem', set);
    }
    expect(await databasesOf(name)).to.deep.equal([]);
    expect(listedOf(name)).to.deep.equal([]);
  });
});
