import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { lockDirectory } from '../../src/cli/directory-lock.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

describe('the lock of a directory', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lock-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('is held by one, and free again when given back', async () => {
    const unlock = await lockDirectory(directory);
    expect(await codeOfThrow(() => lockDirectory(directory))).to.equal('desk-in-use');
    await unlock();
    expect(await readdir(directory)).to.deep.equal([]);
    await (
      await lockDirectory(directory)
    )();
  });

  it('is won by one of many that try at once', async () => {
    const codes = await Promise.all(Array.from({ length: 8 }, () => codeOfThrow(() => lockDirectory(directory))));
    expect(codes.filter((code) => code === 'accepted')).to.have.length(1);
    expect(codes.filter((code) => code === 'desk-in-use')).to.have.length(7);
  });

  it('is broken when its process is gone, or its number belongs to a later process', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    await writeFile(join(directory, 'lock'), `${child.pid} 1\n`);
    await (
      await lockDirectory(directory)
    )();
    await writeFile(join(directory, 'lock'), `${child.pid} \n`);
    await (
      await lockDirectory(directory)
    )();
    if (process.platform !== 'linux') return;
    // This very process, but begun at another time.
    await writeFile(join(directory, 'lock'), `${process.pid} 1\n`);
    await (
      await lockDirectory(directory)
    )();
  });

  it('is respected while its process lives, also where nobody knows when that began', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    try {
      await writeFile(join(directory, 'lock'), `${child.pid} \n`);
      expect(await codeOfThrow(() => lockDirectory(directory))).to.equal('desk-in-use');
    } finally {
      child.stdin.end();
    }
  });

  it('says that a directory cannot be used', async () => {
    expect(await codeOfThrow(() => lockDirectory(join(directory, 'none')))).to.equal('desk-directory-unusable');
  });

  it('lets one in when many find the lock of a dead process at once', async () => {
    for (let round = 0; round < 40; round++) {
      await writeFile(join(directory, 'lock'), '999999999 1\n');
      const tries = await Promise.allSettled(
        Array.from({ length: 12 }, async (_, i) => {
          // Each begins when the one before it is a little further.
          for (let turns = 0; turns < i % 6; turns++) await new Promise((resolve) => setImmediate(resolve));
          return lockDirectory(directory);
        }),
      );
      const unlocks = tries.flatMap((tried) => (tried.status === 'fulfilled' ? [tried.value] : []));
      expect(unlocks).to.have.length(1);
      await unlocks[0]?.();
      expect(await readdir(directory)).to.deep.equal([]);
    }
  });
});
