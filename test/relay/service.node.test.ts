import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { utf8 } from '../../src/bytes/bytes.ts';
import { formatDeskKey } from '../../src/identity/desk-key.ts';
import { CLOSE_CODES } from '../../src/wire/codes.ts';
import { MAX_BLOB_PART } from '../../src/wire/limits.ts';
import { makeCertificate } from '../support/certificates.ts';
import { RelayService } from '../support/relay-service.ts';
import { newKeys, until } from '../support/relay-world.ts';
import { WireClient } from '../support/wire-client.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('relay as a service', function () {
  this.timeout(60_000);
  let directory: string;
  let desk: Uint8Array;
  let service: RelayService;
  before(async () => {
    desk = (await newKeys()).key;
  });
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'relay-service-'));
  });
  afterEach(async () => {
    await service.end('SIGKILL');
    await rm(directory, { recursive: true });
  });

  const start = async (...args: string[]): Promise<RelayService> =>
    (service = await RelayService.start(directory, desk, ...args));

  it('has its data to itself, is healthy, watched on a port of its own, and ends with 0 when told', async () => {
    await start('--metrics-port', '0');
    await until(() => service.last('metrics-listening') !== undefined);
    const watched = `http://127.0.0.1:${Number(service.last('metrics-listening')?.port)}`;
    const client = await WireClient.enter(service.origin, await newKeys(), desk);
    const metrics = await (await fetch(`${watched}/metrics`)).text();
    expect(metrics).to.match(/^secure_chat_connections 1$/m);
    expect(metrics).to.match(/^secure_chat_devices 1$/m);
    expect(metrics).to.match(/^process_resident_memory_bytes \d+$/m);
    for (const line of metrics.trim().split('\n')) {
      expect(line).to.match(
        /^(?:# (?:HELP|TYPE) [a-z_]+ \S.*|[a-z_]+(?:\{(?:why|code|result)="[a-z-]+"\})? [\d.e+-]+)$/,
      );
    }
    expect((await fetch(`${watched}/readyz`)).status).to.equal(200);
    expect((await fetch(`${watched}/metrics`, { method: 'POST' })).status).to.equal(405);
    expect((await fetch(`${watched}/desk`)).status).to.equal(404);
    const own = `http://127.0.0.1:${service.port}`;
    expect((await fetch(`${own}/healthz`)).status).to.equal(200);
    // What watches over it is not for everybody.
    expect((await fetch(`${own}/metrics`)).status).to.equal(404);

    const second = RelayService.run(['--data', directory, '--desk-key', formatDeskKey(desk), '--port', '0']);
    expect(await second.ended).to.equal(5);
    expect(second.errors).to.include('Another process');

    service.signal('SIGTERM');
    expect(await client.closed).to.equal(CLOSE_CODES['going-away']);
    expect(await service.ended).to.equal(0);
    expect(service.log.map(({ event }) => event).slice(-3)).to.deep.equal(['draining', 'connection-closed', 'closed']);
    expect([service.errors, service.stray]).to.deep.equal(['', '']);
  });

  it('starts again after it was killed, and on a port that is taken it does not', async () => {
    await start();
    await service.end('SIGKILL');
    await start();
    const taken = RelayService.run([
      ...['--data', join(directory, 'other'), '--desk-key', formatDeskKey(desk), '--port', `${service.port}`],
    ]);
    expect(await taken.ended).to.equal(6);
    expect(taken.errors).to.include('EADDRINUSE');
  });

  it('says all that is wrong with its settings, and ends with 2', async () => {
    service = RelayService.run(['--host', '0.0.0.0', '--data', directory], { SECURE_CHAT_PORT: 'x' });
    expect(await service.ended).to.equal(2);
    expect(service.errors).to.include('port (SECURE_CHAT_PORT) must be a whole number from 0 to 65535');
    service = RelayService.run(['--host', '0.0.0.0', '--data', directory, '--desk-key', 'any']);
    expect(await service.ended).to.equal(2);
    expect(service.errors).to.include('host must be of this machine alone');
    service = RelayService.run(['--data', directory, '--desk-key', 'any', '--print-config', '--limit', 'devices=7']);
    expect(await service.ended).to.equal(0);
    expect(JSON.parse(service.stray)).to.have.nested.property('limits.devices', 7);
  });

  it('advises on what looks like a mistake', async () => {
    await start(
      '--origin',
      'wss://chat.example',
      '--assets',
      'none',
      '--limit',
      'blobBytes=900TiB',
      'connections=100000000',
    );
    await until(() => service.last('too-few-files') !== undefined);
    const events = service.log.map(({ event }) => event);
    expect(events).to.include.members(['proxy-not-trusted', 'no-assets', 'disk-smaller-than-limits', 'too-few-files']);
  });

  it('lets an upload end when it is told to, takes nobody in meanwhile, and keeps what came', async () => {
    await start();
    const keys = await newKeys();
    const [uploading, stalled, idle] = await Promise.all(
      [keys, await newKeys(), await newKeys()].map((device) => WireClient.enter(service.origin, device, desk)),
    );
    if (uploading === undefined || stalled === undefined || idle === undefined) throw new Error('not connected');
    const parts = 12;
    const bytes = (i: number): Uint8Array => new Uint8Array(MAX_BLOB_PART).fill(i);
    const create = async (client: WireClient): Promise<Uint8Array> => {
      const { blob } = await client.request('blob-create', { size: parts * MAX_BLOB_PART });
      await client.request('blob-write', { blob, offset: 0, bytes: bytes(0) });
      return blob;
    };
    const [blob, unfinished] = [await create(uploading), await create(stalled)];
    const write = (i: number): Promise<{ complete: boolean }> =>
      uploading.request('blob-write', { blob, offset: i * MAX_BLOB_PART, bytes: bytes(i) });
    await write(1);
    service.signal('SIGTERM');
    expect(await idle.closed).to.equal(CLOSE_CODES['going-away']);
    const turnedAway = await WireClient.connect(service.origin).then(
      () => false,
      () => true,
    );
    expect(turnedAway).to.equal(true);
    for (let i = 2; i < parts; i++) {
      expect((await write(i)).complete).to.equal(i === parts - 1);
      await pause(50);
    }
    expect(await uploading.closed).to.equal(CLOSE_CODES['going-away']);
    // The other one sends nothing more: it is not waited for without end.
    expect(await stalled.closed).to.equal(CLOSE_CODES['going-away']);
    expect(await service.ended).to.equal(0);
    await start();
    const reader = await WireClient.enter(service.origin, keys, desk);
    const { bytes: last, size } = await reader.request('blob-read', {
      ...{ blob, offset: (parts - 1) * MAX_BLOB_PART, length: MAX_BLOB_PART },
    });
    expect([size, last]).to.deep.equal([parts * MAX_BLOB_PART, bytes(parts - 1)]);
    expect(await reader.codeOf('blob-read', { blob: unfinished, offset: 0, length: 1 })).to.equal('blob-unknown');
  });

  it('gives up an upload that takes longer than it may, and goes on with it after', async () => {
    await start('--limit', 'drainWithin=2s');
    const keys = await newKeys();
    const client = await WireClient.enter(service.origin, keys, desk);
    const { blob } = await client.request('blob-create', { size: 1_000 });
    const write = (whose: WireClient, offset: number): Promise<string> =>
      Promise.race([
        whose.codeOf('blob-write', { blob, offset, bytes: new Uint8Array(10) }),
        whose.closed.then(() => 'closed'),
      ]);
    let offset = 0;
    expect(await write(client, offset)).to.equal('ok');
    service.signal('SIGTERM');
    const began = Date.now();
    for (let code = 'ok'; code === 'ok'; await pause(50)) {
      code = await write(client, offset + 10);
      if (code === 'ok') offset += 10;
      else expect(code).to.equal('closed');
    }
    expect(await client.closed).to.equal(CLOSE_CODES['going-away']);
    expect(await service.ended).to.equal(0);
    expect(Date.now() - began).to.be.within(1_000, 4_000);
    await start();
    const again = await WireClient.enter(service.origin, keys, desk);
    const status = await again.request('blob-status', { blob });
    expect(status.offset).to.be.at.least(offset + 10);
    expect(await write(again, status.offset)).to.equal('ok');
  });

  it('says that it should get no more clients some time before it takes none', async () => {
    await start('--metrics-port', '0', '--limit', 'drainNotice=1500ms');
    await until(() => service.last('metrics-listening') !== undefined);
    const watched = `http://127.0.0.1:${Number(service.last('metrics-listening')?.port)}`;
    service.signal('SIGTERM');
    await until(async () => (await fetch(`${watched}/readyz`)).status === 503);
    expect(await (await fetch(`${watched}/metrics`)).text()).to.match(/^secure_chat_draining 1$/m);
    const late = await WireClient.enter(service.origin, await newKeys(), desk);
    expect(await late.closed).to.equal(CLOSE_CODES['going-away']);
    expect(await service.ended).to.equal(0);
  });

  it('ends at once when it is told twice', async () => {
    await start('--limit', 'drainNotice=60s');
    service.signal('SIGTERM');
    await until(() => service.last('draining') !== undefined);
    service.signal('SIGINT');
    expect(await service.ended).to.equal(1);
  });

  it('speaks TLS from files, takes new ones by itself and on SIGHUP, and keeps the old when the new are no good', async () => {
    const [one, two, three] = [
      makeCertificate({ serial: 1 }),
      makeCertificate({ serial: 2 }),
      makeCertificate({ serial: 3 }),
    ];
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    const write = async (files: typeof one): Promise<void> => {
      await writeFile(cert, files.cert);
      await writeFile(key, files.key);
    };
    await write(one);
    await start('--tls-cert', cert, '--tls-key', key, '--metrics-port', '0');
    const shown = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const ca = [one, two, three].map((trusted) => trusted.cert);
        const socket = connectTls({ port: service.port, host: 'localhost', ca }, () => {
          resolve(socket.getPeerCertificate().serialNumber);
          socket.destroy();
        });
        socket.on('error', reject);
      });
    expect(await shown()).to.equal('0101');
    expect(service.last('certificate-taken')).to.have.property('validUntil');
    const opened = await new Promise<boolean>((resolve) => {
      const socket = new WebSocket(`wss://localhost:${service.port}/v1`, { ca: one.cert });
      socket.on('message', () => {
        resolve(true);
        socket.terminate();
      });
      socket.on('error', () => {
        resolve(false);
      });
    });
    expect(opened).to.equal(true);
    const page = await new Promise<number>((resolve, reject) => {
      get(`https://localhost:${service.port}/desk`, { ca: one.cert }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      }).on('error', reject);
    });
    // Without built files there is no desk.
    expect(page).to.be.oneOf([200, 404]);

    await writeFile(cert, two.cert);
    service.signal('SIGHUP');
    await until(() => service.last('certificate-refused')?.reason === 'key-of-another');
    expect(await shown()).to.equal('0101');
    await writeFile(key, two.key);
    service.signal('SIGHUP');
    await until(async () => (await shown()) === '0102');
    await write(three);
    await until(async () => (await shown()) === '0103', 20_000);
    const metrics = await fetch(`http://127.0.0.1:${Number(service.last('metrics-listening')?.port)}/metrics`);
    expect(await metrics.text()).to.match(/^secure_chat_certificate_expires_timestamp_seconds \d{10}$/m);
    expect(await service.end()).to.equal(0);

    await write({ cert: one.cert, key: two.key });
    const refused = RelayService.run([
      ...['--data', directory, '--desk-key', formatDeskKey(desk), '--tls-cert', cert, '--tls-key', key],
    ]);
    expect(await refused.ended).to.equal(3);
    expect(refused.errors).to.include('key-of-another');
  });

  it('outlives whoever read its log', async () => {
    await start();
    service.child.stdout?.destroy();
    const clients = await Promise.all(
      Array.from({ length: 5 }, async () => WireClient.enter(service.origin, await newKeys(), desk)),
    );
    // Each closing is a line that nobody reads.
    for (const client of clients) await client.close();
    const keys = await newKeys();
    const [reader, sender] = [
      await WireClient.enter(service.origin, keys, desk),
      await WireClient.enter(service.origin, await newKeys(), desk),
    ];
    const { results } = await sender.request('send', { items: [{ to: keys.id, kind: 'frame', bytes: utf8('x') }] });
    expect(results).to.deep.equal(['accepted']);
    expect((await reader.request('ping', {})).now).to.be.greaterThan(0);
  });
});
