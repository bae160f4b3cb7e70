import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { DrivenClock } from '../../src/adapters/memory/driven-clock.ts';
import { createDesk, openDesk } from '../../src/cli/desk-opening.ts';
import { parseDeskKey } from '../../src/identity/desk-key.ts';
import type { DeviceKeys } from '../../src/identity/device.ts';
import { openBundle, type OpenDirectory } from '../../src/identity/directory.ts';
import { parseInvitation, requestEnrolment } from '../../src/identity/enrolment.ts';
import { fingerprintOf } from '../../src/identity/fingerprint.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { ended, failure, json, run, start } from '../support/office-process.ts';
import { ask, newDevice } from '../support/office-fixtures.ts';
import { RelayWorld } from '../support/relay-world.ts';

const HOUR = 3_600_000;
const PASSPHRASE = 'correct horse battery staple';
const env = { SECURE_CHAT_PASSPHRASE: PASSPHRASE };

interface Invited {
  readonly link: string;
  readonly invitation: string;
}
interface Listed {
  readonly members: { name: string; role: string; device: string; fingerprint: string }[];
  readonly invitations: { invitation: string; note: string | null }[];
}

describe('secure-chat agent and directory', function () {
  this.timeout(120_000);
  let place: string;
  let desk: string[];
  let key: Uint8Array;
  let world: RelayWorld;
  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'commands-'));
    const directory = join(place, 'desk');
    desk = ['--desk', directory];
    const rootKey = { place: 'passphrase', passphrase: PASSPHRASE, workFactor: 8 } as const;
    world = await RelayWorld.start({ desks: 'open' });
    const made = await createDesk({ directory }, { name: 'Bank Example', rootKey, relay: world.origin });
    key = parseDeskKey(made.deskKey);
    await made.close();
  });
  afterEach(async () => {
    await world.stop();
    await rm(place, { recursive: true });
  });

  const invite = (...more: string[]): Promise<Invited> => json(['agent', 'invite', ...desk, ...more]);
  const fragmentOf = ({ link }: Invited): string => link.slice(link.indexOf('#') + 1);
  /** A device asks with an invitation, as a browser does that opened its link. */
  const enrol = async (invited: Invited, name: string, device?: DeviceKeys): Promise<DeviceKeys> => {
    const keys = device ?? (await newDevice());
    const client = await world.connect();
    await client.request('enrol', { desk: key, request: await ask(fragmentOf(invited), name, keys) });
    await client.close();
    return keys;
  };
  const approve = (device: DeviceKeys): Promise<unknown> =>
    json(['agent', 'approve', fingerprintOf(device.key), ...desk], { env });
  const published = async (): Promise<OpenDirectory> => {
    const client = await world.connect();
    const { bundle } = await client.request('directory-fetch', { desk: key });
    await client.close();
    if (bundle === null) throw new Error('nothing is published');
    return openBundle(nobleCrypto, bundle, key);
  };
  const names = async (): Promise<string[]> => (await published()).members.map(({ name }) => name);

  it('invites, approves by fingerprint, lists and revokes; the directory is signed each time', async () => {
    const invited = await invite('--note', 'Sara from cards', '--role', 'supervisor');
    expect(invited.link).to.match(/^http:\/\/127\.0\.0\.1:\d+\/desk#[\w-]+$/);
    const sara = await enrol(invited, 'Sara');
    const waiting = await json<{ requests: { name: string; invitedAs: string }[] }>(['agent', 'requests', ...desk], {
      env,
    });
    expect(waiting.requests).to.have.length(1);
    expect(waiting.requests[0]).to.include({ name: 'Sara', invitedAs: 'Sara from cards' });
    expect(await names()).to.deep.equal([]);
    // Spaces or none: people copy both.
    await json(['agent', 'approve', fingerprintOf(sara.key).replaceAll(' ', ''), ...desk], { env });
    const { members } = await published();
    expect(members.map(({ name, role }) => [name, role])).to.deep.equal([['Sara', 'supervisor']]);
    const listed = await json<Listed>(['agent', 'list', ...desk]);
    expect(listed.members[0]).to.include({ name: 'Sara', fingerprint: fingerprintOf(sara.key) });
    expect(listed.invitations).to.deep.equal([]);
    const before = (await published()).position.version;
    await json(['agent', 'revoke', 'Sara', ...desk], { env });
    expect((await published()).position.version).to.equal(before + 1);
    expect(await names()).to.deep.equal([]);
    expect((await (await world.connect()).auth(sara, key)).member).to.equal(null);
    // Revoked once, there is nobody left to revoke, and the old link brings nobody back.
    expect(await failure(['agent', 'revoke', 'Sara', ...desk], { env })).to.deep.equal({
      code: 'member-unknown',
      exit: 7,
    });
    await enrol(invited, 'Sara', sara);
    expect(await failure(['agent', 'approve', fingerprintOf(sara.key), ...desk], { env })).to.deep.equal({
      code: 'request-unknown',
      exit: 7,
    });
  });

  it('approves nobody whose fingerprint is another, or without being told one', async () => {
    const sara = await enrol(await invite(), 'Sara');
    const other = fingerprintOf((await newDevice()).key);
    expect(await failure(['agent', 'approve', other, ...desk], { env })).to.deep.equal({
      code: 'request-unknown',
      exit: 7,
    });
    expect(await failure(['agent', 'approve', 'Sara', ...desk], { env })).to.deep.equal({
      code: 'request-unknown',
      exit: 7,
    });
    expect(await failure(['agent', 'approve', ...desk], { env })).to.deep.equal({
      code: 'fingerprint-needed',
      exit: 2,
    });
    expect(await names()).to.deep.equal([]);
    await json(['agent', 'refuse', fingerprintOf(sara.key), ...desk], { env });
    expect(await failure(['agent', 'approve', fingerprintOf(sara.key), ...desk], { env })).to.include({
      code: 'request-unknown',
    });
  });

  it('refuses an invitation that was used, has expired, was withdrawn or guessed, or is of another desk', async () => {
    const used = await invite();
    await approve(await enrol(used, 'Sara'));
    const eve = await enrol(used, 'Eve');
    const withdrawn = await invite();
    await json(['agent', 'revoke', withdrawn.invitation, ...desk]);
    const mallory = await enrol(withdrawn, 'Mallory');
    // Of another desk, and with a secret that was guessed.
    const invitation = parseInvitation(fragmentOf(await invite()));
    const oscar = await newDevice();
    for (const changes of [{ desk: oscar.key }, { secret: new Uint8Array(32) }]) {
      const request = await requestEnrolment(nobleCrypto, {
        invitation: { ...invitation, ...changes },
        device: oscar,
        name: 'Oscar',
      });
      const client = await world.connect();
      await client.request('enrol', { desk: key, request });
      await client.close();
    }
    // Made thirty hours ago, for a day.
    const past = new DrivenClock(Date.now() - 30 * HOUR);
    const earlier = await openDesk({ directory: desk[1] ?? '', clock: past });
    const expired = await earlier.invite({ role: 'agent', life: 24 * HOUR });
    await earlier.close();
    const trent = await enrol({ link: `#${expired}`, invitation: '' }, 'Trent');
    const { err } = await run(['agent', 'requests', ...desk], { env });
    for (const code of ['used', 'expired', 'mismatch', 'proof']) expect(err).to.include(`enrolment-${code}`);
    expect(err).to.include('invitation-unknown');
    for (const device of [eve, mallory, trent]) {
      expect(await failure(['agent', 'approve', fingerprintOf(device.key), ...desk], { env })).to.include({ exit: 7 });
    }
    expect(await names()).to.deep.equal(['Sara']);
    expect(await failure(['agent', 'invite', ...desk, '--for', '31d'])).to.include({
      code: 'invitation-lifetime',
      exit: 2,
    });
    expect(await failure(['agent', 'invite', ...desk, '--for', 'soon'])).to.include({
      code: 'duration-malformed',
      exit: 2,
    });
  });

  it('waits for somebody who asks while it waits', async () => {
    const invited = await invite();
    const device = await newDevice();
    const waiting = await start(['agent', 'approve', fingerprintOf(device.key), ...desk, '--wait', '1m', '--json'], {
      env,
    });
    const end = ended(waiting);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await enrol(invited, 'Sara', device);
    expect((await end).exit).to.equal(0);
    expect(await names()).to.deep.equal(['Sara']);
  });

  it('lets one of two administrators work at a time, and both in turn', async () => {
    const [one, two] = [await enrol(await invite(), 'One'), await enrol(await invite(), 'Two')];
    const ends = await Promise.all(
      [one, two].map((device) => run(['agent', 'approve', fingerprintOf(device.key), ...desk, '--json'], { env })),
    );
    for (const { exit, err } of ends) {
      expect(exit, err).to.be.oneOf([0, 5]);
      if (exit === 5) expect(JSON.parse(err)).to.have.nested.property('error.code', 'desk-in-use');
    }
    for (const [i, device] of [one, two].entries()) if (ends[i]?.exit === 5) await approve(device);
    expect((await names()).sort()).to.deep.equal(['One', 'Two']);
  });

  it('finds out that two copies of a desk sign, and goes on from what is published', async () => {
    const copy = ['--desk', join(place, 'copy')];
    await json(['directory', 'publish', ...desk], { env });
    const invited = await invite();
    await cp(join(place, 'desk'), join(place, 'copy'), { recursive: true });
    await approve(await enrol(invited, 'Sara'));
    const publish = ['directory', 'publish', ...copy];
    expect(await failure(publish, { env })).to.deep.equal({ code: 'desk-state-older', exit: 7 });
    const { version } = (await published()).position;
    await json([...publish, '--adopt'], { env });
    expect((await published()).position.version).to.equal(version);
    await json(['agent', 'revoke', 'Sara', ...copy], { env });
    expect((await published()).position.version).to.equal(version + 1);
    expect(await names()).to.deep.equal([]);
    expect(await failure(['directory', 'publish', ...desk], { env })).to.include({ code: 'desk-state-older' });
  });

  it('publishes without the root key what is signed already', async () => {
    await json(['directory', 'publish', ...desk], { env });
    await world.publish(); // another desk of the relay is none of its business
    const shown = await json<{ signedHere: boolean; due: boolean; directory: { fresh: boolean } }>([
      'directory',
      'show',
      ...desk,
    ]);
    expect(shown).to.include({ signedHere: true, due: false });
    expect(shown.directory.fresh).to.equal(true);
    // A relay that has lost everything.
    const other = await RelayWorld.start({ desks: 'open' });
    try {
      await json(['directory', 'publish', ...desk, '--relay', other.origin]);
      expect(await failure(['agent', 'requests', ...desk, '--relay', other.origin])).to.include({
        code: 'passphrase-needed',
      });
    } finally {
      await other.stop();
    }
  });

  it('says of a relay that is away, insecure or another desk’s what it is, and changes nothing', async () => {
    await approve(await enrol(await invite(), 'Sara'));
    const foreign = await RelayWorld.start();
    try {
      for (const [relay, code, exit] of [
        ['ws://127.0.0.1:1', 'relay-unreachable', 6],
        ['ws://chat.example', 'relay-insecure', 2],
        ['https://chat.example', 'relay-url-malformed', 2],
        [foreign.origin, 'desk-unknown', 6],
      ] as const) {
        const revoke = ['agent', 'revoke', 'Sara', ...desk, '--relay', relay];
        expect(await failure(revoke, { env }), relay).to.deep.equal({ code, exit });
      }
      expect((await json<Listed>(['agent', 'list', ...desk])).members).to.have.length(1);
    } finally {
      await foreign.stop();
    }
  });
});
