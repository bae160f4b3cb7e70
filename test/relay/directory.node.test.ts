import { expect } from 'chai';
import { decodeBundle, encodeBundle } from '../../src/identity/directory.ts';
import type { DeviceKeys } from '../../src/identity/device.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { requestEnrolment } from '../../src/identity/enrolment.ts';
import type { Signed } from '../../src/identity/signature.ts';
import { newKeys, RelayWorld } from '../support/relay-world.ts';

describe('relay directory', () => {
  let world: RelayWorld;
  let agent: DeviceKeys;
  beforeEach(async () => {
    world = await RelayWorld.start({ durable: true });
    agent = await newKeys();
  });
  afterEach(() => world.stop());

  it('gives the newest to everybody, pushes it to those that watch, and keeps it', async () => {
    const watcher = await world.enter();
    expect(await watcher.request('directory-watch', { desk: world.desk })).to.deep.equal({ bundle: null });
    const bundle = await world.bundle([{ keys: agent, role: 'agent' }]);
    const publisher = await world.enter();
    await publisher.request('directory-publish', { bundle });
    expect(await watcher.next('directory')).to.deep.equal({ desk: world.desk, bundle });
    expect(await publisher.codeOf('directory-publish', { bundle })).to.equal('ok');
    expect(watcher.untaken('directory')).to.equal(0);
    await world.restart();
    const stranger = await world.connect();
    expect(await stranger.request('directory-fetch', { desk: world.desk })).to.deep.equal({ bundle });
    expect((await (await world.connect()).auth(agent, world.desk)).member).to.equal('agent');
  });

  it('refuses what is older, another of the same version, forged, foreign, or no bundle; the held one stands', async () => {
    const publisher = await world.enter();
    const first = await world.bundle([{ keys: agent, role: 'agent' }], { version: 1 });
    const second = await world.bundle([{ keys: agent, role: 'agent' }], { version: 2 });
    await publisher.request('directory-publish', { bundle: second });
    const other = await world.bundle([], { version: 2 });
    const { base } = decodeBundle(await world.bundle([], { version: 3 }));
    const flipped: Signed = [base[0], base[1].map((byte, i) => (i === 5 ? byte ^ 1 : byte))];
    const elsewhere = await RelayWorld.start();
    const foreign = await elsewhere.bundle([]);
    await elsewhere.stop();
    const cases: [Uint8Array, string][] = [
      [first, 'directory-older'],
      [other, 'directory-equivocation'],
      [encodeBundle({ base: flipped, renewal: null }), 'directory-refused'],
      [foreign, 'desk-unknown'],
      [new Uint8Array([0x80]), 'directory-refused'],
      [second.subarray(0, -1), 'directory-refused'],
    ];
    for (const [bundle, code] of cases) {
      expect(await publisher.codeOf('directory-publish', { bundle })).to.equal(code);
      expect((await publisher.request('directory-fetch', { desk: world.desk })).bundle).to.deep.equal(second);
    }
  });

  it('does not watch or keep desks that it does not serve', async () => {
    const client = await world.enter();
    const desk = (await newKeys()).key;
    expect(await client.codeOf('directory-watch', { desk })).to.equal('desk-unknown');
    expect(await client.request('directory-fetch', { desk })).to.deep.equal({ bundle: null });
  });

  it('takes many publications at once in order of version', async () => {
    const publisher = await world.enter();
    const bundles: Uint8Array[] = [];
    for (let i = 0; i < 6; i++) bundles.push(await world.bundle([{ keys: agent, role: 'agent' }]));
    const codes = await Promise.all(
      [3, 0, 5, 1, 4, 2].map((i) => publisher.codeOf('directory-publish', { bundle: bundles[i] ?? new Uint8Array(1) })),
    );
    expect(codes.every((code) => code === 'ok' || code === 'directory-older')).to.equal(true);
    expect((await publisher.request('directory-fetch', { desk: world.desk })).bundle).to.deep.equal(bundles[5]);
  });
});

describe('relay enrolment', () => {
  let world: RelayWorld;
  beforeEach(async () => {
    world = await RelayWorld.start();
  });
  afterEach(() => world.stop());

  async function newRequest(): Promise<Signed> {
    const invitation = {
      v: 1 as const,
      desk: world.desk,
      id: new Uint8Array(16).fill(1),
      secret: new Uint8Array(32).fill(2),
      role: 'agent' as const,
      expires: Date.now() + 60_000,
    };
    return requestEnrolment(nobleCrypto, { invitation, device: await newKeys(), name: 'Sara' });
  }

  it('keeps requests for the root key, tells it, and drops them when told', async () => {
    const root = await world.enter(world.root);
    const invited = await world.connect();
    const [one, two] = [await newRequest(), await newRequest()];
    await invited.request('enrol', { desk: world.desk, request: one });
    await root.next('enrolment');
    await invited.request('enrol', { desk: world.desk, request: two });
    await invited.request('enrol', { desk: world.desk, request: one });
    const { requests } = await root.request('enrolments', {});
    expect(requests.map(({ request }) => request)).to.have.deep.members([one, two]);
    const ofOne = requests.find(({ request }) => Buffer.from(request[0]).equals(one[0]));
    await root.request('enrolment-drop', { ids: [ofOne?.id ?? new Uint8Array(16)] });
    const left = (await root.request('enrolments', {})).requests;
    expect(left.map(({ request }) => request)).to.deep.equal([two]);
  });

  it('shows them to the root key alone', async () => {
    const agent = await newKeys();
    await world.publish({ keys: agent, role: 'supervisor' });
    await (await world.connect()).request('enrol', { desk: world.desk, request: await newRequest() });
    for (const client of [await world.enter(agent), await world.enter()]) {
      expect(await client.codeOf('enrolments', {})).to.equal('forbidden');
      expect(await client.codeOf('enrolment-drop', { ids: [new Uint8Array(16)] })).to.equal('forbidden');
    }
  });

  it('bounds what waits, by address and by desk, and forgets it in time', async () => {
    let now = Date.now();
    const clock = { now: () => now, after: () => () => undefined };
    await world.stop();
    world = await RelayWorld.start({ clock, limits: { enrolmentsPerAddress: 2 } });
    const invited = await world.connect();
    const enrol = async (): Promise<string> =>
      invited.codeOf('enrol', { desk: world.desk, request: await newRequest() });
    expect([await enrol(), await enrol(), await enrol()]).to.deep.equal(['ok', 'ok', 'quota']);
    const root = await world.enter(world.root);
    await root.request('enrolment-drop', { ids: (await root.request('enrolments', {})).requests.map(({ id }) => id) });
    expect(await enrol()).to.equal('ok');
    expect(await invited.codeOf('enrol', { desk: (await newKeys()).key, request: await newRequest() })).to.equal(
      'desk-unknown',
    );
    now += 73 * 3_600_000;
    expect((await root.request('enrolments', {})).requests).to.deep.equal([]);
  });
});
