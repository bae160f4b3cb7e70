import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createDesk, openDesk } from '../../src/cli/desk-opening.ts';
import type { DeskOffice } from '../../src/cli/desk-office.ts';
import { parseDeskKey } from '../../src/identity/desk-key.ts';
import { openBundle, type OpenDirectory } from '../../src/identity/directory.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { ended, failure, json, run, start } from '../support/office-process.ts';
import { ask } from '../support/office-fixtures.ts';
import { RelayWorld, until } from '../support/relay-world.ts';

const DAY = 24 * 3_600_000;

interface Round {
  readonly signed: boolean;
  readonly trustedUntil: string | null;
  readonly directory: { version: number; renewal: number; members: { name: string }[] };
}

describe('secure-chat signer', function () {
  this.timeout(120_000);
  let place: string;
  let desk: string[];
  let signer: string[];
  let signerKey: string;
  let deskKey: string;
  let world: RelayWorld;
  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'commands-'));
    desk = ['--desk', join(place, 'desk')];
    signer = ['--signer', join(place, 'signer')];
    world = await RelayWorld.start({ desks: 'open' });
    const made = await createDesk({ directory: join(place, 'desk') }, { name: 'Bank Example', relay: world.origin });
    ({ deskKey } = made);
    for (const name of ['Sara', 'Tom']) {
      await made.admit(await ask(await made.invite({ role: 'agent', life: DAY }), name));
    }
    await made.close();
    const created = await json<{ signer: string }>([
      'signer',
      'create',
      ...signer,
      '--desk-key',
      deskKey,
      '--relay',
      world.origin,
    ]);
    signerKey = created.signer;
  });
  afterEach(async () => {
    await world.stop();
    await rm(place, { recursive: true });
  });

  const published = async (): Promise<OpenDirectory> => {
    const client = await world.connect();
    const key = parseDeskKey(deskKey);
    const { bundle } = await client.request('directory-fetch', { desk: key });
    await client.close();
    return openBundle(nobleCrypto, bundle ?? new Uint8Array(), key);
  };
  const names = async (): Promise<string[]> => (await published()).members.map(({ name }) => name).sort();
  const office = async <T>(work: (open: DeskOffice) => Promise<T>): Promise<T> => {
    const open = await openDesk({ directory: join(place, 'desk') });
    try {
      return await work(open);
    } finally {
      await open.close();
    }
  };

  it('renews what the root key has let it renew, and nothing before', async () => {
    expect(await failure(['signer', 'renew', ...signer])).to.include({ code: 'directory-missing', exit: 7 });
    await json(['directory', 'publish', ...desk]);
    expect(await failure(['signer', 'renew', ...signer, '--force'])).to.include({
      code: 'signer-not-delegated',
      exit: 7,
    });
    await json(['desk', 'delegate', signerKey, ...desk, '--for', '30d']);
    expect((await published()).directory.renewUntil - Date.now()).to.be.within(29 * DAY, 30 * DAY);
    // A directory of today need not be renewed.
    const idle = await json<Round>(['signer', 'renew', ...signer]);
    expect(idle).to.include({ signed: false });
    expect(idle.directory).to.include({ renewal: 0 });
    const renewed = await json<Round>(['signer', 'renew', ...signer, '--force']);
    expect(renewed).to.include({ signed: true });
    const now = await published();
    expect(now.position).to.deep.equal({ version: renewed.directory.version, renewal: 1 });
    expect(await names()).to.deep.equal(['Sara', 'Tom']);
    expect((await json<{ trustedUntil: string }>(['signer', 'show', ...signer])).trustedUntil).to.equal(
      renewed.trustedUntil,
    );
    expect(await failure(['signer', 'create', ...signer, '--desk-key', deskKey])).to.include({ code: 'signer-exists' });
  });

  it('removes a member at once, and the root key’s next directory does not bring the member back', async () => {
    await json(['desk', 'delegate', signerKey, ...desk]);
    await json(['agent', 'revoke', 'Sara', ...signer]);
    expect(await names()).to.deep.equal(['Tom']);
    // Renewed once more, the removal stays.
    await json(['signer', 'renew', ...signer, '--force']);
    expect((await published()).position.renewal).to.equal(2);
    expect(await names()).to.deep.equal(['Tom']);
    const { err } = await run(['directory', 'publish', ...desk]);
    expect(err).to.include('Sara had been removed by a signer');
    const now = await published();
    expect(now.renewal).to.equal(null);
    expect(now.directory.members.map(({ name }) => name)).to.deep.equal(['Tom']);
    expect(await failure(['agent', 'revoke', 'Sara', ...signer])).to.include({ code: 'member-unknown', exit: 7 });
  });

  it('is trusted no longer once the root key says so', async () => {
    await json(['desk', 'delegate', signerKey, ...desk]);
    await json(['signer', 'renew', ...signer, '--force']);
    await json(['desk', 'undelegate', signerKey, ...desk]);
    expect((await published()).directory.renewers).to.deep.equal([]);
    expect(await failure(['signer', 'renew', ...signer, '--force'])).to.include({
      code: 'signer-not-delegated',
      exit: 7,
    });
    expect(await failure(['desk', 'undelegate', signerKey, ...desk])).to.include({ code: 'signer-unknown', exit: 7 });
    expect(await failure(['desk', 'delegate', signerKey, ...desk, '--for', '36d'])).to.include({
      code: 'delegation-lifetime',
      exit: 2,
    });
  });

  it('publishes after a crash what it had signed, and refuses a file that is damaged', async () => {
    await json(['desk', 'delegate', signerKey, ...desk]);
    const file = join(place, 'signer', 'signer.cbor');
    await json(['signer', 'renew', ...signer]);
    const { openSigner } = await import('../../src/cli/signer.ts');
    const open = await openSigner({ directory: join(place, 'signer') });
    // Signed and on disk, but the relay never heard of it.
    const { position } = await open.sign();
    await open.close();
    await json(['signer', 'renew', ...signer]);
    expect((await published()).position).to.deep.equal(position);
    const good = await readFile(file);
    await writeFile(file, good.subarray(0, -3));
    expect(await failure(['signer', 'show', ...signer])).to.include({ code: 'desk-file-malformed', exit: 3 });
  });

  it('keeps renewing while it runs, beside a removal, and ends when it is told to', async () => {
    await json(['desk', 'delegate', signerKey, ...desk]);
    const child = await start(['signer', 'run', ...signer, '--json']);
    const end = ended(child);
    let rounds = '';
    child.stdout?.on('data', (chunk: Buffer) => (rounds += chunk.toString()));
    await until(() => rounds.includes('"signed":false'), 20_000);
    await json(['agent', 'revoke', 'Tom', ...signer]);
    // The daemon is told by the relay and takes the removal for its own.
    await until(() => rounds.includes('"renewal":1'), 20_000);
    // The root signs anew meanwhile, and that is what it goes on from.
    const request = await office(async (open) => ask(await open.invite({ role: 'agent', life: DAY }), 'Uma'));
    await office((open) => open.admit(request));
    await json(['directory', 'publish', ...desk]);
    await until(() => rounds.includes('"Uma"'), 20_000);
    child.kill('SIGTERM');
    const { exit, err } = await end;
    expect({ exit, err }).to.deep.equal({ exit: 0, err: '' });
    expect(await names()).to.deep.equal(['Sara', 'Uma']);
  });
});
