import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createDesk, openDesk } from '../../src/cli/desk-opening.ts';
import { createSigner, openSigner } from '../../src/cli/signer.ts';
import { codeOf } from '../../src/errors.ts';
import { parseDeskKey } from '../../src/identity/desk-key.ts';
import { openBundle, type OpenDirectory } from '../../src/identity/directory.ts';
import { fingerprintOf } from '../../src/identity/fingerprint.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { ask, newDevice } from '../support/office-fixtures.ts';
import { json, run } from '../support/office-process.ts';
import { RelayWorld } from '../support/relay-world.ts';

const PASSPHRASE = 'correct horse battery staple';
const env = { SECURE_CHAT_PASSPHRASE: PASSPHRASE };
const DAY = 24 * 3_600_000;
const PLENTY = { burst: 1_000, perMinute: 1_000 };
const preload = join(import.meta.dirname, '../support/kill-at-write.mjs');

/**
 * Runs a command once for each effect that it has on its files, killed before that effect, until it comes to its end by
 * itself.
 * @returns how often it was killed
 */
async function killedEverywhere(
  place: string,
  scene: (directory: string) => Promise<{ args: string[]; env?: Record<string, string>; check: () => Promise<void> }>,
): Promise<number> {
  for (let at = 0; ; at++) {
    const { args, env: more = {}, check } = await scene(join(place, `at-${at}`));
    const node = ['--import', preload];
    const { exit, err } = await run(args, { env: { ...env, ...more, KILL_AT: String(at) }, node });
    if (exit !== null) expect(exit, err).to.equal(0);
    await check();
    if (exit !== null) return at;
  }
}

describe('a command that is killed between any two writes', function () {
  this.timeout(300_000);
  let place: string;
  let world: RelayWorld;
  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'killed-'));
    world = await RelayWorld.start({
      desks: 'open',
      limits: { rates: { addressEnrolments: PLENTY, addressNewDevices: PLENTY } },
    });
  });
  afterEach(async () => {
    await world.stop();
    await rm(place, { recursive: true });
  });

  const published = async (deskKey: string): Promise<OpenDirectory | null> => {
    const key = parseDeskKey(deskKey);
    const client = await world.connect();
    const { bundle } = await client.request('directory-fetch', { desk: key });
    await client.close();
    return bundle === null ? null : openBundle(nobleCrypto, bundle, key);
  };
  const cheapDesk = (directory: string) =>
    createDesk(
      { directory },
      {
        name: 'Bank Example',
        relay: world.origin,
        rootKey: { place: 'passphrase', passphrase: PASSPHRASE, workFactor: 8 },
      },
    );

  it('desk create: there is a whole desk or none', async () => {
    const seen = new Set<string>();
    const kills = await killedEverywhere(place, async (directory) => ({
      args: ['desk', 'create', '--desk', directory, '--name', 'Bank Example'],
      check: async () => {
        const opened = await openDesk({ directory }).catch(codeOf);
        if (typeof opened !== 'string') {
          // Once is enough: it costs a second, and the files are the same from here on.
          if (!seen.has('whole')) await opened.unlock({ passphrase: PASSPHRASE });
          seen.add('whole');
          return opened.close();
        }
        seen.add(opened);
        expect(opened).to.equal('desk-missing');
        await (await cheapDesk(directory)).close();
      },
    }));
    expect(kills).to.be.greaterThan(10);
    expect([...seen].sort()).to.deep.equal(['desk-missing', 'whole']);
  });

  it('desk passphrase: the old one opens it or the new one', async () => {
    const fresh = 'another one entirely';
    const opened: string[] = [];
    await killedEverywhere(place, async (directory) => {
      await (await cheapDesk(directory)).close();
      return {
        args: ['desk', 'passphrase', '--desk', directory],
        env: { SECURE_CHAT_NEW_PASSPHRASE: fresh },
        check: async () => {
          const desk = await openDesk({ directory });
          const code = await codeOfThrow(() => desk.unlock({ passphrase: PASSPHRASE }));
          if (code !== 'accepted') await desk.unlock({ passphrase: fresh });
          opened.push(code);
          await desk.close();
        },
      };
    });
    expect(opened[0]).to.equal('accepted');
    expect(opened.at(-1)).to.equal('passphrase-wrong');
  });

  it('agent approve: run again, exactly who was approved is a member, and no version is signed twice', async () => {
    const kills = await killedEverywhere(place, async (directory) => {
      const desk = await cheapDesk(directory);
      const { deskKey } = desk;
      const fragment = await desk.invite({ role: 'agent', life: DAY });
      await desk.close();
      const enrol = async (name: string) => {
        const device = await newDevice();
        const client = await world.connect();
        await client.request('enrol', { desk: parseDeskKey(deskKey), request: await ask(fragment, name, device) });
        await client.close();
        return device;
      };
      const sara = await enrol('Sara');
      const args = ['agent', 'approve', fingerprintOf(sara.key), '--desk', directory];
      return {
        args,
        check: async () => {
          const before = await published(deskKey);
          await json(args, { env });
          const after = await published(deskKey);
          expect(after?.members.map(({ name }) => name)).to.deep.equal(['Sara']);
          expect(after?.position.version).to.be.within(before?.position.version ?? 1, 3);
          const eve = await enrol('Eve');
          const refused = await run(['agent', 'approve', fingerprintOf(eve.key), '--desk', directory], { env });
          expect(refused.exit).to.equal(7);
          expect(await readdir(directory)).to.have.members(['desk.cbor', 'root-key.age']);
        },
      };
    });
    expect(kills).to.be.greaterThan(15);
  });

  it('signer renew: no number is signed twice, and what was signed is published by the next run', async () => {
    const kills = await killedEverywhere(place, async (directory) => {
      const desk = await cheapDesk(join(directory, 'desk'));
      const { deskKey } = desk;
      const signer = await createSigner(
        { directory: join(directory, 'signer') },
        { desk: desk.key, relay: world.origin },
      );
      await desk.unlock({ passphrase: PASSPHRASE });
      await desk.delegate(signer.keys.key, Date.now() + 30 * DAY);
      const { bytes } = await desk.renew();
      await Promise.all([signer.close(), desk.close()]);
      const client = await world.enter(undefined, desk.key);
      await client.request('directory-publish', { bundle: bytes });
      await client.close();
      const args = ['signer', 'renew', '--force', '--signer', join(directory, 'signer')];
      return {
        args,
        check: async () => {
          const held = await openSigner({ directory: join(directory, 'signer') });
          const signed = held.held?.position.renewal ?? 0;
          await held.close();
          await json(args);
          expect((await published(deskKey))?.position).to.deep.equal({ version: 1, renewal: signed + 1 });
        },
      };
    });
    expect(kills).to.be.greaterThan(10);
  });
});
