import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openLmdbRecords } from '../../src/adapters/node/lmdb-records.ts';
import type { RecordStore } from '../../src/engine/ports.ts';
import { recordStoreContract } from '../contracts/record-store.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

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

describe('the LMDB store', () => {
  let directory: string;
  const row = (key: string) => ({
    table: 'self' as const,
    key,
    expects: 0,
    record: { version: 1, bytes: new Uint8Array(3) },
  });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'secure-chat-store-'));
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** A process that opens the store, commits row `aa`, says so, and stays. */
  async function otherProcess(): Promise<{ pid: number; kill: () => Promise<void> }> {
    const module = new URL('../../src/adapters/node/lmdb-records.ts', import.meta.url).href;
    const program = `
      const { openLmdbRecords } = await import(${JSON.stringify(module)});
      const store = openLmdbRecords(${JSON.stringify(directory)});
      await store.commit([${JSON.stringify({ table: 'self', key: 'aa', expects: 0 })}].map((change) =>
        ({ ...change, record: { version: 1, bytes: new Uint8Array(3) } })));
      process.stdout.write('committed');
      setInterval(() => undefined, 1_000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    return {
      pid: child.pid ?? 0,
      async kill() {
        const exit = once(child, 'exit');
        child.kill('SIGKILL');
        await exit;
      },
    };
  }

  it('is one process’s at a time, and free again when that one is killed', async () => {
    const other = await otherProcess();
    let error: unknown;
    try {
      openLmdbRecords(directory);
    } catch (caught) {
      error = caught;
    }
    expect(error).to.include({ code: 'store-in-use', kind: 'environment' });
    expect(error).to.have.nested.property('details.pid', other.pid);
    await other.kill();
    const store = openLmdbRecords(directory);
    expect((await store.get('self', 'aa'))?.version).to.equal(1);
    await store.commit([row('bb')]);
    store.close();
  });

  it('says that a directory cannot be used', async () => {
    const file = join(directory, 'file');
    await writeFile(file, 'no directory');
    expect(await codeOfThrow(() => openLmdbRecords(join(file, 'store')))).to.equal('store-lost');
  });

  it('leaves nothing on the disk when it is destroyed', async () => {
    const store = openLmdbRecords(join(directory, 'store'));
    await store.commit([row('aa')]);
    await store.destroy();
    expect(await readdir(directory)).to.deep.equal([]);
  });
});
