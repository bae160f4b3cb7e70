import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { until } from '../support/relay-world.ts';

const root = join(import.meta.dirname, '../..');

describe('what the documentation says', () => {
  it('runs: the relay and the desk of the README', async () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const snippet = /```js\n([\s\S]+?)```/.exec(readme)?.[1] ?? '';
    expect(snippet).to.include('secure-chat/relay').and.to.include('secure-chat/office');
    const directory = await mkdtemp(join(tmpdir(), 'readme-'));
    // The imports are resolved from the package, the files are made elsewhere.
    const code = `process.chdir(${JSON.stringify(directory)});\n${snippet.replace('listen(8080)', 'listen(0)')}`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { cwd: root });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    try {
      await until(() => /^http:\/\/localhost:\d+\/desk#[\w-]+$/m.test(output), 10_000);
      expect(await readdir(directory)).to.have.members(['desk', 'relay']);
    } catch (error) {
      throw new Error(output, { cause: error });
    } finally {
      child.kill('SIGKILL');
      await rm(directory, { recursive: true });
    }
  });

  it('links to files that there are', () => {
    const files = ['README.md', 'SECURITY.md', 'docs/threat-model.md', 'demo/bank/README.md'];
    for (const file of files) {
      const text = readFileSync(join(root, file), 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        expect(existsSync(join(root, dirname(file), target)), `${file}: ${target}`).to.equal(true);
      }
    }
  });
});
