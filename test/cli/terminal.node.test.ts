import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createDesk, openDesk } from '../../src/cli/desk-opening.ts';
import { fingerprintOf } from '../../src/identity/fingerprint.ts';
import { ask, newDevice } from '../support/office-fixtures.ts';
import { builtCommand } from '../support/office-process.ts';
import { RelayWorld } from '../support/relay-world.ts';

const PASSPHRASE = 'correct horse battery staple';
/** util-linux's, which gives a command a terminal. */
const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true;

describe('a command that asks at a terminal', function () {
  this.timeout(60_000);
  let place: string;
  before(function () {
    if (!hasScript) this.skip();
  });
  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'terminal-'));
  });
  afterEach(() => rm(place, { recursive: true }));

  /** Runs a command at a terminal; each answer is typed when its question has appeared. */
  const typed = async (args: string[], dialogue: readonly (readonly [string, string])[]) => {
    const line = [process.execPath, await builtCommand(), ...args].map((part) => `'${part}'`).join(' ');
    const child = spawn('script', ['-qefc', line, '/dev/null'], {
      env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1', TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let screen = '';
    let next = 0;
    let from = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      screen += chunk.toString();
      const [question = '', answer = ''] = dialogue[next] ?? [];
      if (next >= dialogue.length || !screen.slice(from).includes(question)) return;
      next++;
      from = screen.length;
      child.stdin.write(answer);
    });
    // A question that never comes is a failure, with what stood on the screen.
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
    const exit = await new Promise<number | null>((resolve) => child.once('close', resolve));
    clearTimeout(late);
    if (child.killed) throw new Error(`it waits for ever: ${JSON.stringify(screen)}`);
    return { exit, screen, asked: next };
  };
  const cheapDesk = async (): Promise<string[]> => {
    const rootKey = { place: 'passphrase', passphrase: PASSPHRASE, workFactor: 8 } as const;
    await (await createDesk({ directory: join(place, 'desk') }, { name: 'Bank Example', rootKey })).close();
    return ['--desk', join(place, 'desk')];
  };

  it('takes a passphrase that nobody sees, and asks again when it is wrong', async () => {
    const desk = await cheapDesk();
    const { exit, screen, asked } = await typed(
      ['desk', 'passphrase', ...desk],
      [
        ['Passphrase of the root key: ', 'something wrong\r'],
        // With a correction: what was typed can be deleted unseen.
        ['Passphrase of the root key: ', `${PASSPHRASE}x\x7f\r`],
        ['New passphrase', 'another one entirely\r'],
        ['Once more: ', 'another one entirely\r'],
      ],
    );
    expect({ exit, asked }).to.deep.equal({ exit: 0, asked: 4 });
    expect(screen).to.include('That is not it.').and.to.include('under the new passphrase');
    for (const secret of ['something', 'correct', 'horse', 'another']) expect(screen).not.to.include(secret);
  });

  it('changes nothing when the new passphrase is typed differently, or the question is left', async () => {
    const desk = await cheapDesk();
    const first = ['Passphrase of the root key: ', `${PASSPHRASE}\r`] as const;
    const differs = await typed(
      ['desk', 'passphrase', ...desk],
      [first, ['New passphrase', 'another one entirely\r'], ['Once more: ', 'another one entirley\r']],
    );
    expect(differs.exit).to.equal(4);
    const left = await typed(['desk', 'passphrase', ...desk], [first, ['New passphrase', '\x03']]);
    expect(left.exit).to.equal(130);
    const after = await typed(['desk', 'passphrase', ...desk], [first, ['New passphrase', '\x03']]);
    expect(after.asked).to.equal(2);
  });

  it('makes a desk without its root key only when that was written down', async () => {
    const create = ['desk', 'create', '--desk', join(place, 'desk'), '--name', 'Bank Example', '--elsewhere'];
    const wrong = await typed(create, [['last six characters: ', 'nothing\r']]);
    expect(wrong.exit).to.equal(2);
    expect(await readdir(place)).to.deep.equal([]);
    expect(wrong.screen).to.match(/dks1_[\w-]{48}/);
  });

  it('shows who asks and lets in only who is said yes to', async () => {
    const world = await RelayWorld.start({ desks: 'open' });
    try {
      const args = await cheapDesk();
      const desk = await openDesk({ directory: args[1] ?? '' });
      const keys = new Map<string, string>();
      for (const name of ['Eve', 'Sara']) {
        const device = await newDevice();
        keys.set(name, fingerprintOf(device.key));
        const request = await ask(await desk.invite({ role: 'agent', life: 3_600_000, note: name }), name, device);
        const client = await world.connect();
        await client.request('enrol', { desk: desk.key, request });
        await client.close();
      }
      await desk.close();
      const { exit, screen, asked } = await typed(
        ['agent', 'approve', ...args, '--relay', world.origin],
        [
          ['Passphrase of the root key: ', `${PASSPHRASE}\r`],
          ['Type yes', 'y\r'],
          ['Type yes', 'yes\r'],
        ],
      );
      expect({ exit, asked }, screen).to.deep.equal({ exit: 0, asked: 3 });
      for (const fingerprint of keys.values()) expect(screen).to.include(fingerprint);
      const after = await openDesk({ directory: args[1] ?? '' });
      const second = /Sara asks[^]*Eve asks/.test(screen) ? 'Eve' : 'Sara';
      expect(after.members.map(({ name }) => name)).to.deep.equal([second]);
      await after.close();
    } finally {
      await world.stop();
    }
  });
});
