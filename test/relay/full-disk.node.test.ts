import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { MAX_BLOB_PART } from '../../src/wire/limits.ts';
import { RelayService } from '../support/relay-service.ts';
import { newKeys, until } from '../support/relay-world.ts';
import { WireClient } from '../support/wire-client.ts';

/** Mounts a file system of a size; why that cannot be done, otherwise. */
function mountOf(directory: string, size: string): string | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory], { stdio: 'pipe' });
    return null;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown';
  }
}

describe('relay on a full disk', function () {
  this.timeout(90_000);
  let directory: string;
  let service: RelayService | null = null;
  let isMounted = false;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'relay-full-'));
  });
  afterEach(async () => {
    await service?.end('SIGKILL');
    if (isMounted) execFileSync('umount', [directory]);
    isMounted = false;
    await rm(directory, { recursive: true });
  });

  it('refuses and says so, loses nothing that it accepted, and goes on when there is room', async function () {
    const reason = mountOf(directory, '12m');
    if (reason !== null) {
      console.log(`      skipped: a file system cannot be mounted here (${reason})`);
      this.skip();
    }
    isMounted = true;
    const desk = (await newKeys()).key;
    const limits = ['rates.addressMailBytes=1000000000/1', 'customerItems=100000', 'customerBytes=1GiB'];
    service = await RelayService.start(directory, desk, '--metrics-port', '0', '--limit', ...limits);
    const { origin } = service;
    await until(() => service?.last('metrics-listening') !== undefined);
    const ready = `http://127.0.0.1:${Number(service.last('metrics-listening')?.port)}/readyz`;
    const keys = await newKeys();
    const [reader, sender] = [
      await WireClient.enter(origin, keys, desk),
      await WireClient.enter(origin, await newKeys(), desk),
    ];
    const [accepted, codes] = [new Set<string>(), new Map<string, number>()];
    const send = async (size: number): Promise<string> => {
      const bytes = new Uint8Array(randomBytes(size));
      try {
        const { results } = await sender.request('send', { items: [{ to: keys.id, kind: 'frame', bytes }] });
        if (results[0] === 'accepted') accepted.add(Buffer.from(bytes).toString('base64'));
        return results[0] ?? 'nothing';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    // To the brim: when no large one fits, smaller ones may.
    for (const size of [60_000, 5_000, 200]) {
      for (let refusals = 0, i = 0; refusals < 10 && i < 2_000; i++) {
        const code = await send(size);
        codes.set(code, (codes.get(code) ?? 0) + 1);
        if (code !== 'accepted') refusals += 1;
      }
    }
    expect(accepted.size).to.be.greaterThan(20);
    expect([...codes.keys()].sort()).to.deep.equal(['accepted', 'unavailable']);
    await until(async () => (await fetch(ready)).status === 503, 5_000);
    // What needs no room is still served.
    expect((await sender.request('ping', {})).now).to.be.greaterThan(0);
    expect(await sender.codeOf('directory-fetch', { desk })).to.equal('ok');
    expect(service.log.some(({ event, code }) => event === 'fault' && code === 'store-write-failed')).to.equal(true);

    await service.end('SIGKILL');
    execFileSync('mount', ['-o', 'remount,size=64m', directory]);
    service = await RelayService.start(directory, desk);
    const again = await WireClient.enter(service.origin, keys, desk);
    await again.request('subscribe', {});
    const seen = new Set<string>();
    for (let i = 0; ; i++) {
      const mail = await again.next('mail', 1_500).catch(() => null);
      if (mail === null) break;
      seen.add(Buffer.from(mail.bytes).toString('base64'));
      if (i % 16 === 15) await again.request('ack', { upTo: mail.seq });
    }
    expect([...accepted].filter((text) => !seen.has(text))).to.deep.equal([]);
    reader.socket.terminate();
  });

  it('goes on by itself when room is made, without a restart', async function () {
    const reason = mountOf(directory, '12m');
    if (reason !== null) {
      console.log(`      skipped: a file system cannot be mounted here (${reason})`);
      this.skip();
    }
    isMounted = true;
    const desk = (await newKeys()).key;
    service = await RelayService.start(directory, desk);
    const keys = await newKeys();
    const client = await WireClient.enter(service.origin, keys, desk);
    const upload = async (size: number): Promise<string> => {
      const { blob } = await client.request('blob-create', { size });
      for (let offset = 0; offset < size; offset += MAX_BLOB_PART) {
        const bytes = new Uint8Array(Math.min(MAX_BLOB_PART, size - offset));
        const code = await client.codeOf('blob-write', { blob, offset, bytes });
        if (code !== 'ok') {
          // A part is there as a whole or not at all.
          const status = await client.request('blob-status', { blob });
          expect(status).to.deep.equal({ offset, complete: false });
          return code;
        }
      }
      return 'ok';
    };
    expect(await upload(20 << 20)).to.equal('unavailable');
    execFileSync('mount', ['-o', 'remount,size=64m', directory]);
    expect(await upload(20 << 20)).to.equal('ok');
    const { results } = await client.request('send', {
      items: [{ to: keys.id, kind: 'frame', bytes: new Uint8Array(100_000) }],
    });
    expect(results).to.deep.equal(['accepted']);
    expect(await service.end()).to.equal(0);
  });
});
