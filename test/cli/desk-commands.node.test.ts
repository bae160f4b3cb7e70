import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { armor, Decrypter } from 'age-encryption';
import { expect } from 'chai';
import { createDesk } from '../../src/cli/desk-opening.ts';
import { formatRootKey } from '../../src/cli/root-key.ts';
import { failure, json, run } from '../support/office-process.ts';

const PASSPHRASE = 'correct horse battery staple';
const env = { SECURE_CHAT_PASSPHRASE: PASSPHRASE };

interface DeskView {
  readonly name: string;
  readonly deskKey: string;
  readonly rootKey: string;
  readonly rootKeySecret?: string;
  readonly snippet: string;
}

describe('secure-chat desk', function () {
  this.timeout(120_000);
  let place: string;
  let directory: string;
  let desk: string[];
  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'commands-'));
    directory = join(place, 'desk');
    desk = ['--desk', directory];
  });
  afterEach(() => rm(place, { recursive: true }));

  /** A desk whose passphrase costs little to check. @returns the seed of its root key */
  const cheapDesk = async (): Promise<Uint8Array> => {
    const rootKey = { place: 'passphrase', passphrase: PASSPHRASE, workFactor: 8 } as const;
    const made = await createDesk({ directory }, { name: 'Bank Example', rootKey });
    const seed = made.root.seed.slice();
    await made.close();
    return seed;
  };
  const create = (...more: string[]): string[] => ['desk', 'create', ...desk, '--name', 'Bank Example', ...more];

  it('is made with its root key under a passphrase, in a file that any age tool opens', async () => {
    const made = await json<DeskView>(create('--relay', 'wss://chat.example'), { env });
    expect(made).to.include({ name: 'Bank Example', rootKey: 'passphrase' });
    expect(made).not.to.have.property('rootKeySecret');
    expect(made.snippet).to.equal(`<secure-chat relay="wss://chat.example" desk-key="${made.deskKey}"></secure-chat>`);
    expect((await readdir(directory)).sort()).to.deep.equal(['desk.cbor', 'root-key.age']);
    for (const file of await readdir(directory)) {
      expect((await stat(join(directory, file))).mode & 0o777, file).to.equal(0o600);
    }
    const file = await readFile(join(directory, 'root-key.age'), 'utf8');
    const decrypter = new Decrypter();
    decrypter.addPassphrase(PASSPHRASE);
    const text = await decrypter.decrypt(armor.decode(file), 'text');
    expect(text).to.match(/^dks1_[\w-]{48}\n$/);
    // age's own default: about a second for every guess.
    expect(Buffer.from(armor.decode(file)).toString('latin1')).to.match(/^age-encryption\.org\/v1\n-> scrypt \S+ 18\n/);
    expect(await json<DeskView>(['desk', 'show', ...desk])).to.include({ deskKey: made.deskKey });
    expect(await failure(create(), { env })).to.deep.equal({ code: 'desk-exists', exit: 3 });
  });

  it('says in a sentence what is wrong, and never shows a stack unless asked', async () => {
    const { exit, out, err } = await run(['desk', 'show', ...desk]);
    expect({ exit, out }).to.deep.equal({ exit: 3, out: '' });
    expect(err).to.equal(
      'secure-chat: There is no desk in this directory; name it with --desk, or make one with `secure-chat desk create`.\n',
    );
    expect((await run(['desk', 'show', ...desk, '--debug'])).err).to.match(/\n {4}at /);
    expect(await readdir(place)).to.deep.equal([]);
  });

  it('refuses wrong arguments as such, in JSON where that is wanted', async () => {
    for (const args of [
      ['desk'],
      ['desk', 'make'],
      ['desk', 'create', ...desk],
      ['desk', 'show', '--frob'],
      ['frob'],
    ]) {
      const { exit, out } = await run(args, { env });
      expect({ exit, out }, args.join(' ')).to.deep.equal({ exit: 2, out: '' });
    }
    expect(await failure(['desk', 'make'])).to.deep.equal({ code: 'usage', exit: 2 });
    expect(await failure(['desk', 'delegate', 'rn1_wrong', ...desk])).to.deep.equal({
      code: 'signer-key-malformed',
      exit: 2,
    });
    expect((await run(['--help'])).exit).to.equal(0);
    expect((await run(['--version'])).out).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  it('takes a passphrase from a private file or stdin, and none that is short', async () => {
    expect(await failure(create())).to.deep.equal({ code: 'passphrase-needed', exit: 4 });
    expect(await failure(create('--passphrase-file', '-'), { input: 'too short\n' })).to.deep.equal({
      code: 'passphrase-weak',
      exit: 4,
    });
    const file = join(place, 'passphrase');
    await writeFile(file, `${PASSPHRASE}\n`, { mode: 0o644 });
    expect(await failure(create('--passphrase-file', file))).to.deep.equal({ code: 'desk-file-exposed', exit: 3 });
    await chmod(file, 0o600);
    await json(create('--passphrase-file', file));
    const moved = ['desk', 'passphrase', ...desk, '--elsewhere'];
    expect(await json(moved, { env })).to.have.property('rootKeySecret');
  });

  it('changes the passphrase, and refuses the old one', async () => {
    const seed = await cheapDesk();
    const change = ['desk', 'passphrase', ...desk];
    expect(await failure(change, { env: { SECURE_CHAT_PASSPHRASE: 'not that passphrase' } })).to.deep.equal({
      code: 'passphrase-wrong',
      exit: 4,
    });
    await json(change, { env: { ...env, SECURE_CHAT_NEW_PASSPHRASE: 'another one entirely' } });
    expect(await failure(change, { env })).to.deep.equal({ code: 'passphrase-wrong', exit: 4 });
    const off = await json<DeskView>([...change, '--elsewhere'], {
      env: { SECURE_CHAT_PASSPHRASE: 'another one entirely' },
    });
    expect(off).to.deep.equal({ rootKey: 'elsewhere', rootKeySecret: formatRootKey(seed) });
    expect(await readdir(directory)).to.deep.equal(['desk.cbor']);
  });

  it('is made with a root key that never touches the disk', async () => {
    const made = await json<DeskView>(create('--elsewhere'));
    expect(await readdir(directory)).to.deep.equal(['desk.cbor']);
    const secret = made.rootKeySecret ?? '';
    const rest = ['desk', 'passphrase', ...desk];
    const fresh = { SECURE_CHAT_NEW_PASSPHRASE: PASSPHRASE };
    expect(await failure(rest, { env: fresh })).to.deep.equal({ code: 'root-key-needed', exit: 4 });
    const other = formatRootKey(new Uint8Array(32).fill(7));
    for (const [input, code] of [
      [other, 'root-key-other'],
      [`${secret.slice(0, -1)}!`, 'root-key-malformed'],
      ['', 'root-key-malformed'],
    ] as const) {
      const refused = await run([...rest, '--root-key-file', '-', '--json'], { env: fresh, input });
      expect(JSON.parse(refused.err)).to.have.nested.property('error.code', code);
      expect(refused.err).not.to.include(secret.slice(6, 40));
    }
    // From the safe it goes back into a file.
    await json([...rest, '--root-key-file', '-'], { env: fresh, input: `${secret}\n` });
    expect((await readdir(directory)).sort()).to.deep.equal(['desk.cbor', 'root-key.age']);
    // And a key from a safe makes the same desk elsewhere.
    const again = ['desk', 'create', '--desk', join(place, 'again'), '--name', 'Bank Example', '--elsewhere'];
    const same = await json<DeskView>([...again, '--root-key-file', '-'], { input: secret });
    expect(same.deskKey).to.equal(made.deskKey);
    expect(same).not.to.have.property('rootKeySecret');
  });

  it('refuses damaged files by name, and a desk whose root key was lost', async () => {
    await cheapDesk();
    const key = join(directory, 'root-key.age');
    const good = await readFile(key, 'utf8');
    const change = ['desk', 'passphrase', ...desk, '--elsewhere'];
    for (const bad of [good.slice(0, -40), good.replace(/[A-Z]/, '*'), 'dks1_', '']) {
      await writeFile(key, bad);
      expect(await failure(change, { env })).to.deep.equal({ code: 'desk-file-malformed', exit: 3 });
    }
    // The body, not the head: it opens, and what is inside is not whole.
    const bytes = armor.decode(good);
    await writeFile(key, armor.encode(bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte))));
    expect(await failure(change, { env })).to.deep.equal({ code: 'desk-file-malformed', exit: 3 });
    await writeFile(key, good);
    await json(['agent', 'invite', ...desk, '--relay', 'wss://chat.example']);
    await rm(key);
    expect(await failure(['desk', 'show', ...desk])).to.deep.equal({ code: 'root-key-missing', exit: 3 });
    expect(await failure(create(), { env })).to.deep.equal({ code: 'root-key-missing', exit: 3 });
    await writeFile(key, good, { mode: 0o600 });
    const state = join(directory, 'desk.cbor');
    await writeFile(state, (await readFile(state)).subarray(0, -1));
    expect(await failure(['desk', 'show', ...desk])).to.deep.equal({ code: 'desk-file-malformed', exit: 3 });
  });

  it('shows its secrets neither in what it prints nor in what it refuses', async () => {
    const seed = await cheapDesk();
    let text = '';
    for (const args of [
      ['desk', 'show'],
      ['directory', 'publish', '--relay', 'ws://127.0.0.1:1'],
      ['desk', 'passphrase'],
    ]) {
      const { out, err } = await run([...args, ...desk, '--debug'], { env });
      text += out + err;
    }
    expect(text).to.include('dk1_');
    for (const secret of [PASSPHRASE, formatRootKey(seed), Buffer.from(seed).toString('hex')]) {
      expect(text).not.to.include(secret);
    }
  });
});
