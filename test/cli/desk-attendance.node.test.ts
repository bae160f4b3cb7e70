import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { nodeClock, nodeRandom } from '../../src/adapters/node/node-clock.ts';
import { nodeTransport } from '../../src/adapters/node/node-socket.ts';
import type { DeskOffice } from '../../src/cli/desk-office.ts';
import { createDesk, openDesk } from '../../src/cli/desk-opening.ts';
import { attendDesk, type DeskAttendance } from '../../src/cli/desk-attendance.ts';
import type { EnrolmentRequest } from '../../src/cli/enrolment-requests.ts';
import { codeOf } from '../../src/errors.ts';
import { openBundle, type OpenDirectory } from '../../src/identity/directory.ts';
import { parseInvitation, requestEnrolment } from '../../src/identity/enrolment.ts';
import { fingerprintOf } from '../../src/identity/fingerprint.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import type { Signed } from '../../src/identity/signature.ts';
import { createRelay, memoryStore } from '../../src/relay/main.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { ask, newDevice, temporaryPlace } from '../support/office-fixtures.ts';
import { RelayWorld, until } from '../support/relay-world.ts';

const HOUR = 3_600_000;

describe('a desk attended to at a relay', () => {
  let scene: Awaited<ReturnType<typeof temporaryPlace>>;
  let desk: DeskOffice;
  let world: RelayWorld;
  let attendance: DeskAttendance | null;
  let waiting: readonly EnrolmentRequest[];
  let dropped: string[];
  let problems: string[];

  beforeEach(async () => {
    scene = await temporaryPlace();
    desk = await createDesk(scene.place, { name: 'Bank Example' });
    world = await RelayWorld.start({ desks: [desk.key] });
    attendance = null;
    waiting = [];
    dropped = [];
    problems = [];
  });
  afterEach(async () => {
    await attendance?.close();
    await desk.close();
    await world.stop();
    await scene.remove();
  });

  const attend = async (ports?: Parameters<typeof attendDesk>[0]['ports']): Promise<DeskAttendance> => {
    attendance = await attendDesk({
      desk,
      relay: world.origin,
      onRequests: (requests) => (waiting = requests),
      onDropped: (code) => dropped.push(code),
      onProblem: (error) => problems.push(codeOf(error)),
      ...(ports === undefined ? {} : { ports }),
    });
    return attendance;
  };
  const invite = (): Promise<string> => desk.invite({ role: 'agent', life: HOUR });
  const enrol = async (request: Signed): Promise<void> => {
    const client = await world.connect();
    await client.request('enrol', { desk: desk.key, request });
    await client.close();
  };
  const published = async (): Promise<OpenDirectory> => {
    const client = await world.connect();
    const { bundle } = await client.request('directory-fetch', { desk: desk.key });
    await client.close();
    if (bundle === null) throw new Error('no directory is published');
    return openBundle(nobleCrypto, bundle, desk.key);
  };
  const queued = async (): Promise<number> => {
    const client = await world.enter(desk.root, desk.key);
    const { requests } = await client.request('enrolments', {});
    await client.close();
    return requests.length;
  };

  it('has published the directory when it begins', async () => {
    await attend();
    expect((await published()).directory.name).to.equal('Bank Example');
  });

  it('brings a request, and makes a member of the device that is approved', async () => {
    const office = await attend();
    const device = await newDevice();
    await enrol(await ask(await invite(), 'Sara', device));
    await until(() => waiting.length === 1);
    const [request] = waiting;
    if (request === undefined) throw new Error('a request waits');
    expect(request).to.include({ name: 'Sara', role: 'agent', fingerprint: fingerprintOf(device.key) });
    expect((await published()).members).to.be.empty;
    await office.approve(request);
    expect((await published()).members.map(({ name }) => name)).to.deep.equal(['Sara']);
    expect(await queued()).to.equal(0);
    expect((await (await world.connect()).auth(device, desk.key)).member).to.equal('agent');
  });

  it('brings what came while nobody attended', async () => {
    await (await attend()).close();
    await enrol(await ask(await invite(), 'Sara'));
    await attend();
    await until(() => waiting.length === 1);
  });

  it('forgets a request that is refused; its invitation can still be used', async () => {
    const fragment = await invite();
    await attend();
    await enrol(await ask(fragment, 'Mallory'));
    await until(() => waiting.length === 1);
    await attendance?.refuse(waiting[0] as EnrolmentRequest);
    expect(await queued()).to.equal(0);
    await enrol(await ask(fragment, 'Sara'));
    await until(() => waiting[0]?.name === 'Sara');
    await attendance?.approve(waiting[0] as EnrolmentRequest);
    expect((await published()).members).to.have.length(1);
  });

  it('drops what does not pass the checks', async () => {
    const invitation = { ...parseInvitation(await invite()), secret: new Uint8Array(32) };
    const device = await newDevice();
    await attend();
    await enrol(await requestEnrolment(nobleCrypto, { invitation, device, name: 'Mallory' }));
    await enrol([new Uint8Array(9), new Uint8Array(64)]);
    await until(() => dropped.length === 2);
    await until(async () => (await queued()) === 0);
    expect(dropped).to.have.members(['enrolment-proof', 'cbor-malformed']);
    expect(waiting).to.be.empty;
  });

  it('publishes after a crash whom it had admitted, and drops the request', async () => {
    const device = await newDevice();
    const request = await ask(await invite(), 'Sara', device);
    await (await attend()).close();
    await enrol(request);
    // Recorded and signed, but the machine died before the relay heard of it.
    await desk.admit(request);
    await attend();
    expect((await published()).members).to.have.length(1);
    await until(async () => (await queued()) === 0);
    expect(waiting).to.be.empty;
    expect(dropped).to.be.empty;
  });

  it('goes on by itself when the relay was away, and gives the directory to one that lost it', async () => {
    await attend();
    const port = Number(new URL(world.origin).port);
    await world.relay.close();
    const other = createRelay({ store: memoryStore(), data: world.directory, desks: [desk.key] });
    await other.listen(port);
    try {
      await until(async () => (await published().catch(() => null)) !== null, 15_000);
      await enrol(await ask(await invite(), 'Sara'));
      await until(() => waiting.length === 1);
    } finally {
      await other.close();
    }
  });

  it('signs anew when a day has passed', async () => {
    let late = 0;
    const rounds: (() => void)[] = [];
    const clock = {
      now: () => Date.now() + late,
      after: (ms: number, callback: () => void) => {
        if (ms !== HOUR) return nodeClock.after(ms, callback);
        rounds.push(callback);
        return () => undefined;
      },
    };
    await desk.close();
    desk = await openDesk({ ...scene.place, clock });
    await attend({ transport: nodeTransport(), clock, random: nodeRandom });
    await until(() => rounds.length === 1);
    rounds[0]?.();
    await until(() => rounds.length === 2);
    expect((await published()).position.version).to.equal(1);
    late = 25 * HOUR;
    rounds[1]?.();
    await until(() => rounds.length === 3);
    expect((await published()).position.version).to.equal(2);
    expect(problems).to.be.empty;
  });

  it('signs nothing where the relay knows a later directory than its own files', async () => {
    const backup = join(scene.parent, 'backup');
    await desk.renew();
    await desk.close();
    await cp(scene.place.directory, backup, { recursive: true });
    desk = await openDesk(scene.place);
    await desk.admit(await ask(await invite(), 'Sara'));
    await (await attend()).close();
    await desk.close();
    await rm(scene.place.directory, { recursive: true });
    await cp(backup, scene.place.directory, { recursive: true });
    desk = await openDesk(scene.place);
    expect(await codeOfThrow(() => attend())).to.equal('desk-state-older');
    expect(desk.signed?.position.version).to.equal(1);
    expect((await published()).members).to.have.length(1);
  });

  it('says why it cannot begin', async () => {
    const codes = async (relay: string): Promise<string> =>
      codeOfThrow(() => attendDesk({ desk, relay, onRequests: () => undefined, onProblem: () => undefined }));
    expect(await codes('ws://chat.example')).to.equal('relay-insecure');
    expect(await codes('ws://127.0.0.1:1')).to.equal('relay-unreachable');
    const other = await RelayWorld.start();
    expect(await codes(other.origin)).to.equal('desk-unknown');
    await other.stop();
  });
});
