import { MemoryDisk } from '../../src/adapters/memory/memory-records.ts';
import { recordStoreContract } from '../contracts/record-store.ts';

recordStoreContract(
  'memory',
  () => {
    const disk = new MemoryDisk();
    return { open: async () => disk.open(), dispose: async () => undefined };
  },
  100,
);
