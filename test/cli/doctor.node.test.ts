import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createDesk, openDesk } from '../../src/cli/desk-opening.ts';
import { DrivenClock } from '../../src/adapters/memory/driven-clock.ts';
import { createRelay, memoryStore } from '../../src/relay/main.ts';
import { makeCertificate } from '../support/certificates.ts';
import { json, run } from '../support/office-process.ts';
import { RelayWorld } from '../support/relay-world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Report {
  readonly well: boolean;
  readonly findings: { check: string; status: string; message: string }[];
  readonly snippet: string;
}

describe('secure-chat doctor', function () {
  this.timeout(120_000);
  let place: string;
  let directory: string;
  let world: RelayWorld;
  let deskKey: string;
  let pages: Server | null;
  beforeEach(async () => {
    pages = null;
    place = await mkdtemp(join(tmpdir(), 'doctor-'));
    directory = join(place, 'desk');
    world = await RelayWorld.start({ desks: 'open' });
    const rootKey = { place: 'elsewhere' } as const;
    const seed = new Uint8Array(32).fill(3);
    const desk = await createDesk({ directory }, { name: 'Bank Example', rootKey, seed, relay: world.origin });
    ({ deskKey } = desk);
    await desk.close();
  });
  afterEach(async () => {
    pages?.close();
    await world.stop();
    await rm(place, { recursive: true });
  });

  /** Signs with a clock of this time, and publishes to the relay. */
  const publish = async (now: number, delegateUntil?: number): Promise<void> => {
    const desk = await openDesk({ directory, clock: new DrivenClock(now) });
    await desk.unlock({ seed: new Uint8Array(32).fill(3) });
    if (delegateUntil !== undefined) await desk.delegate(new Uint8Array(32).fill(9), delegateUntil);
    const { bytes } = await desk.renew();
    await desk.close();
    const client = await world.enter(undefined, desk.key);
    await client.request('directory-publish', { bundle: bytes });
    await client.close();
  };
  const doctor = async (
    ...more: string[]
  ): Promise<Report & { exit: number | null; statuses: Record<string, string> }> => {
    const { exit, out } = await run(['doctor', '--desk', directory, '--json', ...more]);
    const report = JSON.parse(out) as Report;
    const statuses = Object.fromEntries(report.findings.map(({ check, status }) => [check, status]));
    return { ...report, exit, statuses };
  };
  const messageOf = ({ findings }: Report, check: string): string =>
    findings.find((finding) => finding.check === check)?.message ?? '';

  it('finds a desk well whose directory a signer keeps fresh, and shows what goes on the page', async () => {
    await publish(Date.now(), Date.now() + 30 * DAY);
    const report = await doctor();
    expect(report.exit).to.equal(0);
    expect(report.well).to.equal(true);
    expect(report.statuses).to.include({
      files: 'ok',
      'root-key': 'ok',
      clock: 'ok',
      directory: 'ok',
      state: 'ok',
      signer: 'ok',
      // Without TLS, and without the browser's files: right for this machine alone.
      relay: 'warning',
      script: 'warning',
    });
    expect(report.snippet).to.include(`desk-key="${deskKey}"`).and.to.include(`relay="${world.origin}"`);
    expect((await doctor('--strict')).exit).to.equal(8);
    const shown = await run(['doctor', '--desk', directory]);
    expect(shown.out).to.include('ok      directory: Directory 1 is signed by the desk');
  });

  it('says when nothing is published, when it is another’s, and when the relay is away', async () => {
    const none = await doctor();
    expect(none.exit).to.equal(8);
    expect(none.statuses).to.include({ directory: 'wrong' });
    const away = await doctor('--relay', 'ws://127.0.0.1:1');
    expect(away).to.include({ exit: 8 });
    expect(away.statuses).to.include({ relay: 'wrong' });
    const foreign = await RelayWorld.start();
    try {
      expect(messageOf(await doctor('--relay', foreign.origin), 'relay')).to.include('does not serve the desk');
    } finally {
      await foreign.stop();
    }
  });

  it('warns of a directory and of signers that end soon, and condemns what has ended', async () => {
    await publish(Date.now() - 60 * HOUR, Date.now() + 2 * DAY);
    const soon = await doctor();
    expect(soon.statuses).to.include({ directory: 'warning', signer: 'warning' });
    expect(soon.exit).to.equal(0);
    const desk = await openDesk({ directory });
    await desk.unlock({ seed: new Uint8Array(32).fill(3) });
    await desk.renew();
    await desk.close();
    const behind = await doctor();
    expect(behind.statuses).to.include({ state: 'wrong' });
    expect(behind.exit).to.equal(8);
  });

  it('condemns a directory that is over', async () => {
    // A relay whose clock was wrong took it as its first.
    await world.relay.close();
    const past = new DrivenClock(Date.now() - 100 * HOUR);
    world = await RelayWorld.start({ desks: 'open', clock: past });
    const desk = await openDesk({ directory });
    await desk.setRelay(world.origin);
    await desk.close();
    await publish(Date.now() - 100 * HOUR);
    const report = await doctor();
    expect(report.exit).to.equal(8);
    expect(report.statuses).to.include({ directory: 'wrong', clock: 'wrong' });
  });

  it('warns of files that others can look into, and of a root key without a passphrase', async () => {
    await publish(Date.now());
    await chmod(directory, 0o755);
    expect((await doctor()).statuses).to.include({ files: 'warning', signer: 'warning' });
    const plain = join(place, 'plain');
    await (await createDesk({ directory: plain }, { name: 'Demo' })).close();
    const { exit, out } = await run(['doctor', '--desk', plain]);
    expect(exit).to.equal(8);
    expect(out).to.include('WARNING root-key').and.to.include('WRONG   relay: No relay is known');
  });

  it('looks at pages: the key, the relay, or nothing to see', async () => {
    await publish(Date.now());
    const bodies: Record<string, string> = {
      '/good': `<secure-chat id="c" relay='${world.origin}' desk-key="${deskKey}"></secure-chat>`,
      '/key': `<secure-chat relay="${world.origin}" desk-key="dk1_other"></secure-chat>`,
      '/relay': `<secure-chat relay="wss://other.example" desk-key="${deskKey}"></secure-chat>`,
      '/none': '<p>Nothing</p>',
    };
    pages = createServer((request, response) => {
      const body = bodies[request.url ?? ''];
      response.statusCode = body === undefined ? 404 : 200;
      response.end(body);
    });
    await new Promise<void>((resolve) => pages?.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
    const args = ['good', 'key', 'relay', 'none', 'missing'].flatMap((name) => ['--page', `${origin}/${name}`]);
    const { exit, findings } = await doctor(...args);
    expect(exit).to.equal(8);
    const found = findings.filter(({ check }) => check === 'page').map(({ status }) => status);
    expect(found).to.deep.equal(['ok', 'wrong', 'wrong', 'warning', 'wrong']);
    expect(await json(['doctor', '--desk', directory, '--page', `${origin}/good`])).to.include({ well: true });
  });

  it('says of a certificate when it ends, or why it is not trusted', async () => {
    const certificate = makeCertificate();
    const relay = createRelay({
      ...{ store: memoryStore(), data: join(place, 'relay'), desks: 'open' },
      tls: { cert: certificate.cert, key: certificate.key },
    });
    const { port } = await relay.listen(0);
    try {
      const args = ['doctor', '--desk', directory, '--relay', `wss://localhost:${port}`, '--json'];
      const distrusted = JSON.parse((await run(args)).out) as Report;
      expect(messageOf(distrusted, 'certificate')).to.match(/is not trusted \([A-Z_]+\)/);
      const authority = join(place, 'authority.pem');
      await writeFile(authority, certificate.cert);
      const trusted = JSON.parse((await run(args, { env: { NODE_EXTRA_CA_CERTS: authority } })).out) as Report;
      expect(messageOf(trusted, 'certificate')).to.match(/certificate ends in \d/);
      expect(messageOf(trusted, 'relay')).to.include('over TLS');
    } finally {
      await relay.close();
    }
  });
});
