import { mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { codeOf } from '../../src/errors.ts';
import { CertificateFiles } from '../../src/relay/certificate-files.ts';
import { systemClock } from '../../src/relay/clock.ts';
import type { LogEntry } from '../../src/relay/log.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { makeCertificate, type TestCertificate } from '../support/certificates.ts';
import { RelayWorld, until } from '../support/relay-world.ts';

const DAY = 86_400_000;

describe('relay with TLS', () => {
  const first = makeCertificate({ serial: 1 });
  let world: RelayWorld;
  let port: number;
  before(async () => {
    world = await RelayWorld.start({ tls: first, publicOrigins: ['wss://localhost'], metrics: true });
    port = Number(new URL(world.origin).port);
  });
  after(() => world.stop());

  /** The serial number of the certificate that is shown, and the version and cipher agreed upon. */
  function handshake(ca: TestCertificate, options: ConnectionOptions = {}): Promise<[string, string, string]> {
    return new Promise((resolve, reject) => {
      const socket = connectTls({ port, host: 'localhost', ca: ca.cert, ...options }, () => {
        resolve([
          socket.getPeerCertificate().serialNumber,
          socket.getProtocol() ?? '',
          socket.getCipher().standardName,
        ]);
        socket.destroy();
      });
      socket.on('error', reject);
    });
  }

  function outcomeOf(url: string, ca: TestCertificate): Promise<string> {
    return new Promise((resolve) => {
      const socket = new WebSocket(url, { ca: ca.cert, handshakeTimeout: 3_000 });
      socket.on('message', (data: Buffer) => {
        resolve(`message of ${data.length > 0 ? 'some' : 'no'} bytes`);
        socket.terminate();
      });
      socket.on('error', () => {
        resolve('error');
      });
    });
  }

  it('takes wss: and refuses ws:', async () => {
    expect(await outcomeOf(`wss://localhost:${port}/v1`, first)).to.equal('message of some bytes');
    expect(await outcomeOf(`ws://localhost:${port}/v1`, first)).to.equal('error');
    expect(await outcomeOf(`wss://localhost:${port}/v1`, makeCertificate())).to.equal('error');
  });

  it('tells browsers to come by TLS alone, which it does not where it has no public name', async () => {
    const header = (at: number): Promise<string | undefined> =>
      new Promise((resolve, reject) => {
        get(`https://localhost:${at}/healthz`, { ca: first.cert }, (response) => {
          response.resume();
          resolve(response.headers['strict-transport-security']);
        }).on('error', reject);
      });
    expect(await header(port)).to.equal('max-age=31536000');
    const local = await RelayWorld.start({ tls: first });
    expect(await header(Number(new URL(local.origin).port))).to.equal(undefined);
    await local.stop();
  });

  it('speaks TLS 1.3 and 1.2, with ciphers that are forward secret and authenticate, and nothing older', async () => {
    const [, newest, cipher] = await handshake(first);
    expect([newest, cipher]).to.deep.equal(['TLSv1.3', 'TLS_AES_256_GCM_SHA384']);
    const [, older, olderCipher] = await handshake(first, { maxVersion: 'TLSv1.2' });
    expect(older).to.equal('TLSv1.2');
    expect(olderCipher).to.match(/^TLS_ECDHE_ECDSA_WITH_AES_256_GCM_/);
    const refused = async (options: ConnectionOptions): Promise<boolean> =>
      handshake(first, options).then(
        () => false,
        () => true,
      );
    const legacy = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    expect(await refused(legacy)).to.equal(true);
    for (const ciphers of ['ECDHE-ECDSA-AES256-SHA384', 'ECDHE-ECDSA-AES128-SHA', 'AES256-GCM-SHA384']) {
      expect(await refused({ maxVersion: 'TLSv1.2', ciphers })).to.equal(true);
    }
  });

  it('lets go of who connects and says nothing, or something else', async () => {
    const noise = connectTcp(port, '127.0.0.1');
    noise.on('error', () => undefined);
    noise.write('GET /v1 HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => noise.once('close', resolve).resume());
    expect(await outcomeOf(`wss://localhost:${port}/v1`, first)).to.equal('message of some bytes');
  });

  it('shows another certificate to new connections, and the old ones stay', async () => {
    const before = await new Promise<WebSocket>((resolve, reject) => {
      const socket = new WebSocket(`wss://localhost:${port}/v1`, { ca: first.cert });
      socket.once('message', () => {
        resolve(socket);
      });
      socket.once('error', reject);
    });
    const second = makeCertificate({ serial: 2 });
    world.relay.certify(second);
    expect((await handshake(second))[0]).to.equal('0102');
    expect((await handshake(second, { maxVersion: 'TLSv1.2' }))[1]).to.equal('TLSv1.2');
    expect(before.readyState).to.equal(WebSocket.OPEN);
    before.terminate();
    for (const bad of [
      { cert: second.cert, key: first.key },
      { cert: 'no certificate', key: first.key },
      { cert: second.cert, key: 'no key' },
    ]) {
      expect(await codeOfThrow(() => world.relay.certify(bad))).to.equal('certificate-refused');
    }
    expect((await handshake(second))[0]).to.equal('0102');
  });

  it('cannot begin TLS later, nor begin with what is no certificate', async () => {
    const plain = await RelayWorld.start();
    expect(await codeOfThrow(() => plain.relay.certify(first))).to.equal('relay-plain');
    await plain.stop();
    const error = await RelayWorld.start({ tls: { cert: 'x', key: 'y' } }).catch((thrown: unknown) => thrown);
    expect(codeOf(error)).to.equal('certificate-refused');
  });
});

describe('relay certificate files', () => {
  let directory: string;
  let logged: LogEntry[];
  let files: CertificateFiles;
  let used: string[];
  const use = ({ cert }: { cert: string | Buffer }): void => {
    used.push(cert.toString());
  };
  const events = (): string[] => logged.map(({ event }) => event);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'relay-tls-'));
    [logged, used] = [[], []];
  });
  afterEach(async () => {
    files.stop();
    await rm(directory, { recursive: true });
  });

  function open(clock = systemClock): CertificateFiles {
    files = new CertificateFiles({
      ...{ cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem'), every: 20, clock },
      log: (entry) => {
        logged.push(entry);
      },
    });
    return files;
  }

  async function write({ cert, key }: TestCertificate): Promise<void> {
    await writeFile(join(directory, 'cert.pem'), cert);
    await writeFile(join(directory, 'key.pem'), key);
  }

  it('takes what is new when both files have come to rest, and keeps what it has when that is no good', async () => {
    const [one, two, three] = [makeCertificate(), makeCertificate(), makeCertificate()];
    await write(one);
    expect((await open().first()).cert.toString()).to.equal(one.cert);
    files.watch(use);
    await writeFile(join(directory, 'cert.pem'), two.cert);
    await until(() => events().includes('certificate-refused'));
    expect(logged.at(-1)).to.include({ reason: 'key-of-another', keeps: true });
    expect(used).to.deep.equal([]);
    await writeFile(join(directory, 'key.pem'), two.key);
    await until(() => used.length === 1);
    expect(used).to.deep.equal([two.cert]);
    await unlink(join(directory, 'key.pem'));
    await until(() => logged.at(-1)?.reason === 'key-unreadable');
    await writeFile(join(directory, 'cert.pem'), 'damaged');
    await until(() => logged.filter(({ reason }) => reason === 'key-unreadable').length === 2);
    await write(three);
    await until(() => used.length === 2);
    expect(used[1]).to.equal(three.cert);
    expect(JSON.stringify(logged)).not.to.include('PRIVATE').and.not.to.include('CERTIFICATE');
  });

  it('follows links that are led elsewhere, as renewals do', async () => {
    const [one, two] = [makeCertificate(), makeCertificate()];
    for (const [name, { cert, key }] of Object.entries({ one, two })) {
      await writeFile(join(directory, `${name}-cert.pem`), cert);
      await writeFile(join(directory, `${name}-key.pem`), key);
    }
    for (const part of ['cert', 'key']) await symlink(`one-${part}.pem`, join(directory, `${part}.pem`));
    await open().first();
    files.watch(use);
    for (const part of ['cert', 'key']) {
      await symlink(`two-${part}.pem`, join(directory, 'next'));
      await rename(join(directory, 'next'), join(directory, `${part}.pem`));
    }
    await until(() => used.length === 1);
    expect(used).to.deep.equal([two.cert]);
  });

  it('does not exchange a good certificate for one that has expired or is not good yet', async () => {
    await write(makeCertificate());
    await open().first();
    for (const [bad, reason] of [
      [makeCertificate({ until: Date.now() - 1_000 }), 'expired'],
      [makeCertificate({ from: Date.now() + DAY }), 'not-yet-valid'],
    ] as const) {
      await write(bad);
      await files.reload(use);
      expect(logged.at(-1)).to.include({ event: 'certificate-refused', reason, keeps: true });
    }
    expect(used).to.deep.equal([]);
  });

  it('begins with an expired one and says so, and warns in time and once a day of one that will be', async () => {
    await write(makeCertificate({ until: Date.now() - 1_000 }));
    await open().first();
    expect(events()).to.deep.equal(['certificate-taken', 'certificate-expired']);
    expect(logged[1]).to.include({ level: 'error' });
    files.stop();

    let now = Date.now();
    let tick = (): void => undefined;
    const clock = {
      now: () => now,
      after: (_ms: number, callback: () => void) => {
        tick = callback;
        return () => undefined;
      },
    };
    logged = [];
    await write(makeCertificate({ until: now + 20 * DAY }));
    await open(clock).first();
    files.watch(use);
    const sums: number[] = [];
    for (let hour = 0; hour < 24 * 21; hour++) {
      now += 3_600_000;
      const before = tick;
      tick();
      await until(() => tick !== before);
      if (hour % 24 === 23) sums.push(logged.length);
    }
    const counts = events().reduce<Record<string, number>>(
      (all, event) => ({ ...all, [event]: (all[event] ?? 0) + 1 }),
      {},
    );
    expect(counts['certificate-taken']).to.equal(1);
    expect(counts['certificate-expires-soon']).to.be.within(13, 15);
    expect(counts['certificate-expired']).to.be.within(1, 2);
    expect(sums[4]).to.equal(1);
  });

  it('does not begin with what it cannot read', async () => {
    const reasonOf = async (): Promise<unknown> => {
      const error = await open()
        .first()
        .catch((thrown: unknown) => thrown);
      expect(codeOf(error)).to.equal('certificate-refused');
      return (error as { details: { reason: unknown } }).details.reason;
    };
    expect(await reasonOf()).to.equal('certificate-unreadable');
    const { cert } = makeCertificate();
    await writeFile(join(directory, 'cert.pem'), cert);
    expect(await reasonOf()).to.equal('key-unreadable');
    await write({ cert, key: makeCertificate().key });
    expect(await reasonOf()).to.equal('key-of-another');
    await write({ cert: '', key: '' });
    expect(await reasonOf()).to.equal('certificate-malformed');
  });
});
