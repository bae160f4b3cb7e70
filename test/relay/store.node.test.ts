import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lmdbStore } from '../../src/relay/lmdb-store.ts';
import { memoryStore } from '../../src/relay/memory-store.ts';
import { relayStoreContract } from '../contracts/relay-store.ts';

relayStoreContract('memory', false, async () => {
  let store = memoryStore();
  return {
    store,
    reopen: async () => {
      await store.close();
      return (store = memoryStore());
    },
    dispose: () => store.close(),
  };
});

relayStoreContract('LMDB', true, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'relay-store-'));
  let store = lmdbStore(directory);
  return {
    store,
    reopen: async () => {
      await store.close();
      return (store = lmdbStore(directory));
    },
    dispose: async () => {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
});
