import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbRecords } from '../../src/adapters/node/lmdb-records.ts';
import type { RecordStore } from '../../src/engine/ports.ts';
import { recordStoreContract } from '../contracts/record-store.ts';

recordStoreContract('LMDB', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'secure-chat-store-'));
  const stores: RecordStore[] = [];
  return {
    async open() {
      const store = openLmdbRecords(join(directory, 'store'));
      stores.push(store);
      return store;
    },
    async dispose() {
      for (const store of stores) store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
});
