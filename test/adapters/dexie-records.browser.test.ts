import { openDexieRecords, recordsName } from '../../src/adapters/browser/dexie-records.ts';
import type { RecordStore } from '../../src/engine/ports.ts';
import { recordStoreContract } from '../contracts/record-store.ts';

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
      await new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase(name);
        request.onsuccess = resolve;
        request.onerror = () => reject(new Error('not deleted'));
      });
    },
  };
});
