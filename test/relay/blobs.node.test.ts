import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { DeviceKeys } from '../../src/identity/device.ts';
import { MAX_BLOB_PART } from '../../src/wire/limits.ts';
import { newKeys, RelayWorld } from '../support/relay-world.ts';
import type { WireClient } from '../support/wire-client.ts';

const bytesOf = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

describe('relay blobs', () => {
  let world: RelayWorld;
  let keys: DeviceKeys;
  let owner: WireClient;
  beforeEach(async () => {
    world = await RelayWorld.start({ durable: true });
    keys = await newKeys();
    owner = await world.enter(keys);
  });
  afterEach(() => world.stop());

  async function upload(client: WireClient, blob: Uint8Array, bytes: Uint8Array, from = 0): Promise<void> {
    for (let offset = from; offset < bytes.length; offset += MAX_BLOB_PART) {
      const part = bytes.subarray(offset, offset + MAX_BLOB_PART);
      const reply = await client.request('blob-write', { blob, offset, bytes: part });
      expect(reply).to.deep.equal({ offset: offset + part.length, complete: offset + part.length === bytes.length });
    }
  }

  async function download(client: WireClient, blob: Uint8Array): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let offset = 0, size = 1; offset < size;) {
      const reply = await client.request('blob-read', { blob, offset, length: MAX_BLOB_PART });
      parts.push(reply.bytes);
      offset += reply.bytes.length;
      size = reply.size;
    }
    return new Uint8Array(Buffer.concat(parts));
  }

  it('stores in parts and gives back to any device that knows the name', async () => {
    const bytes = bytesOf(3 * MAX_BLOB_PART + 1_234);
    const { blob } = await owner.request('blob-create', { size: bytes.length });
    await upload(owner, blob, bytes);
    const reader = await world.enter();
    expect(await download(reader, blob)).to.deep.equal(bytes);
    const end = await reader.request('blob-read', { blob, offset: bytes.length - 3, length: 100 });
    expect(end.bytes).to.deep.equal(bytes.subarray(-3));
    expect(await reader.codeOf('blob-read', { blob, offset: bytes.length, length: 1 })).to.equal('blob-offset');
    expect(await reader.codeOf('blob-read', { blob: bytesOf(32), offset: 0, length: 1 })).to.equal('blob-unknown');
  });

  it('goes on where it stopped, on another connection and after a restart', async () => {
    const bytes = bytesOf(2 * MAX_BLOB_PART + 10);
    const { blob } = await owner.request('blob-create', { size: bytes.length });
    await owner.request('blob-write', { blob, offset: 0, bytes: bytes.subarray(0, MAX_BLOB_PART) });
    owner.socket.terminate();
    await world.restart();
    const again = await world.enter(keys);
    const status = await again.request('blob-status', { blob });
    expect(status).to.deep.equal({ offset: MAX_BLOB_PART, complete: false });
    await upload(again, blob, bytes, status.offset);
    expect(await again.request('blob-status', { blob })).to.deep.equal({ offset: bytes.length, complete: true });
    await world.restart();
    expect(await download(await world.enter(), blob)).to.deep.equal(bytes);
  });

  it('refuses gaps, overlaps and more than the size, and keeps what is right', async () => {
    const bytes = bytesOf(100);
    const { blob } = await owner.request('blob-create', { size: 100 });
    await owner.request('blob-write', { blob, offset: 0, bytes: bytes.subarray(0, 50) });
    const write = (offset: number, part: Uint8Array): Promise<string> =>
      owner.codeOf('blob-write', { blob, offset, bytes: part });
    expect(await write(51, bytes.subarray(51))).to.equal('blob-offset');
    expect(await write(0, bytes.subarray(0, 50))).to.equal('blob-offset');
    expect(await write(50, bytesOf(51))).to.equal('too-large');
    expect(await write(50, bytes.subarray(50))).to.equal('ok');
    expect(await write(100, bytesOf(1))).to.equal('too-large');
    expect(await download(owner, blob)).to.deep.equal(bytes);
  });

  it('takes one of two parts sent at once for the same place', async () => {
    const { blob } = await owner.request('blob-create', { size: 100 });
    const part = { blob, offset: 0, bytes: bytesOf(100) };
    const codes = await Promise.all([owner.codeOf('blob-write', part), owner.codeOf('blob-write', part)]);
    expect(codes).to.deep.equal(['ok', 'blob-offset']);
  });

  it('lets nobody else write, ask how far it is, or read before it is complete', async () => {
    const other = await world.enter();
    const { blob } = await owner.request('blob-create', { size: 10 });
    expect(await other.codeOf('blob-write', { blob, offset: 0, bytes: bytesOf(10) })).to.equal('blob-unknown');
    expect(await other.codeOf('blob-status', { blob })).to.equal('blob-unknown');
    await owner.request('blob-write', { blob, offset: 0, bytes: bytesOf(5) });
    expect(await other.codeOf('blob-read', { blob, offset: 0, length: 5 })).to.equal('blob-unknown');
    expect(await owner.codeOf('blob-read', { blob, offset: 0, length: 5 })).to.equal('blob-unknown');
    expect(await owner.request('blob-status', { blob })).to.deep.equal({ offset: 5, complete: false });
  });

  it('holds a device and the relay to their quota, also for what was only promised', async () => {
    await world.stop();
    world = await RelayWorld.start({ durable: true, limits: { blobBytesPerDevice: 100, blobBytes: 150 } });
    owner = await world.enter(keys);
    const other = await world.enter();
    const codes = await Promise.all([60, 60, 40].map((size) => owner.codeOf('blob-create', { size })));
    expect(codes).to.deep.equal(['ok', 'quota', 'ok']);
    expect(await other.codeOf('blob-create', { size: 51 })).to.equal('quota');
    expect(await other.codeOf('blob-create', { size: 50 })).to.equal('ok');
    await world.restart();
    expect(await (await world.enter(keys)).codeOf('blob-create', { size: 1 })).to.equal('quota');
  });

  it('forgets blobs in time, with their files and their share of the quota', async () => {
    let now = Date.now();
    const callbacks: (() => void)[] = [];
    const clock = {
      now: () => now,
      after: (_ms: number, callback: () => void) => {
        callbacks.push(callback);
        return () => undefined;
      },
    };
    await world.stop();
    world = await RelayWorld.start({ durable: true, clock, limits: { blobBytesPerDevice: 100, idleAfter: Infinity } });
    owner = await world.enter(keys);
    const { blob } = await owner.request('blob-create', { size: 60 });
    await owner.request('blob-write', { blob, offset: 0, bytes: bytesOf(60) });
    const unfinished = (await owner.request('blob-create', { size: 40 })).blob;
    await owner.request('blob-write', { blob: unfinished, offset: 0, bytes: bytesOf(20) });
    const files = (): Promise<string[]> => readdir(join(world.directory, 'blobs'));
    expect(await files()).to.have.length(2);
    const sweepAfter = async (ms: number): Promise<void> => {
      now += ms;
      callbacks.at(-1)?.();
      await new Promise((resolve) => setTimeout(resolve, 100));
    };
    await sweepAfter(25 * 3_600_000);
    expect(await files()).to.have.length(1);
    expect(await owner.codeOf('blob-status', { blob: unfinished })).to.equal('blob-unknown');
    expect(await owner.codeOf('blob-create', { size: 40 })).to.equal('ok');
    await sweepAfter(30 * 86_400_000);
    expect(await files()).to.have.length(0);
    expect(await owner.codeOf('blob-read', { blob, offset: 0, length: 1 })).to.equal('blob-unknown');
    expect(await owner.codeOf('blob-create', { size: 100 })).to.equal('ok');
  });

  it('finds nothing under names that look like paths, and writes nowhere', async () => {
    const named = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.padEnd(32, text.at(-1) ?? '.')));
    for (const text of ['../store/data.mdb', '../../../../etc/passwd', '/etc/hostname', '.', 'probe.part\0', 'C:\\x']) {
      const blob = named(text);
      expect(await owner.codeOf('blob-read', { blob, offset: 0, length: 1 })).to.equal('blob-unknown');
      expect(await owner.codeOf('blob-status', { blob })).to.equal('blob-unknown');
      expect(await owner.codeOf('blob-write', { blob, offset: 0, bytes: bytesOf(1) })).to.equal('blob-unknown');
    }
    expect(await readdir(join(world.directory, 'blobs'))).to.deep.equal([]);
    expect((await readdir(world.directory)).sort()).to.deep.equal(['blobs', 'store']);
  });

  it('deletes files that nothing names when it starts, and names none of its files by the blob', async () => {
    const { blob } = await owner.request('blob-create', { size: 10 });
    await owner.request('blob-write', { blob, offset: 0, bytes: bytesOf(10) });
    const directory = join(world.directory, 'blobs');
    const [file] = await readdir(directory);
    expect(file).not.to.include(Buffer.from(blob).toString('hex'));
    await writeFile(join(directory, 'ff'.repeat(32)), 'left behind');
    await writeFile(join(directory, `${'ee'.repeat(32)}.part`), 'left behind');
    await world.restart();
    expect(await readdir(directory)).to.deep.equal([file]);
  });
});
