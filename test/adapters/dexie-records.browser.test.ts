import { expect } from 'chai';
import { openDexieRecords, recordsName } from '../../src/adapters/browser/dexie-records.ts';
import type { RecordStore } from '../../src/engine/ports.ts';
import { recordStoreContract } from '../contracts/record-store.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

let profiles = 0;

recordStoreContract('IndexedDB', () => {
  const name = recordsName(`test-${Date.now()}-${profiles++}`);
  const stores: RecordStore[] = [];
  return {
    async open() {
      const store = await openDexieRecords(name);
      stores.push(store);
      return store;
    },
    async dispose() {
      for (const store of stores) store.close();
      await deleteDatabase(name);
    },
  };
});

describe('the IndexedDB store', () => {
  let name: string;
  let store: RecordStore;
  const record = { version: 1, bytes: Uint8Array.of(1) };

  beforeEach(async () => {
    name = recordsName(`test-${Date.now()}-${profiles++}`);
    store = await openDexieRecords(name);
    await store.commit([{ table: 'self', key: 'aa', expects: 0, record }]);
  });

  afterEach(async () => {
    store.close();
    await deleteDatabase(name);
  });

  const leavePage = (): boolean => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
  const comeBack = (): boolean => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));

  it('goes on, and wakes watches, when the page comes back from the browser’s cache', async () => {
    let woken = 0;
    store.watch(['messages'], () => woken++);
    leavePage();
    comeBack();
    await until(() => woken > 0, 'the watch');
    expect((await store.get('self', 'aa'))?.version).to.equal(1);
    await store.commit([{ table: 'self', key: 'bb', expects: 0, record }]);
    expect(await store.count('self', { from: '', to: 'g' })).to.equal(2);
  });

  it('is lost when its database was deleted while the page was in the cache, even if there is a new one', async () => {
    leavePage();
    await deleteDatabase(name);
    comeBack();
    const fresh = await openDexieRecords(name);
    expect(await codeOfThrow(() => store.get('self', 'aa'))).to.equal('store-lost');
    const change = { table: 'self' as const, key: 'aa', expects: 0, record };
    expect(await codeOfThrow(() => store.commit([change]))).to.equal('store-lost');
    expect(await fresh.count('self', { from: '', to: 'g' })).to.equal(0);
    fresh.close();
  });

  it('refuses rows that it did not write', async () => {
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error('not opened'));
    });
    for (const value of [{ v: 'one', d: Uint8Array.of(1) }, { v: 1, d: 'text' }, {}, { v: 1.5, d: Uint8Array.of(1) }]) {
      await new Promise<void>((resolve) => {
        const transaction = db.transaction('self', 'readwrite');
        transaction.objectStore('self').put(value, 'aa');
        transaction.oncomplete = () => resolve();
      });
      expect(await codeOfThrow(() => store.get('self', 'aa'))).to.equal('record-damaged');
      expect(await codeOfThrow(() => store.list('self', { from: '', to: 'g' }))).to.equal('record-damaged');
    }
    db.close();
  });
});

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !condition(); waited += 10) {
    if (waited > 5_000) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(new Error('not deleted'));
  });
}
